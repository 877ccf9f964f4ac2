"""Submits a job and follows it to its end, however long that takes."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from typing import Any

import typer

from ..errors import Refused
from ..settings import DISTRIBUTION
from .client import DRY_RUN, az
from .settings import workspace

FINISHED = frozenset({"Completed", "Failed", "Canceled", "NotResponding"})
"""The states that a job does not leave: JobStatus of Azure ML's REST interface."""


@dataclass(frozen=True)
class Job:
    """A job on Azure ML.

    Attributes:
        name: Its unique name in the workspace.
        status: Its last known state.
        studio: Its page.
    """

    name: str
    status: str
    studio: str = ""

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Job:
        """Read what `az ml job show` answers."""
        services = answer.get("services") or {}
        studio = (services.get("Studio") or {}).get("endpoint", "")
        return cls(str(answer["name"]), str(answer["status"]), str(studio))


def job_name(purpose: str) -> str:
    """Return a name that one run of a pipeline gives once: started again, it finds its job."""
    run, attempt = os.environ.get("GITHUB_RUN_ID"), os.environ.get("GITHUB_RUN_ATTEMPT", "1")
    unique = f"{run}-{attempt}" if run else uuid.uuid4().hex[:12]
    return f"{DISTRIBUTION}-{purpose}-{unique}"


def find_job(name: str) -> Job | None:
    """Return the job of this name, or None."""
    answer = az("ml", "job", "show", "--name", name, *workspace(), missing_ok=True)
    return Job.from_answer(answer) if answer else None


def follow(name: str, poll_seconds: float) -> Job:
    """Wait until the job has ended.

    Args:
        name: The job's name.
        poll_seconds: Seconds between two looks.

    Returns:
        The job in its final state.
    """
    seen = ""
    while True:
        job = Job.from_answer(az("ml", "job", "show", "--name", name, *workspace()))
        if job.status != seen:
            typer.echo(f"job {job.name}: {job.status}")
            seen = job.status
        if job.status in FINISHED:
            return job
        time.sleep(poll_seconds)


def completed(job: Job) -> Job:
    """Return the job if it ended well.

    Raises:
        Refused: It did not; the message names the step that failed and how to see why.
    """
    if DRY_RUN.get() or job.status == "Completed":
        return job
    failed = _failed_steps(job.name)
    shown = failed[0] if failed else job.name
    raise Refused(
        f"job {job.name} ended as {job.status}"
        + (f" at {', '.join(failed)}" if failed else "")
        + f": `az ml job stream --name {shown}` shows why"
        + (f"; {job.studio}" if job.studio else "")
    )


def _failed_steps(parent: str) -> list[str]:
    children = az("ml", "job", "list", "--parent-job-name", parent, *workspace()) or []
    return [str(child["name"]) for child in children if child.get("status") == "Failed"]


def download(job: str, output: str, folder: str) -> None:
    """Fetch one named output of a job into a folder."""
    az(
        "ml", "job", "download", "--name", job, "--output-name", output,
        "--download-path", folder, *workspace(),
    )  # fmt: skip
