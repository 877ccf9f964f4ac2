"""Terraform files (HCL and its JSON form) and variable files to blocks and expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from functools import cache

from tree_sitter import Language, Node, Parser

from plomada.patterns import regex
from plomada.readers import json, nodes
from plomada.readers.expressions import (
    ArrayOf,
    Call,
    Conditional,
    Expression,
    Index,
    Literal,
    Loop,
    Member,
    Name,
    ObjectOf,
    Operation,
    Place,
    Splat,
    Spread,
    Template,
    Unreadable,
)
from plomada.readers.templates import ParameterFile
from plomada.readers.text import Places, Unread
from plomada.records import dataclass
from plomada.spans import Span

DEEPEST = 100
MOST_FAULTS = 20
_ESCAPE = regex(r"\\(u[0-9a-fA-F]{4}|.)|\$\$\{|%%\{", re.S)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_JINJA = regex(r"\{%.*?%\}|\{#.*?#\}", re.S)
_WITH_LABELS = {
    "resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "provider": 1,
    "terraform": 0, "locals": 0, "dynamic": 1, "moved": 0, "import": 0,
}  # fmt: skip


@dataclass(slots=True)
class Block:
    """A block of HCL.

    Attributes:
        type: ``resource``, ``variable``, ``identity`` ...
        labels: its labels.
        attributes: name to expression.
        blocks: nested blocks in order.
        span: its place.
    """

    type: str
    labels: tuple[str, ...]
    span: Span
    attributes: dict[str, Expression] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def of_type(self, kind: str) -> list[Block]:
        """Return the nested blocks of a type."""
        return [b for b in self.blocks if b.type == kind]


@dataclass(slots=True)
class TerraformFile:
    """One file of a Terraform module.

    Attributes:
        path: its path.
        blocks: the top-level blocks.
        attributes: top-level attributes (of variable files).
        faults: where it could not be read.
    """

    path: str
    blocks: list[Block] = field(default_factory=list)
    attributes: dict[str, Expression] = field(default_factory=dict)
    faults: list[Unread] = field(default_factory=list)


@cache
def _parser() -> Parser:
    import tree_sitter_hcl

    return Parser(Language(tree_sitter_hcl.language()))


def read_terraform(text: str, path: str) -> TerraformFile:
    """Read a ``.tf`` or ``.tf.json`` file; never raises, what cannot be read is in ``faults``."""
    if path.endswith(".json"):
        return _read_json(text, path)
    return _HclReader(text, path).file()


def read_tfvars(text: str, path: str) -> ParameterFile:
    """Read ``.tfvars`` or ``.tfvars.json``; never raises."""
    if path.endswith(".json"):
        documents, faults = json.read(text, path)
        root = documents[0] if documents else None
        values = {k: from_json(v) for k, v in root.items()} if root else {}
        return ParameterFile(path, values, faults=list(faults))
    file = _HclReader(text, path).file()
    return ParameterFile(path, file.attributes, faults=file.faults)


def read_hcl_expression(text: str, path: str, place: Place | None = None) -> Expression:
    """Read one expression, as stands behind ``-var``; ``Unreadable`` where it is none."""
    reader = _HclReader(f"x = {text}\n", path, place)
    found = reader.file().attributes.get("x")
    return found if found is not None else Unreadable(place or Span(path, 1, 1, 1, 1), "no value")


def _ascii(text: str) -> bytes:
    """Return bytes whose offsets are the text's code points."""
    if text.isascii():
        return text.encode()
    return "".join(c if c < "\x80" else "_" for c in text).encode()


