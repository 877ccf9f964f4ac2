"""KQL: files that keep a query, and queries that stand somewhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plomada.readers.text import Places
from plomada.repository import Repository
from plomada.spans import Span

SUFFIXES = (".kql", ".kusto", ".csl")
_OPERATORS = ("where", "summarize", "extend", "project", "order by", "take", "count")
_NEEDLES = tuple(f"| {operator}" for operator in _OPERATORS[:4])
# A table and, in the same or the next line, the first operator behind a pipe.
_QUERY = re.compile(
    rf"[A-Za-z_]\w*[ \t]*(?:\\n|\n)?[ \t]*\|[ \t]*(?:{'|'.join(_OPERATORS)})\b(?![ \t]*\|)"
)


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
        found = _QUERY.search(text)
        if found:
            yield Places(path, text).span(found.start(), found.end())
