"""Which stage a file or folder name speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from plomada.patterns import regex

_WORDS = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
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


def apart_from(path: str, base: str) -> str:
    """Return a path without the folders that it shares with a base: they tell no stage apart."""
    mine, others = path.split("/"), base.split("/")
    shared = 0
    while shared < min(len(mine) - 1, len(others)) and mine[shared] == others[shared]:
        shared += 1
    return "/".join(mine[shared:])


def without_stage(name: str) -> str:
    """Return a name with each stage's token replaced by ``*``: siblings get the same text."""
    return _WORDS.sub(
        lambda m: "*" if m.group().lower() in PRODUCTION | OTHERS else m.group(), name
    )


def judged(names: Iterable[str]) -> list[str]:
    """Return the names without those that are another stage's twin of a production one."""
    listed = list(names)
    families: dict[str, list[str]] = {}
    for name in listed:
        families.setdefault(without_stage(name), []).append(name)
    dropped = {name for family in families.values() for name in _other_twins(family)}
    return [name for name in listed if name not in dropped]


def _other_twins(family: Sequence[str]) -> Iterator[str]:
    """Yield the other stages of a family that has a production one; shared folders tell nothing."""
    first = family[0]
    shared = min((len(first) - len(apart_from(first, n)) for n in family[1:]), default=0)
    if any(names_production(name[shared:]) for name in family):
        yield from (name for name in family if names_other_stage(name[shared:]))
