"""Which stage a file or folder name speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
PRODUCTION = frozenset({"prod", "production", "prd", "live"})
OTHERS = frozenset({
    "dev", "develop", "development", "test", "tst", "testing", "qa", "uat", "stage", "staging",
    "stg", "int", "integration", "sandbox", "sbx", "nonprod", "preprod", "preproduction", "demo",
    "local", "ci",
})  # fmt: skip
_BEFORE = frozenset({"non", "pre"})


def tokens(name: str) -> list[str]:
    """Return the words of a path or name in lower case, camel case cut."""
    return [w.lower() for w in _WORDS.findall(name)]


def names_production(name: str) -> bool:
    """Tell whether a name has production's token (``non-prod`` and ``preprod`` have not)."""
    found = tokens(name)
    return any(
        word in PRODUCTION and (number == 0 or found[number - 1] not in _BEFORE)
        for number, word in enumerate(found)
    )


def names_other_stage(name: str) -> bool:
    """Tell whether a name has another stage's token and not production's."""
    return not names_production(name) and any(w in OTHERS for w in _all_tokens(name))


def _all_tokens(name: str) -> list[str]:
    found = tokens(name)
    return found + [a + b for a, b in pairwise(found)]


def without_stage(name: str) -> str:
    """Return a name with each stage's token replaced by ``*``: siblings get the same text."""
    return _WORDS.sub(
        lambda m: "*" if m.group().lower() in PRODUCTION | OTHERS else m.group(), name
    )


def judged(names: Iterable[str]) -> list[str]:
    """Return the names without those that are another stage's twin of a production one."""
    listed = list(names)
    production = {without_stage(n) for n in listed if names_production(n)}
    return [n for n in listed if not (names_other_stage(n) and without_stage(n) in production)]
