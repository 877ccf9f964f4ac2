"""All mutants and harmless changes, and the choice of some of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable

from plomada.checklist import ITEMS

import tests.mutants.items as sections
from tests.mutants.mutation import Harmless, Mutant

_MODULES = [
    importlib.import_module(f"tests.mutants.items.{module.name}")
    for module in pkgutil.iter_modules(sections.__path__)
]
MUTANTS: tuple[Mutant, ...] = tuple(m for module in _MODULES for m in module.MUTANTS)
HARMLESS: tuple[Harmless, ...] = tuple(h for module in _MODULES for h in module.HARMLESS)


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that ids and section keys name, all where nothing is named.

    Raises:
        ValueError: a name is neither.
    """
    wanted = {name.strip().upper() for name in names if name.strip()}
    known = {name for item in ITEMS for name in (item.identifier, item.section)}
    if unknown := wanted - known:
        raise ValueError(f"no item or section is called {', '.join(sorted(unknown))}")
    return tuple(i.identifier for i in ITEMS if not wanted or wanted & {i.identifier, i.section})


def mutants_of(item: str) -> list[Mutant]:
    """Return the mutants of an item."""
    return [mutant for mutant in MUTANTS if mutant.item == item]


def harmless_of(item: str) -> list[Harmless]:
    """Return the harmless changes that move an item's evidence."""
    return [change for change in HARMLESS if item in change.items]
