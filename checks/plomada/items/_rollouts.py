"""What the items about traffic say alike."""

from __future__ import annotations

from collections.abc import Callable

from plomada.facts import Facts
from plomada.facts.serving.rollouts import Rollout, all_at_once, rollouts, written_at
from plomada.facts.serving.serving import workloads
from plomada.facts.strings import shown
from plomada.facts.words import (
    Traffic,
    online_deployments,
    place_of,
    serves_online,
    traffic_settings,
)
from plomada.spans import Span
from plomada.verdicts import Evidence, Finding, Verdict, failed, not_applicable, passed

NOTHING_SERVED = "nothing is served online"


def divided(
    facts: Facts, holds: Callable[[Rollout], bool], reason: str, *, canary_only: bool = False
) -> Verdict:
    if not serves_online(facts):
        return not_applicable(NOTHING_SERVED)
    found = [r for r in rollouts(facts) if holds(r)]
    if found:
        evidence = [e for r in found for e in _evidence(r, canary_only=canary_only)]
        return passed("traffic divides among deployments of one endpoint", evidence)
    if canary_only:
        return failed(reason, [*_at_once(facts), *_deployed(facts, "never gets a part first")])
    return failed(reason, [*_undivided(facts), *_deployed(facts, "has no second one beside it")])


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


def _at_once(facts: Facts) -> list[Finding]:
    message = "gives all of the traffic at once"
    found = (
        _finding("all-at-once", message, setting, place)
        for setting, span in all_at_once(facts)
        for place in ((span,) if span != setting.span else written_at(facts, setting))
    )
    return list(dict.fromkeys(found))


def _undivided(facts: Facts) -> list[Finding]:
    message = "the traffic setting can name one deployment only"
    found = (
        _finding("one-deployment", message, setting, place)
        for setting in traffic_settings(facts)
        for place in written_at(facts, setting)[:1]
    )
    return list(dict.fromkeys(found))


def _finding(code: str, message: str, setting: Traffic, place: Span) -> Finding:
    """Point at where a setting is written; what applies it is how it gets there."""
    applied = () if place == setting.span else (setting.span,)
    return Finding(code, message, place, ", ".join(setting.names), applied)


def _deployed(facts: Facts, message: str) -> list[Finding]:
    judged, _ = online_deployments(facts)
    found = [
        Finding("one-deployment", message, place, shown(d.name))
        for d in judged
        for place in dict.fromkeys((place_of(d.name, d), d.applied or d.span))
    ]
    return found + [Finding("one-deployment", message, w.span, w.name) for w in workloads(facts)]
