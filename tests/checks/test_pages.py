"""Every item has a rule and a page of the same name, and the page's examples are tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from plomada import pages
from plomada.checklist import BY_ID, ITEMS, Item
from plomada.facts import Facts
from plomada.items import Settings
from plomada.repository import Repository
from plomada.run import BROKEN_MODULES, load_rules, missing_rules, run_item
from plomada.spans import Span
from plomada.verdicts import Verdict

sys.path.insert(0, str(Path(__file__).parent))
from examples import Example, parse, without_fences

PAGES = {item.identifier: pages.page(item.identifier) for item in ITEMS}


def _parsed() -> list[Example]:
    return [example for name, page in PAGES.items() if page for example in parse(name, page)]


EXAMPLES = _parsed()


@pytest.fixture(scope="module", autouse=True)
def _rules() -> None:
    load_rules({item.section for item in ITEMS})


def test_every_item_has_a_rule() -> None:
    assert missing_rules() == []
    assert BROKEN_MODULES == {}


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.identifier)
def test_every_item_has_a_page_of_its_name(item: Item) -> None:
    page = PAGES[item.identifier]
    assert page is not None, f"docs/items/{item.identifier}.md is missing"
    assert page.startswith(f"# {item.identifier}: {item.title}\n")
    headings = [line for line in without_fences(page) if line.startswith("## ")]
    assert headings == ["## Why", "## How it is decided", "## Examples", "## Remedy"]


def test_no_page_is_of_no_item() -> None:
    assert {file.stem for file in pages.folder().glob("[A-Z]*[0-9].md")} <= set(BY_ID)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.identifier)
def test_the_matrix_of_dialects_is_filled(item: Item) -> None:
    mine = [example for example in EXAMPLES if example.item == item.identifier]
    states = [example.state for example in mine]
    assert states.count("passed") >= 2
    assert states.count("failed") >= 2
    missing = [
        f"{state} in {dialect}"
        for dialect in item.dialects
        for state in ("passed", "failed")
        if not any(e.state == state and dialect in e.dialects for e in mine)
    ]
    assert missing == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.item}: {e.title}")
def test_example(example: Example, tmp_path: Path) -> None:
    assert example.files, "an example needs at least one fence with file=PATH"
    assert example.expected == example.state, "heading and quoted line differ"
    for path, text in example.files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    repository = Repository(tmp_path)
    result = run_item(BY_ID[example.item], Facts(repository), Settings())
    assert result.crash == ""
    assert result.verdict.state == example.state, result.verdict
    span = first_place(result.verdict)
    if example.at:
        assert span is not None, f"no place: {result.verdict}"
        assert text_at(repository, span).startswith(example.at), f"at {span}"
    else:
        assert span is None, f"the page names no place, the verdict {span}"


def first_place(verdict: Verdict) -> Span | None:
    """Return the place of the first evidence or finding."""
    remarks = verdict.evidence if verdict.state == "passed" else verdict.findings
    return remarks[0].span if remarks else None


def text_at(repository: Repository, span: Span) -> str:
    """Return the rest of the line that a place begins in."""
    lines = (repository.text(span.path) or "").split("\n")
    return lines[span.line - 1][span.column - 1 :]
