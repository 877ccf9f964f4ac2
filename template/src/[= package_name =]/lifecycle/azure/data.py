"""The data assets of `aml/data/` in an environment's own workspace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..code import model_code
from ..prepare import with_row_ids
from ..rows import conform
from .client import DRY_RUN, az
from .settings import SPECS, content, workspace

FOLDER = "uri_folder"
SAMPLE_ROWS = 50
"""Rows of a sample that is a folder: a trial of a deployment needs no more."""


def asset_name(address: str) -> str:
    """Return the name in `azureml:<name>@latest`; empty where the address is of another form."""
    found = re.fullmatch(r"azureml:([A-Za-z0-9][\w.-]*)@latest", address)
    return found[1] if found else ""


def ensure_data(only: str = "") -> dict[str, str]:
    """Register each data asset of `aml/data/` that this environment's workspace lacks.

    Every environment has its own workspace, and data of its own in it.

    Args:
        only: Name of the one asset; empty for all.

    Returns:
        The newest version of each asset, by its name; without those that a dry run only shows.
    """
    versions: dict[str, str] = {}
    for file in sorted((SPECS / "data").glob("*.yml")):
        spec = content(file)
        name = str(spec["name"])
        if only not in ("", name):
            continue
        found = _newest(name)
        if found is None:
            _write_sample(file.parent, spec)
            az("ml", "data", "create", "--file", file.as_posix(), *workspace(), changes=True)
            found = _newest(name)
        if found is not None:
            versions[name] = str(found["version"])
    return versions


def _newest(name: str) -> Any:
    return az(
        "ml", "data", "show", "--name", name, "--label", "latest", *workspace(), missing_ok=True
    )


def _write_sample(folder: Path, spec: dict[str, Any]) -> None:
    """Write the default data where a spec that still points at them expects local files."""
    address = str(spec["path"])
    path = folder / address
    if "://" in address or "artifacts" not in path.parts or path.exists() or DRY_RUN.get():
        return
    code = model_code()
    rows = with_row_ids(code.SCHEMA, conform(code.SCHEMA, code.load_data(None), target=True))
    if spec.get("type") == FOLDER:
        rows, path = rows.head(SAMPLE_ROWS), path / "rows.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False)
