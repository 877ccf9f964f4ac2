"""Terraform's functions by name."""

from __future__ import annotations

from collections.abc import Sequence

from plomada.facts.iac import functions as f
from plomada.facts.iac.functions import Function, on_text, over, unresolved, values_of
from plomada.facts.model import Value
from plomada.facts.values import (
    NULL,
    UNROLL,
    Argument,
    as_text,
    canonical,
    concatenated,
    elements,
    entries,
    is_null,
    is_reference,
    joined,
    known,
    merged,
    one_of,
    truth,
    unknown,
)
from plomada.records import replace


def to_set(values: list[Value]) -> Value:
    """Return a collection whose keys are its values, as ``for_each`` wants it."""
    value = values[0]
    if not isinstance(value.data, tuple):
        return value
    return known({as_text(v) or canonical(v): v for v in value.data})


def list_of(values: list[Value]) -> Value:
    """Return a set or map's values as a list."""
    return (
        known(tuple(entries(values[0]).values())) if isinstance(values[0].data, dict) else values[0]
    )


def try_(arguments: Sequence[Argument]) -> Value:
    """Return the first argument that is not null; all that it may be where that is open."""
    found: list[Value] = []
    for value in values_of(arguments):
        if is_null(value):
            continue
        found.append(value)
        if value.kind == "known" or is_reference(value):
            break
    return one_of(found) if found else NULL


def can(values: list[Value]) -> Value:
    """Tell whether an expression has a value."""
    return known(data=True) if values[0].kind == "known" else unknown("whether a value can be had")


def coalesce(arguments: Sequence[Argument]) -> Value:
    """Return the first argument that is neither null nor an empty text."""
    return f.first_present([NULL if v.text == "" else v for v in values_of(arguments)])


def coalesce_list(arguments: Sequence[Argument]) -> Value:
    """Return the first list that is not empty."""
    return f.first_present([NULL if v.data == () else v for v in values_of(arguments)])


def format_(values: list[Value]) -> Value:
    """Return a text with its ``%s`` holes filled in order."""
    pattern = values[0].text
    if pattern is None:
        return unknown("a format out of sight")
    pieces: list[Value] = []
    rest = list(values[1:])
    for number, part in enumerate(pattern.replace("%%", "\0").split("%")):
        if number and part:
            pieces.append(rest.pop(0) if rest else NULL)
            part = part.lstrip("0123456789.+-#")[1:]
        pieces.append(known(part.replace("\0", "%")))
    return joined(pieces)


def replace_text(text: str, old: str, new: str) -> str:
    """Return a text with another in place of one; a pattern in slashes stays as it is."""
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise ValueError("a pattern")
    return text.replace(old, new)


def zipmap(values: list[Value]) -> Value:
    """Return a map of keys and values."""
    pairs = zip(elements(values[0]), elements(values[1]), strict=False)
    return known({as_text(k) or canonical(k): v for k, v in pairs})


def element(values: list[Value]) -> Value:
    """Return an element of a list, counting round."""
    listed, position = elements(values[0]), values[1].data
    if listed and isinstance(position, int):
        return listed[position % len(listed)]
    return one_of(listed) if listed else unknown("an element of a list out of sight")


def compact(values: list[Value]) -> Value:
    """Return a list without nulls and empty texts."""
    if not isinstance(values[0].data, tuple):
        return values[0]
    return known(tuple(v for v in values[0].data if not is_null(v) and v.text != ""))


def one(values: list[Value]) -> Value:
    """Return the only element, null of none."""
    listed = elements(values[0])
    return (
        listed[0] if listed else (NULL if values[0].kind == "known" else unknown(values[0].reason))
    )


def values_(values: list[Value]) -> Value:
    """Return a map's values."""
    found = known(tuple(entries(values[0]).values()))
    return found if values[0].kind == "known" else concatenated([found, unknown(values[0].reason)])


def set_product(arguments: Sequence[Argument]) -> Value:
    """Return all combinations of lists, as far as the bound allows."""
    found: list[tuple[Value, ...]] = [()]
    for value in values_of(arguments):
        found = [(*head, v) for head in found for v in elements(value)][:UNROLL]
    return known(tuple(known(c) for c in found))


