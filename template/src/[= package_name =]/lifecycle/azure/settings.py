"""Where things are called on Azure: environment variables, and nothing else.

`bootstrap` writes them into the code host's environments from `infra/names.json`; who brings a
workspace of their own sets them by hand (docs/delivery.md, "A workspace that is given to you").
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # libyaml reads in a tenth of the time
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

from ..errors import BadInput
from ..settings import DISTRIBUTION, Settings

SPECS = Path("aml")
"""Folder of the Azure ML specs, seen from the repository's root."""

NAMES = Path("infra/names.json")
"""The names of all environments, where the infrastructure is the repository's own."""

Environment = Literal["dev", "test", "prod"]


def setting(name: str) -> str:
    """Return the value of an environment variable.

    Raises:
        BadInput: It is not set.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        raise BadInput(
            f"the environment variable {name} is not set: `{DISTRIBUTION} azure bootstrap` sets it "
            "in the code host's environments; on a laptop export it (docs/delivery.md, 'Names')"
        )
    return value


def seconds(name: str, default: float) -> float:
    """Return a time that an environment variable may set, in seconds.

    Raises:
        BadInput: Its value is no number, or negative.
    """
    value = os.environ.get(name, "").strip() or str(default)
    try:
        wanted = float(value)
    except ValueError:
        wanted = -1.0
    if wanted < 0:
        raise BadInput(f"the environment variable {name} is '{value}': give a number of seconds")
    return wanted


def workspace() -> tuple[str, ...]:
    """Return the options that name the workspace."""
    return (
        "--resource-group", setting("AZURE_RESOURCE_GROUP"),
        "--workspace-name", setting("AZURE_ML_WORKSPACE"),
        "--subscription", setting("AZURE_SUBSCRIPTION_ID"),
    )  # fmt: skip


def registry() -> tuple[str, ...]:
    """Return the options that name the registry that all environments share."""
    return (
        "--resource-group", setting("AZURE_ML_REGISTRY_RESOURCE_GROUP"),
        "--registry-name", setting("AZURE_ML_REGISTRY"),
        "--subscription", setting("AZURE_SUBSCRIPTION_ID"),
    )  # fmt: skip


def require_environment(environment: Environment) -> None:
    """Refuse to act on one environment by the approval and the limits of another.

    `infra/names.json` says which workspace is whose; a repository without it is taken at its word.

    Raises:
        BadInput: The workspace that the variables name is another environment's.
    """
    if not NAMES.is_file():
        return
    try:
        names = dict(json.loads(NAMES.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise BadInput(f"{NAMES.as_posix()}: {error}") from None
    here = setting("AZURE_ML_WORKSPACE")
    owners = [
        name
        for name, own in names.items()
        if isinstance(own, dict) and own.get("workspace") == here
    ]
    if owners and environment not in owners:
        raise BadInput(
            f"--environment {environment}: AZURE_ML_WORKSPACE is {here}, which is {owners[0]}'s "
            f"({NAMES.as_posix()}): export the variables of {environment}"
        )


def workspace_id() -> str:
    """Return the workspace's Azure resource id."""
    return (
        f"/subscriptions/{setting('AZURE_SUBSCRIPTION_ID')}"
        f"/resourceGroups/{setting('AZURE_RESOURCE_GROUP')}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{setting('AZURE_ML_WORKSPACE')}"
    )


@cache
def model_name() -> str:
    """Return the model's name in every workspace and registry."""
    return Settings().model_name


def spec(*parts: str) -> str:
    """Return the path of a tracked spec.

    Raises:
        BadInput: It is not there.
    """
    path = SPECS.joinpath(*parts)
    if not path.is_file():
        raise BadInput(
            f"{path.as_posix()} is missing: run this from the repository's root; a repository that "
            "was generated without this kind of serving has no such file"
        )
    return path.as_posix()


def content(file: str | Path) -> dict[str, Any]:
    """Return a spec as plain data."""
    text = Path(file).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=SafeLoader))
