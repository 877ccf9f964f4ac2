"""What goes with a slot: autoscale and alerts, as `infra/serving` declares them in Terraform."""

from __future__ import annotations

import json
import subprocess  # nosec B404  # the words are literal, no shell is involved
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .client import DRY_RUN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .settings import Environment

ROOT = Path("infra/serving")


def declare(endpoint: str, environment: Environment, slots: Iterable[str]) -> None:
    """Give exactly these slots their settings, and the endpoint its own.

    Args:
        endpoint: The endpoint's name.
        environment: Where: decides names and tags.
        slots: Slots with a deployment; what was declared for another one is deleted.
    """
    if ROOT.is_dir():
        terraform(
            ROOT.as_posix(), "apply", "-input=false", "-auto-approve", f"-var=environment={environment}",
            f"-var=endpoint={endpoint}", f"-var=slots={json.dumps(sorted(slots))}",
        )  # fmt: skip


def withdraw() -> None:
    """Delete what was declared for the endpoint and its slots, before they go."""
    if ROOT.is_dir():
        terraform(ROOT.as_posix(), "destroy", "-input=false", "-auto-approve")


def terraform(root: str, *words: str) -> Any:
    """Run Terraform in a root folder; return what it answers in JSON, None where it does not."""
    if DRY_RUN.get():
        return None
    subprocess.run(["terraform", f"-chdir={root}", "init", "-input=false"], check=True)
    done = subprocess.run(
        ["terraform", f"-chdir={root}", *words], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout) if "-json" in words else None
