"""The pages of the items (``docs/items/<ID>.md``), found in the wheel or in a clone."""

from __future__ import annotations

from pathlib import Path

_PACKAGED = Path(__file__).parent / "_pages"
_CLONED = Path(__file__).parent.parent.parent / "docs" / "items"


def folder() -> Path:
    """Return the folder that holds the pages."""
    return _PACKAGED if _PACKAGED.is_dir() else _CLONED


def page(identifier: str) -> str | None:
    """Return the page of an item, None where there is none."""
    file = folder() / f"{identifier}.md"
    return file.read_text(encoding="utf-8") if file.is_file() else None
