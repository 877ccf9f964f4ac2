"""INF1 and INF2: infrastructure that pipelines deploy, and environments kept apart."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.estate.infrastructure import HAND_MADE, deploy_others, is_state_backend
from plomada.facts.model import Act
from plomada.facts.pipelines.environments import (
    Separation,
    environment_parameters,
    parameter_files,
    separations,
    shared_settings,
)
from plomada.facts.pipelines.running import by_pipelines, hidden, once, related
from plomada.facts.pipelines.stages import PRODUCTION
from plomada.items import Settings, item
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown

WORKSPACE = "microsoft.machinelearningservices/workspaces"


@item("INF1")
def everything_in_iac(facts: Facts, settings: Settings) -> Verdict:
    """The workspace is declared, a pipeline deploys the IaC, and nothing is created by hand."""
    declared = [r for r in facts.estate.of_type(WORKSPACE) if not r.existing]
    workspaces = list({r.span: r for r in declared}.values())
    deploys = once(by_pipelines(facts, "deploy-iac"))
    created = [a for a in once(acts_of(facts, "create")) if a.source != "notebook"]
    by_hand = [a for a in created if a.target in HAND_MADE and not is_state_backend(facts, a)]
    advice = [
        Advice("other-create", f"{a.tool} creates something beside the IaC", a.span)
        for a in created
        if a not in by_hand and a.target in ("other", *HAND_MADE)
    ]
    others = deploy_others(deploys, workspaces)
    if workspaces and deploys and not others and not by_hand:
        evidence = [
            Evidence("workspace", "the workspace is declared", w.span, w.address)
            for w in workspaces
        ]
        evidence += [
            Evidence("deployment", f"{a.tool} deploys it", a.span, a.tool, related(a))
            for a in deploys
        ]
        return passed("the workspace is declared and a pipeline deploys it", evidence, advice)
    if by_hand:
        findings = [_hand_made(a) for a in by_hand]
        return failed("infrastructure is created by hand", findings, advice)
    unread = hidden(facts, "deploy-iac") if workspaces else facts.hiding("resources")
    if unread:
        return unknown(f"{unread[0].path} could not be read whole and may hold it")
    if not workspaces:
        return failed(
            "no Azure ML workspace is declared in Bicep, ARM JSON or Terraform", (), advice
        )
    reason = "the workspace is declared, but no pipeline deploys it"
    places: list[Span] = [w.span for w in workspaces]
    places += [a.span for a in once(acts_of(facts, "deploy-iac")) if a.source != "notebook"]
    return failed(reason, [Finding("not-deployed", reason, p) for p in places], advice)


def _hand_made(act: Act) -> Finding:
    return Finding(
        "by-hand", f"{act.tool} creates a {act.target} by hand", act.span, act.target, related(act)
    )


@item("INF2")
def separate_environments(facts: Facts, settings: Settings) -> Verdict:
    """Production and an environment before it have own settings, and something selects them."""
    found = separations(facts)
    selected = [s for s in found if s.selected and s.differ]
    names = {stage for s in selected for stage in s.stages}
    missing = [
        e for e in settings.environments if e.lower() not in names | {"prod"} & _short(names)
    ]
    complete = [s for s in selected if PRODUCTION in s.stages and len(s.stages) > 1]
    if complete and not missing:
        return passed(
            "production is kept apart from the environments before it", _evidence(complete)
        )
    if complete:
        reason = f"the environments {', '.join(missing)} that the policy asks for are missing"
        return failed(reason, [Finding("missing-environment", reason, complete[0].spans[0])])
    if unread := facts.hiding("pipelines"):
        return unknown(f"{unread[0].path} could not be read whole and may select environments")
    shared = (
        *parameter_files(facts)[:2],
        *shared_settings(facts)[:2],
        *environment_parameters(facts)[:2],
    )
    return _not_apart(found, shared)


def _short(names: set[str]) -> set[str]:
    return {"prod"} if PRODUCTION in names else set()


def _evidence(found: list[Separation]) -> list[Evidence]:
    return [
        Evidence(s.kind, f"{s.what}: {', '.join(s.stages)}", span)
        for s in found[:4]
        for span in s.spans[:8]
    ]


def _not_apart(found: list[Separation], parameters: tuple[Span, ...]) -> Verdict:
    whole = [s for s in found if PRODUCTION in s.stages and len(s.stages) > 1]
    for separation in whole:
        if not separation.differ:
            reason = f"{separation.what} hold the same settings for every environment"
            return failed(reason, [Finding("equal", reason, s) for s in separation.files[:3]])
    for separation in whole:
        reason = f"{separation.what} exist, but nothing selects them all: {separation.missing}"
        places = (*separation.selected_at, *separation.spans)[:6]
        return failed(reason, [Finding("not-selected", reason, s) for s in places])
    if found:
        found = sorted(found, key=lambda s: s.kind not in ("files", "sections"))
        reason = f"only one environment is told apart ({', '.join(found[0].stages)})"
        lone = dict.fromkeys([*(span for s in found for span in s.spans[:2]), *parameters])
        return failed(reason, [Finding("one-environment", reason, place) for place in [*lone][:6]])
    return failed(
        "no parameter files, folders, variables or pipeline environments tell stages apart",
        [Finding("one-file", "these parameters name no environment", s) for s in parameters],
    )
