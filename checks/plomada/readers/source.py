"""Text cut out of a file, with the way back to its places there.

A script inside YAML is dedented, folded or unquoted before a shell sees it. ``Source`` keeps, for
each piece of such a text, where the piece stands in the file, so that a command found in it can
be shown at its line and column.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import field
from functools import lru_cache
from itertools import accumulate, count, repeat

from plomada.patterns import regex
from plomada.readers.nodes import Node
from plomada.records import dataclass
from plomada.spans import Span

_BLOCK = regex(r"[|>][-+0-9]*\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Source:
    """A text and where its pieces stand.

    Attributes:
        path: the file.
        text: the text as its own language reads it.
        pieces: offset in ``text``, line and column in the file, in the order of offsets.
        borrowed: ranges of ``text`` that stand elsewhere, each with the source of its text.
    """

    path: str
    text: str
    pieces: tuple[tuple[int, int, int], ...] = ((0, 1, 1),)
    borrowed: tuple[tuple[int, int, Source], ...] = ()
    _offsets: list[int] = field(default_factory=list, compare=False, repr=False)

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column in the file of an offset in the text."""
        if not self._offsets:
            self._offsets.extend(piece[0] for piece in self.pieces)
        start, line, column = self.pieces[max(bisect_right(self._offsets, offset) - 1, 0)]
        return line, column + offset - start

    def span(self, start: int, end: int) -> Span:
        """Return the place in the file of a range of the text, by where the range begins."""
        for begin, finish, other in self.borrowed:
            if begin <= start < finish:
                return other.span(start - begin, min(end, finish) - begin)
        line, column = self.place(start)
        end_line, end_column = self.place(max(end - 1, start))
        return Span(self.path, line, column, end_line, end_column + 1)

    def holds(self, path: str) -> bool:
        """Tell whether a part of the text stands in a file."""
        return path == self.path or any(other.holds(path) for _, _, other in self.borrowed)

    def with_text(self, text: str) -> Source:
        """Return the same places for a text of the same length (macros replaced)."""
        return Source(self.path, text, self.pieces, self.borrowed)


def of_file(path: str, text: str) -> Source:
    """Return a whole file's text as a source."""
    return Source(path, text, _by_lines(text, 1, 1))


def of_line(path: str, text: str, line: int, column: int) -> Source:
    """Return a text that begins at a place of a file and goes on in its next lines."""
    return Source(path, text, _by_lines(text, line, column))


def of_node(node: Node, file_text: str) -> Source:
    """Return a YAML scalar's text with the places that it has in its file.

    Block scalars are cut from the file itself, which keeps their lines; of folded ones the line
    breaks become blanks, as YAML does for lines of one indentation.
    """
    span = node.span
    lines = _lines(file_text)
    head = lines[span.line - 1][span.column - 1 :] if span.line <= len(lines) else ""
    style = re.sub(r"^(?:[!&]\S+\s+)*", "", head)
    if node.quoted and _BLOCK.match(style):
        return _block(span, lines, folded=style.startswith(">"))
    shift = 1 if node.quoted else 0
    return Source(span.path, node.text, _by_lines(node.text, span.line, span.column + shift))


@lru_cache(maxsize=4)  # the scalars of one file come one after the other
def _lines(text: str) -> list[str]:
    return text.splitlines()


def of_span(span: Span, text: str, file_text: str) -> Source:
    """Return what a YAML scalar came to with the places of its lines, given its place alone.

    Macros that the text no longer has may shift columns to their right, never the line.

    Args:
        span: the scalar's place.
        text: its text, macros put in.
        file_text: the file that holds it.
    """
    lines = _lines(file_text)
    head = lines[span.line - 1][span.column - 1 :] if span.line <= len(lines) else ""
    style = re.sub(r"^(?:[!&]\S+\s+)*", "", head)
    if _BLOCK.match(style):
        rows = _block(span, lines, folded=False).pieces
    else:
        rows = _by_lines(text, span.line, span.column + (1 if style[:1] in ("'", '"') else 0))
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    places = (rows[min(number, len(rows) - 1)] for number in range(len(starts)))
    pieces = tuple((start, *place[1:]) for start, place in zip(starts, places, strict=True))
    return Source(span.path, text, pieces)


def of_part(span: Span, text: str, file_text: str) -> Source:
    """Return a text that a command holds as an argument with the places of its lines in the file.

    A line that the file does not have as it stands (quotes, expansions) keeps the place before it.

    Args:
        span: the command's place.
        text: the argument's text.
        file_text: the file that holds the command.
    """
    rows = file_text.split("\n")[: span.end_line]
    pieces = [(0, span.line, span.column)]
    row, offset = span.line - 1, 0
    for line in text.split("\n"):
        bare = line.strip()
        found = next(
            ((n, rows[n].find(bare)) for n in range(row, len(rows)) if bare and bare in rows[n]),
            None,
        )
        if found is not None:
            row, column = found
            pieces.append((offset + len(line) - len(line.lstrip()), row + 1, column + 1))
        offset += len(line) + 1
    return Source(
        span.path, text, tuple(pieces[1:] if pieces[1:2] and not pieces[1][0] else pieces)
    )


def _by_lines(text: str, line: int, column: int) -> tuple[tuple[int, int, int], ...]:
    starts = accumulate((len(row) + 1 for row in text.split("\n")[:-1]), initial=0)
    return ((next(starts), line, column), *zip(starts, count(line + 1), repeat(1)))


def _block(span: Span, lines: list[str], *, folded: bool) -> Source:
    end = span.end_line if span.end_column > 1 else span.end_line - 1
    body = lines[span.line : max(end, span.line)]
    indent = min((len(row) - len(row.lstrip()) for row in body if row.strip()), default=0)
    text, pieces = [], []
    offset = 0
    for number, row in enumerate(body, start=span.line + 1):
        cut = row[indent:]
        pieces.append((offset, number, indent + 1))
        keeps = not folded or cut.startswith((" ", "\t")) or not cut.strip()
        text.append(cut + ("\n" if keeps else " "))
        offset += len(cut) + 1
    return Source(span.path, "".join(text), tuple(pieces) or ((0, span.line, span.column),))
