"""One way to score rows, for evaluation, the online server and batch jobs alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from .protocol import Schema

PREDICTION = "prediction"


def probability_columns(schema: Schema) -> list[str]:
    """Names of the columns with the probability of each class, in the classes' sorted order."""
    return [f"probability_{category}" for category in sorted(schema.target.categories)]


def score_rows(pipeline: Any, schema: Schema, rows: pd.DataFrame) -> pd.DataFrame:
    """Score conforming rows.

    Args:
        pipeline: A fitted scikit-learn pipeline.
        schema: What a row is made of.
        rows: Rows that `rows.conform` returned.

    Returns:
        For each row its `prediction` and, where a classifier gives them, `probability_<class>`;
        the index is that of `rows`.
    """
    features = pipeline[:-1].transform(rows[schema.feature_names])
    estimator = pipeline[-1]
    scored = pd.DataFrame({PREDICTION: estimator.predict(features)}, index=rows.index)
    if schema.task == "classification" and hasattr(estimator, "predict_proba"):
        by_class = pd.DataFrame(
            estimator.predict_proba(features), index=rows.index, columns=list(estimator.classes_)
        ).reindex(columns=sorted(schema.target.categories), fill_value=0.0)
        scored[probability_columns(schema)] = by_class.to_numpy()
    return scored
