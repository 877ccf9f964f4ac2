"""Data that tests write into files, and the places that hold those files.

``frame.to_csv(folder / "data.csv")`` makes ``folder`` a name for the data of ``frame``: what is
given that path is fed the data. ``sys.argv`` is such a name where a test puts the path there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from plomada.patterns import regex

ARGV = "sys.argv"
_METHODS = regex(
    r"to_(?:csv|parquet|json|pickle|feather|excel|hdf)|(?:write|sink)_(?:csv|parquet|json|ndjson)"
)
_TEXTS = frozenset({"write_text", "write_bytes", "write", "writelines", "writerows"})
_FUNCTIONS = frozenset({"save", "savez", "savetxt", "dump", "write_table", "save_npz"})


def writes(node: ast.AST) -> Iterator[tuple[ast.expr, list[str]]]:
    """Yield what is written into files, with the names of the places, in the order of the code."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    opened = _opened(node)
    for call in sorted(calls, key=lambda c: (c.lineno, c.col_offset)):
        if not isinstance(call.func, ast.Attribute):
            continue
        name, given = call.func.attr, [*call.args, *(k.value for k in call.keywords)]
        if _METHODS.fullmatch(name) and given:
            yield call.func.value, _places(given[0], opened, node)
        elif name in _TEXTS and given:
            yield given[0], _places(call.func.value, opened, node)
        elif name in _FUNCTIONS and len(given) > 1:
            for data, place in ((given[0], given[1]), (given[1], given[0])):
                yield data, _places(place, opened, node)
        elif name in ("setattr", "object") and _sets_argv(call):
            yield given[-1], [ARGV]


def _sets_argv(call: ast.Call) -> bool:
    """Tell whether ``monkeypatch.setattr(sys, "argv", ...)`` or ``patch.object`` sets it."""
    words = [ast.unparse(part) for part in call.args[:2]]
    return words == ["sys", "'argv'"] or words[:1] == ["'sys.argv'"]


def _opened(node: ast.AST) -> dict[str, ast.expr]:
    """Return the paths behind the names of open files."""
    found: dict[str, ast.expr] = {}
    for part in ast.walk(node):
        for item in part.items if isinstance(part, ast.With) else ():
            call, name = item.context_expr, item.optional_vars
            if not isinstance(call, ast.Call) or not isinstance(name, ast.Name):
                continue
            if isinstance(call.func, ast.Attribute) and call.func.attr == "open":
                found[name.id] = call.func.value
            elif call.args:
                found[name.id] = call.args[0]
    return found


def _places(place: ast.expr, opened: dict[str, ast.expr], node: ast.AST) -> list[str]:
    """Return the names in a path, those that they were made of and those of its open file."""
    found = list(_names(place))
    for name in [*found]:
        if name in opened:
            found += _names(opened[name])
    for part in ast.walk(node):
        if not isinstance(part, ast.Assign) or not isinstance(part.targets[0], ast.Name):
            continue
        if part.targets[0].id in found and isinstance(part.value, ast.BinOp | ast.Call):
            found += _names(part.value)
    return found


def _names(node: ast.expr) -> Iterator[str]:
    """Yield the names that a path is made of."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield ast.unparse(node)
    elif isinstance(node, ast.BinOp):
        yield from _names(node.left)
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _names(part.value) if isinstance(part, ast.FormattedValue) else ()
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in (
            "joinpath",
            "mktemp",
            "join",
        ):
            yield from _names(node.func.value)
        for part in node.args[:1]:
            yield from _names(part)


def is_table(node: ast.expr) -> bool:
    """Tell whether a literal text holds rows of separated values below a head."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    lines = [line for line in node.value.strip().split("\n") if line.strip()]
    widths = {line.count(",") for line in lines}
    return (
        len(lines) > 1 and len(widths) == 1 and widths != {0} and bool(re.search(r"\d", lines[-1]))
    )
