"""Tags: which resources can have them, and what is known of those that reach them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

from plomada.facts.model import Resource, Value
from plomada.facts.values import elements, entries, is_null, is_reference
from plomada.spans import Span

TagState = Literal["tagged", "untagged", "unresolved"]
COST_KEYS = (
    "costcenter", "costcentre", "billing", "budgetcode", "chargeback", "chargecode", "costowner",
)  # fmt: skip


@cache
def _without_tags() -> frozenset[str]:
    text = (files("plomada") / "data" / "taggable.json").read_text("utf-8")
    return frozenset(name.lower() for name in json.loads(text)["without"])


def is_taggable(resource: Resource) -> bool:
    """Tell whether a resource can be judged for tags: its type has tags and is no child."""
    kind = resource.type
    return kind.count("/") == 1 and kind not in _without_tags() and not kind.endswith("/child")


def state(resource: Resource) -> TagState:
    """Return what is known of the tags that reach a resource."""
    value = resource.tags
    if value is None or is_null(value):
        return "untagged"
    if value.kind == "known":
        return "tagged" if value.data else "untagged"
    if value.kind == "unknown" or is_reference(value):
        return "unresolved"
    states = {_of_part(part) for part in value.parts}
    if value.kind == "template":
        return "tagged" if "tagged" in states else "unresolved"
    if states == {"tagged"}:
        return "tagged"
    return "untagged" if states == {"untagged"} else "unresolved"


def _of_part(value: Value) -> TagState:
    if value.kind == "known":
        return "tagged" if value.data else "untagged"
    return "tagged" if entries(value) else "unresolved"


def place(resource: Resource) -> Span:
    """Return the place of a resource's tags, or of the resource."""
    return resource.places.get("tags", resource.span)


def origin(resource: Resource) -> Span:
    """Return the place where the tags that reach a resource are written out."""
    value = resource.tags
    if value is None:
        return resource.span
    for part in (value, *entries(value).values()):
        if part.origins:
            return part.origins[-1]
    return place(resource)


def written(resource: Resource) -> Span:
    """Return the place of the object that holds the first tag: of those that resources share."""
    pairs = _pairs(resource.tags) if resource.tags is not None else ()
    joined = origin(resource)
    first = next((v.origins[0] for _, v in pairs if v.origins), joined)
    inside = first.path == joined.path and joined.line <= first.line <= joined.end_line
    return joined if inside else first


def cost_key(resource: Resource) -> tuple[str, Span] | None:
    """Return the cost key among a resource's tags and the place where it is put among them."""
    if resource.tags is None:
        return None
    for name, value in _pairs(resource.tags):
        letters = re.sub(r"[^a-z]", "", name.lower())
        if any(key in letters for key in COST_KEYS):
            return name, value.origins[0] if value.origins else place(resource)
    return None


def _pairs(value: Value) -> Iterator[tuple[str, Value]]:
    """Yield tag and value, of an object or of a list of name and value."""
    yield from entries(value).items()
    for element in elements(value):
        inner = entries(element)
        if "name" in inner and inner["name"].text is not None:
            yield inner["name"].text or "", inner.get("value", inner["name"])
