"""MON5: saved Log Analytics queries."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from plomada.facts import Facts
from plomada.facts.monitoring.queries import queries_elsewhere, query_files
from plomada.items import Settings, item
from plomada.items.common import done
from plomada.verdicts import Evidence, Finding, Verdict, failed, passed

SAVED_QUERIES = (
    "microsoft.operationalinsights/workspaces/savedsearches",
    "microsoft.operationalinsights/querypacks",
    "microsoft.operationalinsights/querypacks/queries",
)
MOST_FINDINGS = 10


@item("MON5")
def saved_queries(facts: Facts, settings: Settings) -> Verdict:
    """Log Analytics queries are kept as saved searches, query packs or .kql files."""
    evidence = [*_declared(facts), *done(facts, "saved", "a query", "save-query"), *_kept(facts)]
    if not evidence:
        text = "this query is kept here alone, where Log Analytics cannot run it"
        elsewhere = islice(queries_elsewhere(facts.repository), MOST_FINDINGS)
        findings = [Finding("query-elsewhere", text, span, span.path) for span in elsewhere]
        return failed("no saved search, query pack or .kql file was found", findings)
    return passed("queries are kept as code", evidence)


def _declared(facts: Facts) -> Iterator[Evidence]:
    for kind in SAVED_QUERIES:
        for resource in facts.estate.of_type(kind):
            if not resource.existing:
                yield Evidence("declared", "a query is declared", resource.span, resource.address)


def _kept(facts: Facts) -> Iterator[Evidence]:
    for span in query_files(facts.repository):
        yield Evidence("query-file", "a query is kept in a file", span, span.path)
