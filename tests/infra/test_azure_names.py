"""Names that no type data hold, against what Microsoft publishes: columns, metrics, linter rules.

data/azure-names.json says where each list was read, and when.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plomada.readers.expressions import Expression, Name, ObjectOf

from tests.infra.sources import Source, literal, walk
from tests.infra.test_queries import TABLE
from tests.infra.test_types import TYPES

NAMES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "azure-names.json").read_text(encoding="utf-8")
)
OPERATORS = {
    *("and", "asc", "by", "desc", "extend", "has_any", "in", "inner", "join", "kind", "let", "not"),
    *("on", "or", "order", "project", "startswith", "summarize", "union", "where"),
}
WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\w*\s*\()")
MADE = re.compile(r"\b([A-Za-z_]\w*)\s*=(?![=~])")
TARGETS = {
    "workspaceId": "Microsoft.MachineLearningServices/workspaces",
    "storageId": "Microsoft.Storage/storageAccounts",
    "keyVaultId": "Microsoft.KeyVault/vaults",
    "endpoint": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    "deployment": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
}


def unknown_words(query: str) -> set[str]:
    """Return the words of a query that are neither columns of its tables nor names it makes."""
    text = re.sub(r'"[^"]*"|//[^\n]*', "", query)
    tables = TABLE.findall(query)
    columns = {column for table in tables for column in NAMES["tables"][table]}
    return set(WORD.findall(text)) - columns - set(MADE.findall(text)) - OPERATORS - set(tables)


def test_queries_ask_for_columns_that_the_tables_have(infra: Path) -> None:
    files = sorted((infra / "queries").glob("*.kql"))
    found = {f.name: unknown_words(f.read_text(encoding="utf-8")) for f in files}
    assert len(files) > 8
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Usage\n| where IsBillable and DataType == 'x'", {"x"}),
        (
            'Usage\n| extend Day = bin(TimeGenerated, 1d), Colour\n| where Day in ("Red")',
            {"Colour"},
        ),
        ("AmlComputeClusterEvent\n| summarize dcount(NodeId)", {"NodeId"}),
    ],
)
def test_the_check_finds(query: str, words: set[str]) -> None:
    assert unknown_words(query) == words


def watched(sources: dict[str, Source]) -> Iterator[tuple[str, str, str]]:
    """Yield what alerts and scaling rules ask for: type of the target, metric, aggregation."""
    for source in sources.values():
        for part in (part for e in source.expressions for part in walk(e)):
            if isinstance(part, ObjectOf):
                target = part.get("target") or part.get("metricResourceUri")
                aggregation = part.get("aggregation") or part.get("timeAggregation")
                metric = literal(part.get("metric") or part.get("metricName"))
                if metric is not None and aggregation is not None:
                    owner = target or scope_of(source, part)
                    yield TARGETS[symbol(owner)], str(metric), str(literal(aggregation))


def scope_of(source: Source, criterion: ObjectOf) -> Expression:
    """Return the scope of the alert that a criterion stands in."""
    for resource in source.resources:
        if any(part is criterion for part in walk(resource.body)):
            properties = resource.body.get("properties")
            assert isinstance(properties, ObjectOf)
            scopes = properties.get("scopes")
            assert scopes is not None
            return scopes
    raise AssertionError(source.path)


def symbol(target: Expression) -> str:
    """Return the parameter or resource that a target names."""
    return next(p.name for p in walk(target) if isinstance(p, Name) and p.name in TARGETS)


def test_alerts_and_scaling_ask_for_metrics_that_exist(sources: dict[str, Source]) -> None:
    asked = list(watched(sources))
    assert len(asked) > 8
    for kind, metric, aggregation in asked:
        assert aggregation in NAMES["metrics"][kind][metric], (kind, metric)


def test_the_linter_knows_its_rules(infra: Path) -> None:
    config = json.loads((infra / "bicepconfig.json").read_text(encoding="utf-8"))
    rules = set(config["analyzers"]["core"]["rules"])
    assert rules <= set(NAMES["linter"])
    secure = {rule for rule in NAMES["linter"] if re.search(r"secure|secret|recent-api", rule)}
    assert secure <= rules


def test_no_stable_version_knows_a_list_of_addresses() -> None:
    # The day one does, workspace.bicep should take `allowedAddresses`.
    versions = TYPES["Microsoft.MachineLearningServices/workspaces"]
    for version, known in versions.items():
        assert not {"ipAllowlist", "networkAcls"} & set(workspace_properties(known)), version


def workspace_properties(known: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = known["body"]["properties"]["properties"]["properties"]
    return found
