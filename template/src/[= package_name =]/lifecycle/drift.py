"""How far data have moved from their reference, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .protocol import Column, DriftLimits

    Array = NDArray[Any]

BINS = 10
FLOOR = 1e-4
"""Share that an empty bin counts as, so that its logarithm is finite."""


@dataclass(frozen=True)
class ColumnDrift:
    """What was measured for one column.

    Attributes:
        column: Its name.
        psi: Population stability index; 0 means the same distribution.
        test: Which test gave the p-value.
        p_value: Chance of such a difference between samples of one distribution.
        drifted: Whether both limits are passed.
    """

    column: str
    psi: float
    test: str
    p_value: float
    drifted: bool


def compare(
    columns: Sequence[Column], reference: pd.DataFrame, current: pd.DataFrame, limits: DriftLimits
) -> list[ColumnDrift]:
    """Compare collected rows with the reference.

    Args:
        columns: The columns to compare, with their kinds.
        reference: Rows that the model was trained on.
        current: Rows that were collected.
        limits: When a column has drifted.
    """
    significance = limits.significance / max(len(columns), 1)
    return [
        _column(column, reference[column.name], current[column.name], limits.psi, significance)
        for column in columns
    ]


def psi(expected: Array, found: Array) -> float:
    """Return the population stability index of two histograms over the same bins.

    The sum over bins of (found - expected) * ln(found / expected), in shares.
    """
    shares = [np.maximum(counts / max(counts.sum(), 1), FLOOR) for counts in (expected, found)]
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def histograms(column: Column, reference: pd.Series, current: pd.Series) -> tuple[Array, Array]:
    """Count both samples in the same bins: deciles of the reference or the categories, and one
    more for missing values.
    """
    if column.kind == "category":
        return _categories(column, reference), _categories(column, current)
    edges = np.unique(np.quantile(reference.dropna(), np.linspace(0, 1, BINS + 1)[1:-1]))
    return _numbers(edges, reference), _numbers(edges, current)


def _categories(column: Column, sample: pd.Series) -> Array:
    counts = sample.value_counts().reindex(column.categories, fill_value=0).to_numpy()
    return np.append(counts, sample.isna().sum()).astype(float)


def _numbers(edges: Array, sample: pd.Series) -> Array:
    places = np.digitize(sample.dropna(), edges, right=True)
    counts = np.bincount(places, minlength=len(edges) + 1)
    return np.append(counts, sample.isna().sum()).astype(float)


def _column(
    column: Column, reference: pd.Series, current: pd.Series, psi_limit: float, significance: float
) -> ColumnDrift:
    expected, found = histograms(column, reference, current)
    index = psi(expected, found)
    if column.kind == "category":
        tests = {"chi-squared": _chi_squared(expected, found)}
    else:
        tests = _number_tests(reference, current)
    test, p_value = min(tests.items(), key=lambda named: named[1])
    return ColumnDrift(
        column.name, index, test, p_value, bool(index >= psi_limit and p_value < significance)
    )


def _number_tests(reference: pd.Series, current: pd.Series) -> dict[str, float]:
    """Test the values that are there, and the share of those that are not."""
    missing = [np.bincount(sample.isna(), minlength=2) for sample in (reference, current)]
    tests = {"chi-squared of missing": _chi_squared(missing[0], missing[1])}
    known = reference.dropna(), current.dropna()
    if all(len(sample) for sample in known):
        tests["kolmogorov-smirnov"] = float(stats.ks_2samp(*known).pvalue)
    return tests


def _chi_squared(expected: Array, found: Array) -> float:
    seen = (expected + found) > 0
    if seen.sum() < 2:
        return 1.0
    return float(stats.chi2_contingency(np.vstack([expected[seen], found[seen]])).pvalue)
