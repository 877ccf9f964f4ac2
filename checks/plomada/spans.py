"""Where something stands: a range of a file of the repository under check."""

from __future__ import annotations

from plomada.records import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of text.

    Attributes:
        path: POSIX path relative to the root of the repository; never absolute.
        line: first line, from 1.
        column: first column, from 1, in code points (readers convert bytes and UTF-16 once).
        end_line: line of the last character.
        end_column: column just past the last character.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """Return the place as editors and compilers write it: ``path:line:column``."""
        return f"{self.path}:{self.line}:{self.column}"
