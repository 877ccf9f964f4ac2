"""Asks what the last monitoring job on Azure ML has found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import typer

from ..errors import LifecycleError, MissingStep, Refused
from ..settings import DISTRIBUTION
from .client import az
from .jobs import FINISHED, steps
from .settings import workspace

EXPERIMENT = f"{DISTRIBUTION}-monitoring"
"""Experiment of `aml/pipelines/monitoring.yml`."""

ALARM = "alarm"
"""Tag of the run that `lifecycle/monitor.py` sets: whether it found drift or decay."""

LISTED = "500"
"""How many of the newest jobs are looked through: Azure lists them, of all experiments, by age."""

STALE = timedelta(days=2)
"""A daily job that has not ended for this long is no monitoring."""


def monitoring() -> None:
    """Report how the newest finished monitoring job ended.

    Raises:
        Refused: It raised alarm: drift or decay; its log says which.
        MissingStep: There has been none.
        LifecycleError: It failed without alarm (no data, no machine, cancelled), or the newest one
            is too old to rely on: a fault of the monitoring, and nothing to train anew for.
    """
    listed = az("ml", "job", "list", "--max-results", LISTED, *workspace()) or []
    jobs = [j for j in listed if j.get("experiment_name") == EXPERIMENT and j["status"] in FINISHED]
    if not jobs:
        raise MissingStep("a finished monitoring job", f"{DISTRIBUTION} azure schedule")
    newest = max(jobs, key=_began)
    if datetime.now(UTC) - _began(newest) > STALE:
        raise LifecycleError(
            f"the last monitoring job, {newest['name']}, is of {_began(newest).date()}: "
            "look at the schedule (`az ml schedule list`)"
        )
    if newest["status"] != "Completed":
        raised = any(step.tags.get(ALARM) == "True" for step in steps(str(newest["name"])))
        kind = Refused if raised else LifecycleError
        raise kind(
            f"monitoring job {newest['name']} "
            + ("raised alarm" if raised else f"ended as {newest['status']} without raising alarm")
            + f": `az ml job stream --name {newest['name']}` shows why; docs/runbooks/drift.md"
        )
    typer.echo(f"monitoring job {newest['name']} found neither drift nor decay")


def _began(job: dict[str, Any]) -> datetime:
    began = datetime.fromisoformat(str(job["creation_context"]["created_at"]))
    return began if began.tzinfo else began.replace(tzinfo=UTC)
