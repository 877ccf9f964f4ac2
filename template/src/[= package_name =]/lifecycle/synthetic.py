"""Synthetic rows that follow the declared schema: the data of the tests, and of load tests.

The target depends on the features (a weighted sum, cut into classes of equal size or stretched over
the typical range), so that any estimator worth having learns it, and shuffled targets cannot be
learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .protocol import Column, Schema

    Array = NDArray[np.float64]

MISSING_SHARE = 0.1
NOISE = 0.05


def make_rows(schema: Schema, count: int, seed: int = 0, *, shifted: bool = False) -> pd.DataFrame:
    """Draw rows.

    Args:
        schema: What a row is made of.
        count: Number of rows.
        seed: The same seed gives the same rows.
        shifted: Draw from the upper fifth of each typical range and the last category alone: data
            that have drifted, and still are valid.

    Returns:
        Row id, features and target, as `rows.conform` returns them.
    """
    generator = np.random.default_rng(seed)
    positions = generator.uniform(0.8 if shifted else 0.0, 1.0, (count, len(schema.features)))
    columns = {
        column.name: _values(column, positions[:, place], generator)
        for place, column in enumerate(schema.features)
    }
    columns[schema.target.name] = _targets(schema.target, positions, generator)
    columns[schema.row_id] = np.array([f"synthetic-{seed}-{n:06d}" for n in range(count)], object)
    return pd.DataFrame(columns)


def shuffle_targets(schema: Schema, rows: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Return the rows with their targets dealt out anew: there is nothing left to learn."""
    dealt = rows[schema.target.name].sample(frac=1.0, random_state=seed).to_numpy()
    return rows.assign(**{schema.target.name: dealt})


def _values(column: Column, positions: Array, generator: np.random.Generator) -> NDArray[Any]:
    values: NDArray[Any]
    if column.kind == "category":
        places = np.minimum(positions * len(column.categories), len(column.categories) - 1)
        values = np.array(column.categories, dtype=object)[places.astype(int)]
    else:
        values = _within(column, positions)
    if column.nullable:
        missing = generator.uniform(size=len(values)) < MISSING_SHARE
        values[missing] = None if column.kind == "category" else np.nan
    return values


def _within(column: Column, positions: Array) -> Array:
    low, high = column.typical
    return np.clip(low + positions * (high - low), column.minimum, column.maximum)


def _targets(target: Column, positions: Array, generator: np.random.Generator) -> NDArray[Any]:
    weights = np.linspace(1.0, 2.0, positions.shape[1])
    signal = positions @ weights / weights.sum()
    signal = signal + generator.normal(0.0, NOISE * signal.std(), len(signal))
    ranks = pd.Series(signal).rank(method="first").to_numpy() - 1
    if target.kind == "category":
        places = (ranks * len(target.categories) // len(ranks)).astype(int)
        chosen: NDArray[Any] = np.array(target.categories, dtype=object)[places]
        return chosen
    spread = (signal - signal.min()) / (signal.max() - signal.min() or 1.0)
    return _within(target, spread)
