"""What the items about registration say alike."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.model import Act, Decision
from plomada.facts.models.modelcode import trained_at
from plomada.facts.words import Registration, place_of
from plomada.verdicts import Evidence, Finding, Verdict, failed, unknown


def never_registered(facts: Facts) -> Verdict:
    """Return the verdict where no registration is in sight."""
    hidden = facts.hiding("code") or facts.hiding("pipelines")
    if hidden:
        return unknown(f"no registration was found, but {hidden[0].path} could not be read")
    message = "trains a model that nothing registers"
    findings = [Finding("not-registered", message, span) for span in trained_at(facts)[:4]]
    return failed(
        "no registration of a model by code or pipeline was found",
        findings or _deployed(facts),
    )


def _deployed(facts: Facts) -> list[Finding]:
    """Point at deployments that take a model from a folder."""
    message = "deploys a model that nothing registers"
    deployments = facts.assets.of_kind("online-deployment", "batch-deployment")
    given = [(d, d.fields.get("model.path")) for d in deployments]
    places = dict.fromkeys(place_of(path, d) for d, path in given if path is not None)
    return [Finding("not-registered", message, place) for place in [*places][:4]]


def registered(registration: Registration, message: str) -> Evidence:
    """Return the registering call as evidence."""
    act = registration.act
    related = tuple(edge.span for edge in act.route)
    return Evidence(
        "registered", f"{act.tool} {message}", act.span, act.function or act.tool, related
    )


def gate(decision: Decision, act: Act) -> Evidence:
    """Return the comparison that decides about an act as evidence."""
    how = {"cancelled-run": "cancels the run", "exit-code": "fails the step"}.get(
        decision.by, "decides"
    )
    message = (
        f"compares {decision.left.reason} {decision.operator} {decision.right.reason} and {how}"
    )
    return Evidence("gate", message.replace("  ", " "), decision.span, act.function, (act.span,))
