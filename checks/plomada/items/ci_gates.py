"""CI4: what decides about a registration."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.decisions.gates import Gates, starts
from plomada.facts.model import Route
from plomada.facts.words import Registration, registrations
from plomada.items import Settings, item
from plomada.items._registrations import gate, never_registered, registered
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed


@item("CI4")
def gated_registration(facts: Facts, settings: Settings) -> Verdict:
    """Registration is automatic, and a measured comparison decides whether it runs."""
    found = registrations(facts)
    if not found:
        return never_registered(facts)
    gates = Gates(facts)
    started = ((r, starts(facts, gates, r)) for r in found)
    automatic = [(r, route) for r, route in started if route is not None]
    ungated = []
    evidence: list[Evidence] = []
    for registration, _ in automatic:
        decisions = gates.of(registration.act)
        if decisions:
            evidence += [gate(d, registration.act) for d in decisions]
            evidence.append(registered(registration, "registers only if the gate holds"))
        else:
            ungated.append(registration)
    advice = [Advice("ungated", "registers without a gate", r.act.span) for r in ungated]
    if evidence:
        return passed("a measured gate decides about the registration", evidence, advice)
    if automatic:
        findings = [f for r, route in automatic for f in _ungated(facts, r, route)]
        return failed("models are registered without a quality gate", findings)
    findings = [
        Finding("by-hand", "no pipeline or job does this registration", r.act.span) for r in found
    ]
    return failed("models are registered by hand only", findings)


def _ungated(facts: Facts, registration: Registration, route: Route) -> Iterator[Finding]:
    act = registration.act
    yield Finding("ungated", "registers without a gate that decides", act.span, act.function)
    for span in facts.decisions.idle(registration.site):
        yield Finding(
            "always", "this test always comes out the same", span, act.function, (act.span,)
        )
    outside = [edge.span for edge in route if not edge.span.path.endswith((".py", ".ipynb"))]
    if outside:
        yield Finding(
            "runs", "and this runs the registration", outside[-1], act.function, (act.span,)
        )
