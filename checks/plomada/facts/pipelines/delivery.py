"""Jobs that deploy models, the stages they work on, and the approvals before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act, Approval, Job
from plomada.facts.pipelines.stages import PRODUCTION, environment_stages, stage_of
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts

DEPLOYING = ("deploy-model", "set-traffic")
_DEPLOYMENT_RESOURCES = (
    "microsoft.machinelearningservices/workspaces/onlineendpoints/deployments",
    "microsoft.machinelearningservices/workspaces/batchendpoints/deployments",
)
_PLACEHOLDERS = ("helloworld", "quickstart", "azuredocs/", "placeholder", "nginx")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A job that deploys a model, by its first act, and the stage that it works on."""

    job: Job
    act: Act
    stage: str


def deployments(facts: Facts) -> list[Deployment]:
    """Return the jobs that deploy a model or change traffic; one for each stage of a job."""
    found: dict[tuple[str, str], Deployment] = {}
    for act in _acts(facts):
        if act.job is None:
            continue
        stage = stage_of(act)
        found.setdefault((act.job.address, stage), Deployment(act.job, act, stage))
    return list(found.values())


def _acts(facts: Facts) -> list[Act]:
    found = [a for a in acts_of(facts, *DEPLOYING) if not _is_placeholder(a)]
    if any(a.job is not None for a in acts_of(facts, "deploy-iac")):
        declared = [r for r in facts.estate.of_type(*_DEPLOYMENT_RESOURCES) if not r.existing]
        found += acts_of(facts, "deploy-iac") if declared else ()
    return found


def _is_placeholder(act: Act) -> bool:
    """Tell whether an app is made with an image that stands in for the real one."""
    image = " ".join(str(v.data).lower() for k, v in act.arguments.items() if "image" in k.lower())
    return act.target == "app" and any(p in image for p in _PLACEHOLDERS)


def approvals_before(facts: Facts, job: Job) -> list[Approval]:
    """Return the approvals that a job waits for: its own, and those of jobs that it depends on.

    Another job's environment counts unless it is the gate of that job's own deployment to another
    stage.
    """
    if job.approvals:
        return list(job.approvals)
    jobs = {j.address: j for p in facts.pipelines for j in p.jobs}
    deploying = {a.job.address for a in acts_of(facts, *DEPLOYING) if a.job is not None}
    found: list[Approval] = []
    stack, seen = list(job.depends), set(job.depends)
    while stack:
        other = jobs.get(stack.pop())
        if other is None:
            continue
        counts = other.address not in deploying or environment_stages(other) == [PRODUCTION]
        stages = environment_stages(other)
        early = bool(stages) and PRODUCTION not in stages
        found += [a for a in other.approvals if a.kind == "validation" or (counts and not early)]
        new = [d for d in other.depends if d not in seen]
        seen.update(new)
        stack += new
    return found
