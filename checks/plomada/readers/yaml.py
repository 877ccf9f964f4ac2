"""YAML to nodes with places, in one pass over libyaml's events.

Building nodes from events instead of composing keeps the pass iterative (``compose`` overflows the
C stack on deep nesting) and lets one budget stop alias bombs. Scalars are resolved by YAML 1.2's
core schema, so that ``on``, ``NO`` and ``3.10`` stay what they say.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any, Literal, TypeAlias

import yaml

from plomada.patterns import regex
from plomada.readers.nodes import Node, Scalar
from plomada.readers.text import Unread
from plomada.readers.yaml_mending import mend
from plomada.records import dataclass
from plomada.spans import Span

DEEPEST = 200
MOST_ERRORS = 20  # of one file; reading does not begin again behind more
MOST_MENDED = 10  # lines of one file; each costs one more reading
LONGEST_MENDED = 500_000
MOST_EVENTS = 500_000
MOST_EXPANDED = 100_000  # nodes that aliases and merge keys may add to those that stand there

# The stubs make every mark optional, which libyaml's never are.
_Event: TypeAlias = Any
_Mark: TypeAlias = Any
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_EXPRESSION = regex(r"\{\{.*?\}\}", re.DOTALL)
_STATEMENT = regex(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_ONLY_EXPRESSIONS = regex(r"^[ \t]*(?:\{\{[^{}]*\}\}[ \t]*)+$", re.MULTILINE)
# Characters of an expression move to the private use area while the parser runs: equal length,
# no meaning in YAML, and one translation brings the text back.
_HIDE = {code: 0xE000 + code for code in range(32, 127)}
_SHOW = {hidden: code for code, hidden in _HIDE.items()}


def read(text: str, path: str) -> tuple[list[Node], list[Unread]]:
    """Return the documents of a YAML text and what could not be read of it.

    Templates (Jinja, Helm, ``${{ }}``) are read with their expressions as scalars; where that does
    not parse, statements and lines that hold nothing but expressions are blanked. Lines that still
    break the text are mended or left out, one after the other.
    """
    if "{{" not in text and "{%" not in text:
        return _mended(_Builder(path, hidden=False).read(text), text)
    masked = _EXPRESSION.sub(lambda found: found[0].translate(_HIDE), text)
    first = _Builder(path, hidden=True).read(masked)
    if not first.unread:
        return first.documents, first.unread
    blanked = _blank(_STATEMENT, _blank(_ONLY_EXPRESSIONS, text))
    blanked = _EXPRESSION.sub(lambda found: found[0].translate(_HIDE), blanked)
    second = _Builder(path, hidden=True).read(blanked)
    if not second.unread or _reach(second.unread) > _reach(first.unread):
        return _mended(second, blanked)
    return _mended(first, masked)


def _mended(built: _Builder, text: str) -> tuple[list[Node], list[Unread]]:
    """Return what a text holds, read again with its broken lines mended or left out."""
    left_out: list[Unread] = []
    while built.broken and len(left_out) < MOST_MENDED and len(text) <= LONGEST_MENDED:
        reason = built.unread[0].reason
        text, line, length = mend(text, built.broken)
        left_out.append(Unread(reason, Span(built.path, line, 1, line, length + 1), rest=False))
        built = _Builder(built.path, built.hidden).read(text)
    return built.documents, [*left_out, *built.unread]


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _reach(unread: list[Unread]) -> tuple[int, int]:
    """Return how far reading came before its first stop."""
    return min((stop.span.line, stop.span.column) for stop in unread)


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet.

    Attributes:
        node: it.
        key: the key that waits for its value, in a mapping.
        weight: nodes in it so far, aliases counted with what they stand for.
    """

    node: Node
    key: Node | None = None
    weight: int = 1


