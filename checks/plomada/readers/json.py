"""JSON to nodes with places; comments, trailing commas and line ends in strings pass (ARM)."""

from __future__ import annotations

import json
import re
from dataclasses import field

from plomada.patterns import regex
from plomada.readers.nodes import Node, Scalar
from plomada.readers.text import Places, Unread
from plomada.records import dataclass

DEEPEST = 200
MOST_TOKENS = 2_000_000

_TOKEN = regex(
    r"""\s+|//[^\n]*|/\*.*?\*/"""
    r"""|(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")"""
    r"""|(?P<mark>[{}\[\]:,])"""
    r"""|(?P<word>[^\s{}\[\]:,"/]+|/)""",
    re.DOTALL,
)
_EXPRESSION = regex(r"\{\{.*?\}\}")
# As in the YAML reader: expressions of templates keep their length and lose their meaning.
_HIDE = {code: 0xE000 + code for code in range(32, 127)}
_SHOW = {hidden: code for code, hidden in _HIDE.items()}


def read(text: str, path: str) -> tuple[list[Node], list[Unread]]:
    """Return the document of a JSON text (a list of none or one) and what could not be read."""
    hidden = "{{" in text
    masked = _EXPRESSION.sub(_hide_expression, text) if hidden else text
    builder = _Builder(Places(path, masked), hidden)
    builder.build()
    return builder.documents, builder.unread


def _hide_expression(found: re.Match[str]) -> str:
    """Hide a template's expression; quotes stay inside strings only where they come escaped."""
    return found[0] if '"' in found[0] and "\\" not in found[0] else found[0].translate(_HIDE)


@dataclass(slots=True)
class _Builder:
    """Builds the nodes of one text from its tokens, iteratively."""

    places: Places
    hidden: bool
    documents: list[Node] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    stack: list[Node] = field(default_factory=list)
    keys: list[Node | None] = field(default_factory=list)

    def build(self) -> None:
        """Fill ``documents`` and ``unread``; reading stops at the first error."""
        text = self.places.text
        offset = 0
        for _ in range(MOST_TOKENS):
            if offset >= len(text):
                break
            found = _TOKEN.match(text, offset)
            if found is None:
                self._stop(offset, "a string or comment that never ends")
                break
            if found.lastgroup and not self._take(found.lastgroup, found):
                break
            offset = found.end()
        if self.stack and not self.unread:
            self._stop(len(text), f"a {self.stack[-1].kind} that never ends")

    def _take(self, kind: str, found: re.Match[str]) -> bool:
        """Take one token; False where reading cannot go on."""
        if kind == "mark":
            return self._mark(found[0], found.start())
        return self._add(self._scalar(kind, found), found.start())

    def _mark(self, mark: str, offset: int) -> bool:
        if mark in "{[":
            return self._open("mapping" if mark == "{" else "sequence", offset)
        if mark in "}]":
            return self._close("mapping" if mark == "}" else "sequence", offset)
        return True

    def _open(self, kind: str, offset: int) -> bool:
        node = Node("mapping", self.places.span(offset, offset + 1))
        if kind == "sequence":
            node.kind = "sequence"
        if not self._add(node, offset):
            return False
        self.stack.append(node)
        self.keys.append(None)
        return len(self.stack) <= DEEPEST or self._stop(offset, "nested too deep to be read whole")

    def _close(self, kind: str, offset: int) -> bool:
        if not self.stack or self.stack[-1].kind != kind:
            return self._stop(offset, "not valid JSON: a bracket that closes nothing")
        self.keys.pop()
        node = self.stack.pop()
        start = self.places.offset(node.span.line, node.span.column)
        node.span = self.places.span(start, offset + 1)
        return True

    def _add(self, node: Node, offset: int) -> bool:
        """Put a node where it belongs."""
        if not self.stack:
            if self.documents:
                return self._stop(offset, "not valid JSON: text behind the end")
            self.documents.append(node)
        elif self.stack[-1].kind == "sequence":
            self.stack[-1].elements.append(node)
        elif (key := self.keys[-1]) is not None:
            self.stack[-1].entries.append((key, node))
            self.keys[-1] = None
        elif node.kind == "scalar":
            self.keys[-1] = node
        else:
            return self._stop(offset, "not valid JSON: a key was expected")
        return True

    def _scalar(self, kind: str, found: re.Match[str]) -> Node:
        raw = found[0]
        quoted = kind == "string"
        text = _unquote(raw) if quoted else raw
        if self.hidden:
            text = text.translate(_SHOW)
        value = text if quoted else _word(text)
        return Node("scalar", self.places.span(*found.span()), value, text, quoted)

    def _stop(self, offset: int, reason: str) -> bool:
        self.unread.append(Unread(reason, self.places.span(offset, offset)))
        return False


def _unquote(raw: str) -> str:
    if "\\" not in raw:
        return raw[1:-1]
    try:
        return str(json.loads(raw, strict=False))
    except ValueError:
        return raw[1:-1]


_CONSTANTS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_NUMBER = regex(r"-?[0-9]{1,400}(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def _word(text: str) -> Scalar:
    """Return the value of a bare word; what is none of JSON's stays text (templates)."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    return float(text) if found[1] or found[2] else int(text)
