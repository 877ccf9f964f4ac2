"""Compares a candidate with an environment's champion on the same rows of that environment's data.

Runs inside a job. Only held-out rows count: a row's side is decided by a hash of its id, the same
in every environment, so neither model was trained on a row that judges it here.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..evaluate import RECORD, Evaluation, read_evaluation, score_model
from ..gate import Decision, decide
from ..metrics import measure
from ..prepare import prepare
from ..records import write_record

if TYPE_CHECKING:
    from pathlib import Path

    from ..protocol import ModelCode


def compare(
    code: ModelCode, data: Path, candidate: Path, champion: Path, output: Path, test_fraction: float
) -> Evaluation:
    """Score both models on the held-out rows and write the evaluation.

    Args:
        code: The model code.
        data: The environment's data, as the job was given them.
        candidate: Folder of the candidate's MLflow model.
        champion: Folder of the champion's MLflow model.
        output: Folder that receives the evaluation.
        test_fraction: Share of the rows that is held out.
    """
    prepared = prepare(code, data, output / "data", test_fraction)
    truth = prepared.test[code.SCHEMA.target.name]
    numbers = [
        measure(code.SCHEMA, truth, score_model(code, str(model), prepared.test))
        for model in (candidate, champion)
    ]
    evaluation = Evaluation(
        "candidate", prepared.digest, len(prepared.test), numbers[0], numbers[1], "the live version"
    )
    write_record(output, RECORD, asdict(evaluation))
    return evaluation


def judged(code: ModelCode, folder: Path) -> Decision:
    """Decide by the same rules as the training pipeline's gate.

    Args:
        code: The model code, for its thresholds.
        folder: Folder that `compare` wrote.
    """
    return decide(read_evaluation(folder), code.THRESHOLDS)
