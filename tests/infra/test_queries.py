"""The queries ask for what the generated code emits and for what the diagnostic settings send."""

import re
from pathlib import Path

METRIC = re.compile(r'"(model\.[a-z_]+)"')
TABLE = re.compile(r"^(?:let \w+ = (?:materialize\()?)?([A-Z][A-Za-z]+)\s*$", re.M)
TABLES = {
    "AmlComputeClusterEvent",
    "AmlOnlineEndpointConsoleLog",
    "AmlOnlineEndpointTrafficLog",
    "AmlRunStatusChangedEvent",
    "AppMetrics",
    "AZKVAuditLogs",
    "StorageBlobLogs",
    "Usage",
}


def test_metrics_are_those_that_are_emitted(repository: Path) -> None:
    emitted = {
        name
        for source in (repository / "src").rglob("*.py")
        for name in METRIC.findall(source.read_text(encoding="utf-8"))
    }
    asked = {
        name
        for query in (repository / "infra" / "queries").glob("*.kql")
        for name in METRIC.findall(query.read_text(encoding="utf-8"))
    }
    assert asked
    assert asked <= emitted


def test_tables_are_known(repository: Path) -> None:
    found = {
        table
        for query in (repository / "infra" / "queries").glob("*.kql")
        for table in TABLE.findall(query.read_text(encoding="utf-8"))
    }
    assert found == TABLES


def test_parentheses_close(repository: Path) -> None:
    for query in (repository / "infra" / "queries").glob("*.kql"):
        text = query.read_text(encoding="utf-8")
        assert all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}")), query.name
