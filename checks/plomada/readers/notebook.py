"""Jupyter notebooks to one Python text, each line knowing its place in the file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from plomada.readers.text import Unread
from plomada.spans import Span

_MAGIC = re.compile(r"^(\s*)([%!?])(.*)$")
_CELL_MAGIC = re.compile(r"^\s*%%(\w+)(.*)$")


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell line or ``%%bash`` cell.

    Attributes:
        text: the commands.
        span: the first line's place.
    """

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook's code.

    Attributes:
        text: the Python of all code cells, other lines blank.
        lines: for each line of ``text`` its line in the file and the columns to add.
        shell: shell lines and cells.
        files: path to text of ``%%writefile`` cells.
        unread: what could not be read.
        cells: first line and the one past the last, from 0, of each cell in ``text``.
    """

    text: str
    lines: tuple[tuple[int, int], ...]
    shell: tuple[Shell, ...] = ()
    files: tuple[tuple[str, str, int], ...] = ()
    unread: tuple[Unread, ...] = ()
    cells: tuple[tuple[int, int], ...] = ()


def read(text: str, path: str) -> Notebook:
    """Return the code of a notebook; broken JSON gives an empty one with its reason."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        span = Span(path, line, 1, line, 1)
        return Notebook("", (), unread=(Unread(f"not a notebook: {error}", span),))
    reader = _Cells(text, path)
    for cell in _code_cells(document):
        reader.take(cell)
    return reader.done()


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


class _Cells:
    """Puts cells together; looks each line up in the file from where the last one stood."""

    def __init__(self, raw: str, path: str) -> None:
        self.raw = raw
        self.path = path
        self.offset = 0
        self.line = 1
        self.out: list[str] = []
        self.lines: list[tuple[int, int]] = []
        self.shell: list[Shell] = []
        self.files: list[tuple[str, str, int]] = []
        self.cells: list[tuple[int, int]] = []

    def take(self, cell: list[str]) -> None:
        """Add one code cell."""
        places = [self._find(line) for line in cell]
        first = next((number for number, line in enumerate(cell) if line.strip()), None)
        magic = _CELL_MAGIC.match(cell[first]) if first is not None else None
        if magic and first is not None and magic[1] not in {"time", "timeit", "capture"}:
            self._cell_magic(magic, cell[first + 1 :], places[first + 1 :] or places)
            cell = ["" for _ in cell]
        continued = ""
        start = len(self.out)
        for text, place in zip(cell, places, strict=True):
            continued = self._line(text.rstrip("\n"), place, continued)
        self.cells.append((start, len(self.out)))

    def _cell_magic(
        self, magic: re.Match[str], body: list[str], places: list[tuple[int, int]]
    ) -> None:
        line, shift = places[0]
        text = "".join(body)
        if magic[1] in {"bash", "sh", "script", "cmd"}:
            self.shell.append(Shell(text, self._span(line, shift, text)))
        elif magic[1] == "writefile" and magic[2].split():
            self.files.append((magic[2].split()[-1], text, line))

    def _line(self, text: str, place: tuple[int, int], continued: str) -> str:
        """Add a line; return the indentation of a shell line that goes on in the next one."""
        self.lines.append(place)
        magic = _MAGIC.match(text)
        if continued and self.shell:
            last = self.shell[-1]
            self.shell[-1] = Shell(f"{last.text}\n{text}", last.span)
            self.out.append("")
            return "more" if text.rstrip().endswith("\\") else ""
        if magic is None:
            self.out.append(text)
            return ""
        self.out.append(f"{magic[1]}pass")
        command = magic[3].lstrip("!")
        if magic[2] == "!" or command.startswith("sx "):
            shift = place[1] + len(text) - len(command)
            self.shell.append(Shell(command, self._span(place[0], shift, command)))
            return "more" if text.rstrip().endswith("\\") else ""
        return ""

    def _span(self, line: int, shift: int, text: str) -> Span:
        return Span(self.path, line, 1 + shift, line, 1 + shift + len(text.split("\n")[0]))

    def _find(self, line: str) -> tuple[int, int]:
        """Return line and columns before the text of a source line in the raw file."""
        if not line:
            return self.line, 0
        for encode in (_escaped, _dumped):
            found = self.raw.find(encode(line), self.offset)
            if found >= 0:
                self.line += self.raw.count("\n", self.offset, found)
                shift = found - (self.raw.rfind("\n", 0, found) + 1)
                self.offset = found
                return self.line, shift
        return self.line, 0

    def done(self) -> Notebook:
        """Return the notebook."""
        text = "\n".join(self.out) + "\n"
        found = (tuple(self.shell), tuple(self.files))
        return Notebook(text, tuple(self.lines), *found, cells=tuple(self.cells))
