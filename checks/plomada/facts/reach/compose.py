"""Services of a compose file: what ``docker compose up`` and ``run`` start of them."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from plomada.facts.model import Value
from plomada.facts.reach.task import Task
from plomada.facts.serving.images import COMPOSE_FILES
from plomada.facts.shell.commandline import (
    VALUED_BY_RUN,
    after_options,
    arguments,
    option_texts,
    words_of,
)
from plomada.facts.shell.containers import composed, given
from plomada.readers.source import Source, of_line, of_node

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node


def started_services(facts: Facts, values: Sequence[Value], directory: str) -> Iterator[Task]:
    """Yield the services with a command of their own that a command line starts.

    ``up`` starts those that it names, or all; ``run`` starts one, unless it gives it a command.
    """
    rest = composed(values)
    verb = words_of(rest[:1])
    if verb not in (["up"], ["run"]) or given(values):
        return
    named = [w for w in words_of(after_options(rest[1:], VALUED_BY_RUN)) if not w.startswith("-")]
    named = named[:1] if verb == ["run"] else named
    files = option_texts(arguments(values[1:]), "--file", "-f") or COMPOSE_FILES
    for name, path, node in _services(facts, files, directory):
        command = node.get("command") or node.get("entrypoint")
        if command is not None and (not named or name in named):
            source = _source(facts, path, command)
            yield Task(path, name, "compose", ((source, False),), (), _folder(path, node))


def _services(
    facts: Facts, files: Sequence[str], directory: str
) -> Iterator[tuple[str, str, Node]]:
    for file in files:
        path = posixpath.normpath(posixpath.join(directory, file))
        for root in facts.nodes(path)[:1] if facts.repository.exists(path) else ():
            services = root.get("services")
            for name, node in services.items() if services is not None else ():
                yield name, path, node


def _source(facts: Facts, path: str, command: Node) -> Source:
    if command.kind != "sequence":
        return of_node(command, facts.repository.text(path) or "")
    words = " ".join(shlex.quote(element.string) for element in command.elements)
    return of_line(path, words, command.span.line, command.span.column)


def _folder(path: str, service: Node) -> str:
    """Return the folder that a service's command sees as its own: the one it is built from."""
    build = service.get("build")
    inner = build.get("context") if build is not None else None
    context = (inner or build).string if build is not None else ""
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), context or "."))
    return "" if folder == "." or folder.startswith("..") else folder
