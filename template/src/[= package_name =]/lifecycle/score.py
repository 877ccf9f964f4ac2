"""Step `score`: send rows to a server, and hold its answer to the schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import requests

from .errors import BadInput, MissingStep, Refused
from .predict import PREDICTION
from .request import MOST_ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from .protocol import Schema

TIMEOUT = 30.0


@dataclass(frozen=True)
class Scored:
    """What a server answered.

    Attributes:
        model_version: Version of the model that answered.
        predictions: Row id and `prediction`, in the order of the rows.
    """

    model_version: str
    predictions: pd.DataFrame


def request_body(schema: Schema, rows: pd.DataFrame) -> dict[str, Any]:
    """Return conforming rows as a request, with their row ids where they have any."""
    names = [name for name in [schema.row_id, *schema.feature_names] if name in rows.columns]
    return {"input_data": json.loads(rows[names].to_json(orient="records", double_precision=15))}


def score(
    schema: Schema, url: str, rows: pd.DataFrame, headers: dict[str, str] | None = None
) -> Scored:
    """Send rows, in as many requests as their number asks for.

    Args:
        schema: What a row is made of.
        url: Where requests go.
        rows: Conforming rows.
        headers: Headers to add, such as authorization.

    Raises:
        MissingStep: Nothing answers at the URL.
        BadInput: The server refuses the request.
        Refused: The answer is not what was promised.
    """
    parts = [rows.iloc[start : start + MOST_ROWS] for start in range(0, len(rows), MOST_ROWS)]
    answers = [_post(url, request_body(schema, part), headers or {}) for part in parts]
    predictions = [
        check_answer(schema, part, answer) for part, answer in zip(parts, answers, strict=True)
    ]
    return Scored(str(answers[-1]["model_version"]), pd.concat(predictions, ignore_index=True))


def check_answer(schema: Schema, rows: pd.DataFrame, answer: dict[str, Any]) -> pd.DataFrame:
    """Return the predictions of an answer.

    Raises:
        Refused: Version or predictions are missing, or there is not one valid prediction a row.
    """
    missing = [key for key in ("model_version", "predictions") if key not in answer]
    if missing:
        raise Refused(f"the answer lacks {', '.join(missing)}: {answer}")
    predictions = pd.DataFrame(answer["predictions"])
    if len(predictions) != len(rows) or PREDICTION not in predictions.columns:
        raise Refused(f"{len(rows)} rows sent, {len(predictions)} predictions answered")
    values = predictions[PREDICTION]
    if schema.task == "classification":
        valid = values.isin(schema.target.categories)
    else:
        valid = pd.to_numeric(values, errors="coerce").notna()
    if not valid.all():
        raise Refused(f"{values[~valid].iloc[0]!r} is no prediction of {schema.target.name}")
    return predictions


def write_ground_truth(schema: Schema, rows: pd.DataFrame, path: Path) -> None:
    """Add the known targets of rows that were sent, for the monitor.

    In production they come from your own systems, days or months later; held-out rows have them
    already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    truth = rows[[schema.row_id, schema.target.name]].astype(str)
    if path.exists():
        known = pd.read_csv(path, dtype=str)
        if set(known.columns) == set(truth.columns):
            truth = pd.concat([known, truth])
        else:
            # Truths of a schema that was replaced: of no use to this model, but nobody's to delete.
            path.replace(path.with_name(f"{path.stem}-former{path.suffix}"))
    truth.drop_duplicates(schema.row_id, keep="last").to_csv(path, index=False)


def _post(url: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    try:
        answer = requests.post(url, json=body, headers=headers, timeout=TIMEOUT)
    except requests.ConnectionError:
        raise MissingStep(f"a server at {url}", "serve") from None
    try:
        content = answer.json()
    except ValueError:
        content = answer.text
    if answer.status_code != requests.codes.ok:
        raise BadInput(f"{url} answered {answer.status_code}: {content}")
    if not isinstance(content, dict):
        raise Refused(f"{url} answered no JSON object: {content!r}")
    return content
