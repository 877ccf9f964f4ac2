"""Comparisons of metrics in shell scripts: ``if (( $(echo "$ACC < 0.8" | bc -l) )); then exit 1``.

Read line by line: what matters is whether a comparison with a metric's name stands over an exit
before the
act, around the act, or over the writing of an output that the act's condition reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from plomada.facts.decisions.metrics import is_metric_name
from plomada.facts.model import Decision, Value
from plomada.patterns import regex
from plomada.readers.source import Source
from plomada.records import dataclass, replace
from plomada.repository import holds_any
from plomada.spans import Span

_TEST = regex(r"\b(?:if|elif|while)\b(?P<test>.*)|(?P<short>.*)(?:&&|\|\|)")
_TESTING = ("if", "while", "&&", "||")
_OPERATOR = regex(r"\s-(lt|le|gt|ge)\s|(?<![<>=\-|&\d])\s*(<=|>=|<|>)(?![<>&(])")
_VARIABLE = regex(r"\$\{?\(?([A-Za-z_]\w*)")
_SIGN = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ASSIGNED = regex(r"^\s*(?:export\s+|local\s+)?([A-Za-z_]\w*)=(.*)$")


# What programs print that are started at a path and line: the comparisons that it rests on.
Printed = Mapping[tuple[str, int], tuple[Decision, ...]]
_CAPTURE = regex(r"\$\((?!\()|`")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a script.

    Attributes:
        text: it.
        span: its place.
        decided: the comparisons behind what a program printed that the line captures.
    """

    text: str
    span: Span
    decided: tuple[Decision, ...] = ()


def shell_gates(
    source: Source, limit: Span | None, names: set[str], printed: Printed, *, own: bool
) -> Iterator[Decision]:
    """Yield the comparisons of metrics in a step that something after them hangs on.

    Args:
        source: the step's script.
        limit: the place of the act, where it stands in this script.
        names: outputs that the act's conditions read.
        printed: the comparisons behind what programs print that the script starts.
        own: the step is the act's own; then only what stands before the act counts.
    """
    if own and limit is None:
        return
    yield from _Script(list(_lines(source)), limit, names, printed).gates()


class _Script:
    """One script, read line by line.

    Args:
        lines: its lines.
        limit: the place of the act in it, if any.
        names: outputs of interest.
        printed: the comparisons behind what programs print.
    """

    def __init__(
        self, lines: list[_Line], limit: Span | None, names: set[str], printed: Printed
    ) -> None:
        self.lines = lines
        self.limit = limit
        self.names = names
        self.printed = printed
        self.flags: dict[str, _Line] = {}
        self.stack: list[_Line | None] = []

    def gates(self) -> Iterator[Decision]:
        """Yield the comparisons that decide."""
        for number, line in enumerate(self.lines):
            text = line.text.strip()
            if not text or text.startswith("#"):
                continue
            if self._is_beyond(line):
                return
            self._assign(text, line)
            gate = _gate(text, line, self.flags)
            self._enter(text, gate)
            yield from self._decided(number, line, text, gate)
            self._leave(text)

    def _is_beyond(self, line: _Line) -> bool:
        limit = self.limit
        return limit is not None and line.span.path == limit.path and line.span.line > limit.line

    @property
    def current(self) -> _Line | None:
        """The innermost comparison that the line stands under."""
        return next((held for held in reversed(self.stack) if held is not None), None)

    def _assign(self, text: str, line: _Line) -> None:
        assigned = _ASSIGNED.match(text)
        if assigned is None:
            return
        name, value = assigned[1], assigned[2]
        start = (line.span.path, line.span.line)
        decided = self.printed.get(start, ()) if _CAPTURE.search(value) else ()
        if decided:
            self.flags[name] = replace(line, decided=decided)
        elif _compares(text):
            self.flags[name] = line
        elif self.current is not None:
            self.flags.setdefault(name, self.current)
        elif name in self.flags and not _rests_on(value, self.flags):
            del self.flags[name]  # a constant over the flag: it decides nothing any more

    def _enter(self, text: str, gate: _Line | None) -> None:
        if re.match(r"(if|while)\b", text):
            self.stack.append(gate)
        elif re.match(r"elif\b", text) and self.stack:
            self.stack[-1] = gate or self.stack[-1]

    def _leave(self, text: str) -> None:
        if re.search(r"\b(fi|done)\b", text) and self.stack:
            self.stack.pop()

    def _decided(
        self, number: int, line: _Line, text: str, gate: _Line | None
    ) -> Iterator[Decision]:
        held = self.current or gate
        here = (line.span.path, line.span.line)
        if self.limit is not None and here == (self.limit.path, self.limit.line):
            if held is not None:
                yield from _decisions(held, "branch")
        elif held is not None and _fails(text):
            yield from _decisions(held, "exit-code")
        chosen = held or next(
            (self.flags[v] for v in _VARIABLE.findall(text) if v in self.flags), None
        )
        for name in self.names if chosen is not None else ():
            if chosen is not None and _writes(text, name) and self._stands(number, name):
                yield from _decisions(chosen, "output")

    def _stands(self, number: int, name: str) -> bool:
        """Tell whether an output is not overwritten by a constant outside any test afterwards."""
        depth = 0
        for line in self.lines[number + 1 :]:
            bare = line.text.strip()
            depth += len(re.findall(r"^if\b", bare)) - len(re.findall(r"\bfi\b", bare))
            constant = not _VARIABLE.search(bare.partition("=")[2].partition(">>")[0])
            if depth < 0 and _writes(bare, name) and constant:
                return False
        return True


