"""What Azure Monitor and Application Insights would say about the fake's deployments."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .commands import Command, Rejected


@dataclass
class Behaviour:
    """How a model version serves.

    Attributes:
        requests: Real requests that come to the endpoint between two looks.
        statuses: Shares of (statusCode, modelStatusCode).
        latency_ms: 95th percentile of every minute.
        predicted: Number of predictions by class.
        answered_rows: How many rows of a request get a prediction.
        says: The version that it claims to be; empty for its own.
    """

    requests: int = 1000
    statuses: dict[tuple[str, str], float] = field(default_factory=lambda: {("200", "200"): 1.0})
    latency_ms: float = 40.0
    predicted: dict[str, float] = field(default_factory=lambda: {"bad": 30.0, "good": 70.0})
    answered_rows: int = 1000
    says: str = ""


def platform_metrics(
    endpoint: dict[str, Any], behaviours: dict[str, Behaviour], command: Command
) -> dict[str, Any]:
    """Answer `az monitor metrics list` for an online endpoint.

    Without `--top` Azure answers ten series of a split metric and no more.
    """
    found = re.search(r"deployment eq '(\w+)'", command.one("--filter"))
    if found is None or found[1] not in endpoint["slots"]:
        raise Rejected(f"(BadRequest) filter {command.one('--filter')!r}")
    _arrive(endpoint, behaviours)
    slot = endpoint["slots"][found[1]]
    behaviour = behaviours.setdefault(slot["version"], Behaviour())
    since = datetime.strptime(command.one("--start-time"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    count = sum(number for moment, number in slot["requests"] if moment >= since.timestamp())
    if command.one("--metrics") == "RequestLatency_P95":
        series = [_series({}, behaviour.latency_ms)] if count else []
    else:
        if "statusCode eq '*' and modelStatusCode eq '*'" not in command.one("--filter"):
            raise Rejected("(BadRequest) not split by status")
        # An empty series of each unlikely status comes first, so that a forgotten --top is felt.
        series = [
            _series({"statuscode": str(500 + n), "modelstatuscode": "-"}, 0.0) for n in range(10)
        ]
        for (status, model_status), share in behaviour.statuses.items():
            series.append(
                _series({"statuscode": status, "modelstatuscode": model_status}, count * share)
            )
    return {"value": [{"timeseries": series[: int(command.one("--top", "10"))]}]}


def _arrive(endpoint: dict[str, Any], behaviours: dict[str, Behaviour]) -> None:
    """Let the callers' requests come in, divided as the traffic says."""
    for name, slot in endpoint["slots"].items():
        if "requests" not in slot:
            continue
        share = endpoint["traffic"].get(name, 0) + endpoint["mirror_traffic"].get(name, 0)
        rate = behaviours.setdefault(slot["version"], Behaviour()).requests
        slot["requests"].append((time.time(), rate * share / 100))


def _series(dimensions: dict[str, str], value: float) -> dict[str, Any]:
    return {
        "metadatavalues": [{"name": {"value": k}, "value": v} for k, v in dimensions.items()],
        "data": [{"average": value}, {"average": None}],
    }


def application_insights(behaviours: dict[str, Behaviour], command: Command) -> dict[str, Any]:
    """Answer the query for the scoring script's own metric."""
    query = command.one("--analytics-query")
    version = re.search(r"'model_version'\]\) == '(\d+)'", query)
    if version is None or "name == 'model.predicted" not in query:
        raise Rejected(f"(BadArgumentError) {query}")
    predicted = behaviours.setdefault(version[1], Behaviour()).predicted
    return {"tables": [{"rows": [[kind, total, total] for kind, total in predicted.items()]}]}
