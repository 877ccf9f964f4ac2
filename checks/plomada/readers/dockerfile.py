"""Dockerfiles to stages and instructions with places.

The format is by lines: an instruction goes on where its line ends in the escape character, comment
lines inside it are left out, and here-documents follow it. Every text is a Dockerfile; what is no
instruction is passed over.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import field

from plomada.patterns import regex
from plomada.readers.source import Source
from plomada.records import dataclass
from plomada.spans import Span

MOST_INSTRUCTIONS = 2000
_INSTRUCTION = regex(r"\s*([A-Za-z]+)(?:\s+|$)")
_FLAGS = regex(r"(?:--[\w-]+(?:=(?:\"[^\"]*\"|\S+))?\s+)+")
_FLAG = regex(r"--([\w-]+)(?:=(\"[^\"]*\"|\S+))?")
_HEREDOC = regex(r"<<-?\s*([\"']?)([A-Za-z_]\w*)\1")
_DIRECTIVE = regex(r"#\s*(\w+)\s*=\s*(\S+)")
_COMMANDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction.

    Attributes:
        keyword: in upper case.
        source: what follows it and its flags, with its places; the exec form as a command line,
            a here-document that is a script by itself as that script.
        flags: its flags, several of one name as their last.
        span: its place.
        interpreter: program that a here-document's first line names, "" for the shell.
    """

    keyword: str
    source: Source
    flags: dict[str, str]
    span: Span
    interpreter: str = ""

    @property
    def text(self) -> str:
        """What follows the keyword, on one line."""
        return " ".join(self.source.text.replace("\\\n", " ").split())


@dataclass(slots=True)
class Stage:
    """One stage.

    Attributes:
        base: the image or stage that it builds on.
        name: its name, "" for none.
        span: the place of its ``FROM``.
        instructions: in order, without ``FROM``.
    """

    base: str
    name: str
    span: Span
    instructions: list[Instruction] = field(default_factory=list)

    def of(self, *keywords: str) -> Iterator[Instruction]:
        """Yield its instructions of some keywords."""
        return (i for i in self.instructions if i.keyword in keywords)

    def last(self, keyword: str) -> Instruction | None:
        """Return the instruction of a keyword that counts: the last one."""
        return next((i for i in reversed(self.instructions) if i.keyword == keyword), None)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile.

    Attributes:
        path: its path.
        stages: in order; what stands before the first ``FROM`` is in none.
    """

    path: str
    stages: tuple[Stage, ...]

    def built(self, target: str = "") -> list[Stage]:
        """Return the stages that a build of a target (the last one by default) needs, in order."""
        by_name = self._by_name()
        start = by_name.get(target.lower(), len(self.stages) - 1)
        waiting, needed = [start] if self.stages else [], set()
        while waiting:
            number = waiting.pop()
            if number in needed:
                continue
            needed.add(number)
            for name in _sources(self.stages[number]):
                found = int(name) if name.isdigit() else by_name.get(name.lower())
                if found is not None and found < number:
                    waiting.append(found)
        return [self.stages[number] for number in sorted(needed)]

    def bases(self, target: str = "") -> list[Stage]:
        """Return the stage of a target (the last one by default) and those that it builds on."""
        by_name = self._by_name()
        number: int | None = by_name.get(target.lower(), len(self.stages) - 1)
        found: list[Stage] = []
        while number is not None and number >= 0 and self.stages:
            found.append(self.stages[number])
            before = by_name.get(self.stages[number].base.lower())
            number = before if before is not None and before < number else None
        return found

    def _by_name(self) -> dict[str, int]:
        return {stage.name.lower(): n for n, stage in enumerate(self.stages) if stage.name}


def _sources(stage: Stage) -> Iterator[str]:
    """Yield what a stage takes from: its base, copies and mounts."""
    yield stage.base
    for instruction in stage.instructions:
        if instruction.keyword == "COPY":
            yield instruction.flags.get("from", "")
        mounted = re.search(r"\bfrom=([\w.-]+)", instruction.flags.get("mount", ""))
        if mounted is not None:
            yield mounted[1]


def read(text: str, path: str) -> Dockerfile:
    """Return the stages of a Dockerfile."""
    stages: list[Stage] = []
    for instruction in _instructions(text, path):
        if instruction.keyword == "FROM":
            words = instruction.text.split()
            named = len(words) > 2 and words[1].lower() == "as"
            base = words[0] if words else ""
            stages.append(Stage(base, words[2] if named else "", instruction.span))
        elif stages:
            stages[-1].instructions.append(instruction)
    return Dockerfile(path, tuple(stages))


def _instructions(text: str, path: str) -> Iterator[Instruction]:
    lines = text.replace("\r\n", "\n").split("\n")
    escape = _escape(lines)
    number = found = 0
    while number < len(lines) and found < MOST_INSTRUCTIONS:
        match = _INSTRUCTION.match(lines[number])
        if match is None or lines[number].lstrip().startswith("#"):
            number += 1
            continue
        first, number = number, _end(lines, number, escape)
        bodies, number = _heredocs(lines, first, number)
        found += 1
        yield _instruction(path, lines, (first, number), match, bodies)


def _escape(lines: list[str]) -> str:
    """Return the escape character, which a directive at the head may change."""
    for line in lines:
        directive = _DIRECTIVE.match(line.strip())
        if directive is None:
            break
        if directive[1].lower() == "escape":
            return directive[2][:1]
    return "\\"


def _is_left_out(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _end(lines: list[str], number: int, escape: str) -> int:
    """Return the line after an instruction's last one."""
    while lines[number].rstrip().endswith(escape) and number + 1 < len(lines):
        number += 1
        while _is_left_out(lines[number]) and number + 1 < len(lines):
            number += 1
    return number + 1


