"""Where tools that look at the code are configured, whether or not anything runs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

STYLE = r"ruff|flake8|pylint|pylintrc|black|yapf|autopep8"
TYPES = r"mypy|pyright|basedpyright|pyre|ty|pyrefly"
_SHARED = frozenset({"pyproject.toml", "setup.cfg", "tox.ini"})


def configured(facts: Facts, tools: str) -> tuple[Span, ...]:
    """Return the sections of shared files, and the own files, that configure some tools."""
    section = re.compile(rf"\[(tool\.)?({tools})\b[^\]]*\]", re.IGNORECASE)
    own = re.compile(rf"\.?({tools})(rc|config)?(\.(toml|ini|cfg|json))?", re.IGNORECASE)
    found: dict[str, Span] = {}
    for path in facts.repository.paths:
        name = path.rpartition("/")[2]
        if name in _SHARED:
            lines = (facts.repository.text(path) or "").split("\n")
            number = next((n for n, line in enumerate(lines, 1) if section.match(line)), 0)
            if number:
                found[path] = Span(path, number, 1, number, len(lines[number - 1]) + 1)
        elif own.fullmatch(name) and ("." in name):
            found[path] = Span(path, 1, 1, 1, 1)
    return tuple(found.values())
