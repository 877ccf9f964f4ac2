"""Names of deployments that are new each time, so that a deployment stands beside the last one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.model import Asset, Value, walk_values
from plomada.facts.strings import shown
from plomada.patterns import regex

if TYPE_CHECKING:
    import ast

    from plomada.facts import Facts
    from plomada.facts.code.flow import Scope

# What a code host calls a run or a commit, as macro or variable.
_RUN = regex(
    r"github[._](?:sha|run_id|run_number)|build[._](?:buildid|buildnumber|sourceversion)"
    r"|\$\(date\b|\bdate \+",
    re.IGNORECASE,
)
_CLOCK = regex(
    r"(?:^|\.)(?:strftime|time\.time|time_ns|now|utcnow|today|isoformat)$|^uuid\.|^secrets\.token"
)
_VERSION_OF = regex(r"\.models\.(?:create_or_update|get|list)$|register_model$")


def is_new_each_time(facts: Facts, deployment: Asset) -> bool:
    """Tell whether a deployment's name comes from its run, commit, time or model version.

    The endpoint's may not: a new endpoint has one deployment.
    """
    if _of_run(deployment.fields.get("endpoint_name")):
        return False
    return _of_run(deployment.name) or any(
        _of_clock(facts, node, scope) for node, scope in _names(facts, deployment)
    )


def _of_run(value: Value | None) -> bool:
    parts = walk_values(value) if value is not None else ()
    return any(_RUN.search(f"{shown(part)} {part.reason}") for part in parts)


def _names(facts: Facts, deployment: Asset) -> Iterator[tuple[ast.expr, Scope]]:
    """Yield the expression by which code names a deployment."""
    scope = facts.code.scope(deployment.function) if deployment.function else None
    module = facts.code.owner(scope) if scope is not None else None
    for site in module.sites if module is not None else ():
        if module is not None and module.span(site.node) == deployment.span:
            node = facts.code.argument(site, None, "name")
            if node is not None:
                yield node, site.scope


def _of_clock(facts: Facts, node: ast.expr, scope: Scope) -> bool:
    """Tell whether a name rests on the time, a random id or the version of a registered model."""
    found = facts.decisions.slicer.of(node, scope)
    calls = list(found.calls())
    versioned = any(s.kind == "key" and s.name == "version" for s in found.sources)
    return any(_CLOCK.search(name) for name in calls) or (
        versioned and any(_VERSION_OF.search(name) for name in calls)
    )
