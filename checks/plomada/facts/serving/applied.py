"""What commands and tasks apply to a cluster: manifests, folders, charts, and what they render."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.model import Command
from plomada.facts.strings import shown
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts

_KUBECTL = frozenset({"apply", "create", "replace"})
_HELM = frozenset({"upgrade", "install"})
_INPUTS = ("chartpath", "manifests", "configuration", "chart")
_FILE = ("-f", "--filename")
_STANDARD_INPUT = "-"
_READ = regex(r"<\s*([^\s<>|;&()]+)")
_PIPE = regex(r"\s*(?:2>\S+\s*)?\|&?\s*(?:\\?\s*)")
LONGEST_PIPE = 6


@remembered
def applied_paths(facts: Facts) -> tuple[str, ...]:
    """Return the manifests, folders and charts that commands and tasks apply, as they say them.

    What a command renders into a pipe or a file that is applied counts as what it reads:
    ``envsubst < api.yml | kubectl apply -f -``.
    """
    found: list[str] = []
    rendered = _Rendered(facts)
    for command in facts.commands:
        words = [shown(word) for word in command.words]
        if len(words) > 1 and _applies(words):
            found += [w for w in words[2:] if not w.startswith("-")]
            found += rendered.sources(command, words)
    for pipeline in facts.pipelines:
        for job in pipeline.jobs:
            for step in job.steps:
                for key in _INPUTS:
                    value = step.inputs.get(key)
                    if value is not None and not step.disabled:
                        named = shown(value).split()
                        found += [*named, *rendered.into(named, job.address)]
    return tuple(dict.fromkeys(trimmed(text) for text in found))


def _applies(words: list[str]) -> bool:
    if words[0] == "kubectl":
        return words[1] in _KUBECTL
    if words[0] == "helm":
        return words[1] in _HELM
    return words[0] in {"kustomize", "skaffold"}


class _Rendered:
    """What commands read that write for others.

    Args:
        facts: gives commands and their files' text.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._commands = facts.commands
        self._number = {id(command): n for n, command in enumerate(self._commands)}

    def sources(self, command: Command, words: Sequence[str]) -> Iterator[str]:
        """Yield what stands before a command's pipe, and what made the files that it names."""
        files = [w for w, before in zip(words[1:], words, strict=False) if before in _FILE]
        if _STANDARD_INPUT in files:
            for piped in self._before_pipe(command):
                yield from self._read_by(piped)
        yield from self.into(files, command.job.address if command.job else "")

    def into(self, files: Sequence[str], job: str) -> Iterator[str]:
        """Yield what the commands of a job read that write files which are not tracked."""
        made = {trimmed(f) for f in files if not self._facts.repository.exists(trimmed(f))}
        for command in self._commands if made - {""} else ():
            if (command.job.address if command.job else "") == job:
                targets = re.findall(r">\s*([^\s<>|;&()]+)", self._after(command))
                if {trimmed(target) for target in targets} & made:
                    for one in (command, *self._before_pipe(command)):
                        yield from self._read_by(one)

    def _before_pipe(self, command: Command) -> Iterator[Command]:
        """Yield the commands that write into a command, nearest first."""
        number = self._number[id(command)]
        for before in range(number - 1, max(-1, number - 1 - LONGEST_PIPE), -1):
            previous, following = self._commands[before], self._commands[before + 1]
            between = self._between(previous, following)
            if between is None or _PIPE.fullmatch(_READ.sub("", between)) is None:
                return
            yield previous

    def _read_by(self, command: Command) -> Iterator[str]:
        yield from (w for word in command.words[1:] if not (w := shown(word)).startswith("-"))
        yield from _READ.findall(self._after(command))

    def _between(self, first: Command, second: Command) -> str | None:
        if first.span.path != second.span.path:
            return None
        start = (first.span.end_line, first.span.end_column)
        end = (second.span.line, second.span.column)
        return self._text(first.span.path, start, end) if start <= end else None

    def _after(self, command: Command) -> str:
        """Return what stands behind a command on its last line: redirections."""
        start = (command.span.end_line, command.span.end_column)
        rest = self._text(command.span.path, start, (command.span.end_line + 1, 1))
        return re.split(r"[|;&]", rest)[0]

    def _text(self, path: str, start: tuple[int, int], end: tuple[int, int]) -> str:
        lines = (self._facts.repository.text(path) or "").split("\n")[start[0] - 1 : end[0]]
        if not lines:
            return ""
        if len(lines) > end[0] - start[0]:
            lines[-1] = lines[-1][: end[1] - 1]
        lines[0] = lines[0][start[1] - 1 :]
        return "\n".join(lines)


def trimmed(text: str) -> str:
    """Return a path without the macro, variable or dot that stands for the folder at its head."""
    text = re.sub(r"^(\$\{?\{?[\w.\s\-]+\}?\}?|\$\([\w.]+\)|\.)/", "", text.strip("\"'"))
    return text.removeprefix("./").rstrip("/")


def is_applied(path: str, applied: tuple[str, ...], facts: Facts) -> bool:
    """Tell whether a manifest is among what is applied."""
    for one in applied:
        if not one or one.startswith("$"):
            continue
        if path == one or path.startswith(f"{one}/"):
            return True
        last = one.rpartition("/")[2]
        folder = f"/{path}".partition(f"/{last}/")
        if (
            folder[2]
            and len(last) > 2
            and facts.repository.exists(f"{folder[0]}/{last}/Chart.yaml".lstrip("/"))
        ):
            return True
        if "." in last and path.rpartition("/")[2] == last:
            return True
    return False
