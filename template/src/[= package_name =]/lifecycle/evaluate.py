"""Step `evaluate`: score candidate and champion on the same held-out rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .errors import BadInput
from .metrics import measure
from .predict import PREDICTION, score_rows
from .prepare import Prepared, read_prepared
from .records import read_record, write_record
from .registry import Registry
from .tracking import REFERENCE_PATH, connect
from .train import Candidate, read_candidate

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from mlflow import MlflowClient

    from .protocol import ModelCode
    from .settings import Settings

RECORD = "evaluation.json"
PREDICTIONS_FILE = "predictions.csv"


@dataclass(frozen=True)
class Evaluation:
    """What was measured on the held-out rows.

    Attributes:
        run_id: The candidate's run.
        data_digest: Version of the data that both were scored on.
        rows: Number of held-out rows.
        candidate: Metrics of the candidate.
        champion: Metrics of the champion; None where there is none to compare with.
        champion_name: Which champion, or why there is none.
    """

    run_id: str
    data_digest: str
    rows: int
    candidate: dict[str, float]
    champion: dict[str, float] | None
    champion_name: str


def evaluate(
    code: ModelCode,
    data: Path,
    candidate_folder: Path,
    output: Path,
    settings: Settings,
    champion_uri: str | None = None,
) -> Evaluation:
    """Score the candidate and the champion.

    Args:
        code: The model code.
        data: Folder that `prepare` wrote.
        candidate_folder: Folder that `train` wrote.
        output: Folder that receives `evaluation.json` and the held-out predictions.
        settings: Where it runs.
        champion_uri: MLflow model to compare with; None for the registry's champion.

    Raises:
        MissingStep: `prepare` or `train` has not run.
        BadInput: The champion cannot score these rows, or the data are not the candidate's.
    """
    candidate = read_candidate(candidate_folder)
    prepared = read_prepared(code, data)
    if candidate.data_digest != prepared.digest:
        raise BadInput(
            f"the candidate was trained on data {candidate.data_digest}, these are "
            f"{prepared.digest}: run `train` again"
        )
    client = connect(settings)
    scored = score_model(code, candidate.model_uri, prepared.test)
    measured = measure(code.SCHEMA, prepared.test[code.SCHEMA.target.name], scored)
    champion, name = _champion(code, prepared, client, settings, champion_uri)
    evaluation = Evaluation(
        candidate.run_id, prepared.digest, len(prepared.test), measured, champion, name
    )
    _keep(client, candidate, evaluation, scored, output)
    return evaluation


def score_model(code: ModelCode, uri: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Load a model by its URI and score conforming rows."""
    import mlflow

    return score_rows(mlflow.sklearn.load_model(uri), code.SCHEMA, rows)


def read_evaluation(folder: Path) -> Evaluation:
    """Read what `evaluate` wrote.

    Raises:
        MissingStep: It has not run.
    """
    return Evaluation(**read_record(folder, RECORD, "evaluate"))


def _champion(
    code: ModelCode, prepared: Prepared, client: MlflowClient, settings: Settings, uri: str | None
) -> tuple[dict[str, float] | None, str]:
    """Return the champion's metrics, and its name or the reason why there are none."""
    name = uri or ""
    if uri is None:
        champion = Registry(client, settings).champion()
        if champion is None:
            return None, "no champion yet"
        name = f"version {champion.version}"
        spoken = champion.tags.get("schema_version")
        if spoken != str(code.SCHEMA.version):
            return None, f"{name} speaks schema {spoken}, this is schema {code.SCHEMA.version}"
        uri = f"models:/{settings.model_name}/{champion.version}"
    try:
        scored = score_model(code, uri, prepared.test)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"the champion ({name}) cannot score these rows ({error}): if features or target have "
            "changed their meaning, raise Schema.version in model/schema.py"
        ) from error
    return measure(code.SCHEMA, prepared.test[code.SCHEMA.target.name], scored), name


def _keep(
    client: MlflowClient, candidate: Candidate, evaluation: Evaluation, scored: Any, output: Path
) -> None:
    import mlflow

    folder = output / REFERENCE_PATH
    folder.mkdir(parents=True, exist_ok=True)
    scored[[PREDICTION]].to_csv(folder / PREDICTIONS_FILE, index=False)
    client.log_artifact(candidate.run_id, str(folder / PREDICTIONS_FILE), REFERENCE_PATH)
    tested = {f"test_{name}": value for name, value in evaluation.candidate.items()}
    mlflow.log_metrics(tested, run_id=candidate.run_id)
    write_record(output, RECORD, asdict(evaluation))
