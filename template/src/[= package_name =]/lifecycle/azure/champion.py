"""Tells the workspace's registry which version serves, where that registry has it.

The endpoint's traffic is the truth. Training compares a candidate with the champion that the
workspace's registry names; Azure ML's registry knows no aliases, so a version tag says it, set from
the endpoint's truth after each release and each rollback.
"""

from __future__ import annotations

from ..registry import CHAMPION, FORMER_CHAMPION
from .client import az
from .models import tag_trained, trained
from .settings import model_name, workspace


def mark_champion(version: str) -> None:
    """Move the tag `champion` to a version, if this workspace trained it.

    The new mark comes first: a start that ends in between leaves two, which the next puts right,
    and never none, by which training would have nothing to compare with.
    """
    if trained(version) is None:
        return
    marked = _marked()
    former = [other for other in marked if other != version]
    if version not in marked:
        if former:
            tag_trained(version, FORMER_CHAMPION, former[0])
        tag_trained(version, CHAMPION, "true")
    for other in former:
        tag_trained(other, CHAMPION, "false")


def _marked() -> list[str]:
    """Return the versions that carry the tag."""
    models = az("ml", "model", "list", "--name", model_name(), *workspace()) or []
    return [
        str(model["version"])
        for model in models
        if (model.get("tags") or {}).get(CHAMPION) == "true"
    ]
