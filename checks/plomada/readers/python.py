"""Python to ``ast``, as far as it reads; places in code points.

What the running interpreter's grammar refuses is cut out: tree-sitter, which goes on behind an
error, tells the statements that hold one; they become ``pass`` and the rest is parsed as usual.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from plomada.patterns import regex
from plomada.readers.text import Places, Unread
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MOST_REPAIRS = 12
MOST_LOST = 10  # a text that lost more than the tenth part is told as one that was not read whole
DEEPEST = 400

_STATEMENT = regex(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_PYTHON_2 = regex(r"^[ \t]*(?:print|exec)[ \t]+[\"'\w>%-]", re.MULTILINE)
_PYTHON_2_EXCEPT = regex(r"^([ \t]*except[ \t]+)([\w.]+,[ \t]*\w+)[ \t]*:")
_EXPRESSION = regex(r"\{\{.*?\}\}", re.DOTALL)


@dataclass(slots=True)
class Source:
    """A Python text that was parsed.

    Attributes:
        path: the file.
        tree: its module.
        unread: what could not be parsed.
        places: turns offsets of the text into spans.
        lines: for a notebook, each line's place in the file: line, and columns to add.
        ascii: columns in bytes are columns in code points.
        placed: the number of ``lines``.
        plain: the tree's lines and columns, from 1, are the file's.
    """

    path: str
    tree: ast.Module
    unread: tuple[Unread, ...]
    places: Places
    lines: Sequence[tuple[int, int]] = ()
    ascii: bool = True
    placed: int = 0
    plain: bool = True

    def __post_init__(self) -> None:
        """Count the lines that stand elsewhere; without any, places are the tree's own."""
        self.placed = len(self.lines)
        self.plain = self.ascii and not self.placed

    def span(self, node: ast.AST) -> Span:
        """Return the place of a node."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        if self.plain:
            end = (getattr(node, "end_col_offset", None) or 0) + 1
            return Span(self.path, first, getattr(node, "col_offset", 0) + 1, last or first, end)
        line, column = self._point(first, getattr(node, "col_offset", 0))
        end_line, end_column = self._point(last or line, getattr(node, "end_col_offset", None) or 0)
        return Span(self.path, line, column, end_line, end_column)

    def text(self, node: ast.AST) -> str:
        """Return a node as it stands in the text."""
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", 1)
        start = self.places.offset(first, self._column(first, getattr(node, "col_offset", 0)))
        end = self.places.offset(last, self._column(last, getattr(node, "end_col_offset", 0)))
        return self.places.text[start:end]

    def _column(self, line: int, in_bytes: int) -> int:
        if self.ascii:
            return in_bytes + 1
        raw = self.places.line(line).encode("utf-8", errors="surrogatepass")[:in_bytes]
        return len(raw.decode("utf-8", errors="ignore")) + 1

    def _point(self, line: int, in_bytes: int) -> tuple[int, int]:
        column = self._column(line, in_bytes)
        if line <= self.placed:
            real, shift = self.lines[line - 1]
            return real, column + shift
        return line, column


def read(
    text: str,
    path: str,
    lines: Sequence[tuple[int, int]] = (),
    cells: tuple[tuple[int, int], ...] = (),
) -> Source:
    """Parse a Python text; never raises.

    Args:
        text: the text, LF line ends.
        path: the file, for spans.
        lines: where each line stands, for text that was put together from cells.
        cells: first line and the one past the last, from 0, of parts that are repaired apart.
    """
    places = Places(path, text)
    tree, unread = _parse(text, places, cells)
    return Source(path, tree, unread, places, lines, text.isascii())


def _parse(
    text: str, places: Places, cells: tuple[tuple[int, int], ...]
) -> tuple[ast.Module, tuple[Unread, ...]]:
    tree, failure = _try(text)
    if tree is not None:
        return tree, ()
    if cells:
        text = _mended(text, cells)
    reason, place = _reason(failure), _place(failure, text, places)
    if "{%" in text or "{{" in text:
        tree, _ = _try(_without_template(text))
        if tree is not None:
            return tree, (Unread(reason, place, rest=False),)
    text = _without_python_2(text)  # what it prints is no loss
    kept = "\n".join(_cut_broken(text.split("\n")))
    tree = _try(kept)[0] or _EMPTY
    return tree, (Unread(reason, place, rest=_lost_much(text, kept)),)


def _lost_much(text: str, kept: str) -> bool:
    """Tell whether cutting the broken statements out took a good part of a text with them."""
    before, after = (sum(1 for line in t.split("\n") if line.strip()) for t in (text, kept))
    return (before - after) * MOST_LOST > before


def _try(text: str) -> tuple[ast.Module | None, SyntaxError]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        if "getattr(" in text:
            with suppress(RecursionError):  # too deep to be rewritten: left as it stands
                _Plain().visit(tree)
        return tree, SyntaxError()
    except SyntaxError as error:
        return None, error
    except (RecursionError, MemoryError):
        return None, SyntaxError(_TOO_DEEP)
    except ValueError as error:
        return None, SyntaxError(str(error))


class _Plain(ast.NodeTransformer):
    """Writes ``getattr(thing, "name")`` as ``thing.name``, which it is."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name) or node.func.id != "getattr" or node.keywords:
            return node
        match node.args:
            case [owner, ast.Constant(value=str(name))] if name.isidentifier():
                return ast.copy_location(ast.Attribute(owner, name, ast.Load()), node)
        return node


