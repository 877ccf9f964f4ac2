"""Step `monitor`: compare what production saw with what the champion was trained on.

Three questions: have the inputs drifted, have the predictions drifted, and, where ground truth has
arrived, are the predictions still good enough?
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .collect import read_collected
from .drift import ColumnDrift, compare
from .errors import BadInput, MissingStep, Refused
from .evaluate import PREDICTIONS_FILE
from .gate import Check, check_bound
from .metrics import measure
from .predict import PREDICTION
from .records import write_record
from .registry import Registry
from .rows import conform, read_rows
from .tracking import REFERENCE_PATH, connect, run
from .train import FEATURES_FILE

if TYPE_CHECKING:
    from .protocol import Column, ModelCode, Schema
    from .settings import Settings

RECORD = "monitor.json"


@dataclass(frozen=True)
class Observed:
    """What was collected for one version of the model.

    Attributes:
        version: The version.
        inputs: Conforming rows.
        outputs: Row id, `prediction` and, from classifiers, `probability_<class>`.
    """

    version: str
    inputs: pd.DataFrame
    outputs: pd.DataFrame


@dataclass(frozen=True)
class Reference:
    """What the observed is compared with.

    Attributes:
        features: The rows that the model was trained on.
        predictions: What it predicted for held-out rows.
    """

    features: pd.DataFrame
    predictions: pd.DataFrame


@dataclass(frozen=True)
class Report:
    """What the monitor found.

    Attributes:
        version: Version of the model.
        rows: Number of collected rows.
        drift: One entry per feature, and one for the prediction.
        truths: Number of rows whose ground truth is known.
        performance: The bounds of `model/thresholds.py`, measured in production; empty where too
            few truths are known.
    """

    version: str
    rows: int
    drift: tuple[ColumnDrift, ...]
    truths: int
    performance: tuple[Check, ...]

    @property
    def troubles(self) -> list[str]:
        """One sentence per drifted column and per bound that is no longer kept."""
        drifted = [
            f"{d.column} has drifted: PSI {d.psi:.3f}, {d.test} p = {d.p_value:.2g}"
            for d in self.drift
            if d.drifted
        ]
        decayed = [f"decayed: {c.sentence}" for c in self.performance if not c.passed]
        return drifted + decayed


def monitor(
    code: ModelCode,
    collected: Path,
    output: Path,
    settings: Settings,
    reference: Path | None = None,
    ground_truth: Path | None = None,
    version: str | None = None,
) -> Report:
    """Compare, write the report, and stop where there is trouble.

    Args:
        code: The model code.
        collected: Folder with collected inputs and outputs.
        output: Folder that receives `monitor.json`.
        settings: Where it runs.
        reference: Folder with `features.csv` and `predictions.csv`; None for the champion's.
        ground_truth: CSV with row id and target, as far as they are known by now.
        version: Version to monitor; None for the champion. With version and reference the registry
            is not asked: it need not know a model that another workspace trained.

    Raises:
        MissingStep: Nothing is promoted, or nothing was collected.
        BadInput: Too few rows were collected to say anything.
        Refused: Data or predictions have drifted, or performance has decayed.
    """
    client = connect(settings)
    if version is None or reference is None:
        registry = Registry(client, settings)
        watched = registry.version(version) if version else registry.require_champion()
        version = str(watched.version)
        reference = reference or Path(
            client.download_artifacts(str(watched.run_id), REFERENCE_PATH)
        )
    observed = read_observed(code.SCHEMA, collected, version)
    least = code.THRESHOLDS.drift.minimum_rows
    if len(observed.inputs) < least:
        raise BadInput(
            f"{len(observed.inputs)} rows collected for version {observed.version}: fewer than "
            f"{least} prove nothing; `score` more, or lower minimum_rows in model/thresholds.py"
        )
    report = examine(code, observed, read_reference(code.SCHEMA, reference), ground_truth)
    _keep(report, output)
    if report.troubles:
        raise Refused("the monitor raises alarm:\n" + "\n".join(report.troubles))
    return report


def examine(
    code: ModelCode, observed: Observed, reference: Reference, ground_truth: Path | None
) -> Report:
    """Measure drift and performance.

    Args:
        code: The model code.
        observed: What was collected.
        reference: What it is compared with.
        ground_truth: CSV with row id and target, or None.
    """
    limits = code.THRESHOLDS.drift
    features = compare(code.SCHEMA.features, reference.features, observed.inputs, limits)
    predictions = compare(
        [predicted_column(code.SCHEMA)], reference.predictions, observed.outputs, limits
    )
    truths = 0
    checks: list[Check] = []
    if ground_truth is not None:
        truths, checks = performance(code, observed.outputs, ground_truth)
    return Report(
        observed.version,
        len(observed.inputs),
        (*features, *predictions),
        truths,
        tuple(checks),
    )


def performance(
    code: ModelCode, outputs: pd.DataFrame, ground_truth: Path
) -> tuple[int, list[Check]]:
    """Join predictions with ground truth by row id, and measure them.

    Returns:
        The number of joined rows, and one check per bound; none where the rows are too few.
    """
    schema = code.SCHEMA
    truth = conform(_truth_schema(schema), read_rows(ground_truth, schema), target=True)
    joined = outputs.drop_duplicates(schema.row_id, keep="last").merge(
        truth[[schema.row_id, schema.target.name]], on=schema.row_id
    )
    if len(joined) < code.THRESHOLDS.drift.minimum_rows:
        return len(joined), []
    measured = measure(schema, joined[schema.target.name], joined)
    return len(joined), [check_bound(bound, measured) for bound in code.THRESHOLDS.bounds]


def read_observed(schema: Schema, collected: Path, version: str) -> Observed:
    """Read what was collected for one version.

    Raises:
        MissingStep: There is nothing.
    """
    inputs, outputs = (
        _of_version(read_collected(collected, name), version)
        for name in ("model_inputs", "model_outputs")
    )
    if inputs.empty or outputs.empty:
        raise MissingStep(f"data collected for version {version} (in {collected})", "score")
    predicted = predicted_column(schema)
    typed = conform(replace(schema, features=(predicted,)), outputs)
    probabilities = outputs.filter(like="probability_")
    return Observed(version, conform(schema, inputs), typed.join(probabilities))


def read_reference(schema: Schema, folder: Path) -> Reference:
    """Read the training reference.

    Raises:
        BadInput: A file is missing or breaks the schema.
    """
    predicted = replace(schema, features=(predicted_column(schema),))
    return Reference(
        conform(schema, read_rows(folder / FEATURES_FILE, schema)),
        conform(predicted, read_rows(folder / PREDICTIONS_FILE, predicted)),
    )


def predicted_column(schema: Schema) -> Column:
    """Return the target as the column that a model outputs."""
    return replace(schema.target, name=PREDICTION, nullable=False, minimum=None, maximum=None)


def _truth_schema(schema: Schema) -> Schema:
    return replace(schema, features=())


def _of_version(rows: pd.DataFrame, version: str) -> pd.DataFrame:
    if rows.empty:
        return rows
    return rows[rows["model_version"].astype(str) == version].reset_index(drop=True)


def _keep(report: Report, output: Path) -> None:
    import mlflow

    write_record(output, RECORD, {**asdict(report), "troubles": report.troubles})
    with run("monitor"):
        shifts = {f"psi_{drift.column}": drift.psi for drift in report.drift}
        mlflow.log_metrics({**shifts, "rows": report.rows, "truths": report.truths})
        mlflow.set_tags({"model_version": report.version, "alarm": str(bool(report.troubles))})