def contains(values: list[Value]) -> Value:
    """Tell whether a list has an element."""
    return f.contains(values)


def number(text: object) -> object:
    """Return a text as a number."""
    return int(str(text)) if str(text).lstrip("-").isdigit() else float(str(text))


def substr(text: str, start: int, count: int) -> str:
    """Return a part of a text; a negative count means to the end."""
    return text[start:] if count < 0 else text[start : start + count]


def lookup_path(arguments: Sequence[Argument]) -> Value:
    """Return a map's value under a key, else the default."""
    return f.lookup(values_of(arguments))


def same(arguments: Sequence[Argument]) -> Value:
    """Return the first argument."""
    return values_of(arguments)[0]


def secret(arguments: Sequence[Argument]) -> Value:
    """Return the first argument, never to be printed."""
    return replace(values_of(arguments)[0], secret=True)


FUNCTIONS: dict[str, Function] = {
    "merge": lambda arguments: merged(values_of(arguments)),
    "concat": lambda arguments: concatenated(values_of(arguments)),
    "lookup": lookup_path,
    "try": try_,
    "can": over(can),
    "coalesce": coalesce,
    "coalescelist": coalesce_list,
    "format": over(format_),
    "join": over(lambda v: f.join(v[1], v[0])),
    "split": over(lambda v: f.split([v[1], v[0]])),
    "lower": on_text(str.lower),
    "upper": on_text(str.upper),
    "title": on_text(str.title),
    "trimspace": on_text(str.strip),
    "trim": on_text(lambda a, b: a.strip(b)),
    "trimprefix": on_text(lambda a, b: a.removeprefix(b)),
    "trimsuffix": on_text(lambda a, b: a.removesuffix(b)),
    "replace": on_text(replace_text),
    "substr": on_text(substr),
    "startswith": on_text(lambda a, b: a.startswith(b)),
    "endswith": on_text(lambda a, b: a.endswith(b)),
    "strcontains": on_text(lambda a, b: b in a),
    "toset": over(to_set),
    "tolist": over(list_of),
    "tomap": same,
    "tostring": over(lambda v: known(as_text(v[0])) if as_text(v[0]) is not None else v[0]),
    "tonumber": on_text(number),
    "tobool": over(lambda v: known(truth(v[0])) if truth(v[0]) is not None else v[0]),
    "keys": over(f.keys),
    "values": over(values_),
    "length": over(f.length),
    "contains": over(contains),
    "element": over(element),
    "flatten": over(f.flatten),
    "compact": over(compact),
    "distinct": over(f.distinct),
    "sort": same,
    "reverse": same,
    "one": over(one),
    "slice": over(
        lambda v: (
            known(v[0].data[v[1].data : v[2].data])
            if isinstance(v[0].data, tuple)
            and isinstance(v[1].data, int)
            and isinstance(v[2].data, int)
            else v[0]
        )
    ),
    "zipmap": over(zipmap),
    "setproduct": set_product,
    "setunion": lambda arguments: f.distinct([concatenated(values_of(arguments))]),
    "range": over(lambda v: f.range_([known(0), v[0]] if len(v) == 1 else v)),
    "jsonencode": same,
    "yamlencode": same,
    "jsondecode": over(f.parse_json),
    "sensitive": secret,
    "nonsensitive": same,
    "max": on_text(max),
    "min": on_text(min),
    "abs": on_text(abs),
    "floor": on_text(lambda a: int(a // 1)),
    "ceil": on_text(lambda a: int(-(-a // 1))),
}


def call(function: str, arguments: Sequence[Argument]) -> Value:
    """Return a function's result; one without a rule here gives an unresolved value."""
    rule = FUNCTIONS.get(function)
    if rule is None:
        return unresolved(function)(arguments)
    try:
        return rule(arguments)
    except (IndexError, TypeError):
        return unknown(f"{function} with arguments that do not fit")
