"""What the dialects share while an estate is built: files, budgets and what was found."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.iac.functions import lifted
from plomada.facts.model import Link, Problem, Resource, Scope, Value
from plomada.facts.values import Budget, Reference, alternatives, unknown
from plomada.readers import json as json_reader
from plomada.readers import yaml as yaml_reader
from plomada.readers.bicep import read_bicep
from plomada.readers.expressions import ArrayOf, Expression, Literal, ObjectOf, walk
from plomada.readers.nodes import Node
from plomada.readers.templates import TemplateFile
from plomada.readers.text import Unread
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

MOST_RESOURCES = 6000
DEEPEST_CALLS = 12
HIDES = frozenset({"resources"})
_NOTHING: frozenset[str] = frozenset()

RESOURCE_GROUP = "microsoft.resources/resourcegroups"
SUBSCRIPTION = "microsoft.resources/subscriptions"
MANAGEMENT_GROUP = "microsoft.management/managementgroups"
_WIDE = {
    RESOURCE_GROUP: "resourceGroup",
    SUBSCRIPTION: "subscription",
    MANAGEMENT_GROUP: "managementGroup",
}


@dataclass(slots=True)
class Tree:
    """One root of an estate at one set of values.

    Attributes:
        name: root file or folder, with the parameter file where there is one.
        root: path of the root file or folder.
        dialect: ``bicep``, ``arm`` or ``terraform``.
        scope: the values that it is judged at.
    """

    name: str
    root: str
    dialect: str
    scope: Scope


@dataclass(slots=True)
class Lazy:
    """A value that is worked out when it is first asked for; asked for by itself it is unknown."""

    make: Callable[[], Value]
    value: Value | None = None
    open: bool = False

    def get(self, name: str) -> Value:
        """Return the value."""
        if self.value is None:
            if self.open:
                return unknown(f"{name} refers to itself")
            self.open = True
            try:
                self.value = self.make()
            finally:
                self.open = False
        return self.value


class Build:
    """An estate while it is built.

    Args:
        facts: the repository's facts.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.repository = facts.repository
        self.budget = Budget()
        self.resources: list[Resource] = []
        self.links: list[Link] = []
        self.trees: list[Tree] = []
        self._templates: dict[str, TemplateFile | None] = {}
        self._documents: dict[str, Node | None] = {}

    @property
    def full(self) -> bool:
        """Whether as many resources were found as any honest repository has."""
        return len(self.resources) >= MOST_RESOURCES

    def add(self, resource: Resource) -> None:
        """Note a resource."""
        if not self.full:
            self.resources.append(resource)

    def report(self, path: str, faults: Sequence[Unread]) -> None:
        """Report the first of a file's faults, one that cost something before others."""
        if faults:
            first = next((fault for fault in faults if fault.rest), faults[0])
            reason = (
                f"{first.reason}; what stands there is not read" if first.rest else first.reason
            )
            self.facts.report(Problem(path, reason, first.span, HIDES if first.rest else _NOTHING))

    def bicep(self, path: str) -> TemplateFile | None:
        """Return a Bicep file's syntax, read once."""
        if path not in self._templates:
            text = self.repository.text(path)
            file = read_bicep(text, path) if text is not None else None
            if file is not None:
                self.report(path, file.faults)
            self._templates[path] = file
        return self._templates[path]

    def json(self, path: str) -> Node | None:
        """Return a JSON document, read once."""
        if path not in self._documents:
            text = self.repository.text(path)
            found, faults = json_reader.read(text, path) if text is not None else ([], [])
            if faults:
                self.report(path, faults)
            self._documents[path] = found[0] if found else None
        return self._documents[path]

    def content(self, path: str) -> Value:
        """Return the data of a JSON or YAML file of the repository."""
        text = self.repository.text(path)
        if text is None:
            return unknown(f"{path} is not in the repository")
        reader = json_reader if path.endswith(".json") else yaml_reader
        documents, _ = reader.read(text, path)
        return node_value(documents[0]) if documents else unknown(f"{path} does not parse")

    @cached_property
    def has_bicep(self) -> bool:
        """Whether the repository has any Bicep file."""
        return bool(self.repository.with_suffix(".bicep"))


def node_value(node: Node) -> Value:
    """Return a document's data as a value."""
    return lifted(_plain(node, 0))


def _plain(node: Node, depth: int) -> object:
    if depth > 50:
        return None
    if node.kind == "mapping":
        return {k: _plain(v, depth + 1) for k, v in node.items()}
    if node.kind == "sequence":
        return [_plain(v, depth + 1) for v in node.elements]
    return node.value


