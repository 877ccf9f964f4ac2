"""Files that describe an app to the CLI: ``az containerapp update --yaml app.yaml``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act
from plomada.facts.serving.apps import AppTraffic
from plomada.facts.serving.parts import percent
from plomada.facts.strings import shown

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node
    from plomada.spans import Span

_FILES = {"az containerapp": ("--yaml",), "az container": ("--file", "-f")}
_PROBES = ("probes", "livenessProbe", "readinessProbe")
_NAMES = ("revisionName", "label", "latestRevision")


def described(facts: Facts, act: Act) -> Node | None:
    """Return the document that a command hands over, None where it names no file of these."""
    options = next((o for tool, o in _FILES.items() if act.tool.startswith(f"{tool} ")), ())
    for option in options:
        if option in act.arguments:
            path = posixpath.normpath(shown(act.arguments[option])).removeprefix("./")
            for root in facts.nodes(path)[:1] if facts.repository.exists(path) else ():
                return root
    return None


def images(root: Node) -> str:
    """Return the references of the images that a document names."""
    found = (inner.get("image") for inner in root.walk() if inner.kind == "mapping")
    return " ".join(image.string for image in found if image is not None and image.string)


def identity(root: Node) -> Span | None:
    """Return the place of a managed identity."""
    kind = root.find("identity.type")
    return kind.span if kind is not None and kind.string.lower() not in ("", "none") else None


def probes(root: Node) -> Span | None:
    """Return the place of a probe."""
    held = (entry for inner in root.walk() for entry in inner.entries)
    return next((name.span for name, value in held if name.text in _PROBES and _some(value)), None)


def _some(node: Node) -> bool:
    return bool(node.entries or node.elements)


def scales(root: Node) -> Span | None:
    """Return the place of scale rules, or of limits that leave room."""
    scale = root.find("properties.template.scale")
    if scale is None:
        return None
    rules, low, high = scale.get("rules"), scale.get("minReplicas"), scale.get("maxReplicas")
    least = int(low.string) if low is not None and low.string.isdigit() else 1
    room = high is not None and high.string.isdigit() and int(high.string) > max(1, least)
    return scale.span if room or (rules is not None and _some(rules)) else None


def described_traffic(facts: Facts) -> Iterator[AppTraffic]:
    """Yield the traffic that such documents set."""
    for act in acts_of(facts, "deploy-model", target="app"):
        root = described(facts, act)
        traffic = root.find("properties.configuration.ingress.traffic") if root else None
        if traffic is not None and traffic.elements:
            shares = {}
            for element in traffic.elements:
                name = next((n.string for k in _NAMES if (n := element.get(k)) is not None), "")
                weight = element.get("weight")
                shares[name] = percent(weight.string) if weight is not None else None
            app = next(
                (shown(act.arguments[k]) for k in ("--name", "-n") if k in act.arguments), ""
            )
            yield AppTraffic(app.lower(), shares, traffic.span, acted=False)
