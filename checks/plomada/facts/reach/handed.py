"""Files that steps of Azure ML pipelines hand on: what one writes by an option another reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node

_OPTION = regex(r"--([\w\-]+)[=\s]+[\"']?\$\{\{\s*(inputs|outputs)\.([\w\-]+)\s*\}\}", re.MULTILINE)
_OUTPUT = regex(r"^\$\{\{\s*parent\.jobs\.[\w\-]+\.outputs\.([\w\-]+)\s*\}\}$")
_IN_PYTHON = regex(r"\b(\w+)\s*=\s*\w+\.outputs\.(\w+)\b")


def handed_on(facts: Facts) -> Mapping[str, tuple[str, ...]]:
    """Return the options by which files are written, by the option that reads them.

    ``--comparison`` is what a later step's program reads where its input is an earlier step's
    output, which that one's program writes to ``--report``.
    """
    options: dict[tuple[str, str], list[str]] = {}
    pairs: dict[tuple[str, str], None] = {}
    for path in facts.repository.with_suffix(".yml", ".yaml", ".py"):
        if not facts.repository.mentions(path, "inputs.", "outputs."):
            continue
        text = facts.repository.text(path) or ""
        for option, kind, name in _OPTION.findall(text):
            options.setdefault((kind, name), []).append(_key(option))
        if path.endswith(".py"):
            pairs.update(dict.fromkeys(_IN_PYTHON.findall(text)))
        elif facts.repository.mentions(path, "parent.jobs."):
            pairs.update(dict.fromkeys(_pairs(facts.nodes(path))))
    found: dict[str, list[str]] = {}
    for read, written in pairs:
        for reader in options.get(("inputs", read), ()):
            found.setdefault(reader, []).extend(options.get(("outputs", written), ()))
    return {reader: tuple(dict.fromkeys(keys)) for reader, keys in found.items()}


def _key(option: str) -> str:
    """Return an option as programs have it as an attribute: ``--a-b`` is ``args.a_b``."""
    return f"--{option.replace('-', '_')}"


def _pairs(roots: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
    """Yield the inputs of steps with the outputs of other steps that they are."""
    for root in roots:
        for node in root.walk():
            for name, value in node.entries:
                given = value.get("path") if value.kind == "mapping" else value
                output = _OUTPUT.match(given.text.strip("\"' ")) if given is not None else None
                if output:
                    yield name.text, output[1]