def relative(path: str, reference: str) -> str:
    """Return the repository's path that a reference in a file means."""
    cleaned = reference.replace("\\", "/").removeprefix("file:")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), cleaned))


def scope_of(value: Value | None, default: str) -> str:
    """Return the scope that a value names, in the words of ``Resource.scope``."""
    if value is None:
        return default
    found = {_scope_of_one(v, default) for v in alternatives(value)}
    for wide in ("tenant", "managementGroup", "subscription", "resourceGroup"):
        if wide in found and found != {wide}:
            return "unknown"
    return found.pop() if len(found) == 1 else "unknown"


def _scope_of_one(value: Value, default: str) -> str:
    if isinstance(value, Reference):
        wide = _WIDE.get(value.type)
        if wide and value.attribute.lower() in ("", "id", "resourceid", "subscription_id", "scope"):
            return wide
        return value.target or "resource"
    if value.kind == "known" and value.data is None:
        return default
    if value.kind == "template":
        return _scope_of_text(value)
    return _scope_of_path(value.text) if value.text is not None else "unknown"


def _scope_of_text(value: Value) -> str:
    """Return the scope of a resource id that is known in part."""
    inner = next((p for p in value.parts if isinstance(p, Reference)), None)
    text = "".join(p.text if p.text is not None else "x" for p in value.parts)
    if inner is not None and text.startswith("x"):
        wide = _WIDE.get(inner.type, "")
        if wide and "/providers/" not in text.lower():
            return "resourceGroup" if "/resourcegroups/" in text.lower() else wide
        return inner.target or "resource"
    return _scope_of_path(text)


def _scope_of_path(text: str) -> str:
    segments = [s for s in text.strip().split("/") if s]
    lowered = [s.lower() for s in segments]
    if "providers" in lowered:
        if "managementgroups" in lowered:
            return "managementGroup"
        return "resource"
    if len(lowered) >= 3 and "resourcegroups" in lowered:
        return "resourceGroup"
    if lowered[:1] == ["subscriptions"] and len(lowered) <= 2:
        return "subscription"
    return "tenant" if text.strip() == "/" else "unknown"


def property_places(body: ObjectOf) -> dict[str, Span]:
    """Return the places of an object's entries by lower-case dotted path."""
    return dict(_places(body))


def _places(body: ObjectOf) -> Iterator[tuple[str, Span]]:
    stack: list[tuple[str, Expression]] = [("", body)]
    while stack:
        prefix, current = stack.pop()
        if isinstance(current, ArrayOf):
            stack.extend((f"{prefix}{n}.", e) for n, e in enumerate(current.elements))
        if not isinstance(current, ObjectOf):
            continue
        for key, value in current.entries:
            if isinstance(key, Literal):
                path = prefix + str(key.value).lower()
                yield path.removeprefix("properties."), key.span
                stack.append((f"{path}.", value))


ENVIRONMENT_WORDS = frozenset(
    {
        "env",
        "environment",
        "stage",
        "environmentname",
        "envname",
        "deploymentenvironment",
        "environmenttype",
    }
)
PRODUCTION = ("prod", "production", "prd", "live")


def about_environment(name: str) -> bool:
    """Tell whether a parameter's name says that it is the environment."""
    lowered = name.lower().replace("_", "").replace("-", "")
    return lowered in ENVIRONMENT_WORDS or lowered.endswith(("environment", "env", "stage"))


def production_words(expressions: Iterable[Expression]) -> tuple[str, ...]:
    """Return the words for production that expressions compare with, else the usual one."""
    found = {
        str(e.value).lower()
        for expression in expressions
        for e in walk(expression)
        if isinstance(e, Literal) and isinstance(e.value, str)
    }
    return tuple(word for word in PRODUCTION if word in found) or PRODUCTION[:1]


@dataclass(slots=True)
class Given:
    """What a file is called with.

    Attributes:
        values: parameter name to its value.
        prefix: what the addresses of its resources start with.
        chain: the module calls that lead to it.
        scope: the scope of the call, "" for the file's own.
        tree: name of its tree.
        production: the values of its tree are known to be production's.
    """

    values: Mapping[str, Lazy] = field(default_factory=dict)
    prefix: str = ""
    chain: tuple[Span, ...] = ()
    scope: str = ""
    tree: str = ""
    production: bool = False


def expression_text(expression: Expression | None) -> str:
    """Return the text of an expression as written, "" for none."""
    if expression is None:
        return ""
    if isinstance(expression.place, Span):
        return "condition"
    places, start, end = expression.place
    return " ".join(places.text[start:end].split())[:200]