def _heredocs(lines: list[str], first: int, after: int) -> tuple[list[tuple[int, int]], int]:
    """Return the here-documents that follow an instruction, as lines, and the line after them."""
    bodies = []
    for line in lines[first:after]:
        for match in _HEREDOC.finditer(line) if not _is_left_out(line) else ():
            start = after
            while after < len(lines) and lines[after].strip() != match[2]:
                after += 1
            bodies.append((start, after))
            after = min(after + 1, len(lines))
    return bodies, after


def _instruction(
    path: str,
    lines: list[str],
    place: tuple[int, int],
    match: re.Match[str],
    bodies: list[tuple[int, int]],
) -> Instruction:
    first, after = place
    keyword = match[1].upper()
    rows = [(n, lines[n]) for n in range(first, after)]
    head = [row for row in rows if not _is_left_out(row[1]) or _inside(row[0], bodies)]
    text = "\n".join(row for _, row in head)
    skip = match.end()
    flags: dict[str, str] = {}
    given = _FLAGS.match(text, skip) if keyword != "CMD" else None
    if given is not None:
        flags = {name.lower(): value.strip('"') for name, value in _FLAG.findall(given[0])}
        skip = given.end()
    span = Span(path, first + 1, match.start(1) + 1, after, len(lines[after - 1]) + 1)
    source = _cut(path, head, skip)
    alone = bodies and _HEREDOC.fullmatch(lines[first][match.end() :].strip())
    if keyword == "RUN" and alone:
        return _script(path, lines, bodies[0], Instruction(keyword, source, flags, span))
    return Instruction(keyword, _shell_form(keyword, source), flags, span)


def _inside(number: int, bodies: list[tuple[int, int]]) -> bool:
    return any(start <= number <= end for start, end in bodies)


def _cut(path: str, rows: list[tuple[int, str]], skip: int) -> Source:
    """Return lines as a source, without its first characters."""
    text = "\n".join(row for _, row in rows)
    pieces, offset = [], 0
    for number, row in rows:
        end = offset + len(row) + 1
        if end > skip:
            lost = max(skip - offset, 0)
            pieces.append((max(offset - skip, 0), number + 1, lost + 1))
        offset = end
    return Source(path, text[skip:], tuple(pieces) or ((0, rows[0][0] + 1, 1),))


def _script(
    path: str, lines: list[str], body: tuple[int, int], instruction: Instruction
) -> Instruction:
    """Return a ``RUN`` of a here-document: the script, and what its first line says runs it."""
    start, end = body
    rows = [(number, lines[number]) for number in range(start, end)] or [(start, "")]
    shebang = re.match(r"#!\s*\S*?([\w.]+)(?:\s+(\w+))?\s*$", rows[0][1])
    program = (shebang[2] or shebang[1] if shebang[1] == "env" else shebang[1]) if shebang else ""
    source = _cut(path, rows, 0)
    return Instruction(instruction.keyword, source, instruction.flags, instruction.span, program)


def _shell_form(keyword: str, source: Source) -> Source:
    """Return the exec form, a list of words, as a command line that begins at the same place."""
    prefix = re.match(r"CMD\s+", source.text) if keyword == "HEALTHCHECK" else None
    text = source.text[prefix.end() if prefix else 0 :].strip().replace("\\\n", " ")
    if keyword not in _COMMANDS or not text.startswith("["):
        return source
    try:
        words = json.loads(text)
    except ValueError:
        return source
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
        return source
    line, column = source.place(0)
    return Source(source.path, shlex.join(words), ((0, line, column),))


def is_dockerfile(path: str) -> bool:
    """Tell whether a path is named as Dockerfiles are: ``Dockerfile.gpu``, ``serve.dockerfile``."""
    name = path.rpartition("/")[2].lower()
    return name.startswith(("dockerfile", "containerfile")) or name.endswith(".dockerfile")
