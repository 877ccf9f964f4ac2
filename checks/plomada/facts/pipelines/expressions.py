"""Pipeline expressions and macros to values: ``${{ }}`` of both hosts, ``$(name)`` of Azure.

Only names, literals, ``&&``, ``||`` and ``format`` are evaluated; conditions are not judged, so a
choice between two literals is one of both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from plomada.facts.model import Value
from plomada.facts.strings import join, known, one_of, unknown
from plomada.patterns import regex
from plomada.readers import macros
from plomada.readers.nodes import Node
from plomada.records import dataclass, replace

ROOT_MACROS = frozenset(
    {
        "build.sourcesdirectory",
        "build.repository.localpath",
        "system.defaultworkingdirectory",
        "github.workspace",
        "pipeline.workspace",
        "system.artifactsdirectory",
        "agent.builddirectory",
    }
)
_NAME = regex(r"[A-Za-z_][\w\-]*(?:\.[\w\-]+|\[\s*'[^']*'\s*\])*")
_LITERAL = regex(r"'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|(true|false|null)", re.I)


@dataclass(frozen=True, slots=True)
class Names:
    """The names that expressions may use.

    Attributes:
        values: lower-case dotted name (``inputs.environment``, ``parameters.env``) to its value.
        nodes: parameters that hold lists or mappings (Azure Pipelines), with their own names.
        azure: ``$(name)`` is a macro here.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    nodes: Mapping[str, tuple[Node, Names]] = field(default_factory=dict)
    azure: bool = False

    def adding(
        self, values: Mapping[str, Value], nodes: Mapping[str, tuple[Node, Names]] | None = None
    ) -> Names:
        """Return these names with others over them."""
        return replace(
            self,
            values={**self.values, **values},
            nodes={**self.nodes, **(nodes or {})},
        )

    def find(self, name: str) -> Value | None:
        """Return the value of a dotted name in any case, None where nothing gives it."""
        return self.values.get(canonical(name))


def canonical(name: str) -> str:
    """Return the one spelling of a name: ``variables['x']`` and ``github.event.inputs.x`` too."""
    name = re.sub(r"\[\s*'([^']*)'\s*\]", r".\1", name).lower()
    return name.removeprefix("github.event.") if ".inputs." in name else name


def evaluate(expression: str, names: Names) -> Value:
    """Return what an expression comes to."""
    text = expression.strip()
    literal = _LITERAL.fullmatch(text)
    if literal is not None:
        return _literal(literal)
    if _NAME.fullmatch(text):
        return _named(text, names)
    choices = [part for part in re.split(r"\|\|", text) if part.strip()]
    if len(choices) > 1 or "&&" in text:
        found = [evaluate(c.split("&&")[-1], names) for c in choices]
        usable = [v for v in found if v.kind != "unknown"]
        return one_of(usable) if usable else unknown(text)
    if text.startswith("(") and text.endswith(")"):
        return evaluate(text[1:-1], names)
    return _call(text, names)


def _literal(match: re.Match[str]) -> Value:
    if match[1] is not None:
        return known(match[1].replace("''", "'"))
    if match[2] is not None:
        return known(match[2])
    return known({"true": True, "false": False}.get(match[3].lower()))


def _named(name: str, names: Names) -> Value:
    if canonical(name).removeprefix("variables.") in ROOT_MACROS:
        return known(".")
    value = names.find(name)
    if value is None and "." not in name:
        value = names.find(f"variables.{name}")
    return value if value is not None else unknown(name)


def _call(text: str, names: Names) -> Value:
    match = re.fullmatch(r"(\w+)\((.*)\)", text, re.DOTALL)
    if match is None:
        return unknown(text)
    function, arguments = match[1].lower(), _arguments(match[2])
    if function == "format" and arguments:
        return _format([evaluate(a, names) for a in arguments])
    if function in ("coalesce", "lower", "upper", "variables", "trim") and arguments:
        usable = [v for v in (evaluate(a, names) for a in arguments) if v.kind != "unknown"]
        return usable[0] if usable else unknown(text)
    if function == "iif" and len(arguments) == 3:
        return one_of([evaluate(arguments[1], names), evaluate(arguments[2], names)])
    return unknown(text)


def _arguments(text: str) -> list[str]:
    parts, depth, quoted, start = [], 0, False, 0
    for index, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "([":
            depth += 1
        elif not quoted and character in ")]":
            depth -= 1
        elif character == "," and not quoted and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [p.strip() for p in [*parts, text[start:]] if p.strip()]


def _format(arguments: list[Value]) -> Value:
    pattern = arguments[0].text
    if pattern is None:
        return unknown("format")
    pieces = re.split(r"\{(\d+)\}", pattern)
    parts = [known(pieces[0])]
    for number, after in zip(pieces[1::2], pieces[2::2], strict=True):
        index = int(number) + 1
        parts.append(arguments[index] if index < len(arguments) else unknown(f"{{{number}}}"))
        parts.append(known(after))
    return join(parts)


def macro_value(macro: str, names: Names) -> Value:
    """Return what a macro, brackets included, comes to."""
    inner = macros.inner(macro)
    if macro.startswith("$("):
        return _named(inner.split(":")[0] if ":" in inner else inner, names)
    return evaluate(inner, names)


def interpolate(text: str, names: Names) -> Value:
    """Return a scalar with its macros put in."""
    if names.azure and text.startswith("$[") and text.endswith("]"):
        return evaluate(text[2:-1], names)
    replaced, found = macros.replace(text, azure=names.azure)
    if not found:
        return known(text)
    values = [macro_value(macro, names) for macro in found]
    parts = []
    for piece, number in macros.split(replaced):
        literal = number is None or number >= len(values)
        parts.append(known(piece) if literal else values[number or 0])
    return join(parts)


def node_value(node: Node | None, names: Names) -> Value:
    """Return a YAML node as a value: text for scalars, tuples and dicts below."""
    if node is None:
        return known(None)
    if node.kind == "scalar":
        value = interpolate(node.text, names) if "$" in node.text else known(_scalar(node))
        return replace(value, origins=(node.span, *value.origins))
    if node.kind == "sequence":
        return Value("known", tuple(node_value(e, names) for e in node.elements[:200]))
    return Value("known", {k: node_value(v, names) for k, v in list(node.items())[:200]})


def _scalar(node: Node) -> object:
    if node.quoted or isinstance(node.value, str):
        return node.text
    return node.value if isinstance(node.value, bool) or node.value is None else node.text
