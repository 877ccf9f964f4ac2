"""Stages that are told apart within one settings file, by the names of its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.pipelines.stages import NOWHERE, stage_in, tokens
from plomada.patterns import regex
from plomada.readers.nodes import Node
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_FILE = regex(
    r"(^|[/_.-])(config(uration)?s?|settings?|env(ironment)?s?|param(eter)?s|variables)[^/]*\.(ya?ml|json|toml)$",
    re.I,
)
_NAMES = ("name", "env", "env_name", "environment", "environment_name", "stage")
DEEPEST = 5

Sections = dict[str, tuple[str, Span]]  # by stage: what it holds, and where


def sections(facts: Facts, left_out: re.Pattern[str]) -> Iterator[tuple[str, Sections]]:
    """Yield settings files with the sections that are one but for the stage in their name."""
    running = {pipeline.path for pipeline in facts.pipelines}
    for path in facts.repository.paths:
        if _FILE.search(path) and not left_out.search(path) and path not in running:
            for root in facts.nodes(path):
                for found in _within(root, 0):
                    yield path, found


def _within(node: Node, depth: int) -> Iterator[Sections]:
    groups: dict[str, Sections] = {}
    for name, value in _named(node):
        stage = stage_in(name.text)
        if stage not in NOWHERE and len(tokens(name.text)) < 6:
            rest = " ".join(t for t in tokens(name.text) if not stage_in(t))
            content = "\n".join(
                n.text for n in value.walk() if n.kind == "scalar" and n is not name
            )
            groups.setdefault(rest, {}).setdefault(stage, (content, name.span))
    yield from groups.values()
    if depth < DEEPEST and not groups:
        for _, value in node.entries:
            yield from _within(value, depth + 1)


def _named(node: Node) -> Iterator[tuple[Node, Node]]:
    """Yield the sections of a mapping by their keys, those of a list by their own names."""
    for key, value in node.entries:
        if value.kind == "mapping":
            yield key, value
    for element in node.elements:
        for key, value in element.entries:
            if key.text.lower() in _NAMES and value.kind == "scalar":
                yield value, element
            elif len(element.entries) == 1 and value.kind == "mapping":
                yield key, value
