"""CI5 and CI6: deployment behind approvals, and the way back."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.pipelines.delivery import Deployment, approvals_before, deployments
from plomada.facts.pipelines.running import hidden, related
from plomada.facts.pipelines.stages import PRODUCTION
from plomada.facts.serving.rollback import bare_sections, named_at, rollbacks, runbooks
from plomada.items import Settings, item
from plomada.items.common import first_line
from plomada.verdicts import Evidence, Finding, Verdict, failed, passed, unknown

MOST_SHOWN = 12


@item("CI5")
def deployment_approvals(facts: Facts, settings: Settings) -> Verdict:
    """Each job that deploys the model to production sits behind an approval."""
    found = deployments(facts)
    live = [d for d in found if d.stage == PRODUCTION]
    open_ = [d for d in live if not approvals_before(facts, d.job)]
    if open_:
        reason = "a job deploys to production without an approval"
        return failed(reason, [_ungated(d) for d in open_])
    if live:
        evidence = [
            Evidence(
                "approval",
                f"{d.job.name} waits for {a.kind} {_name(a.name.text)}",
                a.span,
                d.job.address,
            )
            for d in live
            for a in approvals_before(facts, d.job)[:2]
        ]
        return passed("every job that deploys to production waits for an approval", evidence)
    if unread := hidden(facts, "deploy-model", "set-traffic"):
        return unknown(f"{unread[0].path} could not be read whole and may deploy the model")
    if found:
        reason = "pipelines deploy the model, but none to production"
        return failed(reason, list({f.span: f for f in map(_early, found)}.values())[:MOST_SHOWN])
    return failed("no pipeline deploys a model", _by_nobody(facts))


def _by_nobody(facts: Facts) -> list[Finding]:
    """Point at what deploys a model where somebody starts it, else at what waits to be applied."""
    acts = acts_of(facts, "deploy-model")
    started = [a.span for a in acts if a.source != "notebook"] or [a.span for a in acts]
    specs = [a.span for a in facts.assets.of_kind("online-deployment", "batch-deployment")]
    message = "deployed here, but by no pipeline" if started else "no pipeline applies this"
    return [Finding("not-in-pipeline", message, first_line(s)) for s in (started or specs)[:4]]


def _name(text: str | None) -> str:
    return text or "(an expression)"


def _early(deployment: Deployment) -> Finding:
    """Point at the command by which a job deploys to an earlier stage, and at what it leads to."""
    act = deployment.act
    steps = [number for number, edge in enumerate(act.route) if edge.how == "step"]
    inner = act.route[steps[-1] + 1 :] if steps else ()
    place = inner[0].span if inner else act.span
    rest = (act.span,) if place != act.span else ()
    return Finding("no-production", f"deploys to {deployment.stage}", place, related=rest)


def _ungated(deployment: Deployment) -> Finding:
    message = (
        f"{deployment.job.name} deploys to production ({deployment.act.tool}) without an approval"
    )
    return Finding(
        "ungated",
        message,
        deployment.job.span,
        deployment.job.address,
        (*related(deployment.act), deployment.act.span),
    )


@item("CI6")
def rollback_strategy(facts: Facts, settings: Settings) -> Verdict:
    """A job, script or runbook section puts the previous deployment, traffic or model back."""
    evidence = [
        Evidence(
            "rollback", f"{act.tool} puts the previous state back", span, act.function, related(act)
        )
        for act in rollbacks(facts)[:4]
        for span in (act.span, *named_at(act))
    ]
    evidence += [
        Evidence("runbook", "a runbook section with the command", span)
        for span in runbooks(facts)[:3]
    ]
    if evidence:
        return passed("there is a way back", evidence)
    if unread := hidden(facts, "deploy-model", "set-traffic"):
        return unknown(f"{unread[0].path} could not be read whole and may hold the way back")
    reason = "no job, script or runbook section puts a deployment, traffic split or model back"
    bare = bare_sections(facts)[:4]
    return failed(reason, [Finding("no-command", "holds no command that does it", s) for s in bare])
