"""Git hooks: pre-commit, prek and lefthook configurations, in any folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.readers.nodes import Node
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_PRE_COMMIT = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml")
_OLD_STAGES = {"commit": "pre-commit", "push": "pre-push", "merge-commit": "pre-merge-commit"}
_LEFTHOOK = ("lefthook.yml", "lefthook.yaml", ".lefthook.yml", "lefthook.toml", "lefthook.json")


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook.

    Attributes:
        path: the configuration.
        identifier: its id, or its name in lefthook.
        span: the place of the id.
        repository: where it comes from, ``local`` for the repository's own, lower case.
        revision: the ``rev`` that it is pinned to.
        revision_span: the place of it.
        entry: the command of a local hook.
        entry_node: the node that holds it.
        arguments: ``args``.
        files: the pattern that limits it to some files.
        stages: when it runs, empty where it runs at any stage but by hand alone.
    """

    path: str
    identifier: str
    span: Span
    repository: str = "local"
    revision: str = ""
    revision_span: Span | None = None
    entry: str = ""
    entry_node: Node | None = None
    arguments: tuple[str, ...] = ()
    files: str = ""
    stages: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """``path::id``."""
        return f"{self.path}::{self.identifier}"

    def runs_at(self, stage: str) -> bool:
        """Tell whether it runs at a stage, "" for any that git starts."""
        if not self.stages:
            return stage != "manual"
        named = {_OLD_STAGES.get(name, name) for name in self.stages}
        return stage in named if stage else named != {"manual"}


@dataclass(frozen=True, slots=True)
class HookFile:
    """A configuration of hooks.

    Attributes:
        path: the file.
        span: the whole of it.
        hooks: its hooks.
        service: the place of pre-commit.ci's section, if any.
        skipped: the hooks that pre-commit.ci leaves out.
    """

    path: str
    span: Span
    hooks: tuple[Hook, ...]
    service: Span | None = None
    skipped: tuple[str, ...] = ()


def read_hooks(facts: Facts) -> tuple[HookFile, ...]:
    """Return the hook configurations in the order of paths."""
    found = []
    for path in facts.repository.paths:
        name = path.rpartition("/")[2].lower()
        if name not in _PRE_COMMIT and name not in _LEFTHOOK:
            continue
        root = next(iter(facts.nodes(path)), None)
        if root is None or root.kind != "mapping":
            continue
        read = _pre_commit if name in _PRE_COMMIT else _lefthook
        service = next((k.span for k, _ in root.entries if k.text == "ci"), None)
        skipped = _strings(root.find("ci.skip"))
        found.append(HookFile(path, root.span, tuple(read(path, root)), service, skipped))
    return tuple(found)


def _pre_commit(path: str, root: Node) -> Iterator[Hook]:
    repositories = root.get("repos")
    usual = _strings(root.get("default_stages"))
    for repository in repositories.elements if repositories else ():
        address, revision = repository.get("repo"), repository.get("rev")
        hooks = repository.get("hooks")
        for hook in hooks.elements if hooks else ():
            identifier = hook.get("id")
            if identifier is None or not identifier.string:
                continue
            entry, files = hook.get("entry"), hook.get("files")
            yield Hook(
                path=path,
                identifier=identifier.string,
                span=_entry_span(hook, identifier),
                repository=address.string.lower() if address else "local",
                revision=revision.string if revision else "",
                revision_span=revision.span if revision else None,
                entry=entry.string if entry else "",
                entry_node=entry,
                arguments=_strings(hook.get("args")),
                files=files.string if files else "",
                stages=_strings(hook.get("stages")) or usual,
            )


def _entry_span(mapping: Node, value: Node) -> Span:
    """Return the place from a key to its value."""
    head = next((k.span for k, v in mapping.entries if v is value), value.span)
    return Span(head.path, head.line, head.column, value.span.end_line, value.span.end_column)


def _lefthook(path: str, root: Node) -> Iterator[Hook]:
    for event, body in root.items():
        if body.kind != "mapping" or not event.startswith(("pre-", "commit", "prepare", "post-")):
            continue
        commands = body.get("commands")
        for name, command in commands.items() if commands else ():
            yield from _lefthook_job(path, name, command)
        jobs = body.get("jobs")
        for job in jobs.elements if jobs else ():
            name_node = job.get("name")
            yield from _lefthook_job(path, name_node.string if name_node else event, job)


def _lefthook_job(path: str, name: str, node: Node) -> Iterator[Hook]:
    run, glob = node.get("run"), node.get("glob")
    if run is not None and run.string:
        span = _entry_span(node, run)
        pattern = glob.string if glob else ""
        yield Hook(path, name, span, entry=run.string, entry_node=run, files=pattern)


def _strings(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return (node.string,) if node.kind == "scalar" else tuple(e.string for e in node.elements)


def folder(hook: Hook) -> str:
    """Return the folder that a configuration stands in."""
    return posixpath.dirname(hook.path)
