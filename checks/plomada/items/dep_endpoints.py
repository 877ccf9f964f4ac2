"""DEP1, DEP2, DEP3: identity, scale and health of what serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Asset, Resource, Value
from plomada.facts.serving.healthchecks import healthchecks
from plomada.facts.serving.serving import APP_KINDS, Workload, workloads
from plomada.facts.strings import shown
from plomada.facts.words import (
    online_deployments,
    online_endpoints,
    place_of,
    ranked,
    serves_online,
)
from plomada.items import Settings, item
from plomada.items.common import first_line, is_disabled
from plomada.records import replace
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, not_applicable, passed

NOTHING_SERVED = "nothing is served online"
_APPS = frozenset({"webapp", "function"})
_PLANS = ("serverfarms", "service_plan", "serviceplan")  # they scale the apps on them
_CLUSTERS = "microsoft.containerservice/managedclusters"


@item("DEP1")
def managed_identity(facts: Facts, settings: Settings) -> Verdict:
    """No endpoint is configured to do without a managed identity."""
    endpoints = [*online_endpoints(facts)[0], *ranked(facts.assets.of_kind("batch-endpoint"))[0]]
    services = [a for a in online_deployments(facts)[0] if a.kind == "webservice"]
    deployments = [a for a in online_deployments(facts)[0] if a.kind == "online-deployment"]
    made = [*endpoints, *services, *deployments]
    # An app beside the endpoints is their client; alone it is what serves.
    served = [w for w in _judged(workloads(facts), made) if not made or w.kind not in _APPS]
    if not endpoints and not services and not served and not deployments:
        return not_applicable("there is no endpoint, online or batch")
    findings = [
        *(f for e in endpoints for f in _without_identity(e, deployments)),
        *(f for s in services for f in _service_without_identity(facts, s)),
        *(_workload_finding(w) for w in served if w.identity is None),
    ]
    if findings:
        return failed("an endpoint is served without a managed identity", findings)
    evidence = [*(_identity(e) for e in (*endpoints, *(() if endpoints else deployments)))]
    evidence += [Evidence("declared", "declares an identity", s.span) for s in services]
    evidence += [Evidence("declared", f"{w.name} names its identity", w.identity) for w in served]
    return passed("every endpoint has a managed identity", evidence)


def _judged(found: tuple[Workload, ...], others: list[Asset]) -> list[Workload]:
    """Return the workloads that are judged: applied ones, or all where nothing else is applied."""
    applied = [w for w in found if w.applied]
    if applied:
        return applied
    made = any(a.applied is not None and a.source != "notebook" for a in others)
    return [] if made else list(found)


def _serving(facts: Facts, deployments: Sequence[Asset]) -> tuple[Workload, ...]:
    """Return the workloads; an app beside a deployment is its client, whose size says nothing."""
    found = workloads(facts)
    if not deployments:
        return found
    return tuple(replace(w, scales=None, probes=None) if w.kind in APP_KINDS else w for w in found)


def _without_identity(endpoint: Asset, deployments: list[Asset]) -> Iterator[Finding]:
    kind = _identity_type(endpoint)
    if kind == "none":
        place = place_of(_identity_value(endpoint), endpoint)
        yield Finding("no-identity", "the endpoint's identity is switched off", place)
    elif not kind and _on_cluster(endpoint, deployments):
        message = "a Kubernetes endpoint has an identity only if it declares one"
        yield Finding("no-identity", message, endpoint.span)


def _on_cluster(endpoint: Asset, deployments: list[Asset]) -> bool:
    """Tell whether an endpoint serves on Kubernetes, by itself or by its deployments."""
    name = endpoint.name.text
    return endpoint.compute == "kubernetes" or any(
        d.compute == "kubernetes" and name and shown(d.fields.get("endpoint_name")) == name
        for d in deployments
    )


def _identity_value(endpoint: Asset) -> Value | None:
    return endpoint.fields.get("identity.type", endpoint.fields.get("identity"))


def _identity_type(endpoint: Asset) -> str:
    for path in ("identity.type", "identity"):
        value = endpoint.fields.get(path)
        if value is not None and not isinstance(value.data, dict):
            return (value.text or shown(value)).lower()
    return "declared" if "identity" in endpoint.fields else ""


def _service_without_identity(facts: Facts, service: Asset) -> Iterator[Finding]:
    """A v1 service has the identity of its cluster; a container group of v1 has none."""
    clusters = facts.estate.of_type(_CLUSTERS) if service.compute != "aci" else ()
    for cluster in clusters:
        if cluster.identity is None:
            message = "the cluster that serves has no managed identity"
            principal = _principal(cluster)
            yield Finding("no-identity", message, principal, cluster.address, (service.span,))
    if not clusters:
        message = "the service declares no managed identity"
        yield Finding("no-identity", message, service.span, related=_related(service))


def _principal(cluster: Resource) -> Span:
    """Return where a cluster names its service principal, else the cluster's place."""
    for path, span in cluster.places.items():
        if path.replace("_", "").rpartition("properties.")[2].startswith("serviceprincipal"):
            return span
    return cluster.span


def _related(asset: Asset) -> tuple[Span, ...]:
    return (first_line(asset.applied),) if asset.applied is not None else ()


def _workload_finding(workload: Workload) -> Finding:
    message = f"{workload.name} ({workload.kind}) names no service account or managed identity"
    return Finding("no-identity", message, workload.pod or workload.span, workload.name)


def _identity(endpoint: Asset) -> Evidence:
    kind = _identity_type(endpoint)
    message = (
        f"identity: {kind}"
        if kind
        else "a managed endpoint has a system-assigned identity by default"
    )
    if endpoint.kind.startswith("batch") and not kind:
        message = "a batch endpoint runs as its compute or its caller"
    place = first_line(place_of(_identity_value(endpoint), endpoint))
    return Evidence("identity", message, place, shown(endpoint.name), _related(endpoint))


