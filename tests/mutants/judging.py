"""Runs all items on mutated repositories and says what came out."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plomada.checklist import ITEMS, Item
from plomada.run import Run, run, select
from plomada.spans import Span
from plomada.verdicts import Verdict

from tests.checks.corpus import Made
from tests.mutants.mutation import Files, Harmless, Mutant, applied
from tests.rendering import Answers, Renderer, export_template, files_of

Verdicts = dict[str, Verdict]


@dataclass(frozen=True)
class Outcome:
    """What a change did.

    Attributes:
        defect: what is wrong with it, "" where the checker said what it should.
        survived: the item still holds; only of mutants.
    """

    defect: str = ""
    survived: bool = False


def rendered(answers: Answers | None = None) -> Files:
    """Render the template as it stands in the work tree and return the texts by path."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository = Renderer(export_template(folder / "template"), folder)(answers)
        return texts_of(repository)


def texts_of(repository: Path) -> Files:
    """Return the texts of a folder by path."""
    return {
        path.relative_to(repository).as_posix(): path.read_text(encoding="utf-8")
        for path in files_of(repository)
    }


@functools.cache
def pristine() -> Files:
    """Return the repository of the default answers."""
    return rendered()


@functools.cache
def before() -> Verdicts:
    """Return what the items say of it."""
    return judge(pristine())


def judge(files: Files, items: Sequence[Item] = ITEMS) -> Verdicts:
    """Return the verdicts of the items; a rule that crashes is an error of the test."""
    return _verdicts(run(Made(files), items))


def _verdicts(done: Run) -> Verdicts:
    results = done.results
    crashes = [f"{r.item.identifier}: {r.crash}" for r in results if r.crash]
    assert not crashes, crashes
    return {result.item.identifier: result.verdict for result in results}


def try_mutant(mutant: Mutant, *, alone: bool = False) -> Outcome:
    """Say whether exactly the expected items fail, the first of them at the expected place.

    Args:
        mutant: what is changed.
        alone: judge the expected items alone, which shows no side effects and is fast.
    """
    files = applied(pristine(), mutant.changes)
    after = judge(files, select([mutant.item, *mutant.ties]) if alone else ITEMS)
    moved = _moved(after)
    expected = {mutant.item, *mutant.ties}
    if mutant.item not in moved:
        return Outcome("survived", survived=True)
    if set(moved) != expected or set(moved.values()) != {"failed"}:
        return Outcome(f"moved {_told(moved)}, expected {', '.join(sorted(expected))} to fail")
    return Outcome(_misplaced(mutant, files, after[mutant.item]))


def try_harmless(change: Harmless, *, alone: bool = False) -> Outcome:
    """Say whether every verdict stays, or with ``alone`` those of the change's own items."""
    items = select(change.items) if alone else ITEMS
    done = run(Made(applied(pristine(), change.changes)), items)
    moved = _moved(after := _verdicts(done))
    reasons = "; ".join(f"{name}: {after[name].reason}" for name in moved)
    if moved:
        return Outcome(f"moved {_told(moved)} ({reasons})")
    unread = [p.path for p in done.problems if change.shown_in and change.shown(p.path)]
    if unread:
        return Outcome(f"could not be read whole: {', '.join(unread)}")
    return Outcome(_elsewhere(change, after))


def _elsewhere(change: Harmless, after: Verdicts) -> str:
    """Say which items rest on nothing of the files that the change puts in others' place."""
    found = {name: places(after[name]) for name in change.items if change.shown_in}
    missed = [n for n, paths in found.items() if not any(map(change.shown, paths))]
    return f"rests on other files: {', '.join(missed)}" if missed else ""


def _moved(after: Verdicts) -> dict[str, str]:
    return {
        name: verdict.state
        for name, verdict in after.items()
        if verdict.state != before()[name].state
    }


def _told(moved: dict[str, str]) -> str:
    return ", ".join(f"{name} to {state}" for name, state in moved.items())


def _misplaced(mutant: Mutant, files: Files, verdict: Verdict) -> str:
    spans = [finding.span for finding in verdict.findings if finding.span is not None]
    shown = [_told_place(span) for span in spans]
    expected = [f"{place.path}:{place.line(files)}" for place in mutant.at]
    if not expected:
        return f"points at {', '.join(shown)}, expected no place" if shown else ""
    if set(expected) & set(shown):
        return ""
    return f"points at {', '.join(shown) or 'nothing'}, expected {' or '.join(expected)}"


def _told_place(span: Span) -> str:
    return f"{span.path}:{span.line}"


def places(verdict: Verdict) -> frozenset[str]:
    """Return the files that a verdict's evidence stands in, the way to it included."""
    return frozenset(
        span.path
        for remark in verdict.evidence
        for span in (remark.span, *remark.related)
        if span is not None
    )
