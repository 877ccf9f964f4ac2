"""Environments of tox with their commands: ``tox.ini``, ``setup.cfg``, ``tox.toml``, pyproject."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator

from plomada.facts.reach.task import Task
from plomada.readers import ini
from plomada.readers.nodes import Node
from plomada.readers.source import Source, of_line

MOST_ENVIRONMENTS = 200
_LISTS = ("envlist", "env_list")


def of_text(path: str, text: str, first: int) -> Iterator[Task]:
    """Yield the environments of an INI text that starts at a line of a file.

    Those that are listed without a section, and any other of Python, run ``[testenv]``.
    """
    sections = ini.read(text)
    own = sections.get("tox") or sections.get("tox:tox", {})
    listed = next((own[key] for key in _LISTS if key in own), None)
    names = list(_expanded(listed.text)) if listed is not None else []
    base = sections.get("testenv", {}).get("commands")
    folder = posixpath.dirname(path)
    for section, entries in sections.items():
        if not section.startswith("testenv"):
            continue
        name = section.partition(":")[2]
        commands = entries.get("commands", base)
        scripts = _scripts(path, commands, first) if commands else ()
        if name:
            for one in _expanded(name):
                yield Task(path, one, "tox", scripts, (), folder)
            continue
        unnamed = [n for n in names if f"testenv:{n}" not in sections]
        for one in unnamed or ["py"] * (not names):
            yield Task(path, one, "tox", scripts, (), folder)
        yield Task(path, section, "tox", scripts, (), folder, apart=True)


def of_tables(path: str, root: Node | None) -> Iterator[Task]:
    """Yield the environments of ``tox.toml`` or of ``[tool.tox]``."""
    if root is None:
        return
    environments = root.get("env") or Node("mapping", root.span)
    named = {name for name, _ in environments.items()}
    for name, environment in environments.items():
        yield Task(path, name, "tox", _table(path, environment), (), posixpath.dirname(path))
    base = root.get("env_run_base")
    if base is None:
        return
    scripts = _table(path, base)
    listed = root.get("env_list")
    names = [e.string for e in listed.elements if e.string not in named] if listed else ["py"]
    for name in names:
        yield Task(path, name, "tox", scripts, (), posixpath.dirname(path))
    yield Task(path, "env_run_base", "tox", scripts, (), posixpath.dirname(path), apart=True)


def _table(path: str, environment: Node) -> tuple[tuple[Source, bool], ...]:
    commands = environment.get("commands")
    found = []
    for element in commands.elements if commands else ():
        words = " ".join(e.string for e in element.elements) or element.string
        found.append((of_line(path, words, element.span.line, element.span.column), False))
    return tuple(found)


def _expanded(text: str) -> Iterator[str]:
    """Yield the names of a list with factors: ``py{311,312}-{a,b}, lint``, ``3.{10-12}``."""
    pieces = re.split(r"[,\s]+(?![^{]*\})", text.strip())
    combined = itertools.chain.from_iterable(map(_factors, filter(None, pieces)))
    yield from itertools.islice(combined, MOST_ENVIRONMENTS)


def _factors(piece: str) -> Iterator[str]:
    parts = re.split(r"\{([^}]*)\}", piece)
    choices = [_choices(p) if n % 2 else [p] for n, p in enumerate(parts)]
    return ("".join(one) for one in itertools.product(*choices))


def _choices(text: str) -> list[str]:
    span = re.fullmatch(r"\s*(\d+)-(\d+)\s*", text)
    if span is not None and int(span[2]) - int(span[1]) < MOST_ENVIRONMENTS:
        return [str(number) for number in range(int(span[1]), int(span[2]) + 1)]
    return [choice.strip() for choice in text.split(",")]


def _scripts(path: str, entry: ini.Entry, first: int) -> tuple[tuple[Source, bool], ...]:
    scripts = []
    for text, line, column in entry.lines:
        body = text.removeprefix("- ").removeprefix("-") if text.startswith("-") else text
        body = re.sub(r"^[\w.!,{}-]+:\s+", "", body)  # a command of some factors only
        body = re.sub(r"\{posargs:?([^}]*)\}", r"\1", body)
        body = re.sub(r"\{toxinidir\}|\{tox_root\}", ".", body)
        body = re.sub(r"\{env_?python\}", "python", body)
        scripts.append((of_line(path, body, line + first - 1, column), text.startswith("-")))
    return tuple(scripts)
