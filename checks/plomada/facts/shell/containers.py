"""Containers: the command that is given to one, ``docker run app pytest``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from itertools import pairwise

from plomada.facts.model import Value
from plomada.facts.shell.commandline import ENGINES, VALUED_BY_RUN, after_options, program, words_of
from plomada.facts.strings import known, shown
from plomada.patterns import regex

# The ways to name the folder that a command runs in.
_HERE = regex(
    r"^(?:\$\{?PWD\}?|\$\(pwd\)|`pwd`|\$\{?GITHUB_WORKSPACE\}?|\$\{\{ *github\.workspace *\}\}"
    r"|\$\((?:System\.DefaultWorkingDirectory|Build\.SourcesDirectory)\)|\.)(?=/|$)",
    re.I,
)
_COMPOSES = frozenset({"docker-compose", "podman-compose"})
_VERBS = frozenset({"run", "exec"})
# Images of which the program is the entry point: what stands behind them are its arguments.
_PROGRAMS = frozenset({"helm", "kubectl", "terraform", "terragrunt", "opentofu", "tflint"})
_OF_COMPOSE = frozenset({
    "-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory",
})  # fmt: skip


def given(values: Sequence[Value]) -> list[Value]:
    """Return the command that a container is given, none where it runs its own.

    Behind ``--entrypoint`` stands the program, and behind the image its arguments.
    """
    rest = _behind_verb(values)
    options = rest[: len(rest) - len(after_options(rest, VALUED_BY_RUN))]
    inside = rest[len(options) + 1 :]
    entry = _entry_point(options)
    if entry is not None:
        return [entry, *inside]
    image = shown(rest[len(options)]) if len(options) < len(rest) else ""
    name = image.rpartition("/")[2].partition(":")[0]
    if name in _PROGRAMS and inside:
        return [known("tofu" if name == "opentofu" else name), *inside]
    return [] if not inside or words_of(inside[:1])[0].startswith("-") else inside


def folder(values: Sequence[Value], directory: str) -> str:
    """Return the folder of the repository that a container works in, by its mounts."""
    rest = words_of(_behind_verb(values))
    options = rest[: len(rest) - len(after_options(_behind_verb(values), VALUED_BY_RUN))]
    pairs = [*pairwise(options), *(tuple(w.split("=", 1)) for w in options if "=" in w)]
    inner = next((value for name, value in pairs if name in ("-w", "--workdir")), "")
    for name, value in pairs:
        host, _, mounted = value.partition(":")
        mounted = mounted.partition(":")[0].rstrip("/")
        if name in ("-v", "--volume") and mounted and f"{inner}/".startswith(f"{mounted}/"):
            own = _HERE.sub("", host).strip("/")
            below = inner[len(mounted) :].strip("/")
            return posixpath.normpath(posixpath.join(directory, own, below)).removeprefix(".")
    return directory


def composed(values: Sequence[Value]) -> list[Value]:
    """Return what stands behind the options of compose itself: a verb and its words."""
    words = words_of(values)
    name = program(words[0]).lower() if words else ""
    if name in ENGINES and words[1:2] == ["compose"]:
        return after_options(values[2:], _OF_COMPOSE)
    return after_options(values[1:], _OF_COMPOSE) if name in _COMPOSES else []


def _behind_verb(values: Sequence[Value]) -> list[Value]:
    """Return what stands behind ``run`` or ``exec`` of an engine or of compose."""
    words = words_of(values)
    engine = bool(words) and program(words[0]).lower() in ENGINES
    own = values[2 if words[1:2] == ["container"] else 1 :] if engine else []
    rest = composed(values) or list(own)
    verb = words_of(rest[:1])
    return rest[1:] if verb and verb[0] in _VERBS else []


def _entry_point(options: Sequence[Value]) -> Value | None:
    words = words_of(options)
    at = words.index("--entrypoint") + 1 if "--entrypoint" in words else len(words)
    return options[at] if at < len(options) and words[at].strip("\"'") else None
