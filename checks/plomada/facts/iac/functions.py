"""Functions that Bicep, ARM JSON and Terraform have in common, over values."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from plomada.facts.model import Value
from plomada.facts.values import (
    NULL,
    UNROLL,
    Argument,
    Closure,
    as_text,
    canonical,
    concatenated,
    elements,
    entries,
    is_null,
    is_reference,
    joined,
    known,
    member,
    merged,
    one_of,
    spread_over,
    truth,
    unknown,
)

Function = Callable[[Sequence[Argument]], Value]


def values_of(arguments: Sequence[Argument]) -> list[Value]:
    """Return the arguments that are values; a function stands for an unknown one."""
    return [a if isinstance(a, Value) else unknown("a function") for a in arguments]


def unresolved(name: str) -> Function:
    """Return a function whose result depends on the deployment: the same for the same arguments."""

    def call(arguments: Sequence[Argument]) -> Value:
        shown = ",".join(canonical(v) for v in values_of(arguments))
        return unknown(f"{name}({shown[:400]})")

    return call


def on_text(function: Callable[..., object]) -> Function:
    """Lift a function of known strings and numbers; otherwise the result is unresolved."""

    def apply(values: list[Value]) -> Value:
        if any(
            v.kind != "known" or isinstance(v.data, tuple | dict) or v.data is None for v in values
        ):
            return unresolved(getattr(function, "__name__", "text"))(values)
        try:
            return lifted(function(*(v.data for v in values)))
        except (TypeError, ValueError, IndexError, AttributeError, ArithmeticError):
            return unknown("a call with arguments that do not fit")

    return lambda arguments: spread_over(apply, values_of(arguments))


def lifted(data: object, depth: int = 0) -> Value:
    """Return plain data as a value."""
    if depth > 50:
        return unknown("nested too deep")
    if isinstance(data, dict):
        return known({str(k): lifted(v, depth + 1) for k, v in data.items()})
    if isinstance(data, list | tuple):
        return known(tuple(lifted(v, depth + 1) for v in data))
    return known(data)


def over(function: Callable[[list[Value]], Value]) -> Function:
    """Lift a function of values over the alternatives of each argument."""
    return lambda arguments: spread_over(function, values_of(arguments))


def concat(values: list[Value]) -> Value:
    """Return strings joined, or arrays one after the other."""
    if any(isinstance(v.data, tuple) or _array_pieces(v) for v in values):
        return concatenated(values)
    return joined(values)


def _array_pieces(value: Value) -> bool:
    return value.kind == "template" and any(isinstance(p.data, tuple) for p in value.parts)


def union(values: list[Value]) -> Value:
    """Return objects merged (inner objects, too) or arrays joined without duplicates."""
    if any(isinstance(v.data, tuple) for v in values):
        return distinct([concatenated(values)])
    return merged(values)


def distinct(values: list[Value]) -> Value:
    """Return an array without duplicates."""
    value = values[0]
    if not isinstance(value.data, tuple):
        return value
    return known(tuple({canonical(v): v for v in value.data}.values()))


def first_present(values: list[Value]) -> Value:
    """Return the first that is not null; a choice where that is not known (``coalesce``)."""
    found: list[Value] = []
    for value in values:
        if is_null(value):
            continue
        found.append(value)
        if value.kind == "known" or is_reference(value):
            break
    return one_of(found) if found else NULL


def length(values: list[Value]) -> Value:
    """Return the length of a string, array or object."""
    data = values[0].data
    if values[0].kind == "known" and isinstance(data, str | tuple | dict):
        return known(len(data))
    if values[0].kind == "known" and data is None:
        return known(0)
    return unknown(f"the length of {values[0].reason}")


def empty(values: list[Value]) -> Value:
    """Tell whether a string, array or object is empty or null."""
    value = values[0]
    if value.kind == "known":
        return known(value.data is None or value.data in ("", (), {}))
    if is_reference(value) or (value.kind == "template" and _holds_something(value)):
        return known(data=False)
    return unknown(f"whether {value.reason} is empty")


def _holds_something(value: Value) -> bool:
    return any(p.kind == "known" and p.data not in ("", (), {}, None) for p in value.parts)


def contains(values: list[Value]) -> Value:
    """Tell whether an array, object or string contains a value, key or text."""
    holder, wanted = values[0], values[1]
    if holder.kind == "known" and wanted.kind == "known":
        if isinstance(holder.data, dict):
            keys = {k.lower() for k in holder.data}
            return known((as_text(wanted) or "").lower() in keys)
        if isinstance(holder.data, tuple):
            return _array_contains(holder.data, wanted)
        return known((as_text(wanted) or "") in (as_text(holder) or ""))
    if isinstance(wanted.data, str) and wanted.data in entries(holder):
        return known(data=True)
    return unknown("whether a value out of sight is contained")


def _array_contains(data: tuple[Value, ...], wanted: Value) -> Value:
    if any(canonical(v) == canonical(wanted) for v in data):
        return known(data=True)
    return (
        known(data=False) if all(v.kind == "known" for v in data) else unknown("an array in part")
    )


def first(values: list[Value]) -> Value:
    """Return the first element or character."""
    return _at(values[0], 0)


def last(values: list[Value]) -> Value:
    """Return the last element or character."""
    return _at(values[0], -1)


def _at(value: Value, position: int) -> Value:
    if isinstance(value.data, str):
        return known(value.data[position : position + 1 or None])
    if isinstance(value.data, tuple):
        return value.data[position] if value.data else NULL
    listed = elements(value)
    return one_of(listed) if listed else unknown(f"an element of {value.reason}")


def keys(values: list[Value]) -> Value:
    """Return the keys of an object."""
    found = known(tuple(known(k) for k in entries(values[0])))
    return found if values[0].kind == "known" else concatenated([found, unknown(values[0].reason)])


def items(values: list[Value]) -> Value:
    """Return an object's entries as objects of key and value."""
    found = known(
        tuple(known({"key": known(k), "value": v}) for k, v in entries(values[0]).items())
    )
    return found if values[0].kind == "known" else concatenated([found, unknown(values[0].reason)])


