"""What serves outside Azure ML's endpoints: Kubernetes, container groups, container apps, web apps.

A workload counts where it runs the scoring image or code: a model-serving kind, or an image or name
that is about a model. Traffic objects (Istio, Gateway API, canary ingresses) are read here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plomada.facts.acts import acts_of
from plomada.facts.images import image_name
from plomada.facts.model import Act, Resource, Value
from plomada.facts.strings import shown
from plomada.facts.words import Workload, is_web, scoring_modules

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node
    from plomada.spans import Span

_RUNS = frozenset({"Deployment", "StatefulSet", "Rollout", "DaemonSet"})
_SERVES = frozenset(
    {"InferenceService", "SeldonDeployment", "ServingRuntime", "LLMInferenceService"}
)
_SCALES = frozenset({"HorizontalPodAutoscaler", "ScaledObject"})
_TRAFFIC = frozenset({"VirtualService", "HTTPRoute", "TrafficSplit", "Ingress", "TraefikService"})
_ABOUT_MODELS = re.compile(
    r"scor(e|ing)|infer|predict|(^|[^a-z])ml([^a-z]|$)|model|serving|mlflow|classif|regress|forecast"
)
_NOT_SERVING = re.compile(r"train|batch|mlflow-?server|tracking|airflow|jupyter|grafana|prometheus")
# What stands for a name that is filled in when the pipeline runs.
_FILLED_IN = re.compile(r"[${}#<>…]|__\w+__|^[A-Z_]*(?:IMAGE|PLACEHOLDER)[A-Z_]*$")
_APPS = {
    "microsoft.containerinstance/containergroups": "aci",
    "microsoft.app/containerapps": "containerapp",
    "microsoft.web/sites": "webapp",
}
_PLACEHOLDER_IMAGE = re.compile(r"helloworld|hello-world|quickstart|nginx|placeholder", re.I)


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


def read_workloads(facts: Facts) -> tuple[Workload, ...]:
    """Return what serves outside Azure ML's endpoints."""
    return (*_in_kubernetes(facts), *_in_iac(facts), *_in_apps(facts))


def manifests(facts: Facts) -> Iterator[Node]:
    """Yield Kubernetes objects, of charts too."""
    for path in facts.repository.with_suffix(".yml", ".yaml"):
        if facts.repository.mentions(path, "apiversion:") and facts.repository.mentions(
            path, "kind:"
        ):
            for node in facts.nodes(path):
                if node.kind == "mapping" and node.get("apiVersion") is not None:
                    yield node


def _kind(node: Node) -> str:
    found = node.get("kind")
    return found.string if found is not None else ""


def _name(node: Node) -> str:
    found = node.find("metadata.name")
    return found.string if found is not None else ""


def _in_kubernetes(facts: Facts) -> Iterator[Workload]:
    objects = list(manifests(facts))
    applied = applied_paths(facts) if objects else ()
    for node in objects:
        kind = _kind(node)
        if kind not in _SERVES and not (kind in _RUNS and _serves(facts, node)):
            continue
        yield Workload(
            "kubernetes",
            _name(node),
            node.span,
            is_applied(node.span.path, applied, facts),
            _pod_identity(node),
            _probe(node),
            _scaler(node, objects),
            _key(node.find("spec.template"), "spec"),
            _key(node.get("spec"), "replicas"),
        )


def _serves(facts: Facts, node: Node) -> bool:
    """Tell whether a workload runs a model: by what it is called, or by the code in its image."""
    return _about_model(node) or any(image_scores(facts, image) for image in _images(node))


def _images(node: Node) -> Iterator[str]:
    for inner in node.walk():
        image = inner.get("image") if inner.kind == "mapping" else None
        if image is not None and image.string:
            yield image.string


def image_scores(facts: Facts, image: str) -> bool:
    """Tell whether the repository builds an image that holds scoring code.

    Args:
        facts: gives paths and code.
        image: its reference, as ``registry/team/name:tag``; one that is filled in when the pipeline
            runs may be any image that the repository builds.
    """
    name = _own_name(image)
    if not image or (name and _NOT_SERVING.search(name)):
        return False
    scoring = [module.path for module in scoring_modules(facts)]
    if any(_in_folder(facts, name, path) for path in scoring):
        return True
    images = facts.images
    return any(
        images.holds(build, path)
        for build in (images.builds if scoring else ())
        if not name or name in build.names
        for path in scoring
    )


def _own_name(reference: str) -> str:
    """Return an image's name, "" where a macro or another stand-in is filled in there."""
    name = reference.strip("\"' ").rpartition("/")[2].partition("@")[0].partition(":")[0]
    return "" if _FILLED_IN.search(name) else image_name(name)


