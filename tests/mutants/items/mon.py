"""Monitoring: telemetry, metrics, alerts, dashboards, queries, drift, performance."""

from __future__ import annotations

import re

from tests.mutants.items import LIFECYCLE, MAIN, MODULES
from tests.mutants.items.dep import BLUE, GREEN
from tests.mutants.mutation import (
    Add,
    Change,
    Delete,
    DeleteFolder,
    Edit,
    Everywhere,
    Harmless,
    Move,
    Mutant,
    Place,
    Rewrite,
    comment_out,
)

TELEMETRY = f"{LIFECYCLE}/telemetry.py"
COLLECT = f"{LIFECYCLE}/collect.py"
SCORING = f"{LIFECYCLE}/scoring.py"
WORKBOOK = f"{MODULES}/workbook.bicep"
QUERIES = f"{MODULES}/queries.bicep"
MONITOR = "aml/monitors/model-monitor.yml"
SCHEDULE = "aml/schedules/monitoring.yml"
PIPELINE = "aml/pipelines/monitoring.yml"
LOOK = f"{LIFECYCLE}/monitor.py"
BUDGET = f"{MODULES}/budget.bicep"
ALERTS = tuple(f"{MODULES}/{name}.bicep" for name in ("alerts", "endpoint", "slot"))
SEEN = "app_insights_enabled: true\n"
EXPORTED = """\
    from azure.monitor.opentelemetry.exporter import (
        AzureMonitorMetricExporter,
        AzureMonitorTraceExporter,
    )
"""
COLLECTOR = """\
data_collector:
  collections:
    model_inputs:
      enabled: "True"
    model_outputs:
      enabled: "True"
"""
NOTIFIES = "  alert_notification:\n    emails:\n      - ml-team@example.com\n"
TRACKED = {"MON7": "the same monitor and the same job track performance"}
COLLECTED = "    path: azureml://datastores/workspaceblobstore/paths/modelDataCollector/\n"


def without_alerts(text: str) -> str:
    """Take the alert rules out of a Bicep file."""
    return _alert_blocks().sub("", text)


def commented_alerts(text: str) -> str:
    """Make the alert rules of a Bicep file comments."""
    return _alert_blocks().sub(
        lambda found: re.sub(r"(?m)^", "// ", found[0].rstrip("\n")) + "\n", text
    )


def _alert_blocks() -> re.Pattern[str]:
    kinds = "metricAlerts|scheduledQueryRules|activityLogAlerts"
    return re.compile(rf"^resource \w+ 'Microsoft.Insights/(?:{kinds})@.*?^\}}\]?\n", re.M | re.S)


def commented_query(text: str) -> str:
    """Make a query a comment."""
    return re.sub(r"(?m)^", "// ", text.rstrip("\n")) + "\n"


def instruments_of(text: str) -> str:
    """Call methods that no telemetry library has."""
    return text.replace("meter.create_counter(", "note(").replace(
        "meter.create_histogram(", "note("
    )


def without_instruments(text: str) -> str:
    """Leave out the class of the instruments."""
    return text[: text.index("class Instruments:")]


UNDECLARED_QUERIES: tuple[Change, ...] = (
    Everywhere("'Microsoft.OperationalInsights/workspaces/savedSearches@2026-03-01' =",
               "'Microsoft.OperationalInsights/workspaces/savedSearches@2026-03-01' existing =", QUERIES),
    Everywhere("'Microsoft.OperationalInsights/queryPacks@2026-03-01' =",
               "'Microsoft.OperationalInsights/queryPacks@2026-03-01' existing =", QUERIES),
    Everywhere("'Microsoft.OperationalInsights/queryPacks/queries@2026-03-01' =",
               "'Microsoft.OperationalInsights/queryPacks/queries@2026-03-01' existing =", QUERIES),
)  # fmt: skip
UNMONITORED: tuple[Change, ...] = (Delete(MONITOR), Delete(SCHEDULE))

