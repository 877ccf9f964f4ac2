"""Makes sure that an environment is registered with exactly what the repository says today.

An environment is registered again only when its folder has changed: its newest version carries a
digest of the folder as a tag. `@latest` therefore always means the tracked content, also after a
revert, and an unchanged image is never built twice.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from .client import DRY_RUN, az
from .settings import content, registry, setting, spec, workspace


def digest(file: str) -> str:
    """Return a digest of an environment's spec and of the folder that it builds from."""
    path = Path(file)
    folder = path.parent / path.stem
    total = hashlib.sha256(path.read_bytes())
    for part in sorted(item for item in folder.rglob("*") if item.is_file()):
        total.update(part.relative_to(folder).as_posix().encode() + b"\0" + part.read_bytes())
    return f"sha256-{total.hexdigest()[:16]}"


def _name(file: str) -> str:
    return str(content(file)["name"])


def _newest_in_registry(name: str) -> Any:
    return az(
        "ml", "environment", "show", "--name", name, "--label", "latest", *registry(),
        missing_ok=True,
    )  # fmt: skip


def _is_current(newest: Any, wanted: str) -> bool:
    return bool(newest) and (newest.get("tags") or {}).get("digest") == wanted


def in_workspace(environment: str) -> None:
    """Register `aml/environments/<environment>.yml` in the workspace, if it has changed."""
    file = spec("environments", f"{environment}.yml")
    newest = az(
        "ml", "environment", "show", "--name", _name(file), "--label", "latest", *workspace(),
        missing_ok=True,
    )  # fmt: skip
    if not _is_current(newest, digest(file)):
        az(
            "ml", "environment", "create", "--file", file, "--set", f"tags.digest={digest(file)}",
            *workspace(), changes=True,
        )  # fmt: skip


def in_registry(environment: str) -> str:
    """Register the environment in the shared registry, if it has changed.

    Returns:
        Its asset id, by which every environment deploys the very same image.
    """
    file = spec("environments", f"{environment}.yml")
    name = _name(file)
    newest = _newest_in_registry(name)
    if not _is_current(newest, digest(file)):
        newest = az(
            "ml", "environment", "create", "--file", file, "--set", f"tags.digest={digest(file)}",
            *registry(), changes=True,
        ) or _newest_in_registry(name)  # fmt: skip
    if DRY_RUN.get() and not _is_current(newest, digest(file)):
        newest = {"version": "next"}
    version = newest["version"]
    address = f"azureml://registries/{setting('AZURE_ML_REGISTRY')}/environments/{name}"
    return f"{address}/versions/{version}"
