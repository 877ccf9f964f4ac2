"""Every spec of `aml/`, as text and as azure-ai-ml reads it."""

from __future__ import annotations

import functools
import logging
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
AML = ROOT / "aml"
KINDS = {
    "components": "component",
    "data": "data",
    "deployments/batch": "model_batch_deployment",
    "deployments/online": "online_deployment",
    "endpoints/batch": "batch_endpoint",
    "endpoints/online": "online_endpoint",
    "environments": "environment",
    "jobs": "job",
    "monitors": "schedule",
    "pipelines": "job",
    "schedules": "schedule",
}


def specs(*folders: str) -> list[Path]:
    """Return the specs of some folders of `aml/`, or all."""
    found = sorted(AML.glob("*/*.yml"))
    return [path for path in found if not folders or path.parent.name in folders]


def kind_of(path: Path) -> str:
    """Return the kind of entity that a spec describes."""
    place = path.relative_to(AML).as_posix()
    return KINDS[next(prefix for prefix in KINDS if place.startswith(prefix))]


@functools.cache
def content(path: Path) -> Any:
    """Return a spec as plain data; only to be read, for all tests get the same."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@functools.cache
def entity(path: Path) -> Any:
    """Return a spec as azure-ai-ml reads it, by the loader that `az ml` uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("azure").setLevel(logging.ERROR)
        import azure.ai.ml
        from azure.ai.ml.entities import _load_functions

        name = f"load_{kind_of(path)}"
        loader = getattr(azure.ai.ml, name, None) or getattr(_load_functions, name)
        # The loader looks through the source of its whole call stack; that of a thread is short.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(loader, str(path)).result()


def named(folder: str) -> set[str]:
    """Return the names of the assets that a folder declares."""
    return {str(content(path)["name"]) for path in specs(folder)}
