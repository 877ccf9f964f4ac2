"""Comparisons of metrics in shell scripts: ``if (( $(echo "$ACC < 0.8" | bc -l) )); then exit 1``.

Read line by line: what matters is whether a comparison with a metric's name stands over an exit before the
act, around the act, or over the writing of an output that the act's condition reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plomada.facts.metrics import is_metric_name
from plomada.facts.model import Decision, Step, Value
from plomada.spans import Span

_TEST = re.compile(r"\b(?:if|elif|while)\b(?P<test>.*)|(?P<short>.*)(?:&&|\|\|)")
_OPERATOR = re.compile(r"\s-(lt|le|gt|ge)\s|(?<![<>=\-|&\d])\s*(<=|>=|<|>)(?![<>&(])")
_VARIABLE = re.compile(r"\$\{?\(?([A-Za-z_]\w*)")
_SIGN = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ASSIGNED = re.compile(r"^\s*(?:export\s+|local\s+)?([A-Za-z_]\w*)=(.*)$")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    span: Span


def shell_gates(
    step: Step, limit: Span | None, names: set[str], *, own: bool
) -> Iterator[Decision]:
    """Yield the comparisons of metrics in a step that something after them hangs on.

    Args:
        step: the step with its script.
        limit: the place of the act, where it stands in this script.
        names: outputs that the act's conditions read.
        own: the step is the act's own.
    """
    lines = list(_lines(step))
    flags: dict[str, _Line] = {}
    stack: list[_Line | None] = []
    for number, line in enumerate(lines):
        text = line.text.strip()
        if text.startswith("#") or not text:
            continue
        assigned = _ASSIGNED.match(text)
        if assigned and assigned[1] in flags and not _compares(text):
            if not _rests_on(assigned[2], flags):
                inside = any(stack)
                if not inside:
                    del flags[assigned[1]]  # a constant over the flag: it decides nothing any more
        if assigned and _compares(text):
            flags[assigned[1]] = line
        if assigned and any(stack):
            holder = next(s for s in reversed(stack) if s is not None)
            flags.setdefault(assigned[1], holder)
        gate = _gate(text, line, flags)
        if re.match(r"(if|while)\b", text):
            stack.append(gate)
        elif re.match(r"elif\b", text) and stack:
            stack[-1] = gate or stack[-1]
        if re.search(r"\bfi\b|\bdone\b", text) and stack:
            if not re.match(r"(if|while)\b.*\bfi\b", text):
                stack.pop()
            else:
                stack.pop()
                if gate is not None and _fails(text) and not own_after(limit, line):
                    yield _decision(gate, "exit-code")
            continue
        current = next((s for s in reversed(stack) if s is not None), None)
        if limit is not None and line.span.line >= limit.line:
            if current is not None:
                yield _decision(current, "branch")
            return
        if current is not None and _fails(text):
            yield _decision(current, "exit-code")
        elif gate is not None and not stack and _fails(text):
            yield _decision(gate, "exit-code")
        if current is not None or _rests_on(text, flags):
            for name in names:
                if _writes(text, name) and _varies(lines, number, name, text, flags):
                    chosen = current or next(
                        flags[v] for v in _VARIABLE.findall(text) if v in flags
                    )
                    yield _decision(chosen, "output")
    if own:
        return


def own_after(limit: Span | None, line: _Line) -> bool:
    """Tell whether a line stands behind the act."""
    return limit is not None and line.span.line > limit.line


def _varies(lines: list[_Line], number: int, name: str, text: str, flags: dict[str, _Line]) -> bool:
    """Tell whether an output is not overwritten without a test afterwards."""
    del flags, text
    depth = 0
    for line in lines[number + 1 :]:
        bare = line.text.strip()
        depth += len(re.findall(r"^\s*if\b", bare)) - len(re.findall(r"\bfi\b", bare))
        if depth < 0 and _writes(bare, name) and not _VARIABLE.search(bare.split("=", 1)[-1]):
            return False
    return True


def _gate(text: str, line: _Line, flags: dict[str, _Line]) -> _Line | None:
    """Return the comparison that a test rests on, None for another test."""
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
    return bool(re.search(rf"(^|[\s\"'{{;\]]|variable=){re.escape(name)}(=|;|\])", text)) and bool(
        re.search(r"GITHUB_OUTPUT|GITHUB_ENV|set-output|setvariable", text)
    )


def _decision(line: _Line, how: str) -> Decision:
    operator = _OPERATOR.search(line.text)
    sign = (_SIGN.get(operator[1] or "", "") or operator[2] or "<") if operator else "<"
    left = Value("unknown", reason=line.text.strip()[:80], origins=(line.span,))
    return Decision(left, sign, Value("unknown"), line.span, (), how, "metric", "threshold")


def _lines(step: Step) -> Iterator[_Line]:
    start = step.script_span
    if start is None:
        return
    for number, text in enumerate(step.script.split("\n")):
        row = start.line + number
        yield _Line(text, Span(start.path, row, 1, row, len(text) + 1))
