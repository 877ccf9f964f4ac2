"""How far the checker's verdicts agree with repositories that were judged by hand.

    python benchmarks/accuracy.py [--items ID,ID] [--repo PART] [--wrong] [--places] [--write FILE]

Labels and working copies stand outside the project (``--labels``, ``--copies``); each copy has to
be at the commit that its label names. The exit code is 1 where a gate does not hold, and 3 where
there is nothing to measure.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "checks"))

from plomada.checklist import BY_ID, ITEMS, Item  # noqa: E402
from plomada.repository import Repository  # noqa: E402
from plomada.run import Result, run  # noqa: E402

WORDS = {"passed": "pass", "failed": "fail", "not_applicable": "n/a", "unknown": "unknown"}
STATES = ("pass", "fail", "n/a", "unknown")
NEAR = 3
PROVEN = 3  # passes and fails among the labels that an item's figures need to mean anything


CAVEAT = (
    "Unless the labels are of repositories that nobody had looked at, the rules were written with "
    "them at hand: the figures then say how well the rules fit them, not how they do elsewhere."
)


@dataclass(frozen=True, slots=True)
class Label:
    """What two readers agreed on for one item of one repository."""

    repository: str
    item: str
    verdict: str
    where: tuple[tuple[str, int], ...]
    why: str
    sure: bool
    hard: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A label beside what the checker says."""

    label: Label
    result: Result

    @property
    def verdict(self) -> str:
        return WORDS[self.result.verdict.state]

    @property
    def agrees(self) -> bool:
        return self.verdict == self.label.verdict

    @property
    def places(self) -> list[tuple[str, int]]:
        """The places that carry the verdict; advice and routes do not count."""
        verdict = self.result.verdict
        remarks = verdict.evidence if verdict.state == "passed" else verdict.findings
        spans = [remark.span for remark in remarks if remark.span is not None]
        return [(span.path, span.line) for span in spans]

    @property
    def right_file(self) -> bool:
        return bool({path for path, _ in self.places} & {path for path, _ in self.label.where})

    @property
    def right_line(self) -> bool:
        return any(
            path == other and abs(line - wanted) <= NEAR
            for path, line in self.places
            for other, wanted in self.label.where
        )


def read_labels(file: Path) -> tuple[str, str, list[Label]]:
    """Return repository, commit and labels of one file."""
    data = json.loads(file.read_text(encoding="utf-8"))
    labels = [_label(data["repo"], name, entry) for name, entry in data["labels"].items()]
    return data["repo"], data["commit"], labels


def _label(repository: str, item: str, entry: dict[str, object]) -> Label:
    where = entry.get("where") or []
    places = tuple(_place(str(place)) for place in where) if isinstance(where, list) else ()
    return Label(
        repository=repository,
        item=item,
        verdict=str(entry["verdict"]),
        where=places,
        why=str(entry.get("why", "")),
        sure=bool(entry.get("sure", True)),
        hard=bool(entry.get("hard", False)),
    )


def _place(text: str) -> tuple[str, int]:
    path, _, line = text.rpartition(":")
    return (path, int(line)) if path and line.isdigit() else (text, 1)


def measure(labels: Path, copies: Path, part: str, items: Sequence[Item]) -> list[Case]:
    """Run the checker on each labelled repository; say on stderr which one is not there."""
    cases: list[Case] = []
    for file in sorted(labels.glob("*.json")):
        if part.lower() not in file.stem.lower():
            continue
        repository, commit, judged = read_labels(file)
        copy = copies / file.stem
        problem = _unusable(copy, commit)
        if problem:
            print(f"left out: {repository}: {problem}", file=sys.stderr)
            continue
        results = {
            result.item.identifier: result for result in run(Repository(copy), items).results
        }
        cases += [Case(label, results[label.item]) for label in judged if label.item in results]
    return cases


