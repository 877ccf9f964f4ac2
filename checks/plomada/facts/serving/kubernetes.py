"""Kubernetes manifests, plain or as Helm templates with their values, and what applies them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from plomada.facts import remembered
from plomada.patterns import regex
from plomada.readers import yaml
from plomada.readers.nodes import Node
from plomada.records import dataclass
from plomada.repository import Repository
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_ACTION = regex(r"\{\{-?(.*?)-?\}\}", re.S)
_VALUE = regex(r"\s*\.Values\.([\w.]+)\s*(?:\|\s*(?:quote|default\s+\S+|int|toString)\s*)*")
_NAMED = regex(r"\.Values\.([\w.]+)")
_DEFAULT = regex(r"\|\s*default\s+\"?([\w.:/-]+)\"?")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One Kubernetes object.

    Attributes:
        kind: its kind as written.
        group: what stands before the slash of ``apiVersion``, lower case.
        name: its name, "" where not known.
        node: the object.
        path: its file.
        filled: for each line of a Helm template, the dotted paths of the values that stand in it.
    """

    kind: str
    group: str
    name: str
    node: Node
    path: str
    filled: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        """The place of the object's kind."""
        found = self.node.get("kind")
        return found.span if found is not None else self.node.span

    def place(self, dotted: str) -> Span:
        """Return the place of a value, or of the object."""
        found = self.node.find(dotted)
        return found.span if found is not None else self.span

    def find(self, dotted: str) -> Node | None:
        """Return the value under a dotted path."""
        return self.node.find(dotted)

    def text(self, dotted: str) -> str:
        """Return the text under a dotted path, "" for none."""
        found = self.node.find(dotted)
        return found.string if found is not None else ""


_CACHE: WeakKeyDictionary[Facts, tuple[Manifest, ...]] = WeakKeyDictionary()


@remembered
def manifests(facts: Facts) -> tuple[Manifest, ...]:
    """Return the Kubernetes objects of the repository, Helm charts rendered as far as they go."""
    found = _CACHE.get(facts)
    if found is None:
        found = _CACHE[facts] = tuple(_read_all(facts))
    return found


def _read_all(facts: Facts) -> Iterator[Manifest]:
    repository = facts.repository
    charts = [posixpath.dirname(p) for p in repository.paths if p.endswith("Chart.yaml")]
    for path in repository.with_suffix(".yml", ".yaml", ".tpl"):
        if not (repository.mentions(path, "apiversion:") and repository.mentions(path, "kind:")):
            continue
        chart = next(
            (c for c in charts if path.startswith(f"{c}/templates/" if c else "templates/")), None
        )
        if chart is None:
            for node in facts.nodes(path):
                yield from _objects(node, path, {})
            continue
        text = repository.text(path) or ""
        for node in yaml.read(rendered(text, _values(repository, chart)), path)[0]:
            yield from _objects(node, path, _filled_lines(text))


def _filled_lines(text: str) -> dict[int, tuple[str, ...]]:
    found = ((n, _NAMED.findall(line)) for n, line in enumerate(text.split("\n"), 1))
    return {number: tuple(paths) for number, paths in found if paths}


def _objects(node: Node, path: str, filled: Mapping[int, tuple[str, ...]]) -> Iterator[Manifest]:
    items = node.get("items") if node.kind == "mapping" else None
    listed = node.get("kind") is not None and (node.get("kind") or node).string == "List"
    for entry in items.elements if listed and items is not None else [node]:
        kind, version = entry.get("kind"), entry.get("apiVersion")
        if kind is not None and version is not None and kind.string:
            name = entry.find("metadata.name")
            group = version.string.partition("/")[0].lower() if "/" in version.string else ""
            named = name.string if name is not None else ""
            yield Manifest(kind.string, group, named, entry, path, filled)


@cache
def _no_values() -> dict[str, str]:
    return {}


def _values(repository: Repository, chart: str) -> dict[str, str]:
    """Return a chart's values by dotted path, those of a production file laid over."""
    found: dict[str, str] = {}
    base = f"{chart}/values" if chart else "values"
    names = [f"{base}.yaml", f"{base}.yml"]
    names += [
        f"{base}{sep}{word}.yaml"
        for word in ("prod", "production", "prd", "live")
        for sep in ("-", ".", "_")
    ]
    for path in names:
        text = repository.text(path)
        for node in yaml.read(text, path)[0] if text is not None else []:
            found.update(_flat(node))
    return found or _no_values()


def _flat(node: Node) -> Iterator[tuple[str, str]]:
    stack = [("", node)]
    while stack:
        path, current = stack.pop()
        if current.kind == "scalar":
            yield path, current.text
        for key, value in current.items():
            stack.append((f"{path}.{key}" if path else key, value))


def rendered(text: str, values: dict[str, str]) -> str:
    """Return a Helm template with its values filled in and its control lines blank.

    Lines keep their number: every branch of a condition is kept, a loop's body stays once.
    """
    lines = []
    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith("{{") and bare.endswith("}}") and _is_control(bare):
            lines.append("")
        else:
            lines.append(_ACTION.sub(lambda m: _filled(m, values), line))
    return "\n".join(lines)


def _is_control(line: str) -> bool:
    words = line.strip("{}- ").split()
    return not words or words[0] in (
        "if", "else", "end", "range", "with", "define", "template", "include", "toYaml", "block",
        "/*", "tpl", "fail", "required",
    ) or words[0].startswith(("$", "/*"))  # fmt: skip


def _filled(match: re.Match[str], values: dict[str, str]) -> str:
    inner = match.group(1)
    value = _VALUE.match(inner)
    if value and value.group(1) in values:
        return values[value.group(1)]
    default = _DEFAULT.search(inner)
    if default:
        return default.group(1)
    return "x" if not inner.strip().startswith(("if", "else", "end", "range", "with")) else ""
