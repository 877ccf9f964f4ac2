"""Metrics and traces of the scoring server, by OpenTelemetry.

They go to Azure Monitor where `APPLICATIONINSIGHTS_CONNECTION_STRING` is set, and nowhere where it
is not: the instruments then do nothing.
"""

from __future__ import annotations

import logging
import os

from opentelemetry import metrics, trace

CONNECTION_STRING = "APPLICATIONINSIGHTS_CONNECTION_STRING"
EXPORT_INTERVAL_MS = 15_000

log = logging.getLogger(__name__)


def export_to_azure_monitor() -> bool:
    """Send metrics and traces to Azure Monitor, if it is configured.

    A connection string that cannot be used costs a warning, never the server.

    Returns:
        Whether anything is exported.
    """
    connection_string = os.environ.get(CONNECTION_STRING)
    if not connection_string:
        return False
    try:
        _install(connection_string)
    except ValueError as error:
        log.warning("nothing is exported to Azure Monitor: %s", error)
        return False
    return True


def _install(connection_string: str) -> None:
    from azure.monitor.opentelemetry.exporter import (
        AzureMonitorMetricExporter,
        AzureMonitorTraceExporter,
    )
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = AzureMonitorMetricExporter(connection_string=connection_string)
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=EXPORT_INTERVAL_MS)
    metrics.set_meter_provider(MeterProvider(metric_readers=[reader]))
    provider = trace.get_tracer_provider()
    # The inference server has installed one of its own where Azure ML's own tracing is on.
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
        traces = AzureMonitorTraceExporter(connection_string=connection_string)
        provider.add_span_processor(BatchSpanProcessor(traces))


class Instruments:
    """The instruments of the scoring server; names as Azure Monitor shows them."""

    def __init__(self) -> None:
        meter = metrics.get_meter(__name__)
        self.tracer = trace.get_tracer(__name__)
        self.requests = meter.create_counter(
            "model.requests", description="Requests, by outcome and model version"
        )
        self.rows = meter.create_counter("model.rows", description="Rows scored")
        self.latency = meter.create_histogram(
            "model.latency", unit="ms", description="Time from request to answer"
        )
        self.classes = meter.create_counter(
            "model.predicted_class", description="Predictions, by class"
        )
        self.values = meter.create_histogram(
            "model.predicted_value", description="Predicted numbers"
        )
