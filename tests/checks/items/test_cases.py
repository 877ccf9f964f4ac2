"""Realistic cases of the items that the labels leave unproven: six and more on each side."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))
import test_estate_items as estate
from corpus import ROOT, Example, cases, examples, judged, title

SIX = 6


def unproven() -> list[str]:
    """Return the items that the published table marks."""
    table = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    return re.findall(r"^\| (\w+) .*\*unproven\*", table, flags=re.M)


@pytest.mark.parametrize("case", cases(), ids=title)
def test_case(case: Example) -> None:
    verdict = judged(case.item, case.files).verdict
    assert verdict.state == case.state, verdict


def test_every_unproven_item_has_six_cases_on_each_side() -> None:
    made = [(e.item, e.state, repr(sorted(e.files.items()))) for e in (*examples(), *cases())]
    made += [(i, s, repr(sorted(f.items()))) for i, s, f in estate.CASES.values()]
    assert len(unproven()) > 20
    few = {
        f"{item} {state}": count
        for item in unproven()
        for state in ("passed", "failed")
        if (count := len({files for i, s, files in made if (i, s) == (item, state)})) < SIX
    }
    assert few == {}
