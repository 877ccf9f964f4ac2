"""Nothing passes on looks: each item's passing examples, made to do nothing, pass no more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plomada.checklist import ITEMS

sys.path.insert(0, str(Path(__file__).parents[1]))
from corpus import Example, judged, passing, title
from disguises import EVERYTHING, PIPELINES, PYTHON, Files

# A pattern of names in a block of a document is what GOV1 asks for.
DOCUMENTS = {"GOV1"}
# Sphinx builds with a conf.py that sets nothing: the pipeline that builds the pages decides.
SETS_NOTHING = {"DEV5"}


def places(example: Example) -> set[str]:
    """Return the files that an example's pass rests on, its routes included."""
    evidence = judged(example.item, example.files).verdict.evidence
    spans = [span for remark in evidence for span in (remark.span, *remark.related)]
    return {span.path for span in spans if span is not None}


def test_every_item_is_tried() -> None:
    assert {example.item for example in passing()} == {item.identifier for item in ITEMS}


@pytest.mark.parametrize("disguise", EVERYTHING)
@pytest.mark.parametrize("example", passing(), ids=title)
def test_what_is_only_named_or_shown_does_not_pass(example: Example, disguise: str) -> None:
    after = judged(example.item, EVERYTHING[disguise](dict(example.files)))
    shown = disguise == "in a document" and example.item in DOCUMENTS
    assert (after.verdict.state == "passed") <= shown, after.verdict.evidence


def _tried(disguises: dict[str, Callable[[Files], Files]]) -> list[tuple[Example, str]]:
    """Return the examples that a disguise changes in a file that their pass rests on."""
    found = []
    for example in passing():
        for name, disguise in disguises.items():
            files = disguise(dict(example.files))
            changed = {path for path, text in example.files.items() if files[path] != text}
            if changed & places(example):
                found.append((example, name))
    return found


@pytest.mark.parametrize("disguise", PIPELINES)
def test_pipelines_that_run_nothing_pass_nothing(disguise: str) -> None:
    tried = _tried({disguise: PIPELINES[disguise]})
    assert len(tried) > 20
    wrong = [
        title(example)
        for example, _ in tried
        if judged(example.item, PIPELINES[disguise](dict(example.files))).verdict.state == "passed"
    ]
    assert wrong == []


@pytest.mark.parametrize("disguise", PYTHON)
def test_python_that_does_nothing_passes_nothing(disguise: str) -> None:
    tried = _tried({disguise: PYTHON[disguise]})
    assert len(tried) > 20
    wrong = [
        title(example)
        for example, _ in tried
        if example.item not in SETS_NOTHING
        and judged(example.item, PYTHON[disguise](dict(example.files))).verdict.state == "passed"
    ]
    assert wrong == []
