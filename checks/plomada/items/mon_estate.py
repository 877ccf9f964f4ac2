"""MON3 and MON4: alert rules and dashboards."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.monitoring.observability import (
    alert_rules,
    created_alerts,
    grafana_dashboards,
    notifying_monitors,
)
from plomada.items import Settings, item
from plomada.items.common import (
    absent,
    at,
    declared,
    done,
    first_line,
    is_disabled,
    once,
    switched_off,
)
from plomada.verdicts import Evidence, Remark, Verdict, failed, passed

MOST_NEAR = 4
ALERTS = (
    "microsoft.insights/metricalerts",
    "microsoft.insights/scheduledqueryrules",
    "microsoft.insights/activitylogalerts",
    "microsoft.insights/alertrules",
    "microsoft.alertsmanagement/smartdetectoralertrules",
    "microsoft.alertsmanagement/prometheusrulegroups",
    "grafana/rulegroups/child",
)
DASHBOARDS = (
    "microsoft.portal/dashboards",
    "microsoft.insights/workbooks",
    "microsoft.dashboard/dashboards",
    "grafana/dashboards/child",
)


@item("MON3")
def alerts(facts: Facts, settings: Settings) -> Verdict:
    """Metric, log or activity alerts are declared, or a monitor notifies someone."""
    resources = facts.estate.of_type(*ALERTS)
    off = {r.address: r for r in resources if is_disabled(r)}
    resources = tuple(r for r in resources if r.address not in off)
    evidence = [*declared(resources, "alert", "an alert rule"), *_other_alerts(facts)]
    if not evidence and off:
        findings = [at("disabled", "this alert rule is disabled", r) for r in off.values()]
        return failed("every alert rule is disabled", once(findings))
    if not evidence:
        message = "a budget's notification is no alert rule"
        near = [
            at("budget", message, r, r.places.get("notifications"))
            for r in facts.estate.of_type("microsoft.consumption/budgets")
        ]
        return absent(facts, "no alert rule is declared", findings=once(near)[:MOST_NEAR])
    return passed("alert rules are declared", once(evidence), switched_off(resources))


def _other_alerts(facts: Facts) -> Iterator[Evidence]:
    yield from done(facts, "alert", "an alert rule", "create-alert")
    for span in created_alerts(facts):
        yield Remark("alert", "code creates an alert rule", first_line(span), span.path)
    for span in alert_rules(facts.repository):
        yield Remark(
            "alert", "an alert rule is kept for Prometheus or Grafana", first_line(span), span.path
        )
    for span in notifying_monitors(facts):
        yield Remark("monitor", "a monitor notifies someone", first_line(span), span.path)


@item("MON4")
def dashboards(facts: Facts, settings: Settings) -> Verdict:
    """A portal dashboard, workbook or Grafana dashboard is declared."""
    resources = facts.estate.of_type(*DASHBOARDS)
    evidence = [*declared(resources, "dashboard", "a dashboard")]
    evidence += done(facts, "dashboard", "a dashboard", "create-dashboard")
    for span in grafana_dashboards(facts.repository):
        evidence.append(
            Remark("dashboard", "a Grafana dashboard is kept", first_line(span), span.path)
        )
    if not evidence:
        return absent(facts, "no dashboard or workbook is declared")
    return passed("a dashboard is declared", once(evidence), switched_off(resources))
