"""Percentages of traffic that code takes from outside: options, variables, configuration files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.code.flow import Site
from plomada.facts.model import Value
from plomada.facts.words import Traffic
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_FILES = (".yml", ".yaml", ".json", ".toml", ".ini", ".cfg", ".env")
_GIVING = frozenset({"add_argument", "Option", "option", "Argument", "argument", "getenv", "get"})


def takes_share(facts: Facts, setting: Traffic) -> bool:
    """Tell whether a percentage is a parameter of the code, whatever it is by default."""
    value = setting.asset.fields.get("mirror_traffic" if setting.mirrored else "traffic")
    shares = _shares(value) if value is not None else ()
    return any(_is_given(facts, share, setting.span) for share in shares)


def configured(facts: Facts, key: str) -> list[tuple[int, Span]]:
    """Return the percentages that configuration files give a key, and where."""
    line = re.compile(
        rf"""^\s*["']?{re.escape(key)}["']?\s*[:=]\s*["']?(\d{{1,3}})["']?\s*(,|[#;].*)?$"""
    )
    found = []
    for path in facts.repository.with_suffix(*_FILES):
        if facts.repository.mentions(path, key.lower()):
            lines = (facts.repository.text(path) or "").split("\n")
            for number, text in enumerate(lines, start=1):
                told = line.match(text)
                if told:
                    span = Span(path, number, told.start(1) + 1, number, told.end(1) + 1)
                    found.append((int(told[1]), span))
    return found


def _shares(value: Value) -> Iterator[Value]:
    for part in value.parts if value.kind == "one_of" else (value,):
        for share in part.data.values() if isinstance(part.data, dict) else ():
            if isinstance(share, Value):
                yield share


def _is_given(facts: Facts, share: Value, setting: Span) -> bool:
    place = share.origins[-1] if share.origins else setting
    module = facts.code.module(place.path) if place.path.endswith(".py") else None
    if module is None:
        return setting.path.endswith(".py") and place.path.endswith(_FILES)
    calls = (site.node for site in module.sites if _last(site) in _GIVING)
    return any(_holds(module.span(call), place) for call in calls)


def _last(site: Site) -> str:
    function = site.node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _holds(outer: Span, inner: Span) -> bool:
    start, end = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return start < (inner.line, inner.column) and (inner.end_line, inner.end_column) < end
