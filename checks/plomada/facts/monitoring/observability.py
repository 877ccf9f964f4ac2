"""Alert rules and dashboards that live in files of their own: Prometheus, Grafana, monitors."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.patterns import regex
from plomada.readers import json, yaml
from plomada.readers.nodes import Node
from plomada.repository import Repository
from plomada.spans import Span

_CREATES_ALERT = regex(
    r"\.(?:scheduled_query_rules|metric_alerts|activity_log_alerts|alert_rules)\.(?:begin_)?create"
)


def alert_rules(repository: Repository) -> Iterator[Span]:
    """Yield the places of alert rules for Prometheus (plain or as an object) and Grafana."""
    for path in repository.with_suffix(".yml", ".yaml", ".rules"):
        if not (repository.mentions(path, "rules:") and repository.mentions(path, "groups:")):
            continue
        for node in yaml.read(repository.text(path) or "", path)[0]:
            yield from _rules(node)


def _rules(node: Node) -> Iterator[Span]:
    groups = node.get("groups") or node.find("spec.groups")
    for group in groups.elements if groups is not None else []:
        rules = group.get("rules")
        for rule in rules.elements if rules is not None else []:
            prometheus = rule.get("alert") is not None and rule.get("expr") is not None
            grafana = rule.get("condition") is not None and rule.get("data") is not None
            if prometheus or grafana:
                yield rule.span


def grafana_dashboards(repository: Repository) -> Iterator[Span]:
    """Yield the places of Grafana dashboards kept as JSON or as Kubernetes objects."""
    for path in repository.with_suffix(".json"):
        if repository.mentions(path, '"panels"') and repository.mentions(
            path, '"schemaversion"', '"dashboard"'
        ):
            for node in json.read(repository.text(path) or "", path)[0]:
                inner = node.get("dashboard") or node
                panels = inner.get("panels")
                if panels is not None and panels.elements:
                    yield node.span
    for path in repository.with_suffix(".yml", ".yaml"):
        if repository.mentions(path, "kind: grafanadashboard", "grafana_dashboard:"):
            for node in yaml.read(repository.text(path) or "", path)[0]:
                if node.get("kind") is not None:
                    yield node.span


def created_alerts(facts: Facts) -> Iterator[Span]:
    """Yield the calls by which Python creates alert rules with a client that comes from elsewhere.

    The operation groups' names are the SDK's own; the file has to import ``azure.mgmt.monitor``.
    """
    repository = facts.repository
    paths = {
        p for p in repository.with_suffix(".py") if repository.mentions(p, "azure.mgmt.monitor")
    }
    if not paths:
        return
    for address, function in facts.code.functions.items():
        if address.partition("::")[0] not in paths or function.is_test:
            continue
        for call in function.calls:
            if _CREATES_ALERT.search(call.name):
                yield call.span


def notifying_monitors(facts: Facts) -> Iterator[Span]:
    """Yield the places of Azure ML monitors that notify someone."""
    for asset in facts.assets.all:
        if asset.kind not in ("monitor", "schedule"):
            continue
        for path, value in asset.fields.items():
            told = "alert_notification" in path and not (value.kind == "known" and not value.data)
            if told and asset.source != "notebook":
                yield value.origins[0] if value.origins else asset.span
                break
