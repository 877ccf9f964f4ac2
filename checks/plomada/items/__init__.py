"""The 50 items, one module a section, one function an item, over facts alone.

``item`` registers a function under its id; the catalogue (``plomada.checklist``) knows which
module holds which section, so that only selected sections are imported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from plomada.facts import Facts
from plomada.records import dataclass
from plomada.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Settings:
    """What the policy file may set for items.

    Attributes:
        environments: names that INF2 requires; empty for CHECKLIST's own rule.
    """

    environments: tuple[str, ...] = field(default=())


Rule = Callable[[Facts, Settings], Verdict]
RULES: dict[str, Rule] = {}


def item(identifier: str) -> Callable[[Rule], Rule]:
    """Register the decorated function as the rule of an item; its docstring is the criterion."""

    def register(rule: Rule) -> Rule:
        if identifier in RULES:
            raise ValueError(f"two rules for {identifier}")
        RULES[identifier] = rule
        return rule

    return register