def _in_folder(facts: Facts, name: str, path: str) -> bool:
    """Tell whether a file stands in a folder that has the image's name and a Dockerfile."""
    parts = path.split("/")[:-1]
    return any(
        part.lower() == name and facts.repository.exists("/".join((*parts[:n], part, "Dockerfile")))
        for n, part in enumerate(parts)
    )


def _about_model(node: Node) -> bool:
    texts = [_name(node).lower(), *(image.lower() for image in _images(node))]
    joined = " ".join(texts)
    own = node.span.path.lower().rpartition("/")[0]
    chart = own.removesuffix("/templates").rpartition("/")[2]
    said = any(_ABOUT_MODELS.search(t) and not _NOT_SERVING.search(t) for t in texts)
    return said or (bool(_ABOUT_MODELS.search(chart)) and "{{" in joined)


def _pod_identity(node: Node) -> Span | None:
    """Return the place of workload identity on the pod: its service account or identity label."""
    for inner in node.walk():
        for key, value in inner.items():
            if key in {"serviceAccountName", "serviceAccount"} and value.string not in {
                "",
                "default",
            }:
                return value.span
            if key in {"azure.workload.identity/use", "aadpodidbinding"}:
                return value.span
    return None


def _key(node: Node | None, key: str) -> Span | None:
    """Return the place of a mapping's key."""
    entries = node.entries if node is not None else ()
    return next((name.span for name, _ in entries if name.text == key), None)


def _probe(node: Node) -> Span | None:
    for inner in node.walk():
        for name, value in inner.entries:
            if name.text in {"livenessProbe", "readinessProbe"} and value.kind == "mapping":
                return name.span
    return None


def _scaler(node: Node, objects: list[Node]) -> Span | None:
    if _kind(node) in _SERVES:
        for inner in node.walk():
            for name, _ in inner.entries:
                if name.text in {"maxReplicas", "hpaSpec", "autoscaling"}:
                    return name.span
    for other in objects:
        target = other.find("spec.scaleTargetRef.name")
        if _kind(other) in _SCALES and target is not None and target.string == _name(node):
            return other.span
    return None


def _in_iac(facts: Facts) -> Iterator[Workload]:
    for kind, short in _APPS.items():
        for resource in facts.estate.of_type(kind):
            image = " ".join(
                shown(value).lower()
                for path, value in resource.properties.items()
                if path.lower().endswith(("image", "linuxfxversion", "imagename"))
            )
            name = shown(resource.name).lower()
            if _PLACEHOLDER_IMAGE.search(image) or _NOT_SERVING.search(name):
                continue
            if not _ABOUT_MODELS.search(image):
                continue
            identity = resource.span if _managed(resource.identity) else None
            yield Workload(short, name, resource.span, True, identity)


# --- apps that pipelines and scripts deploy

_APP_KINDS = (
    ("containerapp", "containerapp", "microsoft.app/containerapps"),
    ("container-apps", "containerapp", "microsoft.app/containerapps"),
    ("function", "function", "microsoft.web/sites"),
    ("az container create", "aci", "microsoft.containerinstance/containergroups"),
    ("aci-deploy", "aci", "microsoft.containerinstance/containergroups"),
    ("", "webapp", "microsoft.web/sites"),
)
_APP_NAMES = ("app-name", "appname", "--name", "-n", "webappname", "name", "containerappname")
_IDENTITY_OPTIONS = ("--assign-identity", "--system-assigned", "--user-assigned")
_IMAGE_INPUTS = (
    "images",
    "image",
    "imagename",
    "imagetodeploy",
    "containers",
    "--image",
    "--container-image-name",
    "--deployment-container-image-name",
    "--docker-custom-image-name",
    "-i",
    "-c",
)
_SOURCES = ("package", "packageforlinux", "--src", "--src-path", "--source", "appsourcepath")


def _in_apps(facts: Facts) -> Iterator[Workload]:
    seen: set[tuple[str, str, Span]] = set()
    for act in acts_of(facts, "deploy-model", target="app"):
        if act.source == "notebook" or not _app_scores(facts, act):
            continue
        kind, resource_type = next((k, t) for word, k, t in _APP_KINDS if word in act.tool.lower())
        name = next((shown(act.arguments[k]) for k in _APP_NAMES if k in act.arguments), kind)
        if (kind, name, act.span) not in seen:
            seen.add((kind, name, act.span))
            identity = _app_identity(facts, act, resource_type)
            yield Workload(kind, name, act.span, True, identity)


