"""The syntax tree that YAML, JSON and TOML are brought to: values with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Literal

from plomada.records import dataclass
from plomada.spans import Span

Scalar = str | int | float | bool | None


@dataclass(slots=True)
class Node:
    """A value of a document.

    Attributes:
        kind: ``mapping``, ``sequence`` or ``scalar``.
        span: its place.
        value: the scalar resolved by YAML 1.2's core schema (``on`` and ``NO`` stay text, ``3.10``
            keeps its text in ``text``).
        text: the scalar as it stands, unquoted.
        quoted: the scalar was quoted or a block scalar.
        entries: key and value nodes of a mapping, in order; of a duplicate key the last counts.
        elements: of a sequence.
    """

    kind: Literal["mapping", "sequence", "scalar"]
    span: Span
    value: Scalar = None
    text: str = ""
    quoted: bool = False
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    elements: list[Node] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        """Return the value under ``key``, None where there is none or this is no mapping."""
        for name, value in reversed(self.entries):
            if name.text == key:
                return value
        return None

    def find(self, dotted: str) -> Node | None:
        """Return the value under a dotted path of keys."""
        node: Node | None = self
        for key in dotted.split("."):
            node = node.get(key) if node is not None else None
        return node

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the entries of a mapping as key text and value."""
        for name, value in self.entries:
            yield name.text, value

    @property
    def string(self) -> str:
        """The scalar's text, "" for anything else."""
        return self.text if self.kind == "scalar" else ""

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, iteratively, in the order of the text."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.elements))
            stack.extend(value for _, value in reversed(node.entries))
