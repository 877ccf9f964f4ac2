"""YAML, JSON and TOML files as nodes, each read once and its problems reported once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plomada.facts.model import Problem

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node
    from plomada.readers.text import Unread

_WORKFLOW = ".github/"
_TEMPLATED = (".jinja", ".j2", ".tmpl")


def read_nodes(facts: Facts, path: str) -> tuple[Node, ...]:
    """Return the documents of a file by its suffix, YAML where the suffix says nothing."""
    text = facts.repository.text(path)
    if text is None:
        return ()
    documents, unread = _read(text, path)
    for part in unread:
        hides = _may_hide(path, text)
        if not part.rest:
            hides = frozenset({"pipeline lines"} if "pipelines" in hides else ())
        facts.report(Problem(path, part.reason, part.span, hides))
    return tuple(documents)


def _read(text: str, path: str) -> tuple[list[Node], list[Unread]]:
    name = path.lower()
    for suffix in _TEMPLATED:
        name = name.removesuffix(suffix)
    if name.endswith(".toml"):
        from plomada.readers import toml

        return toml.read(text, path)
    if name.endswith((".json", ".ipynb", ".jsonc")):
        from plomada.readers import json

        return json.read(text, path)
    from plomada.readers import yaml

    return yaml.read(text, path)


def _may_hide(path: str, text: str) -> frozenset[str]:
    """Return what an unread part may hold: pipelines only where one would be looked for."""
    if _WORKFLOW in path:
        return frozenset({"pipelines"} if "/workflows/" in path or "action.y" in path else ())
    if path.endswith((".yml", ".yaml")):
        azure = "runs-on:" not in text and re.search(
            r"^\s*- (task|stage|job|script|template):", text, re.M
        )
        return frozenset({"pipelines", "assets"} if azure else {"assets"})
    return frozenset({"resources", "assets"} if path.endswith(".json") else {"code"})
