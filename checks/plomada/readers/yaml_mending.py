"""Mends one broken line of a YAML text, so that what stands behind it can be read.

Most broken pipelines hold a script in a block scalar with a line further left than its first one,
as the end of a here-document or code in another language; the scalar ends there, and what follows
is no YAML. Such lines are indented. A line that breaks the text otherwise is left out.
"""

from __future__ import annotations

import re

from plomada.patterns import regex

_HEADER = regex(r" *(?:- +)*(?:[^\s#][^#]*?:[ \t]+)?[|>][-+0-9]*[ \t]*(?:#.*)?")
_ENTRY = regex(r" *(?:(?:- +)*([\w$./-]+)[ \t]*:(?:[ \t].*)?|- .*|-|---.*)")
_NO_KEYS = frozenset({"else", "try", "finally", "except", "default", "do", "then"})  # of scripts


def mend(text: str, line: int) -> tuple[str, int, int]:
    """Take a mistake out of a line, counted from 1, or where it is a document's mark before it.

    Returns:
        The text, with as many lines; the line that held the mistake; and its length.
    """
    lines = text.split("\n")
    while line > 1 and (not lines[line - 1].strip() or lines[line - 1].startswith("---")):
        line -= 1
    before = range(line - 2, -1, -1)
    length = len(lines[line - 1])
    header = next((n for n in before if _HEADER.fullmatch(lines[n])), None)
    torn = _torn(lines, header, line - 1) if header is not None else None
    if torn is None:
        lines[line - 1] = ""
    else:
        first, end, width = torn
        for number in range(first, end):
            if lines[number].strip() and _indent(lines[number]) < width:
                lines[number] = " " * width + lines[number]
    return "\n".join(lines), line, length


def _torn(lines: list[str], header: int, broken: int) -> tuple[int, int, int] | None:
    """Return the lines that fell out of a block scalar, and how far its text is indented."""
    levels = _levels(lines, header)
    filled = [n for n in range(header + 1, len(lines)) if lines[n].strip()]
    if not filled or (width := _indent(lines[filled[0]])) <= min(levels[0]):
        return None
    first = next((n for n in filled if _indent(lines[n]) < width), None)
    every = frozenset().union(*levels)
    if first is None or first > broken or _is_entry(lines[first], every):
        return None
    end = next((n for n in filled if n > first and _is_entry(lines[n], every)), len(lines))
    comments = all(lines[n].lstrip().startswith("#") for n in filled if first <= n < end)
    return None if comments else (first, end, width)


def _levels(lines: list[str], header: int) -> list[frozenset[int]]:
    """Return the columns of the entries that are open at a line, the innermost first."""
    found: list[frozenset[int]] = []
    least = len(lines[header]) + 1
    for line in reversed(lines[: header + 1]):
        if line.strip() and not line.lstrip().startswith("#") and _indent(line) < least:
            least = _indent(line)
            dashes = re.match(r" *(?:- +)*", line)
            found.append(frozenset({least, dashes.end() if dashes else least}))
    return found


def _is_entry(line: str, levels: frozenset[int]) -> bool:
    """Tell whether a line goes on with an entry of an open mapping or sequence."""
    found = _ENTRY.fullmatch(line)
    if found is None or _indent(line) not in levels:
        return False
    return found[1] not in _NO_KEYS and not line.rstrip().endswith(",")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