def _unusable(copy: Path, commit: str) -> str:
    if not copy.is_dir():
        return "no working copy"
    found = subprocess.run(
        ["git", "-C", str(copy), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        "" if found == commit else f"the copy is at {found[:12] or 'no commit'}, not {commit[:12]}"
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one set of cases, each as hits and total."""

    agreement: tuple[int, int]
    hard: tuple[int, int]
    precision: tuple[int, int]
    recall: tuple[int, int]
    file: tuple[int, int]
    line: tuple[int, int]


def figures(cases: Iterable[Case]) -> Figures:
    """Return the figures of cases whose labels are sure."""
    sure = [case for case in cases if case.label.sure]
    hard = [case for case in sure if case.label.hard]
    claimed = [case for case in sure if case.verdict == "pass"]
    true = [case for case in sure if case.label.verdict == "pass"]
    placed = [case for case in sure if case.agrees and case.label.where]
    return Figures(
        agreement=(sum(case.agrees for case in sure), len(sure)),
        hard=(sum(case.agrees for case in hard), len(hard)),
        precision=(sum(case.agrees for case in claimed), len(claimed)),
        recall=(sum(case.agrees for case in true), len(true)),
        file=(sum(case.right_file for case in placed), len(placed)),
        line=(sum(case.right_line for case in placed), len(placed)),
    )


def majority(cases: Sequence[Case]) -> Figures:
    """Return the figures of guessing each item's most frequent verdict; places cannot be."""
    sure = [case.label for case in cases if case.label.sure]
    guess = {
        item: Counter(label.verdict for label in sure if label.item == item).most_common(1)[0][0]
        for item in {label.item for label in sure}
    }
    right = [label for label in sure if guess[label.item] == label.verdict]
    claimed = [label for label in sure if guess[label.item] == "pass"]
    return Figures(
        agreement=(len(right), len(sure)),
        hard=(sum(label.hard for label in right), sum(label.hard for label in sure)),
        precision=(sum(label.verdict == "pass" for label in claimed), len(claimed)),
        recall=(
            sum(label.verdict == "pass" for label in right),
            sum(label.verdict == "pass" for label in sure),
        ),
        file=(0, 0),
        line=(0, 0),
    )


@dataclass(frozen=True, slots=True)
class Gate:
    """A goal of the project that the exit code enforces."""

    name: str
    field: str
    least: float


GATES = (
    Gate("agreement on sure labels", "agreement", 0.97),
    Gate("agreement on hard ones", "hard", 0.95),
    Gate("passes claimed that are right", "precision", 0.98),
    Gate("true passes that are found", "recall", 0.94),
    Gate("agreeing verdicts in a right file", "file", 0.90),
    Gate("agreeing verdicts within three lines", "line", 0.75),
)


def share(pair: tuple[int, int]) -> str:
    hits, total = pair
    return f"{100 * hits / total:.1f} % ({hits}/{total})" if total else "-"


def holds(gate: Gate, found: Figures) -> bool:
    hits, total = getattr(found, gate.field)
    return bool(total > 0 and hits >= gate.least * total)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns line up on a terminal."""
    widths = [max(len(row[n]) for row in (header, *rows)) for n in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def in_all(cases: Sequence[Case]) -> str:
    found, guessed = figures(cases), majority(cases)
    rows = [
        [
            gate.name,
            share(getattr(found, gate.field)),
            f"{gate.least:.0%}",
            "holds" if holds(gate, found) else "MISSED",
            share(getattr(guessed, gate.field)),
        ]
        for gate in GATES
    ]
    return table(["sure labels", "plomada", "goal", "gate", "guessing the majority"], rows)


def per_repository(cases: Sequence[Case]) -> str:
    rows = []
    for name in sorted({case.label.repository for case in cases}):
        mine = [case for case in cases if case.label.repository == name]
        found = figures(mine)
        wrong = sorted(case.label.item for case in mine if case.label.sure and not case.agrees)
        rows.append([name, share(found.agreement), share(found.hard), share(found.precision),
                     share(found.recall), share(found.line), " ".join(wrong)])  # fmt: skip
    header = ["repository", "agreement", "hard", "precision", "recall", "3 lines", "wrong"]
    return table(header, rows)


def per_item(cases: Sequence[Case]) -> str:
    rows = []
    for item in ITEMS:
        mine = [case for case in cases if case.label.item == item.identifier]
        if mine:
            rows.append(_item_row(item, mine))
    header = ["item", "agreement", "majority", "precision", "recall", "file", "3 lines", "proof"]
    return table(header, rows)


def _item_row(item: Item, mine: Sequence[Case]) -> list[str]:
    found = figures(mine)
    count = Counter(case.label.verdict for case in mine)
    proven = min(count["pass"], count["fail"]) >= PROVEN
    proof = f"{count['pass']} pass, {count['fail']} fail" + ("" if proven else ": *unproven*")
    return [item.identifier, share(found.agreement), share(majority(mine).agreement),
            share(found.precision), share(found.recall), share(found.file), share(found.line),
            proof]  # fmt: skip


def confusion(cases: Sequence[Case]) -> str:
    counted = Counter((case.label.verdict, case.verdict) for case in cases if case.label.sure)
    rows = [
        [f"labelled {truth}", *(str(counted[truth, said]) for said in STATES)]
        for truth in STATES[:3]
    ]
    return table(["", *(f"said {state}" for state in STATES)], rows)


def disagreements(cases: Sequence[Case]) -> str:
    """Return each disagreement with the label's reason and places and the checker's own."""
    return "\n".join(_explained(case) for case in _ordered(cases) if not case.agrees)


def misplaced(cases: Sequence[Case]) -> str:
    """Return the agreeing verdicts whose places are not the label's."""
    return "\n".join(
        _explained(case)
        for case in _ordered(cases)
        if case.agrees and case.label.where and not case.right_line
    )


def _ordered(cases: Sequence[Case]) -> list[Case]:
    order = list(BY_ID)
    return sorted(cases, key=lambda case: (order.index(case.label.item), case.label.repository))


def _explained(case: Case) -> str:
    label, verdict = case.label, case.result.verdict
    marks = ("" if label.sure else " (not sure)") + (" (hard)" if label.hard else "")
    places = " ".join(f"{path}:{line}" for path, line in label.where) or "-"
    mine = " ".join(f"{path}:{line}" for path, line in case.places[:12]) or "-"
    crash = f"\n    CRASH    {case.result.crash}" if case.result.crash else ""
    return (
        f"{label.item} {label.repository}: labelled {label.verdict}, said {case.verdict}{marks}\n"
        f"    label    {label.why}\n             {places}\n"
        f"    plomada  {verdict.reason}\n             {mine}{crash}"
    )


def report(cases: Sequence[Case]) -> str:
    """Return the whole report in Markdown."""
    unsure = [case for case in cases if not case.label.sure]
    doubtful = share((sum(case.agrees for case in unsure), len(unsure)))
    return "\n\n".join(
        [
            "# How true the verdicts are",
            "Measured by `make accuracy` against public repositories that two people judged by "
            "hand, item by item; the two agreed with each other on 97.8 %.",
            CAVEAT,
            "## In all",
            in_all(cases),
            f"Labels in doubt, reported apart: {doubtful} agree.",
            "## Confusion",
            confusion(cases),
            "## Per repository",
            per_repository(cases),
            "## Per item",
            "*Unproven*: fewer than three passes or three fails among the labels, so the figure "
            "says little; these items have six hand-made cases or more on each side instead.",
            per_item(cases),
        ]
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the checker against labels.")
    parser.add_argument("--labels", type=Path, default=ROOT.parent / "shared" / "labels")
    parser.add_argument("--copies", type=Path, default=ROOT.parent / "copies")
    parser.add_argument("--items", default="", help="ids or sections, separated by commas")
    parser.add_argument("--repo", default="", help="part of a repository's name")
    parser.add_argument("--wrong", action="store_true", help="print the disagreements alone")
    parser.add_argument("--places", action="store_true", help="print what points elsewhere alone")
    parser.add_argument("--write", type=Path, help="also write the report to this file")
    return parser.parse_args(arguments)


def chosen(names: str) -> Sequence[Item]:
    wanted = {name.strip().upper() for name in names.split(",") if name.strip()}
    return [item for item in ITEMS if not wanted or wanted & {item.identifier, item.section}]


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    cases = measure(options.labels, options.copies, options.repo, chosen(options.items))
    if not cases:
        print("nothing to measure: no labelled repository is there (--labels, --copies)")
        return 3
    if options.wrong or options.places:
        print(disagreements(cases) if options.wrong else misplaced(cases))
    else:
        print(report(cases))
    if options.write:
        options.write.write_text(report(cases) + "\n", encoding="utf-8")
    return 0 if all(holds(gate, figures(cases)) for gate in GATES) else 1


if __name__ == "__main__":
    raise SystemExit(main())
