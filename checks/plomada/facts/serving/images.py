"""Images that the repository builds: its Dockerfiles and the commands that build and run them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.model import Value
from plomada.facts.shell.commandline import BUILDERS, arguments, option_texts, program, split_words
from plomada.facts.strings import known, shown, unknown
from plomada.patterns import regex
from plomada.readers import dockerfile
from plomada.readers.dockerfile import Dockerfile, Instruction, Stage
from plomada.readers.source import Source
from plomada.records import dataclass, replace

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node

_BUILDS = (("build",), ("buildx", "build"), ("image", "build"), ("bud",), ("builder", "build"))
COMPOSE_FILES = ("compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml")
_ACTIONS = frozenset({"docker/build-push-action", "azure/acr-build", "docker"})
_SETTING = regex(r"([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|\S*)")


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """A Dockerfile is built.

    Attributes:
        path: the Dockerfile.
        target: the stage that is asked for, "" for the last one.
        names: the image's names, without registry and tag.
        context: the folder that its ``COPY`` instructions start from, "" for the root.
    """

    path: str
    target: str = ""
    names: tuple[str, ...] = ()
    context: str = ""


class Images:
    """The Dockerfiles of a repository.

    Args:
        facts: gives the files.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._repository = facts.repository
        self._read: dict[str, Dockerfile] = {}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every Dockerfile."""
        return tuple(p for p in self._repository.paths if dockerfile.is_dockerfile(p))

    def at(self, path: str) -> Dockerfile:
        """Return a Dockerfile; one that cannot be read has no stages."""
        if path not in self._read:
            self._read[path] = dockerfile.read(self._repository.text(path) or "", path)
        return self._read[path]

    # --- what is built

    @cached_property
    def builds(self) -> tuple[ImageBuild, ...]:
        """Every image that a command, action or task builds."""
        found = [b for c in self._facts.commands for b in self.of_command(c.words, c.directory)]
        for pipeline in self._facts.pipelines:
            for job in pipeline.jobs:
                for step in job.steps:
                    found += [] if step.disabled else self.of_step(step.uses, step.inputs)
        return tuple(dict.fromkeys(found))

    def holds(self, build: ImageBuild, path: str) -> bool:
        """Tell whether a file of the repository goes into an image."""
        for stage in self.at(build.path).built(build.target):
            for instruction in stage.of("COPY", "ADD"):
                if "from" in instruction.flags:
                    continue
                for source in split_words(instruction.text)[:-1]:
                    bare = source.partition("*")[0].lstrip("/")
                    taken = posixpath.normpath(posixpath.join(build.context, bare))
                    if taken == "." or path == taken or path.startswith(f"{taken}/"):
                        return True
        return False

    def of_command(self, values: Sequence[Value], directory: str) -> Iterator[ImageBuild]:
        """Yield what a command builds; the values begin with the program."""
        words = [shown(value) for value in values]
        name = program(words[0]).lower() if words else ""
        rest = _builds(name, words)
        if rest:
            found = arguments(values[len(words) - len(rest) :])
            files = option_texts(found, "--file", "-f")
            target = next(iter(option_texts(found, "--target")), "")
            tags = [_first(found[k]) for k in ("--tag", "-t", "--image") if k in found]
            names = _image_names([shown(tag) for tag in tags])
            yield from self._build(files, rest, directory, target, names)
        elif _composes(name, words):
            files = option_texts(arguments(values[1:]), "--file", "-f")
            yield from self._of_compose(files or COMPOSE_FILES, directory)

    def of_step(self, uses: str, inputs: Mapping[str, Value]) -> Iterator[ImageBuild]:
        """Yield what an action or task builds."""
        if uses not in _ACTIONS or "build" not in shown(inputs.get("command", known("build"))):
            return
        named = [shown(inputs[k]) for k in ("file", "dockerfile") if k in inputs]
        contexts = [shown(inputs[k]) for k in ("context", "buildcontext", "folder") if k in inputs]
        tags = shown(inputs.get("tags") or inputs.get("repository") or inputs.get("image"))
        target = shown(inputs.get("target"))
        files = tuple(f.removeprefix("**/") for f in named if f != "**/Dockerfile")
        own = uses == "docker" and contexts in ([], ["**"])
        for build in self._build(files, contexts or ["."], "", target, _image_names(tags.split())):
            yield replace(build, context=posixpath.dirname(build.path)) if own else build

    def _build(
        self,
        files: Sequence[str],
        words: Sequence[str],
        directory: str,
        target: str,
        names: tuple[str, ...],
    ) -> Iterator[ImageBuild]:
        """Yield the Dockerfile that is named, else the one of the folder that is built."""
        folders = [posixpath.normpath(posixpath.join(directory, w)) for w in words if w[:1] != "-"]
        tried = [posixpath.join(base, f) for f in files for base in (directory, *folders, "")]
        tried += [] if files else [posixpath.join(f, "Dockerfile") for f in folders]
        for path in dict.fromkeys(posixpath.normpath(path) for path in tried):
            if self._repository.exists(path):
                held = (f for f in reversed(folders) if f == "." or self._repository.is_dir(f))
                context = next(held, posixpath.dirname(path))
                yield ImageBuild(path, target, names, "" if context == "." else context)
                return

    def _of_compose(self, files: Sequence[str], directory: str) -> Iterator[ImageBuild]:
        for name in files:
            path = posixpath.normpath(posixpath.join(directory, name))
            for root in self._facts.nodes(path)[:1] if self._repository.exists(path) else ():
                services = root.get("services")
                for service, node in services.items() if services is not None else ():
                    yield from self._of_service(path, service, node)

    def _of_service(self, path: str, name: str, node: Node) -> Iterator[ImageBuild]:
        build = node.get("build")
        if build is None:
            return
        inner = {key: value.string for key, value in build.items()}
        context = build.string or inner.get("context", ".")
        files = [inner["dockerfile"]] if inner.get("dockerfile") else []
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), context))
        image = node.get("image")
        names = _image_names([name, *([image.string] if image is not None else [])])
        yield from self._build(files, [""], folder, inner.get("target", ""), names)


def _first(value: Value) -> Value:
    """Return an option's own value: what else follows it stands there too."""
    taken = value.data if isinstance(value.data, tuple) and value.data else (value,)
    return taken[0] if isinstance(taken[0], Value) else value


