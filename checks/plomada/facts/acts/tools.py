"""The published table of tools (``data/tools.toml``), made ready for look-ups."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase, translate
from functools import lru_cache
from importlib.resources import files
from itertools import count

from plomada.facts.model import Value
from plomada.facts.shell.commandline import STARTERS, arguments, program
from plomada.facts.strings import shown, texts
from plomada.records import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """A command pattern: program, positional words, options that must or must not be there."""

    programs: tuple[str, ...]
    words: tuple[tuple[str, ...], ...] = ()
    needed: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A row of the table; see its head for the fields."""

    name: str
    verb: str
    target: str
    commands: tuple[Pattern, ...] = ()
    actions: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    inputs: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Table:
    """All rows with the indexes that look-ups need."""

    def __init__(self, rows: Sequence[Tool], entities: Mapping[str, tuple[str, str]]) -> None:
        self.rows = tuple(rows)
        self.entities = entities
        # By program, then by a first word that a pattern takes ("" where it takes any).
        self._programs: dict[str, dict[str, list[tuple[int, Tool, Pattern]]]] = {}
        numbers = count()
        for row in rows:
            for pattern in row.commands:
                for name in pattern.programs:
                    by_word = self._programs.setdefault(name.lower(), {})
                    number = next(numbers)
                    for word in _first_words(pattern):
                        by_word.setdefault(word, []).append((number, row, pattern))
        self._calls: dict[str, tuple[Tool, ...]] = {}
        self._commands: dict[tuple[str, ...], tuple[Tool, ...]] = {}
        self._bare: dict[str, bool] = {}
        self._uses: dict[tuple[str, bool], tuple[Tool, ...]] = {}
        lasts = {c.rpartition(".")[2] for r in rows for c in r.calls}
        self._lasts = re.compile("|".join(translate(last) for last in sorted(lasts)) or "(?!)")

    def for_command(self, values: Sequence[Value]) -> tuple[Tool, ...]:
        """Return what a command line does, the first row of each verb."""
        candidates = self._programs.get(program(shown(values[0])).lower()) if values else None
        if not candidates:
            return ()
        words = tuple(shown(v) for v in values)
        found = self._commands.get(words)
        if found is None:
            given = {"", *(word.lower() for word in words[1:])} & candidates.keys()
            begun = {found[0]: found for word in given for found in candidates[word]}
            likely = [
                (r, p) for _, (_, r, p) in sorted(begun.items()) if _positional(p.words, words)
            ]
            options = {k.lower(): v for k, v in arguments(values[1:]).items()} if likely else {}
            found = tuple(_first_of_each(r for r, p in likely if _fits(p, words, options)))
            self._commands[words] = found
        return found

    def for_use(self, name: str, inputs: Mapping[str, Value], *, task: bool) -> Iterator[Tool]:
        """Yield what an action, a task or another repository's workflow or template does."""
        rows = self._uses.get((name, task))
        if rows is None:
            rows = tuple(
                row
                for row in self.rows
                if any(_agrees(name, p) for p in (row.tasks if task else row.actions))
            )
            self._uses[name, task] = rows
        yield from _first_of_each(row for row in rows if allows(row, inputs))

    def for_hook(self, identifier: str) -> Iterator[Tool]:
        """Yield what a hook does."""
        yield from _first_of_each(row for row in self.rows if identifier in row.hooks)

    def may_run(self, name: str) -> bool:
        """Tell whether a program is in the table, or may start one that is."""
        return name.lower() in self._programs or name in STARTERS

    def keywords(self, *verbs: str) -> frozenset[str]:
        """Return the words by which a text that holds an act of some verbs can be told."""
        found: set[str] = set()
        for row in self.rows:
            if row.verb in verbs:
                found.update(name.lower() for p in row.commands for name in p.programs)
                found.update(w.strip("*") for w in (*row.actions, *row.tasks))
        return frozenset(word for word in found if len(word) > 2) | ({"az "} & found)

    def may_call(self, bare: str) -> bool:
        """Tell whether a call that ends in this name may do something, before it is resolved."""
        known = self._bare.get(bare)
        if known is None:
            generic = bare in ("create_or_update", "begin_create_or_update")
            known = generic or self._lasts.match(bare) is not None
            self._bare[bare] = known
        return known

    def for_call(self, name: str) -> tuple[Tool, ...]:
        """Return what a Python call does, by its resolved name, before its arguments are seen."""
        found = self._calls.get(name)
        if found is None:
            rows = (r for r in self.rows if any(_agrees(name, p) for p in r.calls))
            found = self._calls[name] = tuple(_first_of_each(rows))
        return found


