"""Where the scoring server leaves what it was asked and what it answered.

On Azure the data collector of the deployment takes it. On a laptop a folder does, in the form that
the collector leaves in blob storage: `<endpoint>/<deployment>/<collection>/yyyy/MM/dd/HH/*.jsonl`,
one CloudEvents record a line, its rows under `data`. So one monitor reads both.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import pandas as pd

from .errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

Collection = Literal["model_inputs", "model_outputs"]
COLLECTIONS: tuple[Collection, ...] = ("model_inputs", "model_outputs")
LOCAL = "local"

log = logging.getLogger(__name__)


class Collector(Protocol):
    """Takes rows; never fails a request."""

    def collect(self, collection: Collection, rows: pd.DataFrame, correlation_id: str) -> None:
        """Keep the rows of one request."""


class NoCollector:
    """Keeps nothing: no collector is configured."""

    def collect(self, collection: Collection, rows: pd.DataFrame, correlation_id: str) -> None:
        """Keep nothing."""


class FolderCollector:
    """Writes JSON lines under a folder.

    Args:
        root: The folder.
        version: Version of the model that answers.
    """

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.version = version
        self.instance = uuid.uuid4().hex
        self.lock = threading.Lock()

    def collect(self, collection: Collection, rows: pd.DataFrame, correlation_id: str) -> None:
        """Append the rows of one request as one line."""
        now = datetime.now(UTC)
        folder = self.root / LOCAL / LOCAL / collection / now.strftime("%Y/%m/%d/%H")
        line = json.dumps(self._event(collection, rows, correlation_id, now))
        with self.lock:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{self.instance}.jsonl").open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    def _event(
        self, collection: Collection, rows: pd.DataFrame, correlation_id: str, now: datetime
    ) -> dict[str, object]:
        return {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": f"{LOCAL}/{LOCAL}",
            "type": f"azureml.inference.{collection}",
            "datacontenttype": "application/json",
            "time": now.isoformat(),
            "collectdatatype": "pandas.core.frame.DataFrame",
            "correlationid": correlation_id,
            "modelversion": self.version,
            "data": json.loads(rows.to_json(orient="records", double_precision=15)),
        }


class AzureCollector:
    """Hands rows to Azure ML's data collector, which samples, batches and stores them."""

    def __init__(self) -> None:
        from azureml.ai.monitoring import Collector as AzureMonitoring

        self.targets = {
            name: AzureMonitoring(name=name, on_error=self._complain) for name in COLLECTIONS
        }

    def collect(self, collection: Collection, rows: pd.DataFrame, correlation_id: str) -> None:
        """Queue the rows of one request."""
        from azureml.ai.monitoring.context import BasicCorrelationContext

        self.targets[collection].collect(rows, BasicCorrelationContext(id=correlation_id))

    @staticmethod
    def _complain(error: Exception) -> None:
        log.warning("not collected: %s", error)


def configured_collector(version: str) -> Collector:
    """Return the collector that the environment asks for.

    Azure ML sets `AZUREML_MDC_CONFIG_PATH` or `AZUREML_MDC_ENABLED` where a deployment collects
    data; `serve` sets `LIFECYCLE_COLLECT` to a folder.
    """
    environment = os.environ
    if "AZUREML_MDC_CONFIG_PATH" in environment or environment.get("AZUREML_MDC_ENABLED") == "true":
        return AzureCollector()
    if environment.get("LIFECYCLE_COLLECT"):
        return FolderCollector(Path(environment["LIFECYCLE_COLLECT"]), version)
    return NoCollector()


def read_collected(folder: Path, collection: Collection) -> pd.DataFrame:
    """Read every collected row of one collection, in order of arrival.

    Args:
        folder: Any folder above `<collection>/`.
        collection: Which one.

    Raises:
        BadInput: A line is no record of the collector: the message has file and line.
    """
    files = sorted(folder.glob(f"**/{collection}/**/*.jsonl"))
    events = sorted(_events(files), key=lambda event: str(event.get("time", "")))
    return pd.DataFrame([row for event in events for row in event["data"]])


def _events(files: list[Path]) -> Iterator[dict[str, list[dict[str, object]]]]:
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                event = json.loads(line)
                event["data"] = list(event["data"])
            except (ValueError, KeyError, TypeError) as error:
                raise BadInput(f"{path}:{number}: no record of the collector ({error!r})") from None
            yield event
