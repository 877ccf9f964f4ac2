"""Kubernetes manifests, plain or as Helm templates with their values."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from weakref import WeakKeyDictionary

from plomada.facts import Facts
from plomada.readers import yaml
from plomada.readers.nodes import Node
from plomada.repository import Repository
from plomada.spans import Span

_ACTION = re.compile(r"\{\{-?(.*?)-?\}\}", re.S)
_VALUE = re.compile(r"\s*\.Values\.([\w.]+)\s*(?:\|\s*(?:quote|default\s+\S+|int|toString)\s*)*")
_DEFAULT = re.compile(r"\|\s*default\s+\"?([\w.:/-]+)\"?")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One Kubernetes object.

    Attributes:
        kind: its kind as written.
        group: what stands before the slash of ``apiVersion``, lower case.
        name: its name, "" where not known.
        node: the object.
        path: its file.
    """

    kind: str
    group: str
    name: str
    node: Node
    path: str

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


def manifests(facts: Facts) -> tuple[Manifest, ...]:
    """Return the Kubernetes objects of the repository, Helm charts rendered as far as they go."""
    found = _CACHE.get(facts)
    if found is None:
        found = _CACHE[facts] = tuple(_read_all(facts.repository))
    return found


def _read_all(repository: Repository) -> Iterator[Manifest]:
    charts = [posixpath.dirname(p) for p in repository.paths if p.endswith("Chart.yaml")]
    for path in repository.with_suffix(".yml", ".yaml", ".tpl"):
        if not (repository.mentions(path, "apiversion:") and repository.mentions(path, "kind:")):
            continue
        text = repository.text(path)
        if text is None:
            continue
        chart = next(
            (c for c in charts if path.startswith(f"{c}/templates/" if c else "templates/")), None
        )
        if chart is not None:
            text = rendered(text, _values(repository, chart))
        for node in yaml.read(text, path)[0]:
            yield from _objects(node, path)


def _objects(node: Node, path: str) -> Iterator[Manifest]:
    items = node.get("items") if node.kind == "mapping" else None
    listed = node.get("kind") is not None and (node.get("kind") or node).string == "List"
    for entry in items.elements if listed and items is not None else [node]:
        kind, version = entry.get("kind"), entry.get("apiVersion")
        if kind is not None and version is not None and kind.string:
            name = entry.find("metadata.name")
            group = version.string.partition("/")[0].lower() if "/" in version.string else ""
            yield Manifest(kind.string, group, name.string if name is not None else "", entry, path)


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


# what serves without encryption


def plain_http(manifest: Manifest) -> tuple[str, Span] | None:
    """Return why an object serves plain HTTP, and where; None where it does not."""
    if manifest.kind == "Ingress":
        return _ingress(manifest)
    if manifest.kind == "Gateway":
        return _gateway(manifest)
    return _service(manifest) if manifest.kind == "Service" else None


def _ingress(manifest: Manifest) -> tuple[str, Span] | None:
    tls = manifest.find("spec.tls")
    if tls is not None and (tls.elements or tls.entries):
        return None
    return "the ingress has no tls", manifest.span


def _gateway(manifest: Manifest) -> tuple[str, Span] | None:
    """Gateway API lists listeners, Istio servers with a port."""
    listed = manifest.find("spec.listeners") or manifest.find("spec.servers")
    if listed is None or not listed.elements:
        return None
    protocols = [(e.find("protocol") or e.find("port.protocol")) for e in listed.elements]
    if all(p is not None and p.string.upper() in ("HTTP", "HTTP2", "GRPC") for p in protocols):
        return "all listeners of the gateway are plain HTTP", listed.elements[0].span
    return None


def _service(manifest: Manifest) -> tuple[str, Span] | None:
    if manifest.text("spec.type") not in ("LoadBalancer", "NodePort") or _is_internal(manifest):
        return None
    ports = manifest.find("spec.ports")
    for entry in ports.elements if ports is not None else []:
        port = entry.get("port")
        if port is not None and port.string == "80":
            return "the service serves plain HTTP on port 80 in public", port.span
    return None


def _is_internal(manifest: Manifest) -> bool:
    annotations = manifest.find("metadata.annotations")
    for key, value in annotations.items() if annotations is not None else ():
        if "load-balancer-internal" in key and value.string.lower() == "true":
            return True
    return False
