"""KQL files."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.repository import Repository
from plomada.spans import Span

SUFFIXES = (".kql", ".kusto", ".csl")


def query_files(repository: Repository) -> Iterator[Span]:
    """Yield the place where each KQL file's query begins; comments alone are no query."""
    for path in repository.with_suffix(*SUFFIXES):
        for number, line in enumerate((repository.text(path) or "").split("\n"), start=1):
            text = line.strip()
            if text and not text.startswith("//"):
                column = len(line) - len(line.lstrip()) + 1
                yield Span(path, number, column, number, len(line) + 1)
                break