def _gate(text: str, line: _Line, flags: dict[str, _Line]) -> _Line | None:
    """Return the comparison that a test rests on, None for another test."""
    if not holds_any(text, _TESTING):
        return None
    found = _TEST.search(text)
    if found is None:
        return None
    test = found["test"] or found["short"] or ""
    if _compares(test):
        return line
    for name in _VARIABLE.findall(test):
        if name in flags:
            return flags[name]
    return None


def _compares(text: str) -> bool:
    """Tell whether a text compares something named like a metric by its size."""
    if not _OPERATOR.search(text):
        return False
    words = [*_VARIABLE.findall(text), *re.findall(r"['\"\[.]([A-Za-z_]\w*)['\"\]]", text)]
    return any(is_metric_name(word) for word in words)


def _rests_on(text: str, flags: dict[str, _Line]) -> bool:
    return any(name in flags for name in _VARIABLE.findall(text))


def _fails(text: str) -> bool:
    return bool(
        re.search(r"\b(exit|return)\s+[1-9]|\bfalse\b\s*$|task\.complete\s+result=Failed", text)
    )


def _writes(text: str, name: str) -> bool:
    return bool(
        re.search(rf"(^|[\s\"'{{;\]]|(?:variable|name)=){re.escape(name)}(=|;|\]|::)", text)
    ) and bool(re.search(r"GITHUB_OUTPUT|GITHUB_ENV|set-output|setvariable", text))


def _decisions(line: _Line, how: str) -> Iterator[Decision]:
    if line.decided:
        yield from (replace(decision, by=how) for decision in line.decided)
    else:
        yield _decision(line, how)


def _decision(line: _Line, how: str) -> Decision:
    operator = _OPERATOR.search(line.text)
    sign = (_SIGN.get(operator[1] or "", "") or operator[2] or "<") if operator else "<"
    left = Value("unknown", reason=line.text.strip()[:80], origins=(line.span,))
    return Decision(left, sign, Value("unknown"), line.span, (), how, "metric", "threshold")


def _lines(source: Source) -> Iterator[_Line]:
    start = 0
    for text in source.text.split("\n"):
        yield _Line(text, source.span(start, start + len(text)))
        start += len(text) + 1