class _HclReader:
    def __init__(self, text: str, path: str, place: Place | None = None) -> None:
        if "{%" in text or "{#" in text:
            text = _JINJA.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
        self.text = text
        self.places = Places(path, text)
        self.fixed = place
        self.depth = 0
        self.result = TerraformFile(path)

    def file(self) -> TerraformFile:
        root = _parser().parse(_ascii(self.text)).root_node
        if root.has_error:
            self._note_faults(root)
        top = Block("", (), self.places.span(0, 0))
        self._fill(top, root)
        self.result.blocks, self.result.attributes = top.blocks, top.attributes
        return self.result

    def _note_faults(self, root: Node) -> None:
        stack = [root]
        while stack and len(self.result.faults) < MOST_FAULTS:
            node = stack.pop()
            if node.type == "ERROR" or node.is_missing:
                span = self.places.span(node.start_byte, min(node.end_byte, node.start_byte + 1))
                self.result.faults.append(Unread("this does not parse as HCL", span))
            elif node.has_error:
                stack.extend(reversed(node.children))

    def _fill(self, block: Block, node: Node) -> None:
        """Fill a block from its body; what stands under an ERROR node is read as well."""
        stack = list(reversed(node.named_children))
        while stack:
            child = stack.pop()
            kind = child.type
            if kind == "attribute":
                self._attribute(block, child)
            elif kind == "block":
                self._nested(block, child)
            elif kind in ("body", "ERROR", "one_line_block"):
                stack.extend(reversed(child.named_children))

    def _attribute(self, block: Block, node: Node) -> None:
        inner = node.named_children
        if len(inner) >= 2 and inner[-1].type == "expression":
            block.attributes[self._raw(inner[0])] = self.convert(inner[-1])

    def _nested(self, parent: Block, node: Node) -> None:
        self.depth += 1
        inner = node.named_children
        labels = [c for c in inner[1:] if c.type in ("string_lit", "identifier")]
        block = Block(
            self._raw(inner[0]) if inner else "",
            tuple(self._raw(c).strip('"') for c in labels),
            self.places.span(node.start_byte, node.end_byte),
        )
        parent.blocks.append(block)
        if self.depth < DEEPEST:
            self._fill(block, node)
        self.depth -= 1

    def _raw(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def _place(self, node: Node) -> Place:
        return self.fixed or (self.places, node.start_byte, node.end_byte)

    # expressions

    def convert(self, node: Node) -> Expression:
        self.depth += 1
        try:
            if self.depth > DEEPEST * 4:
                return Unreadable(self._place(node), "nested too deep")
            return self._convert(node)
        finally:
            self.depth -= 1

    def _convert(self, node: Node) -> Expression:
        kind = node.type
        if kind in ("expression", "operation"):
            return self._chain(node)
        reader = _READERS.get(kind)
        if reader is not None:
            return reader(self, node)
        named = node.named_children
        if len(named) == 1:
            return self.convert(named[0])
        return Unreadable(self._place(node), f"unknown syntax {kind}")

    def _chain(self, node: Node) -> Expression:
        parts = [c for c in node.named_children if c.type not in ("comment", "ERROR")]
        if not parts:
            return Unreadable(self._place(node), "nothing stands here")
        return self.postfix(parts, node.start_byte)

    def postfix(self, parts: list[Node], start: int) -> Expression:
        """Read a primary expression with its members, indexes and splats."""
        value = self.convert(parts[0])
        for number, part in enumerate(parts[1:], 1):
            place: Place = self.fixed or (self.places, start, part.end_byte)
            if part.type == "get_attr":
                value = Member(place, value, self._raw(part.named_children[-1]))
            elif part.type == "index":
                value = self._indexed(value, part, place)
            elif part.type == "splat":
                rest = [*part.named_children[0].named_children, *parts[number + 1 :]]
                return Splat(place, value, self._rest(rest, place))
        return value

    def _rest(self, parts: list[Node], place: Place) -> Expression:
        value: Expression = Name(place, "*")
        for part in parts:
            if part.type == "get_attr":
                value = Member(place, value, self._raw(part.named_children[-1]))
            elif part.type == "index":
                value = self._indexed(value, part, place)
        return value

    def _indexed(self, base: Expression, part: Node, place: Place) -> Expression:
        inner = part.named_children[0]
        if inner.type == "legacy_index":
            return Index(place, base, Literal(place, int(self._raw(inner)[1:] or 0)))
        expressions = [c for c in inner.named_children if c.type == "expression"]
        index = self.convert(expressions[0]) if expressions else Unreadable(place, "no index")
        return Index(place, base, index)

    def literal(self, node: Node) -> Expression:
        inner = node.named_children[0]
        raw = self._raw(inner)
        place = self._place(node)
        if inner.type == "numeric_lit":
            return Literal(place, _number(raw))
        if inner.type == "bool_lit":
            return Literal(place, raw == "true")
        if inner.type == "null_lit":
            return Literal(place, None)
        return Literal(place, _unescape(raw[1:-1]))

    def template(self, node: Node) -> Expression:
        inner = node.named_children[0]
        heredoc = inner.type == "heredoc_template"
        pieces: list[Expression] = []
        for child in inner.named_children:
            if child.type == "template_literal":
                raw = self._raw(child)
                pieces.append(Literal(self._place(child), raw if heredoc else _unescape(raw)))
            elif child.type == "template_interpolation":
                pieces.append(self._interpolation(child))
            elif child.type == "template_directive":
                pieces.append(Unreadable(self._place(child), "a template directive"))
        pieces = _separated(pieces, self, inner)
        return _joined(pieces, self._place(node))

    def _interpolation(self, node: Node) -> Expression:
        inner = [c for c in node.named_children if c.type == "expression"]
        return self.convert(inner[0]) if inner else Unreadable(self._place(node), "empty")

    def variable(self, node: Node) -> Expression:
        return Name(self._place(node), self._raw(node))

    def call(self, node: Node) -> Expression:
        name = self._raw(node.named_children[0])
        listed = [c for c in node.named_children if c.type == "function_arguments"]
        arguments = (
            [self.convert(c) for c in listed[0].named_children if c.type == "expression"]
            if listed
            else []
        )
        if listed and any(c.type == "ellipsis" for c in listed[0].named_children) and arguments:
            arguments[-1] = Spread(arguments[-1].place, arguments[-1])
        return Call(self._place(node), name, arguments)

    def tuple_(self, node: Node) -> Expression:
        return ArrayOf(
            self._place(node),
            [self.convert(c) for c in node.named_children if c.type == "expression"],
        )

    def object_(self, node: Node) -> Expression:
        entries: list[tuple[Expression | None, Expression]] = []
        for element in node.named_children:
            if element.type != "object_elem":
                continue
            pair = [c for c in element.named_children if c.type == "expression"]
            if len(pair) == 2:
                entries.append((self._key(pair[0]), self.convert(pair[1])))
        return ObjectOf(self._place(node), entries)

    def _key(self, node: Node) -> Expression:
        key = self.convert(node)
        bare = isinstance(key, Name) and not self._raw(node).startswith("(")
        return Literal(key.place, key.name) if bare and isinstance(key, Name) else key

    def conditional(self, node: Node) -> Expression:
        parts = [self.convert(c) for c in node.named_children if c.type == "expression"]
        if len(parts) != 3:
            return Unreadable(self._place(node), "an unfinished condition")
        return Conditional(self._place(node), *parts)

    def unary(self, node: Node) -> Expression:
        operator = self._raw(node.children[0])
        return Operation(
            self._place(node),
            operator,
            [self.postfix(_operands(node.children[1:]), node.start_byte)],
        )

    def binary(self, node: Node) -> Expression:
        parts = node.children
        signs = [i for i, c in enumerate(parts) if not c.is_named and c.type not in "()"]
        if not signs:
            return Unreadable(self._place(node), "an unfinished operation")
        at = signs[0]
        left, right = _operands(parts[:at]), _operands(parts[at + 1 :])
        if not left or not right:
            return Unreadable(self._place(node), "an unfinished operation")
        operands = [
            self.postfix(left, left[0].start_byte),
            self.postfix(right, right[0].start_byte),
        ]
        return Operation(self._place(node), parts[at].type, operands)

    def loop(self, node: Node) -> Expression:
        inner = node.named_children[0]
        intro = next((c for c in inner.named_children if c.type == "for_intro"), None)
        bodies = [c for c in inner.named_children if c.type == "expression"]
        if intro is None or not bodies:
            return Unreadable(self._place(node), "an unfinished loop")
        names = [self._raw(c) for c in intro.named_children if c.type == "identifier"]
        source = next((c for c in intro.named_children if c.type == "expression"), None)
        test = next((c for c in inner.named_children if c.type == "for_cond"), None)
        return Loop(
            self._place(node),
            names[-1] if names else "",
            names[0] if len(names) > 1 else "",
            self.convert(source) if source else Unreadable(self._place(node), "no source"),
            self.convert(bodies[-1]),
            self.convert(bodies[0]) if len(bodies) > 1 else None,
            self.convert(test.named_children[-1]) if test else None,
        )


_READERS: dict[str, Callable[[_HclReader, Node], Expression]] = {
    "literal_value": _HclReader.literal,
    "template_expr": _HclReader.template,
    "variable_expr": _HclReader.variable,
    "function_call": _HclReader.call,
    "tuple": _HclReader.tuple_,
    "object": _HclReader.object_,
    "conditional": _HclReader.conditional,
    "unary_operation": _HclReader.unary,
    "binary_operation": _HclReader.binary,
    "for_expr": _HclReader.loop,
}


def _operands(parts: list[Node]) -> list[Node]:
    return [c for c in parts if c.is_named and c.type != "comment"]


def _number(raw: str) -> int | float | str:
    try:
        return int(raw) if raw.isdigit() and len(raw) < 19 else float(raw)
    except ValueError:
        return raw


def _unescape(raw: str) -> str:
    if "\\" not in raw and "$${" not in raw and "%%{" not in raw:
        return raw
    return _ESCAPE.sub(_unescaped, raw)


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code is None:
        return match.group()[1:]
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)


