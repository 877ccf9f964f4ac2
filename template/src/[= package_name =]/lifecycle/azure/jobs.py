"""Submits a job and follows it to its end, however long that takes."""

from __future__ import annotations

import os
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import typer

from ..errors import Refused
from ..settings import DISTRIBUTION
from .client import DRY_RUN, az
from .settings import workspace

FINISHED = frozenset({"Completed", "Failed", "Canceled"})
"""The states that a job does not leave: JobStatus of Azure ML's REST interface."""

LOST = frozenset({"Failed", "Canceled", "CancelRequested"})
"""The states of a job that nobody has to wait for: who starts again wants another one."""

SILENT = "NotResponding"
"""A node gave no sign of life. The job may leave this state again, and need not."""

SILENT_SECONDS = 1800.0
"""How long a job may be silent before it is taken for failed."""


@dataclass(frozen=True)
class Job:
    """A job on Azure ML.

    Attributes:
        name: Its unique name in the workspace.
        status: Its last known state.
        studio: Its page.
        tags: Its tags.
    """

    name: str
    status: str
    studio: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> Job:
        """Read what `az ml job show` answers."""
        services = answer.get("services") or {}
        studio = (services.get("Studio") or {}).get("endpoint", "")
        tags = {key: str(value) for key, value in (answer.get("tags") or {}).items()}
        return cls(str(answer["name"]), str(answer.get("status", "")), str(studio), tags)


def wanted_job(purpose: str) -> tuple[str, bool]:
    """Name the job of this step, and say whether it exists already.

    A step of a pipeline's run has one job: started again, also as a later attempt, it follows the
    one that still runs or has ended well, and nothing is trained or scored twice. Another step of
    the same run has another.

    Args:
        purpose: What it is for, as a part of its name.

    Returns:
        The name, unique in the workspace, and whether there is a job of this name to follow.
    """
    run = os.environ.get("GITHUB_RUN_ID")
    if not run:
        return f"{DISTRIBUTION}-{purpose}-{uuid.uuid4().hex[:12]}", False
    step = re.sub(r"[^A-Za-z0-9]+", "", os.environ.get("GITHUB_ACTION", ""))
    stem = "-".join(part for part in (DISTRIBUTION, purpose, run, step) if part)
    attempt = int(os.environ.get("GITHUB_RUN_ATTEMPT") or "1")
    for earlier in range(attempt, 0, -1):
        found = find_job(f"{stem}-{earlier}")
        if found is not None and found.status not in LOST:
            return found.name, True
    return f"{stem}-{attempt}", False


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
    try:
        return _followed(name, poll_seconds)
    except KeyboardInterrupt:
        typer.echo(f"job {name} goes on: `az ml job cancel --name {name}` ends it", err=True)
        raise


def _followed(name: str, poll_seconds: float) -> Job:
    seen, since = "", time.monotonic()
    while True:
        job = Job.from_answer(az("ml", "job", "show", "--name", name, *workspace()))
        if job.status != seen:
            typer.echo(f"job {job.name}: {job.status}")
            seen, since = job.status, time.monotonic()
        silent = job.status == SILENT and time.monotonic() - since >= SILENT_SECONDS
        if job.status in FINISHED or silent:
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


def steps(parent: str) -> list[Job]:
    """Return the steps of a pipeline job."""
    children = az("ml", "job", "list", "--parent-job-name", parent, *workspace()) or []
    return [Job.from_answer(child) for child in children]


def _failed_steps(parent: str) -> list[str]:
    return [step.name for step in steps(parent) if step.status == "Failed"]


def download(job: str, output: str, folder: str) -> None:
    """Fetch one named output of a job into a folder."""
    az(
        "ml", "job", "download", "--name", job, "--output-name", output,
        "--download-path", folder, *workspace(),
    )  # fmt: skip
