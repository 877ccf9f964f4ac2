"""Which targets of a task runner a command line asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from plomada.facts.model import Value
from plomada.facts.reach.task import Task
from plomada.facts.strings import glob, shown, texts
from plomada.patterns import regex
from plomada.records import dataclass

# A runner's verbs that only say "run"; "*" where a target may follow the runner at once.
VERBS: dict[str, tuple[str, ...]] = {
    "just": (),
    "tox": (),
    "nox": (),
    "poe": (),
    "invoke": (),
    "inv": (),
    "task": (),
    "hatch": ("run",),
    "pdm": ("run", "*"),
    "pixi": ("run",),
    "rye": ("run",),
    "mise": ("run", "r", "*"),
    "npm": ("run", "run-script", "test", "start"),
    "yarn": ("run", "*"),
    "pnpm": ("run", "*"),
}
_ALIASES = {"yarn": "npm", "pnpm": "npm", "inv": "invoke", "task": "task-go"}
# Options behind which the targets stand, and the one that names the file.
_ASKED = {
    "tox": (("-e", "--env"), ("-c", "--conf")),
    "nox": (
        ("-s", "-e", "--session", "--sessions", "-rs", "-Rs", "-t", "--tag", "--tags"),
        ("-f", "--noxfile"),
    ),
}
_ALL = ("tox", "nox")
_PYTHON = regex(r"(?:py|pypy|python|cpython|graalpy)?[\d.]*(?:-|$)")


@dataclass(frozen=True, slots=True)
class Goals:
    """What a command line asks a runner for.

    Attributes:
        runner: as ``Task.runner``.
        names: the targets, none for what it runs by itself.
        file: the file that declares them, "" for the runner's usual one.
    """

    runner: str
    names: tuple[str, ...] = ()
    file: str = ""


def goals(name: str, values: Sequence[Value]) -> Goals | None:
    """Return what the words behind a runner ask for, None where they run no target."""
    runner = _ALIASES.get(name, name)
    words = list(_before_double_dash(values) if name in _ASKED else values)
    if name in _ASKED:
        asked, files = _ASKED[name]
        named = tuple(_behind(words, asked, several=name == "nox"))
        return Goals(runner, named, next(_behind(words, files, several=False), ""))
    rest = [w for w in words if not shown(w).startswith("--")]
    verbs = VERBS.get(name, ("run",))
    first = shown(rest[0]) if rest else ""
    if verbs and first in verbs:
        rest = rest[1:] if first not in ("test", "start") else rest
    elif verbs and "*" not in verbs:
        return None
    names = (t for w in rest for text in texts(w) for t in text.split(","))
    wanted = (n.rpartition(":")[2] if runner == "hatch" else n for n in names)
    return Goals(runner, tuple(n for n in wanted if n and not n.startswith("-")))


def chosen(wanted: Goals, tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks that are asked for; those that a runner runs by itself for no names."""
    if not wanted.names:
        own = [t for t in tasks if not t.apart]
        return own if wanted.runner in _ALL else own[: wanted.runner in ("just", "task-go")]
    found = [t for t in tasks if {t.name, *t.aliases} & set(_spelled(wanted))]
    if not found and wanted.runner == "tox":
        return [t for t in tasks if t.apart and any(map(_PYTHON.match, wanted.names))]
    return found


def _spelled(wanted: Goals) -> Iterator[str]:
    """Yield the names as their runner takes them: ``tests-3.12``, ``ci.test``, ``a ::: b``."""
    for name in wanted.names:
        yield name
        if wanted.runner == "nox":
            yield re.sub(r"(-[\d.*]+|\(.*)$", "", name)
        elif wanted.runner == "invoke":
            yield name.rpartition(".")[2]


def _before_double_dash(values: Sequence[Value]) -> Iterator[Value]:
    for value in values:
        if shown(value) == "--":
            return
        yield value


def _behind(words: Iterable[Value], options: tuple[str, ...], *, several: bool) -> Iterator[str]:
    """Yield what stands behind options: ``-e a,b``, ``-ea``, ``--env=a``; several words if so."""
    waiting = False
    for value in words:
        word = shown(value)
        name, equals, rest = word.partition("=")
        short = next((o for o in options if len(o) == 2 and word.startswith(o)), "")
        if name in options:
            waiting = not equals
            yield from _listed([rest] if equals else [])
        elif waiting and not word.startswith("-"):
            waiting = several
            yield from _listed(glob(value))
        elif short and not word.startswith("--") and len(word) > 2:
            yield from _listed([word[2:]])
            waiting = False
        else:
            waiting = False


def _listed(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (part.strip() for part in text.split(",") if part.strip(" *"))
