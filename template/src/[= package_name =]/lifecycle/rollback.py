"""Step `rollback`: put the former champion back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import BadInput
from .promote import Succession
from .registry import CHAMPION, FORMER_CHAMPION, Registry
from .tracking import connect

if TYPE_CHECKING:
    from .settings import Settings


def rollback(settings: Settings) -> Succession:
    """Make the version champion again that the present champion replaced.

    Args:
        settings: Where it runs.

    Raises:
        MissingStep: Nothing has been promoted.
        BadInput: The champion is the first one.
    """
    registry = Registry(connect(settings), settings)
    champion = registry.require_champion()
    former = champion.tags.get(FORMER_CHAMPION)
    if not former:
        raise BadInput(
            f"version {champion.version} of {settings.model_name} is the first champion: "
            "there is no former one to put back"
        )
    registry.version(former)
    registry.marks.put(CHAMPION, former)
    return Succession(former, str(champion.version))
