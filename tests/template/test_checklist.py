"""Every set of answers holds all fifty items, and `docs/checklist.md` says where and how."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from plomada.check import check
from plomada.checklist import ITEMS
from plomada.outcome import Report
from plomada.repository import Repository

from tests.rendering import COMBINATIONS, Answers, Renderer, label

# What tests/lifecycle runs besides the steps of the workflow `ci`.
STEPS_OF_A_LIFE = (
    "prepare",
    "train",
    "evaluate",
    "gate",
    "register",
    "promote",
    "score",
    "monitor",
)
# No verdict but these may differ from passed, each by the answer that it follows from.
NOTHING_ONLINE = {"MOD5", "DEP2", "DEP3", "DEP4", "DEP5", "DEP6"}
NETWORK_OF_ITS_OWN = {"INF6"}


@dataclass(frozen=True)
class Row:
    """A row of the page: an item, the paths that hold it, and how it is seen."""

    item: str
    paths: tuple[str, ...]
    seen: str


@pytest.fixture(params=COMBINATIONS, ids=label)
def answers(request: pytest.FixtureRequest) -> Answers:
    found: Answers = request.param
    return found


@functools.cache
def _checked(repository: Path) -> Report:
    return check(Repository(repository))


def _page(repository: Path) -> str:
    return (repository / "docs/checklist.md").read_text(encoding="utf-8")


def _rows(page: str) -> list[Row]:
    held = page.partition("## What the checker advises")[0]
    found = re.findall(r"^\| ([A-Z]+\d) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", held, re.M)
    return [Row(item, tuple(re.findall("`([^`]+)`", paths)), seen) for item, paths, seen in found]


def test_every_item_holds_or_an_answer_takes_its_subject_away(
    answers: Answers, render: Renderer
) -> None:
    excused = set() if "managed-online" in answers["serving"] else set(NOTHING_ONLINE)
    excused |= NETWORK_OF_ITS_OWN if answers["network"] == "vnet" else set()
    entries = _checked(render(answers)).entries
    states = {e.item.identifier: e.verdict.state for e in entries}
    waived = [e.item.identifier for e in entries if e.disposition != "none"]
    assert len(states) == len(ITEMS)
    assert not waived
    assert {name for name, state in states.items() if state == "not_applicable"} == excused
    assert {name for name, state in states.items() if state != "passed"} == excused


def test_the_page_has_every_item_once_and_its_places_exist(
    answers: Answers, render: Renderer
) -> None:
    repository = render(answers)
    rows = _rows(_page(repository))
    assert [row.item for row in rows] == [item.identifier for item in ITEMS]
    missing = [p for row in rows for p in row.paths if not (repository / p).exists()]
    assert missing == []


def test_the_page_says_what_is_not_applicable(answers: Answers, render: Renderer) -> None:
    repository = render(answers)
    entries = _checked(repository).entries
    excused = {e.item.identifier for e in entries if e.verdict.state == "not_applicable"}
    said = {row.item for row in _rows(_page(repository)) if "not applicable" in row.seen}
    assert said == excused


def test_each_way_to_see_it_is_one_that_the_tests_take(render: Renderer) -> None:
    """Commands are steps of the workflow or of a life: tests/lifecycle runs them all."""
    repository = render()
    workflow = yaml.safe_load((repository / ".github/workflows/ci.yml").read_text())
    steps = [s["run"] for job in workflow["jobs"].values() for s in job["steps"] if "run" in s]
    life = [f"uv run credit-risk {step}" for step in STEPS_OF_A_LIFE]
    for row in _rows(_page(repository)):
        kind, _, how = row.seen.partition(": ")
        assert kind in ("static", "local", "Azure"), row
        if kind == "local":
            assert how.strip("`") in [*steps, *life], row


def test_all_advice_is_listed_with_a_reason(answers: Answers, render: Renderer) -> None:
    repository = render(answers)
    given = {
        (entry.item.identifier, advice.span.path, advice.message)
        for entry in _checked(repository).entries
        for advice in entry.verdict.advice
        if advice.span is not None
    }
    listed = re.findall(
        r"^\| (\w+) \| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$",
        _page(repository).partition("## What the checker advises")[2],
        re.M,
    )
    assert given == {(item, path, message) for item, path, message, reason in listed if reason}
