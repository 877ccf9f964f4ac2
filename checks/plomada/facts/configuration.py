"""Configuration files that Python reads plainly, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plomada.facts.model import Value
from plomada.readers import json, toml, yaml

if TYPE_CHECKING:
    from plomada.readers.nodes import Node
    from plomada.repository import Repository

DEEPEST = 40


def value_of_node(node: Node, depth: int = 0) -> Value:
    """Return a YAML, JSON or TOML node as a value."""
    origins = (node.span,)
    if node.kind == "mapping" and depth < DEEPEST:
        data = {key: value_of_node(inner, depth + 1) for key, inner in node.items()}
        return Value("known", data=data, origins=origins)
    if node.kind == "sequence" and depth < DEEPEST:
        items = tuple(value_of_node(inner, depth + 1) for inner in node.elements)
        return Value("known", data=items, origins=origins)
    return Value("known", data=node.value, origins=origins)


def read_configuration(repository: Repository, path: str, reader: str) -> Value | None:
    """Return the content of a file that a script names, seen from the root or the script's folder.

    Args:
        repository: the files.
        path: as the script says it.
        reader: the script's path.
    """
    found = locate(repository, path, reader)
    text = repository.text(found) if found else None
    if found is None or text is None:
        return None
    read = json.read if found.endswith(".json") else yaml.read
    if found.endswith(".toml"):
        read = toml.read
    documents, _ = read(text, found)
    return value_of_node(documents[0]) if documents else None


def locate(repository: Repository, path: str, reader: str) -> str | None:
    """Return the file that a path stands for.

    From the root, the reader's folders, or by its end; or without the folder of an artifact or
    checkout that it begins with.
    """
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    tail = "/".join(parts)
    folder = reader.rpartition("/")[0]
    while True:
        candidate = f"{folder}/{tail}" if folder else tail
        if repository.exists(candidate):
            return candidate
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    ends = repository.ending(tail)
    if len(ends) == 1:
        return ends[0]
    return _without_artifact(repository, parts)


def _without_artifact(repository: Repository, parts: list[str]) -> str | None:
    """Return the file that remains of a path whose first folders stand for the repository."""
    for start in range(1, len(parts) - 1):
        rest = "/".join(parts[start:])
        if repository.exists(rest) and (len(parts) - start > 2 or not repository.is_dir(parts[0])):
            return rest
    return None
