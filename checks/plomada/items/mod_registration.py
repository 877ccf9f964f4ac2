"""MOD1, MOD2, CI4, MOD6: how models are registered, and what decides about it."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.acts import acts_of
from plomada.facts.gates import Gates, starts
from plomada.facts.model import Act, Decision, Route, Value
from plomada.facts.words import Registration, can_start, promotions, registrations
from plomada.items import Settings, item
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown


@item("MOD1")
def automatic_versioning(facts: Facts, settings: Settings) -> Verdict:
    """Models are registered without a fixed version: it increments, or is computed."""
    found = registrations(facts)
    fixed = [r for r in found if _fixed(r)]
    free = [r for r in found if r not in fixed]
    if free:
        advice = [
            Advice("fixed-version", "registers with a literal version", r.act.span) for r in fixed
        ]
        reason = "models are registered without a fixed version"
        message = "registers without a fixed version"
        return passed(reason, [e for r in free for e in _evidences(r, message)], advice)
    if fixed:
        findings = [
            Finding("fixed-version", "registers with a literal version", _version_span(r))
            for r in fixed
        ]
        return failed("models are registered with a literal version", findings)
    return _never_registered(facts)


def _version(registration: Registration) -> Value | None:
    asset = registration.asset
    if asset is not None:
        return asset.version
    return registration.act.arguments.get("--version") or registration.act.arguments.get("version")


def _fixed(registration: Registration) -> bool:
    """Tell whether a registration says its version literally."""
    version = _version(registration)
    if version is None or version.kind != "known":
        return False
    text = str(version.data) if version.data is not None else ""
    return bool(text) and "$" not in text and "{" not in text


def _version_span(registration: Registration) -> Span:
    version = _version(registration)
    return version.origins[0] if version is not None and version.origins else registration.act.span


def _never_registered(facts: Facts) -> Verdict:
    hidden = facts.hiding("code") or facts.hiding("pipelines")
    if hidden:
        return unknown(f"no registration was found, but {hidden[0].path} could not be read")
    return failed("no registration of a model by code or pipeline was found")


def _evidence(registration: Registration, message: str) -> Evidence:
    act = registration.act
    related = tuple(edge.span for edge in act.route)
    return Evidence(
        "registered", f"{act.tool} {message}", act.span, act.function or act.tool, related
    )


def _evidences(registration: Registration, message: str) -> list[Evidence]:
    """Return the registering call, and the entity that it registers."""
    found = [_evidence(registration, message)]
    asset = registration.asset
    if asset is not None and asset.span != registration.act.span:
        found.append(Evidence("entity", "the model has no literal version", asset.span))
    named = registration.act.arguments.get("registered_model_name")
    if named is not None and registration.named is not None:
        found.append(Evidence("entity", "the model has no literal version", registration.named))
    return found


@item("MOD2")
def central_registry(facts: Facts, settings: Settings) -> Verdict:
    """Models are registered into an Azure ML workspace or registry, or an MLflow registry."""
    found = registrations(facts)
    shared = [
        Evidence("shared", "shares the model with a registry", a.span)
        for a in acts_of(facts, "share-model")
    ]
    evidence = [_evidence(r, "registers into the workspace or registry") for r in found]
    if evidence or shared:
        return passed("models are registered centrally", [*evidence, *shared])
    return _never_registered(facts)


@item("CI4")
def gated_registration(facts: Facts, settings: Settings) -> Verdict:
    """Registration is automatic, and a measured comparison decides whether it runs."""
    found = registrations(facts)
    if not found:
        return _never_registered(facts)
    gates = Gates(facts)
    automatic = [(r, starts(facts, gates, r)) for r in found]
    automatic = [(r, route) for r, route in automatic if route is not None]
    ungated = []
    evidence: list[Evidence] = []
    for registration, _ in automatic:
        decisions = gates.of(registration.act)
        if decisions:
            evidence += [_gate(d, registration.act) for d in decisions]
            evidence.append(_evidence(registration, "registers only if the gate holds"))
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


def _gate(decision: Decision, act: Act) -> Evidence:
    how = {"cancelled-run": "cancels the run", "exit-code": "fails the step"}.get(
        decision.by, "decides"
    )
    message = (
        f"compares {decision.left.reason} {decision.operator} {decision.right.reason} and {how}"
    )
    return Evidence("gate", message.replace("  ", " "), decision.span, act.function, (act.span,))


def _beats_champion(decision: Decision) -> bool:
    """Tell whether one metric is compared with another, one of them of the model in production."""
    kinds = {decision.left_kind, decision.right_kind}
    return "production-metric" in kinds and kinds <= {"metric", "production-metric"}


@item("MOD6")
def champion_challenger(facts: Facts, settings: Settings) -> Verdict:
    """A candidate is compared with the model in production before it is promoted, and the outcome decides."""
    gates = Gates(facts)
    found: list[Evidence] = []
    for act in promotions(facts):
        if not can_start(facts, act, gates):
            continue
        for decision in gates.of(act):
            if _beats_champion(decision):
                found.append(_gate(decision, act))
                found.append(
                    Evidence("promoted", f"{act.tool} depends on it", act.span, act.function)
                )
    if found:
        return passed("the candidate has to beat the model in production", found)
    idle = [
        Finding(
            "undecided", "compares with a registered model, but the outcome decides nothing", d.span
        )
        for d in facts.decisions.champions
    ]
    if idle:
        return failed("a comparison with the model in production decides nothing", idle)
    hidden = facts.hiding("code")
    if hidden:
        return unknown(f"no comparison was found, but {hidden[0].path} could not be read")
    return failed("no comparison of a candidate with the model in production was found")
