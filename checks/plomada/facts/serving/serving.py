"""What serves outside Azure ML's endpoints: Kubernetes, container groups, container apps, web apps.

A workload counts where it runs the scoring image or code: a model-serving kind, or an image or name
that is about a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act, Resource, Value
from plomada.facts.models.modelcode import is_web, scoring_modules
from plomada.facts.serving import appfiles
from plomada.facts.serving.applied import applied_paths, is_applied, trimmed
from plomada.facts.serving.apps import probes, scales, scales_by_option
from plomada.facts.serving.images import image_name
from plomada.facts.serving.kubernetes import Manifest, manifests
from plomada.facts.strings import shown
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node
    from plomada.spans import Span

_RUNS = frozenset({"Deployment", "StatefulSet", "Rollout", "DaemonSet"})
_SERVES = frozenset(
    {"InferenceService", "SeldonDeployment", "ServingRuntime", "LLMInferenceService"}
)
_SCALES = frozenset({"HorizontalPodAutoscaler", "ScaledObject"})
_ABOUT_MODELS = regex(
    r"scor(e|ing)|infer|predict|(^|[^a-z])ml([^a-z]|$)|model|serving|mlflow|classif|regress|forecast"
)
_NOT_SERVING = regex(r"train|batch|mlflow-?server|tracking|airflow|jupyter|grafana|prometheus")
# What stands for a name that is filled in when the pipeline runs.
_FILLED_IN = regex(r"[${}#<>…]|__\w+__|^[A-Z_]*(?:IMAGE|PLACEHOLDER)[A-Z_]*$")
_APPS = {
    "microsoft.containerinstance/containergroups": "aci",
    "microsoft.app/containerapps": "containerapp",
    "microsoft.web/sites": "webapp",
}
APP_KINDS = frozenset({"containerapp", "webapp", "function"})
_PLACEHOLDER_IMAGE = regex(r"helloworld|hello-world|quickstart|nginx|placeholder", re.I)


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that serves the scoring image or code outside Azure ML's endpoints.

    Attributes:
        kind: ``kubernetes``, ``aci``, ``containerapp``, ``webapp``, ``function``.
        name: its name.
        span: its place.
        applied: a pipeline or script applies it.
        identity: the place where it declares a managed identity.
        probes: the place of a liveness or readiness probe or HEALTHCHECK.
        scales: the place of what scales it.
        pod: the place of what it runs: a pod's specification.
        size: the place of its fixed number of replicas.
        images: references of the images that it runs.
    """

    kind: str
    name: str
    span: Span
    applied: bool = False
    identity: Span | None = None
    probes: Span | None = None
    scales: Span | None = None
    pod: Span | None = None
    size: Span | None = None
    images: tuple[str, ...] = ()


@remembered
def workloads(facts: Facts) -> tuple[Workload, ...]:
    """Return what serves outside Azure ML's endpoints."""
    return (*_in_kubernetes(facts), *_in_iac(facts), *_in_apps(facts))


def _in_kubernetes(facts: Facts) -> Iterator[Workload]:
    objects = list(manifests(facts))
    applied = applied_paths(facts) if objects else ()
    for manifest in objects:
        node, kind = manifest.node, manifest.kind
        if kind not in _SERVES and not (kind in _RUNS and _serves(facts, manifest)):
            continue
        yield Workload(
            "kubernetes",
            manifest.name,
            node.span,
            is_applied(manifest.path, applied, facts),
            _pod_identity(node),
            _probe(node),
            _scaler(manifest, objects) or _scaled_by_command(facts, manifest.name),
            _key(node.find("spec.template"), "spec"),
            _key(node.get("spec"), "replicas"),
            tuple(_images(node)),
        )


def _serves(facts: Facts, manifest: Manifest) -> bool:
    """Tell whether a workload runs a model: by what it is called, or by the code in its image."""
    images = _images(manifest.node)
    return _about_model(manifest) or any(image_scores(facts, image) for image in images)


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
    name = own_image_name(image)
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


def own_image_name(reference: str) -> str:
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


def _about_model(manifest: Manifest) -> bool:
    texts = [manifest.name.lower(), *(image.lower() for image in _images(manifest.node))]
    chart = manifest.path.lower().rpartition("/")[0].removesuffix("/templates").rpartition("/")[2]
    said = any(_ABOUT_MODELS.search(t) and not _NOT_SERVING.search(t) for t in texts)
    return said or (bool(_ABOUT_MODELS.search(chart)) and bool(manifest.filled))


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