def _composes(name: str, words: Sequence[str]) -> bool:
    compose = name == "docker-compose" or (name == "docker" and words[1:2] == ["compose"])
    return compose and not {"build", "up", "run"}.isdisjoint(words)


def _builds(name: str, words: Sequence[str]) -> list[str]:
    """Return the words behind what builds an image, none where a command builds none."""
    if name == "az" and words[1:3] == ["acr", "build"]:
        return list(words[3:])
    if name in BUILDERS:
        for verbs in _BUILDS:
            if tuple(words[1 : 1 + len(verbs)]) == verbs:
                return list(words[1 + len(verbs) :])
    return []


def image_name(text: str) -> str:
    """Return an image's name without registry, tag and digest, in lower case."""
    return text.strip("\"'").rpartition("/")[2].partition("@")[0].partition(":")[0].lower()


def _image_names(texts: Sequence[str]) -> tuple[str, ...]:
    names = (image_name(text) for text in texts)
    return tuple(dict.fromkeys(name for name in names if name and not name.startswith("$")))


# --- what an image runs


def settings(stages: Sequence[Stage]) -> dict[str, Value]:
    """Return the variables that ``ENV`` and ``ARG`` of stages set."""
    found: dict[str, Value] = {}
    for stage in stages:
        for instruction in stage.of("ENV", "ARG"):
            pairs = _SETTING.findall(instruction.text)
            for name, value in pairs:
                text = value.strip("\"'")
                found[name] = unknown(f"${name}") if "$" in text else known(text)
    return found


def started(stage: Stage) -> Source | None:
    """Return the command that a container starts: the entry point with the command behind it."""
    entry, command = stage.last("ENTRYPOINT"), stage.last("CMD")
    if entry is None or command is None:
        only = entry or command
        return only.source if only is not None else None
    first, second = entry.source, command.source
    offset = len(first.text) + 1
    line, column = second.place(0)
    text = f"{first.text} {second.text}"
    return Source(first.path, text, (*first.pieces, (offset, line, column)))


def shell_of(stage: Stage) -> str:
    """Return the shell that ``SHELL`` chooses: ``bash`` or ``pwsh``."""
    chosen = stage.last("SHELL")
    power = chosen is not None and re.search(r"powershell|pwsh", chosen.text, re.I)
    return "pwsh" if power else "bash"


__all__ = ["Dockerfile", "ImageBuild", "Images", "Instruction", "Stage", "image_name"]