MUTANTS = (
    Mutant(
        "MON1", "disable", "the deployments do not report, the exporters print",
        (Edit(BLUE, SEEN, SEEN.replace("true", "false  # true")),
         Edit(GREEN, SEEN, SEEN.replace("true", "false  # true")),
         Edit(TELEMETRY, EXPORTED, """\
    # from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter
"""),
         Edit(TELEMETRY, "AzureMonitorMetricExporter(connection_string=connection_string)", "ConsoleMetricExporter()"),
         Edit(TELEMETRY, "AzureMonitorTraceExporter(connection_string=connection_string)", "ConsoleSpanExporter()")),
        (Place(BLUE, "app_insights_enabled"),),
    ),
    Mutant(
        "MON1", "delete", "neither specs nor code report",
        (Edit(BLUE, SEEN, ""), Edit(GREEN, SEEN, ""), Edit(TELEMETRY, EXPORTED, ""),
         Everywhere("AzureMonitorMetricExporter", "dict", TELEMETRY),
         Everywhere("AzureMonitorTraceExporter", "dict", TELEMETRY)),
        (Place(BLUE, "$schema:"),),
    ),
    Mutant(
        "MON1", "comment", "reporting is a comment",
        (comment_out(BLUE, SEEN), comment_out(GREEN, SEEN),
         Edit(TELEMETRY, EXPORTED, "    # azure monitor opentelemetry exporter\n"),
         Everywhere("AzureMonitorMetricExporter", "dict", TELEMETRY),
         Everywhere("AzureMonitorTraceExporter", "dict", TELEMETRY)),
        (Place(BLUE, "$schema:"),),
    ),
    Mutant(
        "MON2", "forge", "the instruments are plain functions, the collectors are off",
        (Rewrite((TELEMETRY,), instruments_of),
         Everywhere('enabled: "True"', 'enabled: "False"', "aml/deployments/"),
         Edit(COLLECT, "from azureml.ai.monitoring import Collector as AzureMonitoring",
              "from .silence import Collector as AzureMonitoring")),
        (Place(SCORING, "def run(raw_data: str)"),),
    ),
    Mutant(
        "MON2", "delete", "there are no instruments and no collectors",
        (Rewrite((TELEMETRY,), without_instruments),
         Edit(BLUE, COLLECTOR, ""), Edit(GREEN, COLLECTOR, ""),
         Edit(COLLECT, "from azureml.ai.monitoring import Collector as AzureMonitoring", "AzureMonitoring = dict")),
        (Place(SCORING, "def run(raw_data: str)"),),
    ),
    Mutant(
        "MON2", "comment", "instruments and collectors are comments",
        (Edit(TELEMETRY, "        meter = metrics.get_meter(__name__)\n", "        meter = None  # metrics.get_meter(__name__)\n"),
         comment_out(BLUE, COLLECTOR), comment_out(GREEN, COLLECTOR),
         Edit(COLLECT, "from azureml.ai.monitoring import Collector as AzureMonitoring",
              "AzureMonitoring = print  # from azureml.ai.monitoring import Collector as AzureMonitoring")),
        (Place(SCORING, "def run(raw_data: str)"),),
    ),
    Mutant(
        "MON3", "disable", "every alert is disabled, the monitor tells nobody",
        (*(Everywhere("    enabled: true\n    scopes:", "    enabled: false // true\n    scopes:", path) for path in ALERTS),
         Everywhere("    enabled: expectedRequests > 0\n", "    enabled: false // expectedRequests\n", ALERTS[1]),
         Edit(MONITOR, NOTIFIES, "  # alert_notification: emails: ml-team@example.com\n")),
        (Place(ALERTS[0], "resource health '"),),
    ),
    Mutant(
        "MON3", "delete", "no alert rule is left",
        (Rewrite(ALERTS, without_alerts), Edit(MONITOR, NOTIFIES, "")),
        (Place(BUDGET, "notifications: {"),),
    ),
    Mutant(
        "MON3", "comment", "the alert rules are comments",
        (Rewrite(ALERTS, commented_alerts), comment_out(MONITOR, NOTIFIES)),
        (Place(BUDGET, "notifications: {"),),
    ),
    Mutant(
        "MON4", "delete", "the workbook is not deployed with anything any more",
        (Delete(WORKBOOK), Edit(MAIN, """\
module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    title: names.workbook
    location: location
    tags: tags
    logAnalyticsId: monitoring.outputs.logAnalyticsId
  }
}
""", "")),
    ),
    Mutant(
        "MON4", "retarget", "the workbook is one that somebody else made",
        (Edit(WORKBOOK, "'Microsoft.Insights/workbooks@2023-06-01' =", "'Microsoft.Insights/workbooks@2023-06-01' existing ="),),
    ),
    Mutant(
        "MON4", "forge", "a template of workbooks stands in its place",
        (Edit(WORKBOOK, "'Microsoft.Insights/workbooks@2023-06-01' =", "'Microsoft.Insights/workbooktemplates@2020-11-20' = /* workbooks */"),),
    ),
    Mutant(
        "MON5", "delete", "queries and what saves them are gone",
        (Delete(QUERIES), DeleteFolder("infra/queries")),
        (Place(ALERTS[1], "          query: 'AmlOnlineEndpointTrafficLog"),),
    ),
    Mutant(
        "MON5", "hollow", "the queries are comments, nothing saves them",
        (Rewrite((".kql",), commented_query), *UNDECLARED_QUERIES),
        (Place(ALERTS[1], "          query: 'AmlOnlineEndpointTrafficLog"),),
    ),
    Mutant(
        "MON5", "forge", "the queries are text files, nothing saves them",
        (Everywhere(".kql", ".txt", "infra/"), *UNDECLARED_QUERIES),
        (Place("infra/queries/drift.txt", "let observed = "), Place(ALERTS[1], "          query: 'AmlOnlineEndpointTrafficLog"),),
    ),
    Mutant(
        "MON6", "delete", "neither the monitor nor the schedule is there",
        UNMONITORED, (Place(f"{LIFECYCLE}/drift.py", "    index = psi(expected, found)"),), TRACKED,
    ),
    Mutant(
        "MON6", "retarget", "the job reads the tests' own file, the monitor watches attribution",
        (Edit(PIPELINE, COLLECTED, "    path: ../../tests/data/collected\n"),
         Add("tests/data/collected/rows.jsonl", "{}\n"),
         Edit(MONITOR, "type: data_drift", "type: feature_attribution_drift"),
         Edit(MONITOR, "type: prediction_drift", "type: data_quality")),
        (Place(f"{LIFECYCLE}/drift.py", "    index = psi(expected, found)"),),
    ),
    Mutant(
        "MON6", "comment", "signals and job are comments",
        (Edit(SCHEDULE, "  job: ../pipelines/monitoring.yml\n", "  # job: ../pipelines/monitoring.yml\n"),
         Edit(MONITOR, "      type: data_drift\n", "      # type: data_drift\n"),
         Edit(MONITOR, "      type: prediction_drift\n", "      # type: prediction_drift\n")),
        (Place(f"{LIFECYCLE}/drift.py", "    index = psi(expected, found)"),),
    ),
    Mutant(
        "MON7", "delete", "neither the signal nor the job is there",
        (Delete(SCHEDULE), Edit(MONITOR, "type: model_performance", "type: data_quality")),
        (Place(f"{LIFECYCLE}/metrics.py", "        return float(sk.roc_auc_score(truth == classes[1]"),),
    ),
    Mutant(
        "MON7", "constant", "what is measured is a constant, the signal is another",
        (Edit(LOOK, "    measured = measure(schema, joined[schema.target.name], joined)\n",
              "    measured = {bound.metric: 1.0 for bound in code.THRESHOLDS.bounds}\n"),
         Edit(MONITOR, "type: model_performance", "type: data_quality  # model_performance")),
        (Place(f"{LIFECYCLE}/metrics.py", "        return float(sk.roc_auc_score(truth == classes[1]"),),
    ),
    Mutant(
        "MON7", "comment", "signal and measurement are comments",
        (Edit(LOOK, "    measured = measure(schema, joined[schema.target.name], joined)\n",
              "    measured = {}  # measure(schema, joined[schema.target.name], joined)\n"),
         Edit(MONITOR, "      type: model_performance\n", "      # type: model_performance\n")),
        (Place(f"{LIFECYCLE}/metrics.py", "        return float(sk.roc_auc_score(truth == classes[1]"),),
    ),
)  # fmt: skip