def flatten(values: list[Value]) -> Value:
    """Return an array of arrays as one array."""
    if not isinstance(values[0].data, tuple):
        return values[0]
    return concatenated(v if not is_reference(v) else known((v,)) for v in values[0].data)


def parse_json(values: list[Value]) -> Value:
    """Return the data of a JSON text; a value that is data already stays."""
    text = values[0].text
    if text is None:
        return values[0]
    try:
        return lifted(json.loads(text))
    except (ValueError, RecursionError):
        return unknown("JSON that does not parse")


def lookup(values: list[Value]) -> Value:
    """Return an object's value under a key, else the default."""
    found = member(values[0], values[1])
    if is_null(found):
        return values[2] if len(values) > 2 else NULL
    if found.kind == "unknown" and len(values) > 2:
        return one_of([found, values[2]])
    return found


def array(values: list[Value]) -> Value:
    """Return the arguments as an array."""
    return known(tuple(values))


def split(values: list[Value]) -> Value:
    """Return a text cut at a separator, or at one of several."""
    text, signs = (
        values[0].text,
        [s for s in (as_text(v) for v in (elements(values[1]) or values[1:2])) if s],
    )
    if text is None or not signs:
        return unknown("pieces of a text out of sight")
    for sign in signs[1:]:
        text = text.replace(sign, signs[0])
    return known(tuple(known(p) for p in text.split(signs[0])))


def join(array_value: Value, sign: Value) -> Value:
    """Return an array's elements as one text."""
    between = as_text(sign)
    if not isinstance(array_value.data, tuple) or between is None:
        return unknown("a text joined of an array out of sight")
    pieces: list[Value] = []
    for number, value in enumerate(array_value.data):
        pieces += [known(between), value] if number else [value]
    return joined(pieces)


# functions of functions


def map_(arguments: Sequence[Argument]) -> Value:
    """Return what a function makes of each element."""
    source, function = arguments[0], arguments[-1]
    if not isinstance(source, Value) or isinstance(function, Value):
        return unknown("a map without function")
    listed, complete = _listed(source)
    found = known(tuple(_applied(function, v, i) for i, v in enumerate(listed)))
    return found if complete else concatenated([found, unknown(source.reason)])


def _listed(source: Value) -> tuple[list[Value], bool]:
    complete = isinstance(source.data, tuple)
    listed = list(elements(source))[:UNROLL]
    if not complete and not listed:
        listed = [unknown(f"an element of {source.reason}")]
    return listed, complete


def _applied(function: Closure, value: Value, position: int) -> Value:
    return function([value, known(position)])


def filter_(arguments: Sequence[Argument]) -> Value:
    """Return the elements for which a function is not known to be false."""
    source, function = arguments[0], arguments[-1]
    if not isinstance(source, Value) or isinstance(function, Value):
        return unknown("a filter without function")
    listed, complete = _listed(source)
    kept = [v for i, v in enumerate(listed) if truth(_applied(function, v, i)) is not False]
    found = known(tuple(kept))
    return found if complete else concatenated([found, unknown(source.reason)])


def to_object(arguments: Sequence[Argument]) -> Value:
    """Return an object whose keys and values functions make of an array's elements."""
    source = arguments[0]
    if not isinstance(source, Value):
        return unknown("an object of nothing")
    listed, complete = _listed(source)
    data: dict[str, Value] = {}
    for value in listed:
        key = _called(arguments, 1, value)
        data[as_text(key) or canonical(key)] = (
            _called(arguments, 2, value) if len(arguments) > 2 else value
        )
    return known(data) if complete else merged([unknown(source.reason), known(data)])


def _called(arguments: Sequence[Argument], position: int, value: Value) -> Value:
    function = arguments[position] if len(arguments) > position else unknown("")
    return function if isinstance(function, Value) else function([value])


def reduce_(arguments: Sequence[Argument]) -> Value:
    """Return what a function gathers from an array, starting from a value."""
    if (
        len(arguments) < 3
        or not isinstance(arguments[0], Value)
        or not isinstance(arguments[1], Value)
    ):
        return unknown("a reduction that is not complete")
    source, result, function = arguments[0], arguments[1], arguments[2]
    if not isinstance(source.data, tuple) or isinstance(function, Value):
        return unknown("a reduction of what is out of sight")
    for value in source.data[:UNROLL]:
        result = function([result, value])
    return result


def range_(values: list[Value]) -> Value:
    """Return ``count`` numbers from a start."""
    start, count = values[0].data, values[1].data if len(values) > 1 else None
    if isinstance(start, int) and isinstance(count, int):
        return known(tuple(known(start + i) for i in range(max(0, min(count, UNROLL)))))
    return unknown("a range of unknown length")