def _scaler(manifest: Manifest, objects: list[Manifest]) -> Span | None:
    if manifest.kind in _SERVES:
        for inner in manifest.node.walk():
            for name, _ in inner.entries:
                if name.text in {"maxReplicas", "hpaSpec", "autoscaling"}:
                    return name.span
    for other in objects:
        if other.kind in _SCALES and other.text("spec.scaleTargetRef.name") == manifest.name:
            return other.node.span
    return None


def _scaled_by_command(facts: Facts, name: str) -> Span | None:
    """Return the place of ``kubectl autoscale deployment name``."""
    for command in facts.commands:
        words = [shown(word) for word in command.words]
        if words[:2] == ["kubectl", "autoscale"] and command.source != "notebook":
            named = {word.rpartition("/")[2] for word in words[2:]}
            if name in named or any("$" in word for word in words[2:4]):
                return command.span
    return None


def _in_iac(facts: Facts) -> Iterator[Workload]:
    for kind, short in _APPS.items():
        for resource in facts.estate.of_type(kind):
            image = _declared_image(resource)
            name = shown(resource.name).lower()
            if _PLACEHOLDER_IMAGE.search(image) or _NOT_SERVING.search(name):
                continue
            built = any(own_image_name(i) and image_scores(facts, i) for i in image.split())
            if not (_ABOUT_MODELS.search(image) or built):
                continue
            identity = resource.span if _managed(resource.identity) else None
            yield Workload(
                short,
                name,
                resource.span,
                True,
                identity,
                probes(resource),
                scales(resource),
                images=(image,),
            )


def _declared_image(resource: Resource) -> str:
    """Return the references of the images that an app's resource names."""
    found = (
        shown(value).lower()
        for path, value in resource.properties.items()
        if re.sub(r"_", "", path).lower().endswith(("image", "linuxfxversion", "imagename"))
    )
    return " ".join(found)


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
            yield _app(facts, act, kind, resource_type, name)


def _app(facts: Facts, act: Act, kind: str, resource_type: str, name: str) -> Workload:
    """Return an app as its command, the file that it takes and a declared resource describe it."""
    root = appfiles.described(facts, act)
    healthy, scaled = _of_resources(facts, resource_type)
    identity = _app_identity(facts, act, resource_type)
    scaled = scales_by_option(act) or scaled
    if root is not None:
        identity = appfiles.identity(root) or identity
        healthy, scaled = appfiles.probes(root) or healthy, appfiles.scales(root) or scaled
    images = (_reference(facts, act),) if _reference(facts, act) else ()
    return Workload(kind, name, act.span, True, identity, healthy, scaled, images=images)


def _of_resources(facts: Facts, resource_type: str) -> tuple[Span | None, Span | None]:
    """Return the places of probes and scale of the app's resource where one is declared."""
    found = facts.estate.of_type(resource_type)
    healthy = next((span for r in found if (span := probes(r)) is not None), None)
    return healthy, next((span for r in found if (span := scales(r)) is not None), None)


def _app_scores(facts: Facts, act: Act) -> bool:
    """Tell whether an app runs a model: by its image, its source folder or the repository's app."""
    reference = _reference(facts, act)
    if _PLACEHOLDER_IMAGE.search(reference):
        return False
    name = own_image_name(reference)
    if name:
        about = bool(_ABOUT_MODELS.search(name) and not _NOT_SERVING.search(name))
        return about or image_scores(facts, reference)
    scoring = [module.path for module in scoring_modules(facts) if is_web(facts, module.path)]
    folder = next((shown(act.arguments[k]) for k in _SOURCES if k in act.arguments), "")
    folder = trimmed(folder)
    if folder.endswith(".zip"):
        folder = folder.rpartition("/")[0]
    if folder and facts.repository.is_dir(folder):
        return any(path.startswith(f"{folder}/") for path in scoring)
    return bool(scoring)


def _reference(facts: Facts, act: Act) -> str:
    """Return the reference of the image that an act deploys, "" where it names none."""
    root = appfiles.described(facts, act)
    if root is not None:
        return next(iter(appfiles.images(root).split()), "")
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
