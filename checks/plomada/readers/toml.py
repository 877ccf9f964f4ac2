"""TOML to nodes with places: tree-sitter, so that a broken file is read as far as it goes."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Any

import tree_sitter
import tree_sitter_toml

from plomada.readers.nodes import Node, Scalar
from plomada.readers.text import Places, Unread

DEEPEST = 100


@lru_cache(maxsize=1)
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))


def read(text: str, path: str) -> tuple[list[Node], list[Unread]]:
    """Return the document of a TOML text (a list of one) and what could not be read of it."""
    places = Places(path, text)
    tree = _parser().parse(text.encode("utf-8", errors="surrogatepass"))
    root = Node("mapping", places.whole())
    unread = _errors(tree.root_node, places)
    for child in tree.root_node.named_children:
        _statement(root, child, places, unread)
    return [root], unread


def _errors(root: tree_sitter.Node, places: Places) -> list[Unread]:
    if not root.has_error:
        return []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            span = places.byte_span(node.start_byte, node.end_byte)
            return [Unread("not valid TOML", span)]
        stack.extend(child for child in reversed(node.children) if child.has_error)
    return []


def _statement(root: Node, node: tree_sitter.Node, places: Places, unread: list[Unread]) -> None:
    if node.type == "pair":
        _pair(root, node, places, unread)
    elif node.type in ("table", "table_array_element"):
        keys = [child for child in node.named_children if child.type in _KEYS]
        if not keys:
            return
        span_node = keys[0]
        target = _table(root, _parts(keys[0], places), node.type == "table", places, span_node)
        for child in node.named_children:
            if child.type == "pair":
                _pair(target, child, places, unread)


_KEYS = ("bare_key", "quoted_key", "dotted_key")


def _table(
    root: Node, keys: list[Node], single: bool, places: Places, header: tree_sitter.Node
) -> Node:
    """Return the mapping that a ``[table]`` or ``[[array of tables]]`` header opens."""
    span = places.byte_span(header.start_byte, header.end_byte)
    if single:
        return _descend(root, keys)
    parent = _descend(root, keys[:-1])
    array = parent.get(keys[-1].text)
    if array is None or array.kind != "sequence":
        array = Node("sequence", span)
        parent.entries.append((keys[-1], array))
    element = Node("mapping", span)
    array.elements.append(element)
    return element


def _descend(node: Node, keys: list[Node]) -> Node:
    """Return the mapping under these keys, made where it is missing; of an array its last table."""
    for key in keys:
        below = node.get(key.text)
        if below is not None and below.kind == "sequence" and below.elements:
            below = below.elements[-1]
        if below is None or below.kind != "mapping":
            below = Node("mapping", key.span)
            node.entries.append((key, below))
        node = below
    return node


def _pair(target: Node, node: tree_sitter.Node, places: Places, unread: list[Unread]) -> None:
    children = [child for child in node.named_children if child.type != "comment"]
    if len(children) < 2 or children[0].type not in _KEYS:
        return
    keys = _parts(children[0], places)
    value = _value(children[1], places, unread, 0)
    _descend(target, keys[:-1]).entries.append((keys[-1], value))


def _parts(node: tree_sitter.Node, places: Places) -> list[Node]:
    """Return the parts of a dotted key, in order."""
    parts: list[Node] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "dotted_key":
            stack.extend(c for c in reversed(current.named_children) if c.type in _KEYS)
        else:
            raw = _raw(current)
            quoted = current.type == "quoted_key"
            text = _loaded(raw) if quoted else raw
            span = places.byte_span(current.start_byte, current.end_byte)
            parts.append(Node("scalar", span, str(text), str(text), quoted))
    return parts


def _raw(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", errors="replace")


def _value(node: tree_sitter.Node, places: Places, unread: list[Unread], depth: int) -> Node:
    span = places.byte_span(node.start_byte, node.end_byte)
    if depth > DEEPEST:
        unread.append(Unread("nested too deep to be read whole", span))
        return Node("scalar", span)
    if node.type == "array":
        values = [c for c in node.named_children if c.type != "comment"]
        elements = [_value(child, places, unread, depth + 1) for child in values]
        return Node("sequence", span, elements=elements)
    if node.type == "inline_table":
        table = Node("mapping", span)
        for child in node.named_children:
            if child.type == "pair":
                _inline_pair(table, child, places, unread, depth + 1)
        return table
    raw = _raw(node)
    value = _loaded(raw)
    text = value if isinstance(value, str) else raw
    return Node("scalar", span, value, text, node.type == "string")


def _inline_pair(
    table: Node, node: tree_sitter.Node, places: Places, unread: list[Unread], depth: int
) -> None:
    children = [child for child in node.named_children if child.type != "comment"]
    if len(children) < 2:
        return
    keys = _parts(children[0], places)
    value = _value(children[1], places, unread, depth)
    _descend(table, keys[:-1]).entries.append((keys[-1], value))


def _loaded(raw: str) -> Scalar:
    """Return the value of one TOML scalar, dates as text."""
    if len(raw) > 2 and raw[0] == '"' and "\\" not in raw and raw[1] != '"':
        return raw[1:-1]
    try:
        value: Any = tomllib.loads(f"value = {raw}")["value"]
    except (tomllib.TOMLDecodeError, ValueError, KeyError):
        return raw
    return value if isinstance(value, str | int | float | bool) else raw
