"""Mutants of every item are killed, and the catalogue of them is what it says.

One mutant an item is tried here, one that leaves every word in place, on the items that it is meant
for; ``make mutants`` tries all, on all fifty.
"""

from __future__ import annotations

import functools

import pytest
from plomada.checklist import ITEMS

from tests.mutants.catalogue import MUTANTS, mutants_of
from tests.mutants.judging import before, pristine, try_mutant
from tests.mutants.mutation import OPERATORS, Mutant, applied

IDS = [item.identifier for item in ITEMS]


@functools.cache
def neutralising(item: str) -> tuple[Mutant, ...]:
    """Return an item's mutants that leave every file and word in place."""
    return tuple(m for m in mutants_of(item) if m.keeps_words(pristine()))


@pytest.mark.parametrize("item", IDS)
def test_the_generated_repository_holds(item: str) -> None:
    assert before()[item].state == "passed", before()[item].reason


@pytest.mark.parametrize("item", IDS)
def test_three_operators_break_it_one_leaving_every_word(item: str) -> None:
    assert len({mutant.operator for mutant in mutants_of(item)}) >= 3
    assert neutralising(item)


def test_mutants_have_names_of_their_own_and_known_operators() -> None:
    titles = [mutant.title for mutant in MUTANTS]
    assert len(titles) == len(set(titles))
    assert {mutant.operator for mutant in MUTANTS} <= set(OPERATORS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.title)
def test_it_fits_the_generated_repository(mutant: Mutant) -> None:
    files = applied(pristine(), mutant.changes)
    assert files != pristine()
    assert all(place.line(files) for place in mutant.at)


@pytest.mark.parametrize("item", IDS)
def test_that_item_fails_and_at_that_place(item: str) -> None:
    mutant = neutralising(item)[0]
    assert try_mutant(mutant, alone=True).defect == "", mutant.title
