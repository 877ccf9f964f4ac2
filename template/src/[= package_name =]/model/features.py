"""How columns become numbers that an estimator can use."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from ..lifecycle.protocol import Schema


def build_features(schema: Schema) -> ColumnTransformer:
    """Return an unfitted transformer: numbers imputed and scaled, categories one-hot encoded.

    Args:
        schema: The columns and their kinds.
    """
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = make_pipeline(
        SimpleImputer(missing_values=None, strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    return ColumnTransformer(
        [
            ("numbers", numbers, schema.of_kind("number")),
            ("categories", categories, schema.of_kind("category")),
        ]
    )
