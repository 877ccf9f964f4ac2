"""The metrics that models are judged by: one table, used before release and in production."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from sklearn import metrics as sk

from .errors import BadInput
from .predict import PREDICTION, probability_columns

if TYPE_CHECKING:
    from .protocol import Schema, Task, Thresholds


@dataclass(frozen=True)
class Metric:
    """One way to measure predictions.

    Attributes:
        task: The kind of model it judges.
        greater_is_better: The direction in which it improves.
        compute: From schema, truth and scored rows to the value.
    """

    task: Task
    greater_is_better: bool
    compute: Callable[[Schema, pd.Series, pd.DataFrame], float]


def _roc_auc(schema: Schema, truth: pd.Series, scored: pd.DataFrame) -> float:
    probabilities = scored[probability_columns(schema)].to_numpy()
    classes = sorted(schema.target.categories)
    if len(classes) == 2:
        return float(sk.roc_auc_score(truth == classes[1], probabilities[:, 1]))
    return float(
        sk.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro", labels=classes)
    )


def _log_loss(schema: Schema, truth: pd.Series, scored: pd.DataFrame) -> float:
    probabilities = scored[probability_columns(schema)].to_numpy()
    return float(sk.log_loss(truth, probabilities, labels=sorted(schema.target.categories)))


def _of(function: Callable[..., float], **options: object) -> Callable[..., float]:
    def compute(_: Schema, truth: pd.Series, scored: pd.DataFrame) -> float:
        return float(function(truth, scored[PREDICTION], **options))

    return compute


METRICS: dict[str, Metric] = {
    "accuracy": Metric("classification", True, _of(sk.accuracy_score)),
    "balanced_accuracy": Metric("classification", True, _of(sk.balanced_accuracy_score)),
    "f1_macro": Metric("classification", True, _of(sk.f1_score, average="macro", zero_division=0)),
    "roc_auc": Metric("classification", True, _roc_auc),
    "log_loss": Metric("classification", False, _log_loss),
    "r2": Metric("regression", True, _of(sk.r2_score)),
    "rmse": Metric("regression", False, _of(sk.root_mean_squared_error)),
    "mae": Metric("regression", False, _of(sk.mean_absolute_error)),
}


def measure(schema: Schema, truth: pd.Series, scored: pd.DataFrame) -> dict[str, float]:
    """Measure predictions against the truth.

    Args:
        schema: What a row is made of; its target names the task.
        truth: The true targets.
        scored: What `predict.score_rows` returned for the same rows, in the same order.

    Returns:
        Name to value of every metric of the task that these rows allow: a ranking metric is left
        out where the model gives no probabilities or the truth has one class only.
    """
    measured = {}
    ranked = set(probability_columns(schema)) <= set(scored.columns) and truth.nunique() > 1
    for name, metric in METRICS.items():
        if metric.task == schema.task and (ranked or name not in {"roc_auc", "log_loss"}):
            measured[name] = metric.compute(schema, truth, scored)
    return measured


def check_thresholds(schema: Schema, thresholds: Thresholds) -> None:
    """Refuse thresholds on metrics that the task does not have.

    Raises:
        BadInput: A name is unknown: the message lists the known ones.
    """
    known = [name for name, metric in METRICS.items() if metric.task == schema.task]
    for name in [*(bound.metric for bound in thresholds.bounds), thresholds.primary]:
        if name not in known:
            raise BadInput(
                f"model/thresholds.py: {name!r} is no metric of a {schema.task}: "
                f"use one of {', '.join(known)}"
            )
