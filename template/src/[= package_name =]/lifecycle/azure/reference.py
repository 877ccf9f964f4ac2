"""The training reference of a version, in the shared registry: what monitors compare with.

A version's run, with the reference among its artifacts, is in the workspace that trained it.
Monitors of the other environments cannot read it there: `promote` shares it beside the model.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..errors import MissingStep
from ..settings import DISTRIBUTION
from ..tracking import REFERENCE_PATH
from .client import DRY_RUN, az
from .settings import registry, setting, workspace

NAME = f"{DISTRIBUTION}-reference"
"""Name of the data asset; its version is the model's."""


def reference_address(version: str) -> str:
    """Return where the registry keeps the reference of a version."""
    return f"azureml://registries/{setting('AZURE_ML_REGISTRY')}/data/{NAME}/versions/{version}"


def has_reference(version: str) -> bool:
    """Tell whether the registry has the reference of a version."""
    found = az(
        "ml", "data", "show", "--name", NAME, "--version", version, *registry(), missing_ok=True
    )
    return found is not None


def share_reference(version: str, run: str) -> None:
    """Bring the reference from its run in this workspace into the registry, once.

    Args:
        version: The model's version.
        run: The job that trained it.

    Raises:
        MissingStep: The run has none.
    """
    if has_reference(version):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "artifacts" / REFERENCE_PATH
        if not DRY_RUN.get():
            az("ml", "job", "download", "--name", run, "--download-path", folder, *workspace())
            if not path.is_dir():
                raise MissingStep(f"{REFERENCE_PATH}/ among the artifacts of {run}", "azure submit")
        az(
            "ml", "data", "create", "--name", NAME, "--version", version, "--type", "uri_folder",
            "--path", str(path), *registry(), changes=True,
        )  # fmt: skip
