"""What a part of the traffic is."""

from __future__ import annotations

EVERYTHING = 100  # percent


def is_part(share: float | None) -> bool:
    """Tell whether a percentage gives something and leaves something; None, an open one, may."""
    return share is None or 0 < share < EVERYTHING


def percent(text: str) -> int | None:
    """Return a whole number, None for what is filled in."""
    return int(text) if text.isdigit() else None
