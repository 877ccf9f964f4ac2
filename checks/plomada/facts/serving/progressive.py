"""Releases on Kubernetes that a controller, a task or a service's selector carries out.

Argo Rollouts, Flagger, KServe, the deploy tasks' strategies, two workloads behind one service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act
from plomada.facts.serving.applied import applied_paths, is_applied
from plomada.facts.serving.kubernetes import Manifest, manifests
from plomada.facts.serving.parts import is_part, percent
from plomada.facts.serving.serving import Workload, workloads
from plomada.facts.strings import shown
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node
    from plomada.spans import Span

_COLOURED = ("blue-green", "bluegreen")
_SERVICES = frozenset({"service", "services", "svc"})


@dataclass(frozen=True, slots=True)
class Release:
    """One way in which a new version takes over from the one that serves.

    Attributes:
        name: what is released.
        spans: its places.
        divides: traffic divides among both meanwhile.
        partial: the place where the new one gets a part first, by what a pipeline or script does.
    """

    name: str
    spans: tuple[Span, ...]
    divides: bool
    partial: Span | None = None


def releases(facts: Facts) -> Iterator[Release]:
    """Yield the releases of what serves a model on Kubernetes."""
    served = [w for w in workloads(facts) if w.kind == "kubernetes"]
    if not served:
        return
    names = {w.name for w in served}
    applied = applied_paths(facts)
    for manifest in manifests(facts):
        found = _of_object(manifest, names)
        if found is not None:
            sets = is_applied(manifest.path, applied, facts)
            partial = found.partial if sets else None
            yield Release(found.name, found.spans, found.divides, partial)
    yield from _by_tasks(facts)
    yield from _by_selector(facts, served)


def _of_object(manifest: Manifest, served: set[str]) -> Release | None:
    if manifest.kind == "Rollout" and manifest.name in served:
        return _argo(manifest)
    if manifest.kind == "Canary" and manifest.text("spec.targetRef.name") in served:
        return _flagger(manifest)
    share = manifest.find("spec.predictor.canaryTrafficPercent")
    if manifest.kind == "InferenceService" and share is not None and _is_part(share):
        return Release(manifest.name, (share.span,), divides=True)
    return None


def _argo(manifest: Manifest) -> Release | None:
    canary, coloured = (
        manifest.find("spec.strategy.canary"),
        manifest.find("spec.strategy.blueGreen"),
    )
    if coloured is not None:
        return Release(manifest.name, (coloured.span,), divides=False)
    steps = canary.get("steps") if canary is not None else None
    weights = [w for e in steps.elements if (w := e.get("setWeight"))] if steps else []
    parts = [weight.span for weight in weights if _is_part(weight)]
    return Release(manifest.name, tuple(parts), divides=True, partial=parts[0]) if parts else None


def _flagger(manifest: Manifest) -> Release | None:
    analysis = manifest.find("spec.analysis") or manifest.find("spec.canaryAnalysis")
    if analysis is None:
        return None
    keys = ("stepWeight", "stepWeights", "maxWeight", "mirror", "match")
    found = [value.span for key in keys if (value := analysis.get(key)) is not None]
    if found:
        return Release(manifest.name, (found[0],), divides=True, partial=found[0])
    return Release(manifest.name, (analysis.span,), divides=False)


def _is_part(node: Node) -> bool:
    return is_part(percent(node.string))


def _by_tasks(facts: Facts) -> Iterator[Release]:
    """Yield what actions and tasks that deploy manifests do by their strategy."""
    for act in acts_of(facts, "deploy-model", target="kubernetes"):
        strategy = shown(act.arguments.get("strategy")).lower()
        if strategy in _COLOURED:
            yield Release(_name(act), (act.span,), divides=False)
        elif strategy == "canary":
            share = shown(act.arguments.get("percentage"))
            part = bool(share) and is_part(percent(share))
            yield Release(_name(act), (act.span,), part, act.span if part else None)


def _name(act: Act) -> str:
    return shown(act.arguments.get("manifests")) or act.tool


def _by_selector(facts: Facts, served: list[Workload]) -> Iterator[Release]:
    """Yield the commands that point a service at another workload, or at one that is chosen."""
    for command in facts.commands:
        words = [shown(word) for word in command.words]
        if words[:1] != ["kubectl"] or command.source == "notebook":
            continue
        patched = words[1:2] == ["patch"] and not _SERVICES.isdisjoint(words[2:])
        chosen = words[1:3] == ["set", "selector"]
        text = " ".join(words)
        if not (chosen or (patched and "selector" in text)):
            continue
        if len({w.name for w in served}) > 1 or re.search(r"\$\{?\w", text):
            yield Release(words[-1], (command.span,), divides=False)
