"""The seam between your model code and the lifecycle, version 1.

`model/` is yours and is never touched by an update; `lifecycle/` is the platform's and is updated.
They meet here and nowhere else: the package `model` offers the names of `ModelCode`, the lifecycle
calls nothing beyond them. The type checker holds both sides to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

PROTOCOL_VERSION = 1
"""Raised when a lifecycle can no longer drive model code that was written for the one before."""

Kind = Literal["number", "category"]
Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Column:
    """One column of the data, as requests, training data and monitoring know it.

    Attributes:
        name: Name in data files and in requests.
        kind: `number` (held as a float) or `category` (held as text).
        description: What it measures, with its unit.
        minimum: Smallest number that can be true; a request below it is refused.
        maximum: Largest number that can be true; a request above it is refused.
        typical: Range that most values lie in; synthetic data are drawn from it.
        categories: Every value that a category can have.
        nullable: Whether a value may be missing.
    """

    name: str
    kind: Kind
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    typical: tuple[float, float] = (0.0, 1.0)
    categories: tuple[str, ...] = ()
    nullable: bool = False

    def __post_init__(self) -> None:
        """Refuse a declaration that no value can meet.

        Raises:
            BadInput: A category has fewer than two values, or a range is empty.
        """
        if self.kind == "category" and len(set(self.categories)) < 2:
            raise BadInput(f"column {self.name}: a category needs two or more different categories")
        if self.kind == "number" and not self.typical[0] < self.typical[1]:
            raise BadInput(f"column {self.name}: typical must be a (low, high) with low < high")


@dataclass(frozen=True)
class Schema:
    """What a row is made of.

    Attributes:
        features: The columns that the model predicts from.
        target: The column that it predicts: a category makes it a classification, a number a
            regression.
        row_id: Name of the column that identifies a row, to join ground truth that comes later.
        version: Raise it when features or target change their meaning: a champion of another
            version is not compared with, because it cannot score the same rows.
    """

    features: tuple[Column, ...]
    target: Column
    row_id: str = "row_id"
    version: int = 1

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, in their order."""
        return [column.name for column in self.features]

    @property
    def task(self) -> Task:
        """The kind of model that the target asks for."""
        return "classification" if self.target.kind == "category" else "regression"

    def of_kind(self, kind: Kind) -> list[str]:
        """Names of the features of one kind, in their order."""
        return [column.name for column in self.features if column.kind == kind]


@dataclass(frozen=True)
class Bound:
    """What one metric must reach on held-out data, and in production.

    Attributes:
        metric: A name from `metrics.METRICS`.
        limit: At least this where greater is better (`roc_auc`), at most this where it is not
            (`rmse`).
    """

    metric: str
    limit: float


@dataclass(frozen=True)
class DriftLimits:
    """When collected data count as drifted from the training reference.

    A column has drifted when both hold: the difference is large (population stability index) and
    it is no accident of few rows (Kolmogorov-Smirnov for numbers, chi-squared for categories).

    Attributes:
        psi: Population stability index from which a difference is large. 0.2 is the customary
            limit of "significant change" in credit scoring (Siddiqi, Credit Risk Scorecards, 2006).
        significance: Chance of a false alarm per run; it is divided by the number of columns
            (Bonferroni).
        minimum_rows: Fewer collected rows than this prove nothing.
    """

    psi: float = 0.2
    significance: float = 0.01
    minimum_rows: int = 50


@dataclass(frozen=True)
class Thresholds:
    """What the gate and the monitor decide by.

    Attributes:
        bounds: Limits that a candidate must keep.
        primary: The metric on which a candidate is compared with the champion.
        tolerance: By how much of that metric a candidate may be worse than the champion.
        drift: When the monitor calls drift.
    """

    bounds: tuple[Bound, ...]
    primary: str
    tolerance: float = 0.0
    drift: DriftLimits = DriftLimits()


class ModelCode(Protocol):
    """What `model/__init__.py` offers to the lifecycle."""

    PROTOCOL_VERSION: int
    SCHEMA: Schema
    THRESHOLDS: Thresholds

    def load_data(self, source: Path | None) -> pd.DataFrame:
        """Read the whole data set.

        Args:
            source: File or folder that the job was given (an Azure ML data asset); None for the
                default data.

        Returns:
            The features and the target of the schema, and the row id where the source has one.
        """

    def build_features(self, schema: Schema) -> Any:
        """Return an unfitted scikit-learn transformer from the schema's features to numbers."""

    def build_estimator(self) -> Any:
        """Return an unfitted scikit-learn estimator for the transformed features."""
