"""Submits training and follows it; applies the schedules."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import typer
import yaml

from ..code import model_code
from ..errors import BadInput, MissingStep
from ..prepare import with_row_ids
from ..register import Registration
from ..rows import conform
from ..tracking import commit
from . import images
from .client import DRY_RUN, az
from .jobs import completed, download, find_job, follow, job_name
from .models import newest_trained
from .settings import SPECS, setting, spec, workspace


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
    ensure_data()
    name = job_name("train")
    if find_job(name) is None:
        az(
            "ml", "job", "create", "--file", spec("pipelines", "training.yml"), "--name", name,
            "--set", f"settings.default_compute=azureml:{setting('AZURE_ML_COMPUTE')}",
            f"tags.commit={commit()}", *workspace(), changes=True,
        )  # fmt: skip
    if DRY_RUN.get():
        return ""
    completed(follow(name, poll_seconds))
    version = _registered(name)
    _tell_pipeline("model_version", version)
    typer.echo(f"registered version {version} (job {name})")
    return version


def newest() -> str:
    """Name the version that was registered last in this workspace, also to the pipeline.

    Raises:
        MissingStep: None has been.
    """
    version = newest_trained().version
    _tell_pipeline("model_version", version)
    typer.echo(f"newest version: {version}")
    return version


def schedule(only: str = "") -> None:
    """Create or update the schedules of `aml/schedules/`.

    Args:
        only: Name of the one file, without its ending; empty for all.

    Raises:
        BadInput: There is no such file.
    """
    images.in_workspace("training")
    files = sorted((SPECS / "schedules").glob(f"{only or '*'}.yml"))
    if not files:
        raise BadInput(f"{SPECS.as_posix()}/schedules/{only or '*'}.yml is missing")
    for file in files:
        az(
            "ml", "schedule", "create", "--file", file.as_posix(), "--set",
            f"create_job.settings.default_compute=azureml:{setting('AZURE_ML_COMPUTE')}",
            *workspace(), changes=True,
        )  # fmt: skip


def ensure_data() -> None:
    """Register each data asset of `aml/data/` that the workspace lacks."""
    for file in sorted((SPECS / "data").glob("*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        found = az(
            "ml", "data", "show", "--name", str(content["name"]), "--label", "latest", *workspace(),
            missing_ok=True,
        )  # fmt: skip
        if found is None:
            _write_sample(file.parent / str(content["path"]))
            az("ml", "data", "create", "--file", file.as_posix(), *workspace(), changes=True)


def _write_sample(path: Path) -> None:
    """Write the default data where a spec that still points at them expects a local file."""
    if "artifacts" in path.parts and not path.exists() and not DRY_RUN.get():
        code = model_code()
        rows = with_row_ids(code.SCHEMA, conform(code.SCHEMA, code.load_data(None), target=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(path, index=False)


def _registered(job: str) -> str:
    """Read which version the job registered."""
    with tempfile.TemporaryDirectory() as folder:
        download(job, "registration", folder)
        record = next(Path(folder).rglob("registration.json"), None)
        if record is None:
            raise MissingStep(f"registration.json among the outputs of {job}", "azure submit")
        return Registration(**json.loads(record.read_text(encoding="utf-8"))).version


def _tell_pipeline(name: str, value: str) -> None:
    """Make a value an output of the step, where a pipeline runs this."""
    file = os.environ.get("GITHUB_OUTPUT")
    if file:
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(f"{name}={value}\n")
