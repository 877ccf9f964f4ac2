"""Loads a spec with azure-ai-ml's own loaders, the way `az ml ... create --file` does."""

from __future__ import annotations

import functools
import logging
import warnings
from pathlib import Path
from typing import Any

from .commands import Rejected

KINDS = {
    "ml job create": "job",
    "ml environment create": "environment",
    "ml data create": "data",
    "ml schedule create": "schedule",
    "ml online-endpoint create": "online_endpoint",
    "ml online-deployment create": "online_deployment",
    "ml batch-endpoint create": "batch_endpoint",
    "ml batch-deployment create": "model_batch_deployment",
}


def checked(command: str, file: Path, overrides: list[dict[str, str]]) -> Any:
    """Return the entity that a spec describes.

    Raises:
        Rejected: The loader or its validation refuses it.
    """
    try:
        entity = _loader(KINDS[command])(str(file), params_override=overrides)
    except Exception as error:
        raise Rejected(f"(ValidationError) {file}: {error}") from error
    validate = getattr(entity, "_validate", None)
    result = validate() if validate else None
    if result is not None and not result.passed:
        raise Rejected(f"(ValidationError) {file}: {result.error_messages}")
    return entity


@functools.cache
def _loader(kind: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("azure").setLevel(logging.ERROR)
        import azure.ai.ml
        from azure.ai.ml.entities import _load_functions

        return getattr(azure.ai.ml, f"load_{kind}", None) or getattr(
            _load_functions, f"load_{kind}"
        )
