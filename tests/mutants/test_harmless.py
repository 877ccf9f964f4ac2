"""Changes that must not matter, and do not; ``make mutants`` tries all, on all fifty items."""

from __future__ import annotations

import pytest
from plomada.checklist import ITEMS

from tests.mutants.catalogue import HARMLESS, harmless_of
from tests.mutants.judging import before, places, pristine, try_harmless
from tests.mutants.mutation import Harmless, applied

IDS = [item.identifier for item in ITEMS]
# As few as show every item once.
FEW = {harmless_of(item)[0].title: harmless_of(item)[0] for item in IDS if harmless_of(item)}


@pytest.mark.parametrize("item", IDS)
def test_two_changes_move_its_evidence(item: str) -> None:
    assert len(harmless_of(item)) >= 2


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.title)
def test_it_changes_what_its_items_rest_on(change: Harmless) -> None:
    files = applied(pristine(), change.changes)
    changed = {path for path in {*files, *pristine()} if files.get(path) != pristine().get(path)}
    assert all(changed & places(before()[item]) for item in change.items)


@pytest.mark.parametrize("change", FEW.values(), ids=lambda change: change.title)
def test_no_verdict_moves(change: Harmless) -> None:
    assert try_harmless(change, alone=True).defect == ""