def _first_of_each(rows: Iterator[Tool]) -> Iterator[Tool]:
    verbs: set[str] = set()
    for row in rows:
        if row.verb not in verbs:
            verbs.add(row.verb)
            yield row


def allows(row: Tool, inputs: Mapping[str, Value]) -> bool:
    """Tell whether inputs fit a row: every restricting list, and one of the others."""
    chosen: list[bool] = []
    for key, allowed in row.inputs:
        value = inputs.get(key)
        given = [t.lower() for t in texts(value)] or ([shown(value).lower()] if value else [])
        refused = [a[1:].lower() for a in allowed if a.startswith("!")]
        wanted = [a.lower() for a in allowed if a and not a.startswith("!")]
        if any(_agrees(g, r) for g in given for r in refused):
            return False
        if "" in allowed or refused:
            if given and wanted and not _any_fits(given, wanted):
                return False
        else:
            chosen.append(_any_fits(given, wanted))
    return not chosen or any(chosen)


def _agrees(name: str, pattern: str) -> bool:
    """Tell whether a name fits a pattern, as ``fnmatchcase`` does.

    That compiles each pattern; most names already differ in the part before the first ``*``.
    """
    if "?" in pattern or "[" in pattern:
        return fnmatchcase(name, pattern)
    head, star, _ = pattern.partition("*")
    return name.startswith(head) and fnmatchcase(name, pattern) if star else name == pattern


def _any_fits(given: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(_agrees(g, w) for g in given for w in wanted)


def _fits(pattern: Pattern, words: Sequence[str], options: Mapping[str, Value]) -> bool:
    for name in pattern.refused:
        if name.startswith("-"):
            if name.lower() in options:
                return False
        elif name in words[1:4]:
            return False
    for name, wanted in pattern.needed:
        value = options.get(name.lower())
        if value is None:
            return False
        given = [t.lower() for t in texts(value)] or [shown(value).lower()]
        if wanted and not _any_fits(given, [w.lower() for w in wanted]):
            return False
    return True


def _first_words(pattern: Pattern) -> tuple[str, ...]:
    """Return the words of which a command has to hold one for a pattern, "" where any will do."""
    first = pattern.words[0] if pattern.words else ("",)
    return ("",) if any("*" in choice for choice in first) else first


def _positional(expected: Sequence[tuple[str, ...]], words: Sequence[str]) -> bool:
    """Tell whether the expected words come first among those that are no options.

    A word after an option may be its value, so it may be passed over; any other may not.
    """
    index = 1
    for choices in expected:
        while index < len(words):
            word = words[index]
            if word.lower() in choices or _matches(word.lower(), choices):
                break
            is_value = words[index - 1].startswith("-") and "=" not in words[index - 1]
            if not word.startswith("-") and not (is_value and index > 1):
                return False
            index += 1
        if index >= len(words):
            return False
        index += 1
    return True


def _matches(word: str, choices: Sequence[str]) -> bool:
    return any("*" in choice and _agrees(word, choice) for choice in choices)


def _pattern(text: str) -> Pattern:
    head, *rest = text.split()
    words, needed, refused = [], [], []
    for token in rest:
        if token.startswith("+"):
            name, _, values = token[1:].partition("=")
            needed.append((name, tuple(values.split("|")) if values else ()))
        elif token.startswith("!"):
            refused.append(token[1:])
        elif re.match(r"^-\w+=", token):
            name, _, values = token.partition("=")
            needed.append((name, tuple(values.split("|"))))
        else:
            words.append(tuple(token.lower().split("|")))
    return Pattern(tuple(head.split("|")), tuple(words), tuple(needed), tuple(refused))


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the table."""
    text = files("plomada").joinpath("data/tools.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    rows = [
        Tool(
            name=row["name"],
            verb=row["verb"],
            target=row["target"],
            commands=tuple(_pattern(c) for c in row.get("commands", ())),
            actions=tuple(a.lower() for a in row.get("actions", ())),
            tasks=tuple(t.lower() for t in row.get("tasks", ())),
            hooks=tuple(row.get("hooks", ())),
            calls=tuple(row.get("calls", ())),
            inputs=tuple((k.lower(), tuple(v)) for k, v in row.get("inputs", {}).items()),
        )
        for row in raw["tool"]
    ]
    entities = {}
    for name, does in raw["entities"].items():
        verb, _, target = does.partition(" ")
        entities[name] = (verb, target)
    return Table(rows, entities)
