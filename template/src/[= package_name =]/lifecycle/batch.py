"""Scores files: what the batch endpoint does with a mini batch.

A broken row costs itself, never its file; a broken file costs itself, never the mini batch. Each
shows up in the result with its reason, so that rows in equal rows out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .errors import BadInput
from .predict import PREDICTION, probability_columns, score_rows
from .rows import read_rows, sift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .protocol import Schema
    from .service import ServedModel

ERROR = "error"


def score_files(model: ServedModel, schema: Schema, paths: Sequence[str]) -> pd.DataFrame:
    """Score every row of every file.

    Args:
        model: The model.
        schema: What a row is made of.
        paths: CSV files with a header.

    Returns:
        `file`, `row` (from 0), the row id where there is one, `prediction`, `probability_<class>`,
        `error` (empty where the row was scored) and `model_version`. Its columns are the same
        whatever the files hold, because Azure ML appends the frames to one file without header.
    """
    scored = [_score_file(model, schema, Path(path)) for path in paths]
    columns = ["file", "row", schema.row_id, PREDICTION, *probability_columns(schema), ERROR]
    together = pd.concat(scored) if scored else pd.DataFrame()
    return together.reindex(columns=columns).assign(model_version=model.version)


def _score_file(model: ServedModel, schema: Schema, path: Path) -> pd.DataFrame:
    try:
        rows = read_rows(path, schema)
        typed, mistakes = sift(schema, rows)
    except BadInput as error:
        return pd.DataFrame({"file": [path.name], "row": [-1], ERROR: [str(error)]})
    result = pd.DataFrame({"file": path.name, "row": range(len(rows)), ERROR: mistakes})
    if schema.row_id in rows.columns:
        result[schema.row_id] = rows[schema.row_id]
    good = typed[mistakes == ""]
    return result if good.empty else result.join(score_rows(model.pipeline, schema, good))
