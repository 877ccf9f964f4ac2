"""MON1, MON2: what serving tells Application Insights, and which metrics it emits."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.model import Resource
from plomada.facts.models.modelcode import log_lines, predicting, scoring_modules
from plomada.facts.monitoring.telemetry import collectors, custom_metrics, telemetry
from plomada.facts.serving.serving import workloads
from plomada.facts.words import online_deployments, online_endpoints, place_of, serves_online
from plomada.items import Settings, item
from plomada.items.common import first_line
from plomada.spans import Span
from plomada.verdicts import Evidence, Finding, Verdict, failed, passed, unknown

_WORKSPACE = "microsoft.machinelearningservices/workspaces"
_INSIGHTS = "microsoft.insights/components"


@item("MON1")
def application_insights(facts: Facts, settings: Settings) -> Verdict:
    """Application Insights is linked to the workspace or telemetry is configured.

    Serving reports to it.
    """
    linked = [*_linked(facts)]
    coded = [
        Evidence("telemetry", f"{name} is configured", span) for name, span in telemetry(facts)
    ]
    if not linked and not coded:
        if facts.hiding("resources"):
            return unknown("no Application Insights was found, but not all IaC could be read")
        reason = "no Application Insights is linked to a workspace, no telemetry code is configured"
        unlinked = [
            Finding("not-linked", "is linked to no workspace", r.span, r.address)
            for r in facts.estate.of_type(_INSIGHTS)
        ]
        return failed(reason, [*unlinked, *_silent(facts)])
    if not serves_online(facts):
        return passed(
            "Application Insights is integrated; nothing is served online", [*linked, *coded]
        )
    enabled = [*_enabled(facts), *_instrumented(facts)]
    if enabled:
        return passed(
            "Application Insights is integrated with what is served", [*linked, *coded, *enabled]
        )
    return failed("what is served online does not report to Application Insights", _silent(facts))


def _linked(facts: Facts) -> Iterator[Evidence]:
    declared = {r.address: r for r in facts.estate.of_type(_INSIGHTS)}
    if not declared:
        return
    shown_already: set[Span] = set()
    for workspace in facts.estate.of_type(_WORKSPACE):
        for path, value in workspace.properties.items():
            empty = value.kind == "known" and not value.data
            if not path.lower().endswith("applicationinsights") or empty:
                continue
            targets = [
                link.target for link in facts.estate.links if link.source == workspace.address
            ]
            component = next((declared[t] for t in targets if t in declared), None)
            for evidence in (
                _declared(component or next(iter(declared.values()))),
                Evidence(
                    "linked",
                    "and linked to the workspace",
                    workspace.places.get(path, workspace.span),
                    workspace.address,
                ),
            ):
                if evidence.span is not None and evidence.span not in shown_already:
                    shown_already.add(evidence.span)
                    yield evidence


def _declared(component: Resource) -> Evidence:
    return Evidence(
        "declared", "Application Insights is declared", component.span, component.address
    )


_SWITCHES = ("app_insights_enabled", "appInsightsEnabled", "enable_app_insights")


def _enabled(facts: Facts) -> Iterator[Evidence]:
    for deployment in online_deployments(facts)[0]:
        for path in _SWITCHES:
            value = deployment.fields.get(path)
            if value is not None and str(value.data).lower() == "true":
                span = value.origins[-1] if value.origins else deployment.span
                yield Evidence("enabled", "the deployment enables Application Insights", span)


def _instrumented(facts: Facts) -> Iterator[Evidence]:
    for name, span in telemetry(facts, scoring_modules(facts)):
        yield Evidence("instrumented", f"the scoring code uses {name}", span)


def _silent(facts: Facts) -> Iterator[Finding]:
    message = "reports to no Application Insights"
    for deployment in online_deployments(facts)[0]:
        off = next((deployment.fields[p] for p in _SWITCHES if p in deployment.fields), None)
        yield Finding("not-enabled", message, place_of(off, deployment))
    for workload in workloads(facts):
        yield Finding("not-enabled", message, workload.span, workload.name)
    if not online_deployments(facts)[0]:
        for endpoint in online_endpoints(facts)[0]:
            yield Finding("not-enabled", message, endpoint.span)
    for module in scoring_modules(facts):
        message = "the scoring code configures no telemetry"
        scored = module.by_name.get("run") or module.by_name.get("init") or module.body
        yield Finding("not-instrumented", message, module.span(scored.node))


@item("MON2")
def own_metrics(facts: Facts, settings: Settings) -> Verdict:
    """Serving or batch-scoring code emits metrics of its own."""
    modules = scoring_modules(facts)
    evidence = [
        *(
            Evidence("metric", f"the scoring code emits {name}", span)
            for name, span in custom_metrics(facts, modules)
        ),
        *(
            Evidence("collector", "the deployment collects data", span)
            for span in collectors(facts)
        ),
    ]
    if evidence:
        return passed("scoring code emits metrics of its own", evidence)
    findings = [
        Finding("log-line", "a log line is no metric", first_line(span))
        for module in modules
        for span in log_lines(module)
    ]
    findings += [
        Finding("no-metric", "the scoring code emits no metric of its own", span)
        for module in modules
        for span in predicting(module)
    ]
    findings += [
        Finding("not-used", f"{name} is called by no serving or scoring code", span)
        for name, span in custom_metrics(facts, None)
    ]
    if not findings and facts.hiding("code"):
        return unknown(f"no metric was found, but {facts.hiding('code')[0].path} could not be read")
    return failed("no serving or scoring code emits metrics of its own", findings)
