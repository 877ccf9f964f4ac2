"""Submits training and follows it; applies the schedules."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import typer

from ..errors import BadInput, MissingStep
from ..register import Registration
from ..settings import DISTRIBUTION
from ..tracking import commit
from . import images
from .client import DRY_RUN, az
from .data import asset_name, ensure_data
from .jobs import completed, download, follow, wanted_job
from .live import live_version
from .models import DATA, newest_approved, newest_trained, tag_trained
from .reference import has_reference, reference_address
from .settings import SPECS, content, setting, spec, workspace


def submit(poll_seconds: float) -> str:
    """Train on Azure ML: prepare, train, evaluate, gate, register.

    Started again by the same run of a pipeline, it follows the job that is there already.

    Args:
        poll_seconds: Seconds between two looks.

    Returns:
        The version that was registered.

    Raises:
        Refused: A step failed; when it is the gate, the candidate was not good enough.
    """
    images.in_workspace("training")
    known = ensure_data()
    name, exists = wanted_job("train")
    if not exists:
        file = spec("pipelines", "training.yml")
        az(
            "ml", "job", "create", "--file", file, "--name", name, "--set",
            f"settings.default_compute=azureml:{setting('AZURE_ML_COMPUTE')}",
            f"inputs.commit={commit()}", f"tags.commit={commit()}", *_pinned(file, known),
            *workspace(), changes=True,
        )  # fmt: skip
    if DRY_RUN.get():
        return ""
    job = completed(follow(name, poll_seconds))
    version = _registered(name)
    if DATA in job.tags:
        tag_trained(version, DATA, job.tags[DATA])
    _tell_pipeline("model_version", version)
    typer.echo(f"registered version {version} (job {name})")
    return version


def newest(promoted_to: str = "") -> str:
    """Name the newest version, also to the pipeline.

    Args:
        promoted_to: Only versions that were promoted to this environment; empty for all that this
            workspace has trained.

    Raises:
        MissingStep: There is none.
    """
    version = (newest_approved(promoted_to) if promoted_to else newest_trained()).version
    _tell_pipeline("model_version", version)
    typer.echo(f"newest version: {version}")
    return version


def schedule(only: str = "") -> None:
    """Create or update the schedules of `aml/schedules/`.

    Args:
        only: Name of the one file, without its ending; empty for all.

    Raises:
        BadInput: There is no such file.
        MissingStep: Monitoring is asked for, and there is nothing live to monitor.
    """
    images.in_workspace("training")
    files = sorted((SPECS / "schedules").glob(f"{only or '*'}.yml"))
    if not files:
        raise BadInput(f"{SPECS.as_posix()}/schedules/{only or '*'}.yml is missing")
    for file in files:
        filled = _filled_in(file)
        if filled is None and only:
            raise MissingStep("a live version to monitor", f"{DISTRIBUTION} azure deploy")
        if filled is None:
            typer.echo(f"{file.name} is left out: nothing is live here that could be monitored")
            continue
        az(
            "ml", "schedule", "create", "--file", file.as_posix(), "--set",
            f"create_job.settings.default_compute=azureml:{setting('AZURE_ML_COMPUTE')}",
            *filled, *workspace(), changes=True,
        )  # fmt: skip


def _filled_in(schedule: Path) -> list[str] | None:
    """Give a scheduled job the inputs that no file can say; None where there are none to give.

    Training is told which commit its code is of, for it is uploaded now; monitoring which version
    is live, and what that was trained on.
    """
    job = content(schedule)["create_job"]["job"]
    inputs = content(schedule.parent / str(job))["inputs"]
    values: dict[str, str] = {}
    if "commit" in inputs:
        values["commit"] = commit()
    if "reference" in inputs:
        version = live_version()
        if not version or not has_reference(version):
            return None
        values |= {
            "version": version,
            "reference.type": "uri_folder",
            "reference.path": reference_address(version),
        }
    return [f"create_job.inputs.{name}={value}" for name, value in values.items()]


def _registered(job: str) -> str:
    """Read which version the job registered."""
    with tempfile.TemporaryDirectory() as folder:
        download(job, "registration", folder)
        record = next(Path(folder).rglob("registration.json"), None)
        if record is None:
            raise MissingStep(f"registration.json among the outputs of {job}", "azure submit")
        return Registration(**json.loads(record.read_text(encoding="utf-8"))).version


def _pinned(pipeline: str, known: dict[str, str]) -> list[str]:
    """Name the version of the data that a job trains on, and write it into the job's tags.

    `@latest` would be resolved by Azure, and nothing would say afterwards to which version.
    """
    inputs = content(pipeline)["inputs"]
    words, used = [], []
    for name, given in inputs.items():
        asset = asset_name(str(given.get("path", "")) if isinstance(given, dict) else "")
        if known.get(asset):
            used.append(f"{asset}:{known[asset]}")
            words.append(f"inputs.{name}.path=azureml:{used[-1]}")
    return [*words, f"tags.{DATA}={' '.join(used)}"] if used else []


def _tell_pipeline(name: str, value: str) -> None:
    """Make a value an output of the step, where a pipeline runs this."""
    file = os.environ.get("GITHUB_OUTPUT")
    if file and not DRY_RUN.get():
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(f"{name}={value}\n")
