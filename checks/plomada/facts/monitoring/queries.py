"""KQL: files that keep a query, and queries that stand somewhere else."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.patterns import regex
from plomada.readers.text import Places
from plomada.repository import Repository
from plomada.spans import Span

SUFFIXES = (".kql", ".kusto", ".csl")
_OPERATORS = ("where", "summarize", "extend", "project", "order by", "take", "count")
_NEEDLES = tuple(f"| {operator}" for operator in _OPERATORS[:4])
# The first operator behind a pipe and, before it in the same line or the one above, a table. Two
# expressions: one that began with the table would try every word of a text.
_PIPE = regex(rf"\|[ \t]*(?:{'|'.join(_OPERATORS)})\b(?![ \t]*\|)")
_TABLE = regex(r"[A-Za-z_]\w*[ \t]*(?:\\n|\n)?[ \t]*\Z")
_LONGEST_TABLE = 300


def query_files(repository: Repository) -> Iterator[Span]:
    """Yield the place where each KQL file's query begins; comments alone are no query."""
    for path in repository.with_suffix(*SUFFIXES):
        for number, line in enumerate((repository.text(path) or "").split("\n"), start=1):
            text = line.strip()
            if text and not text.startswith("//"):
                column = len(line) - len(line.lstrip()) + 1
                yield Span(path, number, column, number, len(line) + 1)
                break


def queries_elsewhere(repository: Repository) -> Iterator[Span]:
    """Yield the first query of each text that is no KQL file: documents, alert rules, code."""
    for path in repository.paths:
        if path.endswith(SUFFIXES) or not repository.mentions(path, *_NEEDLES):
            continue
        text = repository.text(path) or ""
        found = _query(text)
        if found is not None:
            yield Places(path, text).span(*found)


def _query(text: str) -> tuple[int, int] | None:
    """Return where the first query of a text begins and its first operator ends."""
    for pipe in _PIPE.finditer(text):
        before = max(pipe.start() - _LONGEST_TABLE, 0)
        table = _TABLE.search(text, before, pipe.start())
        if table is not None:
            return table.start(), pipe.end()
    return None
