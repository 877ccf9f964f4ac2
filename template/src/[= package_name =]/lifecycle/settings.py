"""Where it runs: the one place that knows, read from the environment.

On a laptop nothing is set: MLflow keeps its database and artifacts under `artifacts/`. In an Azure
ML job the platform sets `MLFLOW_TRACKING_URI` and `MLFLOW_RUN_ID`, and the component's paths come
in as options. No step asks where it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DISTRIBUTION = __name__.split(".", 1)[0].replace("_", "-")


class Settings(BaseSettings):
    """Settings of every step.

    Attributes:
        home: Folder in which steps leave what the next one reads (`LIFECYCLE_HOME`).
        model_name: Name in the registry (`LIFECYCLE_MODEL_NAME`).
        mark: How the registry remembers champion and challenger (`LIFECYCLE_MARK`): MLflow aliases,
            or version tags where the registry knows no aliases, as Azure ML's does not.
        test_fraction: Share of the rows that is held out (`LIFECYCLE_TEST_FRACTION`).
        seed: Seed of everything random (`LIFECYCLE_SEED`).
        tracking: MLflow tracking URI (`MLFLOW_TRACKING_URI`); empty means SQLite under `home`.
        experiment: MLflow experiment (`MLFLOW_EXPERIMENT_NAME`).
    """

    model_config = SettingsConfigDict(env_prefix="LIFECYCLE_", extra="ignore")

    home: Path = Path("artifacts")
    model_name: str = DISTRIBUTION
    mark: Literal["alias", "tag"] = "alias"
    test_fraction: float = Field(default=0.25, gt=0.0, lt=1.0)
    seed: int = 20
    tracking: str = Field(default="", validation_alias="MLFLOW_TRACKING_URI")
    experiment: str = Field(default=DISTRIBUTION, validation_alias="MLFLOW_EXPERIMENT_NAME")

    @property
    def tracking_uri(self) -> str:
        """Where runs and models are recorded."""
        return self.tracking or f"sqlite:///{(self.home / 'mlflow.db').resolve().as_posix()}"

    @property
    def data(self) -> Path:
        """What `prepare` leaves: training and held-out rows."""
        return self.home / "data"

    @property
    def candidate(self) -> Path:
        """What `train` leaves: which run trained the candidate, and its training reference."""
        return self.home / "candidate"

    @property
    def evaluation(self) -> Path:
        """What `evaluate` leaves: the metrics of candidate and champion."""
        return self.home / "evaluation"

    @property
    def decision(self) -> Path:
        """What `gate` leaves: passed or not, and why."""
        return self.home / "gate"

    @property
    def registration(self) -> Path:
        """What `register` leaves: name and version."""
        return self.home / "registration"

    @property
    def collected(self) -> Path:
        """What the scoring server collects: inputs, outputs and row ids."""
        return self.home / "collected"

    @property
    def ground_truth(self) -> Path:
        """What `score` leaves: the known targets of the rows that it sent."""
        return self.home / "ground-truth.csv"

    @property
    def report(self) -> Path:
        """What `monitor` leaves: drift and performance."""
        return self.home / "monitor"
