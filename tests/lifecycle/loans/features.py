"""How columns become numbers: missing ones stay missing, for an estimator that can use them."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OrdinalEncoder

from ..lifecycle.protocol import Schema


def build_features(schema: Schema) -> ColumnTransformer:
    """Return an unfitted transformer: numbers as they are, categories numbered.

    Args:
        schema: The columns and their kinds.
    """
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return ColumnTransformer(
        [
            ("numbers", "passthrough", schema.of_kind("number")),
            ("categories", encoder, schema.of_kind("category")),
        ]
    )
