"""What the inputs of Azure ML jobs come to: by their pipeline, then by who submits it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.model import Edge, Route
from plomada.facts.strings import shown
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node

_INPUT = regex(r"\$\{\{\s*(?:parent\.)?inputs\.([\w\-]+)\s*\}\}")


def bound(facts: Facts, route: Route, index: int, text: str) -> tuple[str, ...]:
    """Return what a word of a job's command comes to.

    Args:
        facts: the repository.
        route: how the program is reached.
        index: the edge whose word it is; the one before it starts the job or component.
        text: the word.

    Returns:
        The word itself where it is no input, or where who gives it is out of sight.
    """
    found = _INPUT.fullmatch(text.strip("\"' "))
    edge = route[index - 1] if index > 0 else None
    if found is None or edge is None:
        return (text,)
    name = found[1]
    if edge.how == "component":
        given = _of_steps(facts, edge, name)
        return tuple(value for one in given for value in bound(facts, route, index - 1, one))
    words = [shown(value) for _, value in edge.arguments]
    if edge.how != "aml-job" or words[:1] != ["ml"]:
        return (text,)
    prefix = f"inputs.{name}="
    told = tuple(word.removeprefix(prefix) for word in words if word.startswith(prefix))
    return told or _default(facts, edge.target, name)


def _of_steps(facts: Facts, edge: Edge, name: str) -> Iterator[str]:
    """Yield what the steps of a pipeline give an input of a component, else its default."""
    folder = posixpath.dirname(edge.source)
    for root in facts.nodes(edge.source)[:1]:
        for jobs in (root.get("jobs"), root.find("create_job.jobs")):
            for _, step in jobs.items() if jobs is not None else ():
                component = step.get("component")
                path = component.string.removeprefix("file:") if component is not None else ""
                if posixpath.normpath(posixpath.join(folder, path)) == edge.target:
                    given = step.find(f"inputs.{name}")
                    if given is not None and given.kind == "scalar":
                        yield given.string
                    else:
                        yield from _default(facts, edge.target, name)


def _default(facts: Facts, path: str, name: str) -> tuple[str, ...]:
    """Return the value that a spec gives its own input, or the default that it declares."""
    for root in facts.nodes(path)[:1]:
        value: Node | None = root.find(f"inputs.{name}")
        if value is not None and value.kind == "mapping":
            value = value.get("default") or value.get("value")
        if value is not None and value.kind == "scalar":
            return (value.string,)
    return ()
