"""Places in a text: offsets, bytes and lines to spans in 1-based code points."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from plomada.records import dataclass
from plomada.spans import Span


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a file that a reader could not read.

    Attributes:
        reason: one sentence, without the path.
        span: where reading failed.
        rest: what follows was not read either, or in another way than it is written.
    """

    reason: str
    span: Span
    rest: bool = True


class Places:
    """Turns offsets of one text into spans.

    Args:
        path: the file's path, for the spans.
        text: its text with LF line ends.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._ascii = text.isascii()
        self._byte_starts: list[int] | None = None

    @cached_property
    def _starts(self) -> list[int]:
        return _line_starts(self.text)

    def span(self, start: int, end: int) -> Span:
        """Return the span between two offsets in code points."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(self.path, line, column, end_line, end_column)

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 1, of an offset in code points."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column, both from 1."""
        return self._starts[line - 1] + column - 1

    def line(self, line: int) -> str:
        """Return the text of a line, from 1, without its end."""
        start = self._starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def byte_span(self, start: int, end: int) -> Span:
        """Return the span between two offsets in bytes of UTF-8 (tree-sitter, pyromark)."""
        return self.span(self.from_bytes(start), self.from_bytes(end))

    def from_bytes(self, offset: int) -> int:
        """Return the offset in code points of an offset in bytes of the UTF-8 text."""
        if self._ascii:
            return offset
        if self._byte_starts is None:
            self._byte_starts = _line_starts_in_bytes(self.text)
        line = bisect_right(self._byte_starts, offset) - 1
        start = self._starts[line]
        raw = self.line(line + 1).encode("utf-8", errors="surrogatepass")
        before = raw[: offset - self._byte_starts[line]].decode("utf-8", errors="ignore")
        overhang = max(0, offset - self._byte_starts[line] - len(raw))
        return start + len(before) + overhang

    def whole(self) -> Span:
        """Return the span of the whole text."""
        return self.span(0, len(self.text))


def _line_starts(text: str) -> list[int]:
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    starts.pop()
    return starts


def _line_starts_in_bytes(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line.encode("utf-8", errors="surrogatepass")) + 1)
    starts.pop()
    return starts
