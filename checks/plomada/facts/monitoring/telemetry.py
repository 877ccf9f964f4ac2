"""Telemetry for Application Insights, and metrics that scoring code emits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plomada.facts.code.code import is_test_file
from plomada.facts.models.modelcode import reached_scopes
from plomada.facts.words import ONLINE_DEPLOYMENTS, online_deployments, ranked
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module
    from plomada.facts.code.flow import Scope
    from plomada.spans import Span

# Calls that send telemetry to Application Insights.
_TELEMETRY = regex(
    r"^azure\.monitor\.opentelemetry\.|^opencensus\.ext\.azure\.|^applicationinsights\.(TelemetryClient|channel|logging|requests)"
    r"|^azure\.monitor\.events"
)
_METRICS = regex(
    r"^opentelemetry\..*\b(create_counter|create_histogram|create_up_down_counter|create_gauge|create_observable_\w+)$"
    r"|\.track_metric$|^opencensus\.stats\.measure\.|\bmeasure_(int|float)_put$"
    r"|^prometheus_client\.(Counter|Gauge|Histogram|Summary|Info)$|^prometheus_client\.metrics\.\w+$"
    r"|^azureml\.ai\.monitoring\.Collector$|^azureml\.monitoring\.ModelDataCollector$"
    r"|^azureml\.monitoring\.modeldatacollector\.ModelDataCollector$|^statsd\.|^datadog\.statsd\."
    r"|\.MeasureInt$|\.MeasureFloat$"
)
_COLLECTED = ("data_collector.collections", "data_collector")
_V1_COLLECTED = ("collect_model_data", "modelDataCollection.storageEnabled", "modelDataCollection")


def telemetry(facts: Facts, modules: Iterable[Module] | None = None) -> Iterator[tuple[str, Span]]:
    """Yield the calls that configure telemetry, in code that something uses.

    Args:
        facts: gives the code.
        modules: the modules to start from; scripts and scoring code where None.
    """
    for scope in _scopes(facts, modules):
        for name, span in _calls(facts, scope):
            if _TELEMETRY.search(name):
                yield name, span


def custom_metrics(facts: Facts, modules: Iterable[Module] | None) -> Iterator[tuple[str, Span]]:
    """Yield the calls that make or record a metric in modules and what they call.

    Anywhere for None.
    """
    for scope in _scopes(facts, modules):
        for name, span in _calls(facts, scope):
            if _METRICS.search(name):
                yield name, span


def collectors(facts: Facts) -> Iterator[Span]:
    """Yield where a deployment switches the data collector on, and where its setting is made."""
    batch, _ = ranked(facts.assets.of_kind("batch-deployment"))
    for deployment in (*online_deployments(facts)[0], *batch):
        for path in _COLLECTED if deployment.kind not in ONLINE_DEPLOYMENTS[1:] else _V1_COLLECTED:
            value = deployment.fields.get(path)
            if value is None or str(value.data).lower() in {"false", "none", "{}"}:
                continue
            enabled = [
                v for p, v in deployment.fields.items()
                if p.startswith("data_collector.") and p.endswith(".enabled")
            ]  # fmt: skip
            if enabled and all(str(v.data).lower() == "false" for v in enabled):
                continue
            places = (value.origins[0], value.origins[-1]) if value.origins else (deployment.span,)
            yield from dict.fromkeys(places)
            break


def _scopes(facts: Facts, modules: Iterable[Module] | None) -> Iterator[Scope]:
    if modules is None:
        for module in facts.code.telling():
            if not is_test_file(module.path) and not module.is_notebook:
                yield from module.scopes
        return
    starts = [scope for module in modules for scope in module.scopes]
    yield from reached_scopes(facts, starts)


def _calls(facts: Facts, scope: Scope) -> Iterator[tuple[str, Span]]:
    module = facts.code.owner(scope)
    for site in scope.sites:
        yield facts.code.name(site), module.span(site.node)
