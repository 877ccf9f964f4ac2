"""DEP4, DEP5, DEP6: two deployments of one endpoint and how traffic moves between them."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.items import Settings, item
from plomada.items._rollouts import divided
from plomada.verdicts import Verdict


@item("DEP4")
def blue_green(facts: Facts, settings: Settings) -> Verdict:
    """Two deployments of one endpoint stand side by side, and traffic switches between them."""
    return divided(
        facts,
        lambda r: r.side_by_side and r.switches,
        "no endpoint has a second deployment to switch to",
    )


@item("DEP5")
def canary(facts: Facts, settings: Settings) -> Verdict:
    """A pipeline or script gives a new deployment a part of the traffic before all of it."""
    return divided(
        facts,
        lambda r: r.partial is not None,
        "no pipeline or script gives a deployment a part of the traffic",
        canary_only=True,
    )


@item("DEP6")
def traffic_splitting(facts: Facts, settings: Settings) -> Verdict:
    """A traffic setting names two deployments, or takes map or percentage as a parameter."""
    return divided(facts, lambda r: r.divides, "no traffic setting can name two deployments")