@dataclass(slots=True)
class _Builder:
    """Builds the nodes of one text.

    Attributes:
        path: for the spans.
        hidden: expressions of templates were moved to the private use area.
        broken: the first line that does not parse, 0 for none.
    """

    path: str
    hidden: bool
    documents: list[Node] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    expanded: int = 0
    events: int = 0
    first_line: int = 1
    broken: int = 0

    def read(self, text: str) -> _Builder:
        """Read documents and what was not read, going on behind a broken document."""
        rest: str | None = text
        while rest is not None:
            stopped = self._build_stream(rest)
            self._close_all()
            again = stopped >= 0 and len(self.unread) < MOST_ERRORS
            rest = self._after(rest, stopped) if again else None
        return self

    def _build_stream(self, text: str) -> int:
        """Consume the events of a text; return the offset of an error in it, -1 for none."""
        parser = _PARSER(text)
        try:
            while (event := parser.get_event()) is not None:
                self.events += 1
                if self.events > MOST_EVENTS or len(self.stack) > DEEPEST:
                    self._stop(event.start_mark, "nested too deep or too long to be read whole")
                    return -1
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._stop(mark, f"not valid YAML: {error.problem or error.context}")
            if not self.broken and (culprit := _culprit(error)):
                self.broken = culprit.line + self.first_line
            return int(mark.index) if mark else -1
        except (yaml.YAMLError, UnicodeError) as error:
            self._stop(None, f"not valid YAML: {getattr(error, 'reason', error)}")
        finally:
            parser.dispose()
        return -1

    def _after(self, text: str, offset: int) -> str | None:
        """Return what follows the next document mark behind an error, None where nothing does."""
        found = text.find("\n---", max(offset - 1, 1))
        if found < 0:
            return None
        self.first_line += text.count("\n", 0, found + 1)
        return text[found + 1 :]

    def _take(self, event: _Event) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._add(self._anchored(event, self._scalar(event)), 1)
        elif kind is yaml.MappingStartEvent:
            self._open(event, "mapping")
        elif kind is yaml.SequenceStartEvent:
            self._open(event, "sequence")
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close(event)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.anchors.clear()
            self.weights.clear()

    def _open(self, event: _Event, kind: Literal["mapping", "sequence"]) -> None:
        node = Node(kind, self._span(event.start_mark, event.end_mark))
        self.stack.append(_Open(self._anchored(event, node)))

    def _close(self, event: _Event | None) -> None:
        top = self.stack.pop()
        node = top.node
        last = _last(node)
        if event is not None and event.start_mark.index < event.end_mark.index:  # } or ]
            mark = event.end_mark
            node.span = _until(node.span, mark.line + self.first_line, mark.column + 1)
        elif last is not None:
            node.span = _until(node.span, last.span.end_line, last.span.end_column)
        if node.kind == "mapping" and any(k.text == "<<" and not k.quoted for k, _ in node.entries):
            top.weight += self._merge(node)
        self.weights[id(node)] = top.weight
        self._add(node, top.weight)

    def _close_all(self) -> None:
        """Close what an error left open, so that the part before it is kept."""
        while self.stack:
            self._close(None)

    def _add(self, node: Node, weight: int) -> None:
        if not self.stack:
            self.documents.append(node)
            return
        parent = self.stack[-1]
        parent.weight += weight
        if parent.node.kind == "sequence":
            parent.node.elements.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            parent.node.entries.append((parent.key, node))
            parent.key = None

    def _alias(self, event: _Event) -> None:
        target = self.anchors.get(event.anchor)
        weight = self.weights.get(id(target), 1) if target else 1
        unfinished = any(opened.node is target for opened in self.stack)
        self.expanded += weight
        if target is None or unfinished or self.expanded > MOST_EXPANDED:
            reason = "refers to itself" if unfinished else "is not defined"
            if self.expanded > MOST_EXPANDED:
                reason = "stands for too much text"
            self._stop(event.start_mark, f"the alias *{event.anchor} {reason}")
            target, weight = Node("scalar", self._span(event.start_mark, event.end_mark)), 1
        self._add(target, weight)

    def _merge(self, node: Node) -> int:
        """Resolve the merge keys of a mapping; return the weight of what they add."""
        own = [entry for entry in node.entries if entry[0].text != "<<" or entry[0].quoted]
        taken = {name.text for name, _ in own}
        merged: list[tuple[Node, Node]] = []
        weight = 0
        for name, value in node.entries:
            if name.text != "<<" or name.quoted:
                continue
            for source in value.elements if value.kind == "sequence" else [value]:
                for entry in source.entries:
                    if entry[0].text not in taken:
                        taken.add(entry[0].text)
                        merged.append(entry)
                        weight += 1 + self.weights.get(id(entry[1]), 1)
        self.expanded += weight
        node.entries = merged + own if self.expanded <= MOST_EXPANDED else own
        return weight

    def _anchored(self, event: _Event, node: Node) -> Node:
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _scalar(self, event: _Event) -> Node:
        text = event.value
        if self.hidden:
            text = text.translate(_SHOW)
        plain = event.style is None or event.style == ""
        resolve = plain and event.implicit[0]
        value: Scalar = resolve_scalar(text) if resolve else text
        start, end, first = event.start_mark, event.end_mark, self.first_line
        span = Span(  # as _span, which half of the time for a scalar would go into calling
            self.path, start.line + first, start.column + 1, end.line + first, end.column + 1
        )
        return Node("scalar", span, value, text, not plain)

    def _span(self, start: _Mark, end: _Mark) -> Span:
        first = self.first_line
        return Span(
            self.path, start.line + first, start.column + 1, end.line + first, end.column + 1
        )

    def _stop(self, mark: _Mark | None, reason: str) -> None:
        line = mark.line + self.first_line if mark else self.first_line
        column = mark.column + 1 if mark else 1
        if len(self.unread) < MOST_ERRORS:
            self.unread.append(Unread(reason, Span(self.path, line, column, line, column)))


def _culprit(error: yaml.MarkedYAMLError) -> _Mark | None:
    """Return where the mistake stands: where a token or flow began that does not end, or here."""
    begun = str(error.context or "").startswith(("while scanning", "while parsing a flow"))
    first, second = error.context_mark, error.problem_mark
    return first or second if begun else second or first


def _last(node: Node) -> Node | None:
    if node.kind == "sequence":
        return node.elements[-1] if node.elements else None
    return node.entries[-1][1] if node.entries else None


def _until(span: Span, line: int, column: int) -> Span:
    return Span(span.path, span.line, span.column, line, column)


_CONSTANTS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".inf": float("inf"), ".Inf": float("inf"), ".INF": float("inf"),
    "-.inf": float("-inf"), "-.Inf": float("-inf"), "-.INF": float("-inf"),
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
}  # fmt: skip
_INTEGER = regex(r"[-+]?[0-9]+")
_RADIX = regex(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 400


def resolve_scalar(text: str) -> Scalar:
    """Return a plain scalar's value by YAML 1.2's core schema."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _RADIX.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text
