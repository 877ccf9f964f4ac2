"""CI3: automated training."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act
from plomada.facts.models.training import (
    training_acts,
    training_schedules,
    trains,
    trains_on_runner,
)
from plomada.facts.pipelines.pipelines import starts_by_itself
from plomada.facts.pipelines.running import hidden, own_step, related
from plomada.items import Settings, item
from plomada.items.common import spread
from plomada.verdicts import Evidence, Finding, Verdict, failed, passed, unknown

MOST_SHOWN = 3
AUTOMATIC = ("push", "pull_request", "schedule", "dispatch", "completion", "release")


@item("CI3")
def automated_training(facts: Facts, settings: Settings) -> Verdict:
    """A push, pull request, schedule or event submits a training job to Azure ML."""
    submitted = list(training_acts(facts))
    automatic = [a for a in submitted if a.job is not None and starts_by_itself(a.job)]
    if automatic:
        return passed("training starts by itself", _each(automatic))
    for schedule in training_schedules(facts):
        return passed(
            "an Azure ML schedule trains",
            [Evidence("schedule", "a schedule submits the training job", schedule)],
        )
    on_runner = [
        a for a in trains_on_runner(facts) if a.job is not None and starts_by_itself(a.job)
    ]
    if on_runner:
        return passed("training on the runner ends in a registered model", _each(on_runner))
    by_hand = [a for a in submitted if a.job is not None]
    if by_hand:
        reason = "training is submitted, but only by hand"
        return failed(reason, [_by_hand(act, reason) for act in by_hand[:3]])
    if unread := hidden(facts, "train", "schedule"):
        return unknown(f"{unread[0].path} could not be read whole and may submit training")
    reason = "no pipeline or schedule submits a training job"
    message = "submitted here, but by no pipeline"
    told = submitted or [a for a in acts_of(facts, "train") if trains(facts, a)]
    return failed(reason, [Finding("not-in-pipeline", message, a.span) for a in told[:3]])


def _each(acts: list[Act]) -> list[Evidence]:
    """Return what shows that training starts, once for each pipeline that does it."""
    pipelines: dict[str, Act] = {}
    for act in acts:
        pipelines.setdefault(act.job.pipeline if act.job is not None else "", act)
    shown = spread(pipelines, lambda path: path.rpartition("/")[0])[:MOST_SHOWN]
    return [evidence for path in shown for evidence in _shown(pipelines[path])]


def _shown(act: Act) -> list[Evidence]:
    triggers = act.job.triggers if act.job is not None else ()
    started = next((t for t in triggers if t.kind in AUTOMATIC), None)
    evidence = [
        Evidence("submission", f"{act.tool} submits training", act.span, act.tool, related(act))
    ]
    step = own_step(act)
    if step is not None:
        evidence.append(Evidence("step", "this step leads there", step, act.tool))
    if started is not None:
        evidence.append(Evidence("trigger", f"started by {started.kind}", started.span))
    return evidence


def _by_hand(act: Act, reason: str) -> Finding:
    triggers = act.job.triggers if act.job is not None else ()
    return Finding(
        "by-hand", reason, triggers[0].span if triggers else act.span, related=(act.span,)
    )
