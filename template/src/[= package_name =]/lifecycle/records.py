"""Small JSON files by which one step tells the next what it did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .errors import BadInput, MissingStep

if TYPE_CHECKING:
    from pathlib import Path


def write_record(folder: Path, name: str, content: dict[str, Any]) -> Path:
    """Write a record whole or not at all, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def read_record(folder: Path, name: str, step: str) -> dict[str, Any]:
    """Read what an earlier step wrote.

    Args:
        folder: The folder that the step was given.
        name: File name of the record.
        step: The step that writes it.

    Raises:
        MissingStep: The step has not run.
        BadInput: The file is not a record.
    """
    path = folder / name
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingStep(str(path), step) from None
    except ValueError as error:
        raise BadInput(f"{path} is not JSON ({error}): run `{step}` again") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path} is not a record: run `{step}` again")
    return content
