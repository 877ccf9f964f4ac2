"""What the online server does with a request: validate, score, collect, measure, answer."""

from __future__ import annotations

import logging
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel, ValidationError

from .errors import BadInput
from .predict import PREDICTION, probability_columns, score_rows
from .request import explain, request_model
from .rows import from_records

if TYPE_CHECKING:
    from .collect import Collection, Collector
    from .protocol import Schema
    from .telemetry import Instruments

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: 200, or 400 where the request is wrong.
        body: JSON object; always has `model`, `model_version` and `correlation_id`.
    """

    status: int
    body: dict[str, Any]


@dataclass(frozen=True)
class ServedModel:
    """A model that was loaded to be served.

    Attributes:
        pipeline: The fitted scikit-learn pipeline.
        name: Its name in the registry.
        version: Its version in the registry.
    """

    pipeline: Any
    name: str
    version: str


def load_served_model() -> ServedModel:
    """Load the model that `AZUREML_MODEL_DIR` points at.

    Azure ML mounts it at `.../azureml-models/<name>/<version>`; `serve` does the same.

    Raises:
        BadInput: The variable is not set, or there is no MLflow model below it.
    """
    import mlflow

    place = os.environ.get("AZUREML_MODEL_DIR")
    if not place:
        raise BadInput("AZUREML_MODEL_DIR is not set: it names the folder of the model")
    folder = Path(place)
    descriptions = sorted(folder.rglob("MLmodel"), key=lambda path: len(path.parts))
    if not descriptions:
        raise BadInput(f"there is no MLflow model (a file MLmodel) below {folder}")
    pipeline = mlflow.sklearn.load_model(str(descriptions[0].parent))
    return ServedModel(pipeline, folder.parent.name, folder.name)


class ScoringService:
    """Answers requests.

    Args:
        schema: What a row is made of.
        model: The model.
        collector: Takes inputs and outputs.
        instruments: Take the measurements.
    """

    def __init__(
        self, schema: Schema, model: ServedModel, collector: Collector, instruments: Instruments
    ) -> None:
        self.schema = schema
        self.model = model
        self.collector = collector
        self.instruments = instruments
        self.request: type[BaseModel] = request_model(schema)

    def answer(self, raw: str) -> Answer:
        """Answer one request.

        Args:
            raw: Body of the request: JSON text.
        """
        began = time.perf_counter()
        correlation_id = str(uuid.uuid4())
        with self.instruments.tracer.start_as_current_span("model.score") as span:
            span.set_attribute("model.version", self.model.version)
            answer = self._answer(raw, correlation_id)
            span.set_attribute("http.response.status_code", answer.status)
        outcome = {"outcome": "ok" if answer.status == 200 else "invalid", **self._about()}
        self.instruments.requests.add(1, outcome)
        self.instruments.latency.record((time.perf_counter() - began) * 1000, outcome)
        return answer

    def _answer(self, raw: str, correlation_id: str) -> Answer:
        head = {**self._about(), "correlation_id": correlation_id}
        try:
            rows = self._rows(raw, correlation_id)
        except ValidationError as error:
            return Answer(400, {**head, "error": "invalid request", "details": explain(error)})
        scored = score_rows(self.model.pipeline, self.schema, rows)
        self._collect("model_inputs", rows[self.schema.feature_names], rows, correlation_id)
        self._collect("model_outputs", scored, rows, correlation_id)
        self._measure(scored)
        return Answer(200, {**head, "predictions": self._predictions(rows, scored)})

    def _rows(self, raw: str, correlation_id: str) -> pd.DataFrame:
        request = self.request.model_validate_json(raw).model_dump()
        for number, record in enumerate(request["input_data"]):
            record[self.schema.row_id] = record[self.schema.row_id] or f"{correlation_id}_{number}"
        return from_records(self.schema, request["input_data"])

    def _about(self) -> dict[str, str]:
        return {"model": self.model.name, "model_version": self.model.version}

    def _collect(
        self, collection: Collection, values: pd.DataFrame, rows: pd.DataFrame, correlation_id: str
    ) -> None:
        identified = values.assign(model_version=self.model.version)
        identified[self.schema.row_id] = rows[self.schema.row_id]
        try:
            self.collector.collect(collection, identified, correlation_id)
        except Exception:  # whatever the collector's trouble is, the caller gets the answer
            log.exception("not collected")

    def _measure(self, scored: pd.DataFrame) -> None:
        self.instruments.rows.add(len(scored), self._about())
        for value, count in scored[PREDICTION].value_counts().items():
            if self.schema.task == "classification":
                self.instruments.classes.add(int(count), {"class": str(value), **self._about()})
            else:
                self.instruments.values.record(float(str(value)), self._about())

    def _predictions(self, rows: pd.DataFrame, scored: pd.DataFrame) -> list[dict[str, Any]]:
        answers = []
        names = [name for name in probability_columns(self.schema) if name in scored.columns]
        for row_id, record in zip(rows[self.schema.row_id], scored.to_dict("records"), strict=True):
            prediction = {self.schema.row_id: row_id, PREDICTION: record[PREDICTION]}
            if names:
                prediction["probabilities"] = {
                    name.removeprefix("probability_"): record[name] for name in names
                }
            answers.append(prediction)
        return answers
