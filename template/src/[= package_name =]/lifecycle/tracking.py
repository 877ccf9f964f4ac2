"""MLflow, configured once: the same calls reach SQLite on a laptop and the workspace on Azure."""

from __future__ import annotations

import logging
import os
import subprocess  # nosec B404
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow import ActiveRun, MlflowClient

    from .settings import Settings

MODEL_PATH = "model"
"""Artifact path of the model in its run: `runs:/<run id>/model`."""
REFERENCE_PATH = "reference"
"""Artifact path of what the monitor compares with."""


def connect(settings: Settings) -> MlflowClient:
    """Point MLflow at the configured tracking and return its client."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(settings.tracking_uri)
    if not settings.tracking:
        settings.home.mkdir(parents=True, exist_ok=True)
    with _quiet():
        client = mlflow.MlflowClient()
        _use_experiment(client, settings)
    return client


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back the migrations of a new database: 30 lines that say nothing to a user."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _use_experiment(client: MlflowClient, settings: Settings) -> None:
    import mlflow

    if settings.tracking:
        if "MLFLOW_RUN_ID" not in os.environ:
            mlflow.set_experiment(settings.experiment)
        return
    if client.get_experiment_by_name(settings.experiment) is None:
        artifacts = (settings.home / "mlruns").resolve().as_uri()
        client.create_experiment(settings.experiment, artifact_location=artifacts)
    mlflow.set_experiment(settings.experiment)


@contextmanager
def run(name: str) -> Iterator[ActiveRun]:
    """Start a run, or resume the one that an Azure ML job has begun (`MLFLOW_RUN_ID`)."""
    import mlflow

    with mlflow.start_run(run_name=None if "MLFLOW_RUN_ID" in os.environ else name) as active:
        yield active


def commit() -> str:
    """Return the commit that is checked out: from the pipeline's environment, else from git."""
    given = os.environ.get("GITHUB_SHA") or os.environ.get("BUILD_SOURCEVERSION")
    if given:
        return given
    try:
        answer = subprocess.run(  # nosec B603 B607
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, timeout=10
        )
    except OSError:
        return "unknown"
    return answer.stdout.strip() if answer.returncode == 0 else "unknown"
