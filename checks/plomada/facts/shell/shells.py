"""What the commands of a script come to when it runs: variables, functions, folders.

A run is followed in the order of the text. Branches are all taken; a variable that is set in one
of them may have both values. Nothing is executed.
"""

from __future__ import annotations

import operator
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import product

from plomada.facts.model import Command, Edge, Job, Route, Value
from plomada.facts.shell.commandline import program, split_words
from plomada.facts.strings import join, known, one_of, shown, texts, unknown
from plomada.patterns import regex
from plomada.readers import macros, powershell, shell
from plomada.readers.shell import Part, Script, Statement, Word
from plomada.readers.source import Source
from plomada.records import dataclass, replace

MOST_CALLS = 400
DEEPEST_CALL = 6
_ROOT_NAMES = frozenset(
    [
        "github_workspace",
        "build_sourcesdirectory",
        "system_defaultworkingdirectory",
        "pwd",
        "build_repository_localpath",
        "pipeline_workspace",
        "ci_project_dir",
    ]
)
_SELF_NAMES = frozenset({"psscriptroot", "script_dir", "scriptdir"})
# Where a program stands: the program itself.
_LOCATED = regex(
    r"[$`(]+\s*(?:(?:which|command\s+-v|type\s+-[pP])\s+|(?:Get-Command|gcm)\s+)"
    r"[\"']?([\w.\-]+)[\"']?\s*(?:\|\|.*|2>.*)?[)`]+(?:\.\w+)?$",
    re.IGNORECASE,
)
# Two numbers or variables and a sign between them.
_COUNTED = regex(r"\$\(\(\s*(\w+|\$\w+|\$\{\w+\})\s*([-+*])\s*(\w+|\$\w+|\$\{\w+\})\s*\)\)")
_COUNTS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_NUMBER = regex(r"[0-9]{1,9}")
_MACROS = regex("[\ue000-\uf8ff]+")
_SCRIPTS = (".sh", ".bash", ".ps1", ".py", ".bat", ".cmd", ".psm1")


@dataclass(frozen=True, slots=True)
class Here:
    """Where a script runs.

    Attributes:
        address: who runs it, as edges name it.
        source: kind of what holds the command lines (``Command.source``).
        job: the pipeline job, None where no pipeline runs it.
        route: how it is reached.
        soft: a failure in it is ignored by what runs it.
        directory: its working directory, relative to the root.
        env: variables that it starts with.
        arguments: its positional arguments.
        macros: values of the placeholders in its text.
        file: the file that holds the text.
    """

    address: str
    source: str
    job: Job | None = None
    route: Route = ()
    soft: bool = False
    directory: str = ""
    env: Mapping[str, Value] = field(default_factory=dict)
    arguments: tuple[Value, ...] = ()
    macros: tuple[Value, ...] = ()
    file: str = ""


