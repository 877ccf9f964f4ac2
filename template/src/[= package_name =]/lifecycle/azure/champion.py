"""Tells the workspace's registry which version serves, where that registry has it.

The endpoint's traffic is the truth. Training compares a candidate with the champion that the
workspace's registry names; Azure ML's registry knows no aliases, so a version tag says it, set from
the endpoint's truth after each release and each rollback.
"""

from __future__ import annotations

from ..registry import CHAMPION, FORMER_CHAMPION
from .client import az
from .models import trained
from .settings import model_name, workspace


def mark_champion(version: str) -> None:
    """Move the tag `champion` to a version, if this workspace trained it."""
    if trained(version) is None:
        return
    former = marked_champion()
    if former == version:
        return
    if former is not None:
        _tag(former, CHAMPION, "false")
        _tag(version, FORMER_CHAMPION, former)
    _tag(version, CHAMPION, "true")


def marked_champion() -> str | None:
    """Return the version that carries the tag, if one does."""
    for model in az("ml", "model", "list", "--name", model_name(), *workspace()) or []:
        if (model.get("tags") or {}).get(CHAMPION) == "true":
            return str(model["version"])
    return None


def _tag(version: str, key: str, value: str) -> None:
    az(
        "ml", "model", "update", "--name", model_name(), "--version", version,
        "--set", f"tags.{key}={value}", "--force-string", *workspace(), changes=True,
    )  # fmt: skip