def _app_scores(facts: Facts, act: Act) -> bool:
    """Tell whether an app runs a model: by its image, its source folder or the repository's app."""
    reference = _reference(act)
    if _PLACEHOLDER_IMAGE.search(reference):
        return False
    name = _own_name(reference)
    if name:
        about = bool(_ABOUT_MODELS.search(name) and not _NOT_SERVING.search(name))
        return about or image_scores(facts, reference)
    scoring = [module.path for module in scoring_modules(facts) if is_web(facts, module.path)]
    folder = next((shown(act.arguments[k]) for k in _SOURCES if k in act.arguments), "")
    folder = _trimmed(folder)
    if folder.endswith(".zip"):
        folder = folder.rpartition("/")[0]
    if folder and facts.repository.is_dir(folder):
        return any(path.startswith(f"{folder}/") for path in scoring)
    return bool(scoring)


def _reference(act: Act) -> str:
    """Return the reference of the image that an act deploys, "" where it names none."""
    texts = [shown(act.arguments[key]).strip() for key in _IMAGE_INPUTS if key in act.arguments]
    first = next((text.split()[0] for text in texts if text), "")
    return first.partition("|")[2] or first  # DOCKER|registry/name:tag


def _app_identity(facts: Facts, act: Act, resource_type: str) -> Span | None:
    """Return where an app gets an identity: the act, its resource, or a command of its own."""
    if any(option in act.arguments for option in _IDENTITY_OPTIONS):
        return act.span
    for resource in facts.estate.of_type(resource_type):
        if _managed(resource.identity):
            return _identity_place(resource)
    for command in facts.commands:
        words = [shown(word) for word in command.words[:4]]
        if words[:1] == ["az"] and words[2:4] == ["identity", "assign"]:
            return command.span
    return None


def _identity_place(resource: Resource) -> Span:
    return next((s for p, s in resource.places.items() if p.startswith("identity")), resource.span)


def _managed(identity: Value | None) -> bool:
    kind = (
        identity.data.get("type")
        if identity is not None and isinstance(identity.data, dict)
        else identity
    )
    return isinstance(kind, Value) and shown(kind).lower() != "none"


# --- what is applied


def applied_paths(facts: Facts) -> tuple[str, ...]:
    """Return the manifests, folders and charts that commands and tasks apply, as they say them."""
    found: list[str] = []
    for command in facts.commands:
        words = [shown(word) for word in command.words]
        if len(words) > 1 and _applies(words):
            found += [w for w in words[2:] if not w.startswith("-")]
    for pipeline in facts.pipelines:
        for job in pipeline.jobs:
            for step in job.steps:
                for key in ("chartpath", "manifests", "configuration", "chart"):
                    value = step.inputs.get(key)
                    if value is not None and not step.disabled:
                        found += shown(value).split()
    return tuple(dict.fromkeys(_trimmed(text) for text in found))


def _applies(words: list[str]) -> bool:
    if words[0] == "kubectl":
        return words[1] in {"apply", "create", "replace"}
    if words[0] == "helm":
        return words[1] in {"upgrade", "install"}
    return words[0] in {"kustomize", "skaffold"}


def _trimmed(text: str) -> str:
    text = re.sub(r"^(\$\{?\{?[\w.\s\-]+\}?\}?|\$\([\w.]+\)|\.)/", "", text.strip("\"'"))
    return text.removeprefix("./").rstrip("/")


def is_applied(path: str, applied: tuple[str, ...], facts: Facts) -> bool:
    """Tell whether a manifest is among what is applied."""
    for one in applied:
        if not one or one.startswith("$"):
            continue
        if path == one or path.startswith(f"{one}/"):
            return True
        last = one.rpartition("/")[2]
        folder = f"/{path}".partition(f"/{last}/")
        if (
            folder[2]
            and len(last) > 2
            and facts.repository.exists(f"{folder[0]}/{last}/Chart.yaml".lstrip("/"))
        ):
            return True
        if "." in last and path.rpartition("/")[2] == last:
            return True
    return False


# --- traffic


def splits(facts: Facts) -> tuple[Split, ...]:
    """Return the traffic objects that divide or route among versions of a served model."""
    if not read_workloads(facts):
        return ()
    applied = applied_paths(facts)
    found = []
    for node in manifests(facts):
        if _kind(node) in _TRAFFIC:
            split = _split(node, is_applied(node.span.path, applied, facts))
            if split is not None:
                found.append(split)
    return tuple(found)


def _by_header(name: str, value: Node) -> bool:
    listed = name == "headers" and value.kind in {"mapping", "sequence"}
    return listed or "canary-by-header" in name


def _split(node: Node, applied: bool) -> Split | None:
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
                values += re.findall(r"\.Values\.([\w.]+)", value.text)
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
