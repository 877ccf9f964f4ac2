"""Step `register`: make a candidate that the gate let pass a version in the registry."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from .card import CARD, Card
from .errors import BadInput
from .evaluate import Evaluation, read_evaluation
from .gate import decide, require_passed
from .records import read_record, write_record
from .registry import CHALLENGER, Registry
from .tracking import connect
from .train import Candidate, read_candidate

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient

    from .protocol import ModelCode
    from .settings import Settings

RECORD = "registration.json"


@dataclass(frozen=True)
class Registration:
    """A version in the registry.

    Attributes:
        name: The model's name.
        version: Its version, given by the registry.
        run_id: The run that trained it.
    """

    name: str
    version: str
    run_id: str


def register(
    code: ModelCode,
    candidate_folder: Path,
    evaluation_folder: Path,
    output: Path,
    settings: Settings,
) -> Registration:
    """Register the candidate, if the gate is open for it.

    Registering the same run again returns the version that it already has.

    Args:
        code: The model code, for its thresholds.
        candidate_folder: Folder that `train` wrote.
        evaluation_folder: Folder that `evaluate` wrote.
        output: Folder that receives `registration.json` and the model card.
        settings: Where it runs.

    Raises:
        MissingStep: `train` or `evaluate` has not run.
        Refused: The gate refuses the candidate.
        BadInput: The evaluation is another candidate's.
    """
    candidate = read_candidate(candidate_folder)
    evaluation = read_evaluation(evaluation_folder)
    if evaluation.run_id != candidate.run_id:
        raise BadInput(
            f"the evaluation is of run {evaluation.run_id}, the candidate is of run "
            f"{candidate.run_id}: run `evaluate` again"
        )
    decision = decide(evaluation, code.THRESHOLDS)
    require_passed(decision)
    client = connect(settings)
    registry = Registry(client, settings)
    known = registry.of_run(candidate.run_id)
    version = str(known.version) if known else _new_version(registry, candidate, evaluation)
    registration = Registration(settings.model_name, version, candidate.run_id)
    parameters = client.get_run(candidate.run_id).data.params
    card = Card(
        registration.name, version, candidate, evaluation, decision,
        code.SCHEMA, code.THRESHOLDS, parameters,
    )  # fmt: skip
    _keep_card(client, card, output)
    write_record(output, RECORD, asdict(registration))
    return registration


def read_registration(folder: Path) -> Registration:
    """Read what `register` wrote.

    Raises:
        MissingStep: It has not run.
    """
    return Registration(**read_record(folder, RECORD, "register"))


def _keep_card(client: MlflowClient, card: Card, output: Path) -> None:
    """Write the card beside the registration, and into the run that it is about."""
    output.mkdir(parents=True, exist_ok=True)
    path = output / CARD
    path.write_text(card.text(), encoding="utf-8")
    client.log_artifact(card.candidate.run_id, str(path))


def _new_version(registry: Registry, candidate: Candidate, evaluation: Evaluation) -> str:
    import mlflow

    tags = {
        "commit": candidate.commit,
        "data_digest": candidate.data_digest,
        "schema_version": str(candidate.schema_version),
        **{f"test_{name}": f"{value:.6f}" for name, value in evaluation.candidate.items()},
    }
    version = mlflow.register_model(candidate.model_uri, registry.model, tags=tags).version
    registry.marks.put(CHALLENGER, str(version))
    return str(version)