@item("DEP2")
def autoscaling(facts: Facts, settings: Settings) -> Verdict:
    """A deployment that serves online scales with load."""
    if not serves_online(facts):
        return not_applicable(NOTHING_SERVED)
    judged, others = online_deployments(facts)
    served = _judged(_serving(facts, judged), list(judged))
    evidence = [
        *(
            Evidence("scales", "scales with load", span, shown(d.name))
            for d in judged
            for span in _scales(d)
        ),
        *(Evidence("scales", "scales with load", w.scales, w.name) for w in served if w.scales),
        *_autoscale_resources(facts),
    ]
    if evidence:
        return passed("a deployment scales with load", evidence)
    advice = [
        Advice("not-applied", "scales, but nothing applies it", s)
        for d in others
        for s in _scales(d)
    ]
    advice += [
        Advice("not-applied", "scales, but nothing applies it", w.scales, w.name)
        for w in workloads(facts)
        if w.scales and w not in served
    ]
    findings = [Finding("fixed-size", "has a fixed number of instances", _size(d)) for d in judged]
    findings += [
        Finding("fixed-size", "nothing scales it", w.size or w.span, w.name) for w in served
    ]
    return failed("no deployment scales with load", findings, advice)


def _size(deployment: Asset) -> Span:
    return place_of(deployment.fields.get("instance_count"), deployment)


def _scales(deployment: Asset) -> Iterator[Span]:
    for path, value in deployment.fields.items():
        last = path.rpartition(".")[2].lower()
        if (
            path.endswith("scale_settings.type")
            and (value.text or "").replace("_", "").lower() == "targetutilization"
        ) or (last in {"autoscaleenabled", "autoscale_enabled"} and _is_true(value)):
            yield _place(value, deployment)


def _is_true(value: Value) -> bool:
    return value.kind == "known" and str(value.data).lower() == "true"


def _place(value: Value, asset: Asset) -> Span:
    return place_of(value, asset)


def _autoscale_resources(facts: Facts) -> Iterator[Evidence]:
    for resource in facts.estate.of_type("microsoft.insights/autoscalesettings"):
        if not is_disabled(resource) and _aims_at_deployment(facts, resource):
            yield Evidence(
                "scales", "autoscale settings target a deployment", resource.span, resource.address
            )
    for act in acts_of(facts, "autoscale"):
        yield Evidence("scales", f"{act.tool} makes autoscale settings", act.span)


def _aims_at_deployment(facts: Facts, resource: Resource) -> bool:
    """Tell whether autoscale settings scale a deployment; the target's type decides if known."""
    aims = {
        key: f"{shown(value)} {value.reason}".lower()
        for path, value in resource.properties.items()
        if "targetresource" in (key := path.lower()) or "metricresource" in key
    }
    alone = not online_deployments(facts)[0]
    plans = _PLANS if alone and any(w.kind in _APPS for w in workloads(facts)) else ()
    known = [text for key, text in aims.items() if _is_target(key) and "microsoft." in text]
    if known:
        return any(word in text for text in known for word in ("endpoint", *plans))
    links = [link for link in facts.estate.links if link.source == resource.address]
    aimed = " ".join([*aims.values(), *(f"{k.target} {k.detail}".lower() for k in links)])
    return any(word in aimed for word in ("endpoint", "deployment", "machinelearning", *plans))


def _is_target(path: str) -> bool:
    return path.replace("_", "") in ("targetresourceuri", "targetresourceid")


@item("DEP3")
def health_checks(facts: Facts, settings: Settings) -> Verdict:
    """A deployment that serves online has a liveness or readiness probe."""
    if not serves_online(facts):
        return not_applicable(NOTHING_SERVED)
    judged, others = online_deployments(facts)
    served = _judged(_serving(facts, judged), list(judged))
    evidence = [
        *(Evidence("probe", f"has a {p}", s, shown(d.name)) for d in judged for p, s in _probes(d)),
        *(Evidence("probe", "has a probe", w.probes, w.name) for w in served if w.probes),
        *(
            Evidence("healthcheck", "the served image has a HEALTHCHECK", s)
            for s in healthchecks(facts, served, judged)
        ),
    ]
    if evidence:
        return passed("a deployment has health checks", evidence)
    advice = [
        Advice("not-applied", "has a probe, but nothing applies it", s)
        for d in others
        for _, s in _probes(d)
    ]
    advice += [
        Advice("not-applied", "has a probe, but nothing applies it", w.probes, w.name)
        for w in workloads(facts)
        if w.probes and w not in served
    ]
    findings = [Finding("no-probe", "has no liveness or readiness probe", d.span) for d in judged]
    findings += [Finding("no-probe", "has no probe", w.pod or w.span, w.name) for w in served]
    return failed("no deployment has a liveness or readiness probe", findings, advice)


_PROBES = ("liveness_probe", "readiness_probe", "livenessProbeRequirements", "startup_probe")
_V1_PROBES = ("period_seconds", "failure_threshold", "initial_delay_seconds")


def _probes(deployment: Asset) -> Iterator[tuple[str, Span]]:
    for path in _PROBES:
        value = deployment.fields.get(path)
        if value is not None and not (value.kind == "known" and value.data in (None, {})):
            yield path.replace("_", " "), _place(value, deployment)
    if deployment.kind == "webservice":
        for path in _V1_PROBES:
            value = deployment.fields.get(path)
            if value is not None:
                yield "liveness probe", _place(value, deployment)
