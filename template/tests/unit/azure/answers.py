"""The fields that `az ml` can answer: those of azure-ai-ml's schemas, which it prints by.

A field that the fake makes up would let the delivery read what Azure never says.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

SCHEMAS = {
    "ml batch-deployment list": "_deployment.batch.batch_deployment:BatchDeploymentSchema",
    "ml batch-deployment show": "_deployment.batch.batch_deployment:BatchDeploymentSchema",
    "ml batch-endpoint show": "_endpoint:BatchEndpointSchema",
    "ml data show": "assets.data:DataSchema",
    "ml environment create": "assets.environment:EnvironmentSchema",
    "ml environment show": "assets.environment:EnvironmentSchema",
    "ml job create": "pipeline.pipeline_job:PipelineJobSchema",
    "ml job list": "pipeline.pipeline_job:PipelineJobSchema",
    "ml job show": "pipeline.pipeline_job:PipelineJobSchema",
    "ml model list": "assets.model:ModelSchema",
    "ml model show": "assets.model:ModelSchema",
    "ml online-deployment list": "_deployment.online.online_deployment:OnlineDeploymentSchema",
    "ml online-endpoint show": "_endpoint:ManagedOnlineEndpointSchema",
}


@functools.cache
def known(command: str) -> frozenset[str]:
    """Return the fields that a command can answer."""
    module, _, name = SCHEMAS[command].partition(":")
    schema = getattr(importlib.import_module(f"azure.ai.ml._schema.{module}"), name)
    return frozenset(schema(context={"base_path": "."}).fields)


def made_up(command: str, answer: Any) -> set[str]:
    """Return the fields of an answer that the command cannot have."""
    if command not in SCHEMAS or answer is None:
        return set()
    items = answer if isinstance(answer, list) else [answer]
    return {field for item in items for field in item} - known(command)
