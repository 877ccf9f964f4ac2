"""What changes nothing that is true of a repository changes no verdict."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from plomada.check import check
from plomada.reports.json import render
from plomada.repository import Repository
from plomada.run import Run, run
from plomada.verdicts import Verdict

sys.path.insert(0, str(Path(__file__).parents[1]))
from corpus import Example, Made, cases, copies, examples, judged, passing, title
from relations import (
    commented,
    crlf,
    files_renamed,
    hollow_beside,
    reordered,
    unrelated_beside,
    word_renamed,
)

Files = dict[str, str]
Lines = set[tuple[str, int]]


def words_renamed(files: Files) -> Files:
    """Rename what the examples' projects are called."""
    return word_renamed(word_renamed(files, "credit", "zebra"), "churn", "quokka")


RELATIONS = {
    "keys in another order": reordered,
    "CRLF": crlf,
    "hollow files beside": hollow_beside,
    "an unrelated project beside": unrelated_beside,
    "another project name": words_renamed,
    "other file names": files_renamed,
}


@pytest.mark.parametrize("relation", RELATIONS)
def test_examples_keep_their_verdicts(relation: str) -> None:
    changed, wrong = 0, []
    for example in (*examples(), *cases()):
        files = RELATIONS[relation](dict(example.files))
        changed += files != example.files
        if judged(example.item, files).verdict.state != example.state:
            wrong.append(title(example))
    assert wrong == []
    assert changed > 100, "the relation itself changes too little to tell anything"


def test_turned_keys_say_the_same() -> None:
    for example in examples():
        for path, text in reordered(dict(example.files)).items():
            if text == example.files[path] or "{{" in text:  # a Helm template is no plain YAML
                continue
            load = json.loads if path.endswith(".json") else yaml.safe_load
            assert load(text) == load(example.files[path]), f"{title(example)}: {path}"


def lines_of(verdict: Verdict) -> Lines:
    """Return the lines that a verdict's evidence covers."""
    spans = [remark.span for remark in verdict.evidence if remark.span is not None]
    return {(s.path, line) for s in spans for line in range(s.line, s.end_line + 1)}


def without(files: Files, lines: Lines) -> Files:
    """Comment these lines out."""
    places: dict[str, list[tuple[int, int]]] = {}
    for path, line in lines:
        places.setdefault(path, []).append((line, line))
    return {path: commented(path, text, places.get(path, ())) for path, text in files.items()}


@pytest.mark.parametrize("example", passing(), ids=title)
def test_a_pass_needs_other_evidence_when_its_own_is_commented_out(example: Example) -> None:
    lines = lines_of(judged(example.item, example.files).verdict)
    assert lines
    after = judged(example.item, without(dict(example.files), lines)).verdict
    assert after.state != "passed" or lines_of(after) - lines
    assert not lines & lines_of(after)


def merged() -> Files:
    """Return one repository with every example of some items in folders of their own."""
    return {
        f"{example.item.lower()}{number}/{path}": text
        for number, example in enumerate(examples())
        if number % 5 == 0
        for path, text in example.files.items()
    }


def test_the_order_of_texts_changes_no_byte_of_the_report() -> None:
    files = merged()
    turned = dict(reversed(files.items()))
    assert render(check(Made(files))) == render(check(Made(turned, name="another")))


# --- working copies of the labelled repositories -----------------------------------------------

COPIES = copies()
NEEDS_COPIES = pytest.mark.skipif(
    not COPIES, reason="no working copies: name their folder by PLOMADA_COPIES"
)
# A word of each repository that its authors chose freely.
CHOSEN = ("diabetes", "taxi", "granny", "keayoub", "algattik", "galafis", "nfmoore", "agent-pro")


@cache
def read(copy: Path) -> tuple[Files, list[str], Run]:
    """Return a copy's texts, the paths without text, and its verdicts."""
    repository = Repository(copy)
    texts = {path: repository.text(path) for path in repository._listed}
    files = {path: text for path, text in texts.items() if text is not None}
    unreadable = [path for path, text in texts.items() if text is None]
    return files, unreadable, run(Made(files, unreadable))


def states(done: Run) -> dict[str, str]:
    assert [r.item.identifier for r in done.results if r.crash] == []
    return {result.item.identifier: result.verdict.state for result in done.results}


@pytest.mark.slow
@NEEDS_COPIES
@pytest.mark.parametrize("copy", COPIES, ids=lambda path: path.name)
def test_copies_keep_their_verdicts(copy: Path) -> None:
    original, unreadable, before = read(copy)
    files = dict(original)
    for word in CHOSEN:
        files = word_renamed(files, word, "zebra")
    for change in (files_renamed, reordered, crlf, hollow_beside, unrelated_beside):
        files = change(files)
    assert files != original
    after = run(Made(files, unreadable, name="another"))
    assert states(after) == states(before)


@pytest.mark.slow
@NEEDS_COPIES
@pytest.mark.parametrize("copy", COPIES, ids=lambda path: path.name)
def test_copies_pass_on_nothing_that_is_commented_out(copy: Path) -> None:
    files, unreadable, before = read(copy)
    mine = {r.item.identifier: lines_of(r.verdict) for r in before.results}
    gone = set().union(*mine.values())
    after = run(Made(without(files, gone), unreadable))
    wrong = [
        (r.item.identifier, sorted(lines_of(r.verdict) & gone))
        for r in after.results
        if r.verdict.state == "passed" and lines_of(r.verdict) & mine[r.item.identifier]
    ]
    assert wrong == []