def _separated(pieces: list[Expression], reader: _HclReader, node: Node) -> list[Expression]:
    """Put back what the grammar leaves out between the pieces of a template: white space."""
    inner = [c for c in node.named_children if c.type.startswith("template_")]
    quoted = node.named_children[0].type == "quoted_template_start" if inner else False
    last = node.named_children[0].end_byte if quoted else None
    found: list[Expression] = []
    for piece, child in zip(pieces, inner, strict=True):
        if last is not None and child.start_byte > last:
            place = reader.fixed or (reader.places, last, child.start_byte)
            found.append(Literal(place, reader.text[last : child.start_byte]))
        found.append(piece)
        last = child.end_byte
    end = node.named_children[-1].start_byte if quoted else last
    if last is not None and end is not None and end > last:
        found.append(Literal(reader.fixed or (reader.places, last, end), reader.text[last:end]))
    return found


def _joined(pieces: list[Expression], place: Place) -> Expression:
    """Return a literal where nothing is interpolated; ``"${x}"`` alone is ``x`` itself."""
    if len(pieces) == 1 and not isinstance(pieces[0], Literal):
        return pieces[0]
    if all(isinstance(p, Literal) for p in pieces):
        return Literal(place, "".join(str(p.value) for p in pieces if isinstance(p, Literal)))
    return Template(place, pieces)