class Run:
    """One run of one script.

    Args:
        source: its text with its places.
        here: where it runs.
        kind: ``bash``, ``pwsh`` or ``cmd``.

    Attributes:
        exported: what it hands to later steps of its job (``$GITHUB_ENV``, ``task.setvariable``,
            ``steps.<id>.outputs.<name>`` where ``identifier`` is given).
    """

    def __init__(
        self, source: Source, here: Here, kind: str = "bash", identifier: str = ""
    ) -> None:
        self.source, self.here = source, here
        self.identifier = identifier
        self.script: Script = (
            powershell.read(source.text) if kind == "pwsh" else shell.read(source.text)
        )
        self.variables: dict[str, Value] = dict(here.env)
        self.exported: dict[str, Value] = {}
        self.directories: dict[int, str] = {0: here.directory}
        self.calls = 0
        self.shifts = any(_name(s) == "shift" for s in self.script.statements)

    def commands(self) -> Iterator[Command]:
        """Yield the commands in the order of the run, functions where they are called."""
        yield from self._body("", self.here.arguments, self.here.soft, 0)

    def _body(
        self,
        function: str,
        arguments: tuple[Value, ...],
        soft: bool,
        depth: int,
        route: Route | None = None,
    ) -> Iterator[Command]:
        route = self.here.route if route is None else route
        for statement in self.script.statements:
            if statement.function != function:
                continue
            for name, words in statement.loops:
                self.variables[name] = (
                    one_of(self._values(words, arguments)) if words else unknown(f"${name}")
                )
            self._assign(statement, arguments)
            if not statement.words:
                continue
            command = self._command(statement, arguments, soft, route)
            name = shown(command.words[0]) if command.words else ""
            if name == "cd" or name.lower() in ("pushd", "set-location", "push-location"):
                self._change_directory(command, statement)
            self._export(command, statement)
            if name in self.script.functions and depth < DEEPEST_CALL and self.calls < MOST_CALLS:
                self.calls += 1
                edge = Edge(self.here.address, f"{self.here.file}::{name}", "call", command.span)
                inner = (*route, edge) if route else ()
                yield from self._body(name, command.words[1:], command.soft, depth + 1, inner)
            elif command.words:
                yield command

    def _command(
        self, statement: Statement, arguments: tuple[Value, ...], soft: bool, route: Route
    ) -> Command:
        values = self._values(statement.words, arguments)
        if values:
            values[0] = _program_word(values[0])
        text = self.source.text[statement.start : statement.end]
        return Command(
            words=tuple(values),
            span=self.source.span(statement.start, statement.end),
            source=self.here.source,
            route=route,
            job=self.here.job,
            soft=soft or statement.soft,
            text=_readable(text),
            env={n: join(self._word(w[0], arguments)) for n, w in statement.assigned if w},
            directory=self.directories.get(statement.subshell, self.directories[0]),
            stdin=statement.stdin,
        )

    def _assign(self, statement: Statement, arguments: tuple[Value, ...]) -> None:
        if statement.words:
            return
        for name, words in statement.assigned:
            if len(words) == 1:
                value = join(self._word(words[0], arguments))
            else:
                value = Value("known", tuple(self._values(words, arguments)))
            before = self.variables.get(name)
            if statement.conditional and before is not None and before != value:
                value = one_of([before, value])
            self.variables[name] = value

    def _values(self, words: tuple[Word, ...], arguments: tuple[Value, ...]) -> list[Value]:
        """Return words as values; unquoted expansions are split as a shell splits them."""
        found: list[Value] = []
        for word in words:
            parts = self._word(word, arguments)
            lone = word[0] if len(word) == 1 else None
            held = parts[0] if lone is not None and parts else None
            if lone is None or held is None or lone.kind != "variable" or held.kind != "known":
                found.append(join(parts))
            elif isinstance(held.data, tuple):
                found += [v for v in held.data if isinstance(v, Value)]
            elif lone.splits and " " in shown(held).strip():
                found += [known(w) for w in split_words(shown(held))]
            elif shown(held) or not lone.splits:
                found.append(held)
        return found

    def _word(self, word: Word, arguments: tuple[Value, ...]) -> list[Value]:
        return [value for part in word for value in self._part(part, arguments)]

    def _part(self, part: Part, arguments: tuple[Value, ...]) -> list[Value]:
        if part.kind == "text":
            return self._literal(part.text)
        if part.kind == "command":
            return [self._substitution(part.text, arguments)]
        value = self._variable(part.text, arguments)
        if value is None and part.default is not None:
            text = part.default.strip("\"'")
            nested = re.fullmatch(r"\$\{?(\w+)\}?", text)
            inner = self._variable(nested[1], arguments) if nested else known(text)
            return [inner if inner is not None else unknown(text)]
        return [value if value is not None else unknown(f"${part.text}")]

    def _literal(self, text: str) -> list[Value]:
        if text.isascii() or _MACROS.search(text) is None:
            return [known(text)]
        found = []
        for piece, number in macros.split(text):
            if number is None or number >= len(self.here.macros):
                found.append(known(piece))
            else:
                found.append(self._late(self.here.macros[number]))
        return found

    def _late(self, value: Value) -> Value:
        """Put in what an earlier step of the job has set."""
        if value.kind == "template":
            return join(self._late(part) for part in value.parts)
        if value.kind != "unknown":
            return value
        name = value.reason
        for key in (name, name.removeprefix("env."), name.lower(), name.upper().replace(".", "_")):
            if key in self.variables:
                return self.variables[key]
        return unknown(name if name.startswith("$") else f"${{{{ {name} }}}}")

    def _variable(self, name: str, arguments: tuple[Value, ...]) -> Value | None:
        if name in ("@", "*", "args"):
            return Value("known", arguments)
        if name.isdigit():
            number = int(name) - 1
            if name == "0":
                return known(self.here.file)
            if self.shifts or number >= len(arguments):
                return None
            return arguments[number]
        if name in self.variables:
            return self._late(self.variables[name])
        lowered = name.lower()
        if lowered in _ROOT_NAMES:
            return known(".")
        if lowered in _SELF_NAMES or lowered == "bash_source":
            folder = posixpath.dirname(self.here.file) or "."
            return known(self.here.file if lowered == "bash_source" else folder)
        return next((v for k, v in self.variables.items() if k.lower() == lowered), None)

    def _substitution(self, text: str, arguments: tuple[Value, ...]) -> Value:
        """Return what a command substitution gives: a folder, a program; unknown otherwise."""
        if "--show-toplevel" in text:
            return known(".")
        if "dirname" in text and ("$0" in text or "BASH_SOURCE" in text):
            folder = posixpath.dirname(self.here.file)
            ups = text.count("/..")
            for _ in range(ups):
                folder = posixpath.dirname(folder)
            return known(folder or ".")
        if re.fullmatch(r"[$`(]+\s*pwd\s*[)`]+", text):
            return known(self.here.directory or ".")
        counted = _COUNTED.fullmatch(text)
        if counted is not None:
            return self._counted(counted, arguments) or unknown(_readable(text)[:80])
        located = _LOCATED.match(text)
        if located is not None:
            return known(located[1])
        echoed = re.fullmatch(r"\$\(\s*echo\s+\"?\$\{?(\w+)\}?\"?(\s*\|.*)?\)", text, re.DOTALL)
        if echoed is not None:
            found = self._variable(echoed[1], arguments)
            return found if found is not None and not echoed[2] else unknown(_readable(text)[:80])
        return unknown(_readable(text)[:80])

    def _counted(self, found: re.Match[str], arguments: tuple[Value, ...]) -> Value | None:
        """Return what ``$((100 - $1))`` comes to, None where a side is no number."""
        sides = []
        for text in (found[1], found[3]):
            value = (
                known(text)
                if _NUMBER.fullmatch(text)
                else self._variable(text.strip("${}"), arguments)
            )
            sides.append([t for t in texts(value) if _NUMBER.fullmatch(t)])
        if not all(sides):
            return None
        return one_of(
            known(str(_COUNTS[found[2]](int(one), int(other)))) for one, other in product(*sides)
        )

    def _change_directory(self, command: Command, statement: Statement) -> None:
        target = shown(command.words[-1]) if len(command.words) > 1 else "."
        current = self.directories.get(statement.subshell, self.directories[0])
        if target == "-" or (len(command.words) > 1 and not texts(command.words[-1])):
            return
        path = posixpath.normpath(posixpath.join(current, target)) if target != "." else current
        self.directories[statement.subshell] = "" if path == "." or path.startswith("..") else path

    def _export(self, command: Command, statement: Statement) -> None:
        """Note what a step hands on to later ones."""
        name = shown(command.words[0]) if command.words else ""
        if name not in ("echo", "printf", "write-host", "Write-Host", "write-output"):
            return
        text = join([known("")] if len(command.words) < 2 else [_spaced(command.words[1:])])
        target = " ".join(shown(join(self._word(w, ()))) for w in statement.writes).lower()
        flat = shown(text)
        match = re.match(
            r"##vso\[task\.setvariable\s+variable=([\w.\-]+)[^\]]*\](.*)$", flat, re.DOTALL
        )
        if match is not None:
            self._set(match[1], _tail(text, flat.index("]") + 1))
        elif "github_env" in target or "github_output" in target:
            key, equals, _ = flat.partition("=")
            if equals and re.fullmatch(r"[\w\-]+", key):
                inner = f"steps.{self.identifier}.outputs.{key}".lower()
                self._set(key if "github_env" in target else inner, _tail(text, len(key) + 1))

    def _set(self, name: str, value: Value) -> None:
        before = self.exported.get(name)
        self.exported[name] = one_of([before, value]) if before is not None else value


