"""MOD1, MOD2, MOD6: how models are registered and promoted."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.decisions.gates import Gates
from plomada.facts.model import Decision, Value
from plomada.facts.words import Registration, can_start, promotions, registrations
from plomada.items import Settings, item
from plomada.items._registrations import gate, never_registered, registered
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown

MOST_BARS = 4


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
    return never_registered(facts)


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


def _evidences(registration: Registration, message: str) -> list[Evidence]:
    """Return the registering call, and the entity that it registers."""
    found = [registered(registration, message)]
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
    evidence = [e for r in found for e in _central(r)]
    if evidence or shared:
        return passed("models are registered centrally", [*evidence, *shared])
    return never_registered(facts)


def _central(registration: Registration) -> list[Evidence]:
    """Return the registering call, and the argument that makes it register."""
    found = [registered(registration, "registers into the workspace or registry")]
    named = registration.act.arguments.get("registered_model_name")
    if named is not None and registration.named is not None:
        found.append(Evidence("named", "under this name", registration.named))
    return found


def _beats_champion(decision: Decision) -> bool:
    """Tell whether one metric is compared with another, one of them of the model in production."""
    kinds = {decision.left_kind, decision.right_kind}
    return "production-metric" in kinds and kinds <= {"metric", "production-metric"}


@item("MOD6")
def champion_challenger(facts: Facts, settings: Settings) -> Verdict:
    """A candidate has to beat the model in production before it is promoted."""
    gates = Gates(facts)
    found: list[Evidence] = []
    bars: dict[Span, Finding] = {}
    for act in promotions(facts):
        if not can_start(facts, act):
            continue
        for decision in gates.of(act):
            if not _beats_champion(decision):
                message = "decides, but not by the model in production"
                bars[decision.span] = Finding("other-bar", message, decision.span, act.function)
            else:
                found.append(gate(decision, act))
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
    others = list(bars.values())[:MOST_BARS]
    if idle:
        reason = "a comparison with the model in production decides nothing"
        return failed(reason, [*idle, *others])
    hidden = facts.hiding("code")
    if hidden:
        return unknown(f"no comparison was found, but {hidden[0].path} could not be read")
    return failed("no comparison of a candidate with the model in production was found", others)
