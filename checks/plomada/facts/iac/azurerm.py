"""azurerm's resources brought to ARM's types and property names by a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from plomada.facts.iac.functions import parse_json
from plomada.facts.model import Value
from plomada.facts.values import elements, entries, is_reference, known, member, truth
from plomada.readers.terraform import Block

_CONSUMED = frozenset({
    "name", "tags", "identity", "resource_group_name", "count", "for_each", "depends_on",
    "provider", "lifecycle", "timeouts", "provisioner", "connection",
})  # fmt: skip


@cache
def _data() -> dict[str, Any]:
    text = (files("plomada") / "data" / "azurerm.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def arm_type(kind: str) -> str:
    """Return the ARM type of an azurerm resource in lower case.

    A type that the table does not have keeps its own name in two segments (``azurerm/x``) where it
    takes tags, in three where it is a child or takes none.
    """
    entry = _data()["resources"].get(kind)
    if entry is not None:
        return str(entry if isinstance(entry, str) else entry[0]).lower()
    if kind in _data()["otherTaggable"]:
        return f"azurerm/{kind}"
    return f"azurerm/{kind}/child"


def arguments(kind: str) -> Mapping[str, Any]:
    """Return how the arguments of a type are brought to ARM's properties."""
    entry = _data()["resources"].get(kind)
    return {} if entry is None or isinstance(entry, str) else entry[1]


def special(kind: str, name: str) -> tuple[str, ...]:
    """Return the argument names that stand for ``@parent`` or ``@scope``."""
    found = arguments(kind).get(f"@{name}", "")
    return tuple(str(found).split("|")) if found else ()


def defaults(kind: str, major_minor: tuple[int, int]) -> Iterator[tuple[str, object]]:
    """Yield the properties that a provider version sets by itself."""
    for since, path, value in _data()["defaults"].get(kind, ()):
        first = tuple(int(n) for n in since.split("."))
        if major_minor >= first:
            yield path.lower(), value


def properties(kind: str, body: Value) -> dict[str, Value]:
    """Return a resource's properties as a nested object with ARM's names, flat by path."""
    skipped = {*_CONSUMED, *special(kind, "parent"), *special(kind, "scope")}
    given = {k: v for k, v in entries(body).items() if k not in skipped}
    return dict(_brought(given, arguments(kind), ""))


def _brought(
    given: Mapping[str, Value], table: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Value]]:
    """Yield path and value of arguments; containers are left to the caller."""
    for name, value in given.items():
        rule = table.get(name)
        if rule == "-":
            continue
        if isinstance(rule, list):
            yield from _block(value, rule[0], rule[1], prefix)
        else:
            yield from _argument(name, value, rule, prefix)
    for name, value in table.items():
        if name.startswith("+"):
            yield f"{prefix}{name[1:].lower()}", known(value)


def _argument(
    name: str, value: Value, rule: str | None, prefix: str
) -> Iterator[tuple[str, Value]]:
    path, _, how = (rule or _camel(name)).partition("|")
    if path.startswith("^"):
        yield f"{_outside(prefix)}{path[1:].lower()}", value
        return
    converted = _converted(value, how)
    if path.endswith("[]"):
        path = path[:-2]
    yield f"{prefix}{path.lower()}", converted


def _outside(prefix: str) -> str:
    """Return the prefix of the element that a ``properties.`` stands in."""
    return prefix.removesuffix("properties.")


def _camel(name: str) -> str:
    return re.sub(r"_+", "", name)


def _converted(value: Value, how: str) -> Value:
    if how == "json":
        return parse_json([value])
    decided = truth(value) if how else None
    if not how or decided is None:
        return value
    words: dict[str, tuple[object, object]] = {
        "enabled": ("Enabled", "Disabled"),
        "lowerenabled": ("enabled", "disabled"),
        "not": (False, True),
    }
    return known(words[how][0 if decided else 1])


def _block(
    value: Value, path: str, table: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, Value]]:
    head, mark, tail = path.lower().partition("[]")
    if not mark:
        inner = elements(value)[0] if elements(value) else value
        yield from _inner(inner, table, f"{prefix}{head}")
        return
    listed = elements(value) or ((value,) if entries(value) or value.kind != "known" else ())
    for number, element in enumerate(listed):
        yield from _inner(element, table, f"{prefix}{head}.{number}{tail}")


def _inner(value: Value, table: Mapping[str, Any], path: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value.data, dict) or (entries(value) and not is_reference(value)):
        given = {name: member(value, name) for name in entries(value)}
        yield from _brought(given, table, f"{path}.")
    else:
        yield path, value


def is_block(block: Block) -> bool:
    """Tell whether a nested block is one of the resource's own and no meta-argument."""
    return block.type not in _CONSUMED or block.type == "identity"