_TOO_DEEP = "nested too deep to be read"


def _reason(failure: SyntaxError) -> str:
    """Return why a text is unread in words that no interpreter's version changes."""
    return f"not valid Python: {_TOO_DEEP}" if failure.msg == _TOO_DEEP else "not valid Python"


def _place(failure: SyntaxError, text: str, places: Places) -> Span:
    """Return where a text is broken: as tree-sitter sees it, else as the interpreter does."""
    broken = _broken_lines(text) if failure.msg != _TOO_DEEP else []
    if broken:
        start = places.offset(min(broken)[0] + 1, 1)
        return places.span(start, start)
    line = min(max(failure.lineno or 1, 1), places.text.count("\n") + 1)
    start = places.offset(line, 1) + max((failure.offset or 1) - 1, 0)
    start = min(start, len(places.text))
    return places.span(start, start)


def _without_template(text: str) -> str:
    """Blank statements of Jinja and turn its expressions into names of equal length."""
    blank = _STATEMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return _EXPRESSION.sub(lambda found: re.sub(r"[^\n]", "_", found[0]), blank)


def _mended(text: str, cells: tuple[tuple[int, int], ...]) -> str:
    """Return a text whose broken cells are repaired, each by itself."""
    lines = text.split("\n")
    for first, last in cells:
        cell = "\n".join(lines[first:last])
        if _try(cell)[0] is None:
            kept = _cut_broken(_without_python_2(cell).split("\n"))
            lines[first:last] = [*kept, *([""] * (last - first))][: last - first]
    return "\n".join(lines)


def _cut_broken(lines: list[str]) -> list[str]:
    """Return the lines with broken statements cut out, until they parse."""
    for _ in range(MOST_REPAIRS):
        for first, last in _broken_lines("\n".join(lines)):
            _cut(lines, first, last)
        tree, failure = _try("\n".join(lines))
        if tree is not None:
            return lines
        if failure.lineno and failure.lineno <= len(lines):
            _cut(lines, failure.lineno - 1, failure.lineno - 1)
    tree, failure = _try("\n".join(lines))
    while tree is None and failure.lineno and 1 < failure.lineno <= len(lines):
        lines = lines[: failure.lineno - 1]
        tree, failure = _try("\n".join(lines))
    return lines if tree is not None else []


def _without_python_2(text: str) -> str:
    """Return a text as Python 3 has it: no statements ``print`` and ``exec``, pairs in brackets."""
    lines = [_PYTHON_2_EXCEPT.sub(r"\1(\2):", line) for line in text.split("\n")]
    for first, last in _python_2_lines(text):
        _cut(lines, first, last)
    return "\n".join(lines)


def _python_2_lines(text: str) -> list[tuple[int, int]]:
    """Return the first and last line, from 0, of Python 2's statements ``print`` and ``exec``."""
    if not _PYTHON_2.search(text):
        return []
    found: list[tuple[int, int]] = []
    stack = [_parser().parse(text.encode("utf-8", errors="surrogatepass")).root_node]
    while stack:
        node = stack.pop()
        if node.type in _PYTHON_2_STATEMENTS:
            found.append((node.start_point[0], node.end_point[0]))
        else:
            stack.extend(child for child in node.children if child.is_named)
    return found


_PYTHON_2_STATEMENTS = frozenset({"print_statement", "exec_statement"})
_EMPTY = ast.Module(body=[], type_ignores=[])


def _cut(lines: list[str], first: int, last: int) -> None:
    """Replace the lines by one ``pass`` at the indentation of the first."""
    for number in range(first, min(last + 1, len(lines))):
        indent = len(lines[number]) - len(lines[number].lstrip())
        lines[number] = " " * indent + "pass" if number == first else ""


def _broken_lines(text: str) -> list[tuple[int, int]]:
    """Return the first and last line, from 0, of the smallest statements that hold an error."""
    raw = text.encode("utf-8", errors="surrogatepass")
    found: list[tuple[int, int]] = []
    stack = [(_parser().parse(raw).root_node, 0)]
    while stack:
        node, depth = stack.pop()
        if not (node.has_error or node.is_missing) or depth > DEEPEST:
            continue
        inner = [c for c in node.children if c.has_error or c.is_missing]
        nested = [c for c in inner if c.type in _HOLDERS or _holds_statement(c)]
        if nested and len(nested) == len(inner):
            stack.extend((child, depth + 1) for child in nested)
        elif node.type in {"module", "block"}:
            found.extend((c.start_point[0], c.end_point[0]) for c in inner)
        else:
            found.append((node.start_point[0], node.end_point[0]))
    return found


_HOLDERS = frozenset({"module", "block"})


def _holds_statement(node: Node) -> bool:
    """Tell whether a node is a statement (simple ones too), so that cutting it leaves the rest."""
    return node.type.endswith(("_statement", "_definition"))


@cache
def _parser() -> Parser:
    import tree_sitter_python
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_python.language()))
