"""Strings that are partly known: joined, rendered and looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

from plomada.facts.model import Value

MOST_ALTERNATIVES = 16


def known(data: object) -> Value:
    """Return a value that is known."""
    return Value("known", data)


def unknown(reason: str) -> Value:
    """Return a value that is not known, named by the variable or macro that stands there."""
    return Value("unknown", reason=reason)


def one_of(values: Iterable[Value]) -> Value:
    """Return the alternatives as one value, the first being the default; equal ones once."""
    flat: list[Value] = []
    for value in values:
        for part in value.parts if value.kind == "one_of" else (value,):
            if part not in flat and len(flat) < MOST_ALTERNATIVES:
                flat.append(part)
    return flat[0] if len(flat) == 1 else Value("one_of", parts=tuple(flat))


def join(parts: Iterable[Value]) -> Value:
    """Return the concatenation: known, a few alternatives, or a template."""
    pieces = [p for p in parts if p.data != "" or p.kind != "known"]
    if not pieces:
        return known("")
    if len(pieces) == 1:
        return pieces[0]
    if all(p.kind == "known" for p in pieces):
        return known("".join(plain(p.data) for p in pieces))
    choices = [_choices(p) for p in pieces]
    if all(choices):
        combined = list(product(*(c for c in choices if c)))
        if len(combined) <= MOST_ALTERNATIVES:
            return one_of(known("".join(texts)) for texts in combined)
    flat: list[Value] = []
    for piece in pieces:
        flat.extend(piece.parts if piece.kind == "template" else (piece,))
    return Value("template", parts=tuple(flat))


def _choices(value: Value) -> list[str] | None:
    if value.kind == "known":
        return [plain(value.data)]
    if value.kind == "one_of" and all(p.kind == "known" for p in value.parts):
        return [plain(p.data) for p in value.parts]
    return None


def plain(data: object) -> str:
    """Return a known datum as a shell or a pipeline would print it."""
    if isinstance(data, str):
        return data
    if data is None:
        return ""
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, tuple):
        return " ".join(plain(d.data if isinstance(d, Value) else d) for d in data)
    return str(data)


def texts(value: Value | None) -> tuple[str, ...]:
    """Return the strings that a value may be, where it is known or one of several known ones."""
    if value is None:
        return ()
    if value.kind == "known":
        if isinstance(value.data, tuple):
            return tuple(t for v in value.data if isinstance(v, Value) for t in texts(v))
        return (plain(value.data),)
    if value.kind == "one_of":
        return tuple(t for part in value.parts for t in texts(part))
    return ()


def shown(value: Value | None) -> str:
    """Return a value as text, names in place of what is not known (``$NAME``)."""
    if value is None:
        return ""
    if value.kind == "known":
        return plain(value.data)
    if value.kind == "one_of":
        return "|".join(shown(part) for part in value.parts)
    if value.kind == "template":
        return "".join(shown(part) for part in value.parts)
    return value.reason if value.reason.startswith("$") else f"${{{value.reason}}}"


def glob(value: Value) -> tuple[str, ...]:
    """Return patterns for ``fnmatch``: what is known, ``*`` for the rest."""
    if value.kind == "template":
        choices = ["" if p.kind == "known" and p.data == "" else _wild(p) for p in value.parts]
        return (re.sub(r"\*+", "*", "".join(choices)),)
    found = texts(value)
    return found or ("*",)


def _wild(part: Value) -> str:
    options = _choices(part)
    return options[0] if options and len(options) == 1 else "*"
