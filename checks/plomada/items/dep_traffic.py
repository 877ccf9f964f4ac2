"""MOD5, DEP4, DEP5, DEP6: two deployments of one endpoint and how traffic divides among them."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.rollouts import Rollout, rollouts
from plomada.facts.strings import shown
from plomada.facts.words import online_deployments, place_of, serves_online, traffic_settings
from plomada.items import Settings, item
from plomada.verdicts import Evidence, Finding, Verdict, failed, not_applicable, passed

NOTHING_SERVED = "nothing is served online"


@item("MOD5")
def ab_testing(facts: Facts, settings: Settings) -> Verdict:
    """One endpoint has two deployments and traffic that can divide among them."""
    return _of(
        facts,
        lambda r: r.side_by_side and r.divides,
        "no endpoint can divide traffic among two deployments",
    )


@item("DEP4")
def blue_green(facts: Facts, settings: Settings) -> Verdict:
    """Two deployments of one endpoint stand side by side, and traffic switches between them."""
    return _of(
        facts,
        lambda r: r.side_by_side and r.switches,
        "no endpoint has a second deployment to switch to",
    )


@item("DEP5")
def canary(facts: Facts, settings: Settings) -> Verdict:
    """A pipeline or script gives a new deployment a part of the traffic before all of it."""
    return _of(
        facts,
        lambda r: r.partial is not None,
        "no pipeline or script gives a deployment a part of the traffic",
        canary_only=True,
    )


@item("DEP6")
def traffic_splitting(facts: Facts, settings: Settings) -> Verdict:
    """A traffic setting names two deployments, or takes the map or the percentage as a parameter."""
    return _of(facts, lambda r: r.divides, "no traffic setting can name two deployments")


def _of(facts: Facts, holds: object, reason: str, *, canary_only: bool = False) -> Verdict:
    if not serves_online(facts):
        return not_applicable(NOTHING_SERVED)
    found = [r for r in rollouts(facts) if holds(r)]  # type: ignore[operator]
    if found:
        evidence = [e for r in found for e in _evidence(r, canary_only=canary_only)]
        return passed("traffic divides among deployments of one endpoint", evidence)
    return failed(reason, _findings(facts))


def _evidence(rollout: Rollout, *, canary_only: bool) -> list[Evidence]:
    if canary_only and rollout.partial is not None:
        return [
            Evidence("partial", "gives a part of the traffic first", rollout.partial, rollout.name)
        ]
    found = [Evidence("traffic", "traffic divides", span, rollout.name) for span in rollout.traffic]
    return found + [
        Evidence("deployment", "stands beside another", s, rollout.name)
        for s in rollout.deployments
    ]


def _findings(facts: Facts) -> list[Finding]:
    settings = traffic_settings(facts)
    found = [
        Finding(
            "one-deployment",
            "the traffic setting can name one deployment only",
            t.span,
            ", ".join(t.names),
        )
        for t in settings
    ]
    judged, _ = online_deployments(facts)
    return found + [
        Finding("one-deployment", "is the endpoint's only deployment", place, shown(d.name))
        for d in judged
        for place in dict.fromkeys((place_of(d.name, d), d.applied or d.span))
    ]
