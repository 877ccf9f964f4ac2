"""Kubernetes traffic objects: Istio, Gateway API, canary ingresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.serving.applied import applied_paths, is_applied
from plomada.facts.serving.kubernetes import Manifest, manifests
from plomada.facts.serving.serving import workloads
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node
    from plomada.spans import Span

_TRAFFIC = frozenset({"VirtualService", "HTTPRoute", "TrafficSplit", "Ingress", "TraefikService"})


@dataclass(frozen=True, slots=True)
class Split:
    """A Kubernetes traffic object.

    Attributes:
        names: the destinations among which it divides.
        weights: the place of each weight.
        headers: it routes by header.
        span: its place: the first weight or header match, else the object.
        values: dotted paths of Helm values that its weights come from.
        applied: a pipeline or script applies it.
    """

    names: tuple[str, ...]
    weights: tuple[Span, ...]
    headers: Span | None
    span: Span
    values: tuple[str, ...] = ()
    applied: bool = False


@remembered
def splits(facts: Facts) -> tuple[Split, ...]:
    """Return the traffic objects that divide or route among versions of a served model."""
    if not workloads(facts):
        return ()
    applied = applied_paths(facts)
    found = []
    for manifest in manifests(facts):
        if manifest.kind in _TRAFFIC:
            split = _split(manifest, is_applied(manifest.path, applied, facts))
            if split is not None:
                found.append(split)
    return tuple(found)


def _by_header(name: str, value: Node) -> bool:
    listed = name == "headers" and value.kind in {"mapping", "sequence"}
    return listed or "canary-by-header" in name


def _split(manifest: Manifest, applied: bool) -> Split | None:
    node = manifest.node
    names: dict[str, None] = {}
    weights: list[Span] = []
    values: list[str] = []
    headers: Span | None = None
    for inner in node.walk():
        if inner.kind != "mapping":
            continue
        for name, value in inner.entries:
            if name.text in {"weight"} or name.text.endswith("canary-weight"):
                weights.append(name.span)
                values += manifest.filled.get(name.span.line, ())
            elif _by_header(name.text, value):
                headers = headers or name.span
        destination = inner.find("destination.host") or inner.find("backendRef.name")
        if destination is None and inner.get("weight") is not None:
            destination = inner.get("name") or inner.get("service")
        if destination is not None:
            subset = inner.find("destination.subset")
            names[destination.string + (subset.string if subset else "")] = None
    canary = any("canary-weight" in n.text for i in node.walk() for n, _ in i.entries)
    if canary:
        names.setdefault("stable", None)
        names.setdefault("canary", None)
    if len(names) < 2 or not (weights or headers):
        return None
    span = weights[0] if weights else headers or node.span
    return Split(tuple(names), tuple(weights), headers, span, tuple(values), applied)