def _spaced(values: tuple[Value, ...]) -> Value:
    parts: list[Value] = []
    for value in values:
        parts += [known(" "), value] if parts else [value]
    return join(parts)


def _tail(value: Value, skip: int) -> Value:
    """Return a value without its first characters, which are known."""
    if value.kind == "known":
        return known(shown(value)[skip:])
    if value.kind == "one_of":
        return one_of(_tail(part, skip) for part in value.parts)
    if value.kind != "template":
        return value
    parts = list(value.parts)
    while parts and skip > 0:
        first = shown(parts[0])
        if parts[0].kind != "known" or len(first) > skip:
            break
        skip -= len(first)
        parts.pop(0)
    if parts and skip > 0 and parts[0].kind == "known":
        parts[0] = known(shown(parts[0])[skip:])
    return join(parts)


def _program_word(value: Value) -> Value:
    """Return the program's base name; the path of a script stays, for it can be followed."""
    text = shown(value)
    is_script = text.startswith("./") or text.endswith(_SCRIPTS)
    return value if value.kind != "known" or is_script else known(program(text))


def _name(statement: Statement) -> str:
    return (shell.literal(statement.words[0]) or "") if statement.words else ""


def _readable(text: str) -> str:
    return text if text.isascii() else _MACROS.sub("…", text)


def nested(here: Here, **changes: object) -> Here:
    """Return a place with changes."""
    return replace(here, **changes)  # type: ignore[arg-type]
