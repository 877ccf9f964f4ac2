"""What the tests of the estate share: a repository of given files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from plomada.facts import Facts
from plomada.facts.estate.resources import Estate
from plomada.repository import Repository

Files = dict[str, str]


@pytest.fixture
def facts_of(tmp_path: Path) -> Callable[[Files], Facts]:
    """Return a function that writes files and gives the facts of the repository that they make."""
    made = iter(range(1000))

    def make(files: Files) -> Facts:
        root = tmp_path / f"r{next(made)}"
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8")
        return Facts(Repository(root))

    return make


@pytest.fixture
def estate_of(facts_of: Callable[[Files], Facts]) -> Callable[[Files], Estate]:
    """Return a function that gives the estate of the repository that files make."""
    return lambda files: facts_of(files).estate
