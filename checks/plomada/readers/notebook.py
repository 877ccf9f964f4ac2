"""Jupyter notebooks to one Python text, each line knowing its place in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, overload

from plomada.patterns import regex
from plomada.readers.text import Unread
from plomada.records import dataclass
from plomada.spans import Span

_MAGIC = regex(r"^(\s*)([%!?])(.*)$")
_ANY_MAGIC = regex(r"^\s*[%!?]", re.MULTILINE)
_CELL_MAGIC = regex(r"^\s*%%(\w+)(.*)$")


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell line or ``%%bash`` cell.

    Attributes:
        text: the commands.
        span: the first line's place.
    """

    text: str
    span: Span


class Lines(Sequence[tuple[int, int]]):
    """Where lines of code cells stand in the file: line, and columns before their text.

    They are looked up at the first question, all in order: most notebooks are never asked.

    Args:
        raw: the file's text.
        texts: the lines in order.
    """

    def __init__(self, raw: str, texts: list[str]) -> None:
        self._raw = raw
        self._texts = texts

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, int]]: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        """Return the place of a line, from 0."""
        return self._places[index]

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return list(_places(self._raw, self._texts))


class Notebook:
    """A notebook's code.

    Attributes:
        text: the Python of all code cells, other lines blank.
        lines: for each line of ``text`` its line in the file and the columns to add.
        files: path to text of ``%%writefile`` cells.
        unread: what could not be read.
        cells: first line and the one past the last, from 0, of each cell in ``text``.
    """

    def __init__(self, reader: _Cells, raw: str, unread: tuple[Unread, ...] = ()) -> None:
        self.text = "\n".join(reader.out) + "\n" if not unread else ""
        self.lines = Lines(raw, reader.texts)
        self.cells = tuple(reader.cells)
        self.unread = unread
        self._reader = reader

    @property
    def shell(self) -> tuple[Shell, ...]:
        """Shell lines and cells."""
        return tuple(
            Shell(text, self._span(number, shift, text))
            for text, number, shift in self._reader.shell
        )

    @property
    def files(self) -> tuple[tuple[str, str, int], ...]:
        """``%%writefile`` cells: path, text and line."""
        return tuple(
            (name, text, self.lines[number][0]) for name, text, number in self._reader.files
        )

    def _span(self, number: int, shift: int, text: str) -> Span:
        line, before = self.lines[number]
        column = 1 + before + shift
        return Span(self._reader.path, line, column, line, column + len(text.split("\n")[0]))


def read(text: str, path: str) -> Notebook:
    """Return the code of a notebook; broken JSON gives an empty one with its reason."""
    reader = _Cells(path)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        span = Span(path, line, 1, line, 1)
        return Notebook(reader, "", (Unread("not a notebook: no valid JSON", span),))
    for cell in _code_cells(document):
        reader.take(cell)
    return Notebook(reader, text)


def _code_cells(document: Any) -> list[list[str]]:  # noqa: ANN401
    """Return the source lines of each code cell (format 4, and format 3's worksheets)."""
    if not isinstance(document, dict):
        return []
    sheets = document.get("worksheets")
    holders = [document, *(sheets if isinstance(sheets, list) else [])]
    cells = [c for h in holders if isinstance(h, dict) for c in _list(h.get("cells"))]
    code = [c for c in cells if isinstance(c, dict) and c.get("cell_type") == "code"]
    return [_lines(cell.get("source", cell.get("input", ""))) for cell in code]


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else []


def _lines(source: Any) -> list[str]:  # noqa: ANN401
    if isinstance(source, str):
        return source.splitlines(keepends=True)
    return [line for line in _list(source) if isinstance(line, str)]


def _escaped(line: str) -> str:
    """Return a line as JSON usually has it."""
    return line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


def _dumped(line: str) -> str:
    return json.dumps(line)[1:-1]


def _places(raw: str, texts: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where source lines stand in the raw file, each looked for behind the one before."""
    offset, line = 0, 1
    escaped = _escaped("\0".join(texts)).split("\0")
    if len(escaped) != len(texts):  # a source holds the separator
        escaped = [_escaped(text) for text in texts]
    for text, usual in zip(texts, escaped, strict=True):
        shift = 0
        found = raw.find(usual, offset) if text else -1
        if found < 0 and text:
            found = raw.find(_dumped(text), offset)
        if found >= 0:
            line += raw.count("\n", offset, found)
            shift = found - (raw.rfind("\n", 0, found) + 1)
            offset = found
        yield line, shift


class _Cells:
    """Puts cells together.

    Attributes:
        texts: every source line as it stands in its cell.
        out: the same as Python, what is none of it blank.
        shell: commands, the number of their first line, columns before them.
        files: name, text and number of the first line.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.texts: list[str] = []
        self.out: list[str] = []
        self.shell: list[tuple[str, int, int]] = []
        self.files: list[tuple[str, str, int]] = []
        self.cells: list[tuple[int, int]] = []

    def take(self, cell: list[str]) -> None:
        """Add one code cell."""
        start = len(self.out)
        self.texts += cell
        if _ANY_MAGIC.search("\n".join(cell)) is None:
            self.out += [text.rstrip("\n") for text in cell]
            self.cells.append((start, len(self.out)))
            return
        first = next((number for number, line in enumerate(cell) if line.strip()), None)
        magic = _CELL_MAGIC.match(cell[first]) if first is not None else None
        if magic and first is not None and magic[1] not in {"time", "timeit", "capture"}:
            body = cell[first + 1 :]
            self._cell_magic(magic, body, start + (first + 1 if body else 0))
            cell = ["" for _ in cell]
        continued = ""
        for text in cell:
            continued = self._line(text.rstrip("\n"), continued)
        self.cells.append((start, len(self.out)))

    def _cell_magic(self, magic: re.Match[str], body: list[str], number: int) -> None:
        text = "".join(body)
        if magic[1] in {"bash", "sh", "script", "cmd"}:
            self.shell.append((text, number, 0))
        elif magic[1] == "writefile" and magic[2].split():
            self.files.append((magic[2].split()[-1], text, number))

    def _line(self, text: str, continued: str) -> str:
        """Add a line; return the indentation of a shell line that goes on in the next one."""
        magic = _MAGIC.match(text)
        if continued and self.shell:
            last, number, shift = self.shell[-1]
            self.shell[-1] = (f"{last}\n{text}", number, shift)
            self.out.append("")
            return "more" if text.rstrip().endswith("\\") else ""
        if magic is None:
            self.out.append(text)
            return ""
        number = len(self.out)
        self.out.append(f"{magic[1]}pass")
        command = magic[3].lstrip("!")
        if magic[2] == "!" or command.startswith("sx "):
            self.shell.append((command, number, len(text) - len(command)))
            return "more" if text.rstrip().endswith("\\") else ""
        return ""