HARMLESS = (
    Harmless(
        ("MON1",), "the deployments report, the code does not export",
        (Edit(TELEMETRY, EXPORTED, ""), Everywhere("AzureMonitorMetricExporter", "dict", TELEMETRY),
         Everywhere("AzureMonitorTraceExporter", "dict", TELEMETRY)),
    ),
    Harmless(
        ("MON2",), "the instruments are made by functions of the module",
        (Edit(TELEMETRY, "        meter = metrics.get_meter(__name__)\n", "        meter = _meter()\n"),
         Edit(TELEMETRY, "class Instruments:", "def _meter() -> metrics.Meter:\n    return metrics.get_meter(__name__)\n\n\nclass Instruments:")),
    ),
    Harmless(
        ("MON2",), "the collectors alone are left",
        (Edit(TELEMETRY, "        meter = metrics.get_meter(__name__)\n", "        meter = None\n"),),
    ),
    Harmless(
        ("MON3",), "one kind of alert is left",
        (Rewrite((ALERTS[1], ALERTS[2]), without_alerts), Edit(MONITOR, NOTIFIES, "")),
    ),
    Harmless(
        ("MON3",), "some alerts are disabled",
        (Everywhere("    enabled: true\n    scopes:", "    enabled: false\n    scopes:", ALERTS[1]),),
    ),
    Harmless(
        ("MON4", "MON5"), "workbook and queries have other places",
        (Move(WORKBOOK, "infra/dashboards/page.bicep"), Move(QUERIES, "infra/dashboards/queries.bicep"),
         Everywhere("modules/workbook.bicep", "dashboards/page.bicep", MAIN),
         Everywhere("modules/queries.bicep", "dashboards/queries.bicep", MAIN)),
    ),
    Harmless(
        ("MON4",), "a portal dashboard instead of a workbook",
        (Edit(WORKBOOK, "'Microsoft.Insights/workbooks@2023-06-01'", "'Microsoft.Portal/dashboards@2022-12-01-preview'"),),
    ),
    Harmless(
        ("MON5",), "the queries are kept, nothing declares them",
        UNDECLARED_QUERIES,
    ),
    Harmless(
        ("MON6", "MON7"), "our own monitor alone looks",
        (Delete(MONITOR),),
    ),
    Harmless(
        ("MON6", "MON7"), "Azure ML's monitor alone looks",
        (Delete(SCHEDULE),),
    ),
)  # fmt: skip
