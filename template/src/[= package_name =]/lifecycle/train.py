"""Step `train`: fit a candidate on the training rows and record everything about it in one run."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .metrics import check_thresholds, measure
from .pins import model_requirements
from .predict import score_rows
from .prepare import Prepared, read_prepared
from .records import read_record, write_record
from .tracking import MODEL_PATH, REFERENCE_PATH, commit, connect, run

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from .protocol import ModelCode
    from .settings import Settings

RECORD = "candidate.json"
FEATURES_FILE = "features.csv"
LONGEST_PARAMETER = 250

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """A model that was trained, and where it is.

    Attributes:
        run_id: MLflow run that trained it.
        data_digest: Version of the data.
        commit: Commit of the code.
        schema_version: Version of the schema that its rows follow.
    """

    run_id: str
    data_digest: str
    commit: str
    schema_version: int

    @property
    def model_uri(self) -> str:
        """The model, by its run: the form that keeps data, run and model linked."""
        return f"runs:/{self.run_id}/{MODEL_PATH}"


def train(
    code: ModelCode, data: Path, output: Path, settings: Settings, at_commit: str = ""
) -> Candidate:
    """Train a candidate.

    Args:
        code: The model code.
        data: Folder that `prepare` wrote.
        output: Folder that receives `candidate.json` and the training reference.
        settings: Where it runs.
        at_commit: The code's commit, where no checkout tells; empty to ask.

    Raises:
        MissingStep: `prepare` has not run.
        BadInput: Thresholds name metrics that the task does not have.
    """
    check_thresholds(code.SCHEMA, code.THRESHOLDS)
    prepared = read_prepared(code, data)
    connect(settings)
    with run("train") as active:
        pipeline = fit(code, prepared.train)
        candidate = Candidate(
            active.info.run_id, prepared.digest, at_commit or commit(), code.SCHEMA.version
        )
        _log(code, prepared, pipeline, candidate)
        _write_reference(code, prepared, output)
    write_record(output, RECORD, asdict(candidate))
    return candidate


def fit(code: ModelCode, rows: pd.DataFrame) -> Any:
    """Return features and estimator as one pipeline, fitted on conforming rows."""
    from sklearn.pipeline import Pipeline

    steps = [
        ("features", code.build_features(code.SCHEMA)),
        ("estimator", code.build_estimator()),
    ]
    return Pipeline(steps).fit(rows[code.SCHEMA.feature_names], rows[code.SCHEMA.target.name])


def read_candidate(folder: Path) -> Candidate:
    """Read what `train` wrote.

    Raises:
        MissingStep: It has not run.
    """
    return Candidate(**read_record(folder, RECORD, "train"))


def _log(code: ModelCode, prepared: Prepared, pipeline: Any, candidate: Candidate) -> None:
    import mlflow

    features = prepared.train[code.SCHEMA.feature_names]
    scored = score_rows(pipeline, code.SCHEMA, prepared.train)
    measured = measure(code.SCHEMA, prepared.train[code.SCHEMA.target.name], scored)
    mlflow.log_params(_parameters(pipeline))
    mlflow.log_metrics({f"train_{name}": value for name, value in measured.items()})
    mlflow.set_tags({"data_digest": candidate.data_digest, "commit": candidate.commit})
    _log_dataset(prepared)
    mlflow.sklearn.log_model(
        pipeline,
        artifact_path=MODEL_PATH,
        signature=mlflow.models.infer_signature(features, scored["prediction"]),
        pip_requirements=model_requirements(),
    )


def _log_dataset(prepared: Prepared) -> None:
    """Log the training rows as an input of the run.

    A tracking server that does not know data sets costs a warning: there the job's declared input
    and the tag `data_digest` still say which data it was.
    """
    import mlflow
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.pandas_dataset import from_pandas

    source = CodeDatasetSource({"source": prepared.source, "digest": prepared.digest})
    dataset = from_pandas(prepared.train, source=source, name="train")
    try:
        mlflow.log_input(dataset, context="training")
    except mlflow.MlflowException as error:
        log.warning("the data set is not logged as an input: %s", error)


def _parameters(pipeline: Any) -> dict[str, str]:
    estimator = pipeline.named_steps["estimator"]
    named = {"estimator": type(estimator).__name__, **estimator.get_params()}
    return {name: str(value)[:LONGEST_PARAMETER] for name, value in named.items()}


def _write_reference(code: ModelCode, prepared: Prepared, output: Path) -> None:
    import mlflow

    folder = output / REFERENCE_PATH
    folder.mkdir(parents=True, exist_ok=True)
    prepared.train[code.SCHEMA.feature_names].to_csv(folder / FEATURES_FILE, index=False)
    mlflow.log_artifact(str(folder / FEATURES_FILE), REFERENCE_PATH)
