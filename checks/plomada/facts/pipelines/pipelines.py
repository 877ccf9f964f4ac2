"""GitHub Actions and Azure Pipelines as one model: pipelines, jobs, steps, triggers, approvals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from plomada.facts.model import Job, Pipeline
from plomada.records import replace

if TYPE_CHECKING:
    from plomada.facts import Facts

BY_HAND = frozenset({"manual", "call", "other"})


def read_pipelines(facts: Facts) -> tuple[Pipeline, ...]:
    """Return every pipeline in the order of paths, called files expanded in their callers."""
    from plomada.facts.pipelines.azure_pipelines import read_azure
    from plomada.facts.pipelines.github import read_github

    found = [*read_github(facts), *read_azure(facts)]
    return tuple(sorted(map(_without_dead_jobs, found), key=lambda p: p.path))


def running_jobs(facts: Facts) -> Iterable[Job]:
    """Yield the jobs that can run: those of pipelines with a trigger, not switched off."""
    for pipeline in facts.pipelines:
        yield from (job for job in pipeline.jobs if not job.disabled)


def starts_by_itself(job: Job) -> bool:
    """Tell whether something other than a person starts the job's pipeline."""
    return any(trigger.kind not in BY_HAND for trigger in job.triggers)


def _without_dead_jobs(pipeline: Pipeline) -> Pipeline:
    """Mark what waits for a job that is switched off, unless it runs always."""
    dead = {job.address for job in pipeline.jobs if job.disabled}
    changed = bool(dead)
    while changed:
        changed = False
        for job in pipeline.jobs:
            waits = dead.intersection(job.depends) and job.address not in dead
            if waits and not any(w in job.condition.lower() for w in ("always()", "failure()")):
                dead.add(job.address)
                changed = True
    if not dead:
        return pipeline
    jobs = tuple(replace(j, disabled=True) if j.address in dead else j for j in pipeline.jobs)
    return replace(pipeline, jobs=jobs)