# the JSON form


def from_json(node: nodes.Node) -> Expression:
    """Return an expression for a JSON value, templates in its strings read."""
    return _from_json(node, 0)


def _from_json(node: nodes.Node, depth: int) -> Expression:
    if depth > DEEPEST:
        return Unreadable(node.span, "nested too deep")
    if node.kind == "mapping":
        entries: list[tuple[Expression | None, Expression]] = [
            (Literal(k.span, k.text), _from_json(v, depth + 1)) for k, v in node.entries
        ]
        return ObjectOf(node.span, entries)
    if node.kind == "sequence":
        return ArrayOf(node.span, [_from_json(e, depth + 1) for e in node.elements])
    if isinstance(node.value, str) and "${" in node.value:
        escaped = node.value.replace("\n", "\\n")
        return read_hcl_expression(f'"{escaped}"', node.span.path, node.span)
    return Literal(node.span, node.value)


def _read_json(text: str, path: str) -> TerraformFile:
    documents, faults = json.read(text, path)
    result = TerraformFile(path, faults=list(faults))
    if documents:
        for kind, node in documents[0].items():
            if kind in _WITH_LABELS:
                _json_blocks(result.blocks, kind, node, (), _WITH_LABELS[kind])
    return result


def _json_blocks(
    found: list[Block], kind: str, node: nodes.Node, labels: tuple[str, ...], left: int
) -> None:
    if node.kind == "sequence":
        for element in node.elements:
            _json_blocks(found, kind, element, labels, left)
    elif left:
        for label, inner in node.items():
            _json_blocks(found, kind, inner, (*labels, label), left - 1)
    elif node.kind == "mapping":
        found.append(_json_block(kind, node, labels))


def _json_block(kind: str, node: nodes.Node, labels: tuple[str, ...]) -> Block:
    block = Block(kind, labels, node.span)
    for key, value in node.items():
        if kind == "terraform" and key in ("required_providers", "backend"):
            _json_blocks(block.blocks, key, value, (), 0)
        elif key != "//":
            block.attributes[key] = from_json(value)
    return block
