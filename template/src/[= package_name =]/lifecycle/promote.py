"""Step `promote`: make a registered version the champion, and remember the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import MissingStep
from .registry import CHALLENGER, CHAMPION, FORMER_CHAMPION, Registry
from .tracking import connect

if TYPE_CHECKING:
    from .settings import Settings


@dataclass(frozen=True)
class Succession:
    """Who is champion now, and who was it.

    Attributes:
        champion: Version that is champion now.
        former: Version that was; None for the first champion.
    """

    champion: str
    former: str | None


def promote(settings: Settings, version: str | None = None) -> Succession:
    """Make a version the champion.

    Args:
        settings: Where it runs.
        version: Which one; None for the challenger.

    Raises:
        MissingStep: There is no challenger, or no such version.
    """
    registry = Registry(connect(settings), settings)
    chosen = version or registry.marks.find(CHALLENGER)
    if chosen is None:
        raise MissingStep(f"a challenger of {settings.model_name}", "register")
    registry.version(chosen)
    former = registry.marks.find(CHAMPION)
    if former is not None and former != chosen:
        registry.client.set_model_version_tag(registry.model, chosen, FORMER_CHAMPION, former)
    registry.marks.put(CHAMPION, chosen)
    if registry.marks.find(CHALLENGER) == chosen:
        registry.marks.clear(CHALLENGER)
    return Succession(chosen, former if former != chosen else None)
