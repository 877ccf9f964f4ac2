"""Loads a spec with azure-ai-ml's own loaders, the way `az ml ... create --file` does."""

from __future__ import annotations

import functools
import logging
import warnings
from concurrent.futures import ThreadPoolExecutor
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
        text = file.read_text(encoding="utf-8")
        pairs = tuple(pair for override in overrides for pair in override.items())
        entity, complaints = _judged(KINDS[command], _SameText(file, text), pairs)
    except Exception as error:
        raise Rejected(f"(ValidationError) {file}: {error}") from error
    if complaints:
        raise Rejected(f"(ValidationError) {file}: {complaints}")
    return entity


class _SameText:
    """A file, equal to every other one with the same text: a spec is judged once in a test run."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameText) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@functools.cache
def _judged(
    kind: str, spec: _SameText, overrides: tuple[tuple[str, str], ...]
) -> tuple[Any, dict[str, str]]:
    """Return the entity and what its validation complains of."""
    load = _loader(kind)

    def judge() -> tuple[Any, dict[str, str]]:
        pairs = [{name: value} for name, value in overrides]
        entity = load(str(spec.file), params_override=pairs)
        validate = getattr(entity, "_validate", None)
        result = validate() if validate else None
        return entity, {} if result is None or result.passed else result.error_messages

    # The loader looks through the source of its whole call stack; that of a thread is short.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(judge).result()


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
