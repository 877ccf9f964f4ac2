"""Texts that a pipeline puts into a script before a shell reads it.

Both hosts replace macros as text: an input, parameter or variable that holds a whole command, or
several lines of them, becomes part of the script. A word that held such a text would be taken for
the name of one program; here the text stands where its placeholder stood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plomada.facts.model import Step, Value
from plomada.facts.strings import plain
from plomada.readers import macros
from plomada.readers.source import Source, of_span

if TYPE_CHECKING:
    from plomada.facts import Facts

MOST_TEXT = 200_000


def script_of(facts: Facts, step: Step) -> tuple[Source, tuple[Value, ...]]:
    """Return a step's script with the texts of its macros put in.

    The values are those of the placeholders that remain, by their number.
    """
    values = step.macros
    path = step.script_span.path if step.script_span is not None else step.span.path
    source = Source(path, step.script, step.lines or ((0, step.span.line, step.span.column),))
    if not any(_texts(value) for value in values):
        return source, values
    script = _Script(source, facts.repository.text)
    for piece, number in macros.split(source.text):
        script.add(piece, values[number] if number is not None and number < len(values) else None)
    return script.result(), tuple(script.values)


class _Script:
    """A script while its texts are put in."""

    def __init__(self, source: Source, text_of: Callable[[str], str | None]) -> None:
        self.source, self.text_of = source, text_of
        self.values: list[Value] = []
        self._written: list[str] = []
        self._pieces: list[tuple[int, int, int]] = []
        self._borrowed: list[tuple[int, int, Source]] = []
        self._length = 0
        self._read = 0

    def result(self) -> Source:
        """Return the script as a shell reads it, with the places of its parts."""
        text = "".join(self._written)
        return Source(self.source.path, text, tuple(self._pieces), tuple(self._borrowed))

    def add(self, piece: str, value: Value | None) -> None:
        """Take in a literal piece, or a placeholder with its value."""
        texts = _texts(value) if value is not None else ()
        fits = self._length + sum(map(_size, texts)) <= MOST_TEXT
        if value is None:
            self._copy(piece)
        elif texts and fits and (len(texts) == 1 or self._is_alone(piece)):
            self._put(texts)
        else:
            self._copy(self._placeholder(value, len(piece)))
        self._read += len(piece)

    def _copy(self, text: str) -> None:
        shift, end = self._length - self._read, self._read + len(text)
        self._pieces.append((self._length, *self.source.place(self._read)))
        for offset, line, column in self.source.pieces:
            if self._read < offset < end:
                self._pieces.append((offset + shift, line, column))
        self._write(text)

    def _put(self, texts: tuple[Value, ...]) -> None:
        for text in texts:
            start = self._length
            for part in text.parts if text.kind == "template" else (text,):
                self._write(plain(part.data) if part.kind == "known" else self._placeholder(part))
            written = "".join(self._written)[start:]
            self._borrowed.append((start, self._length, self._origin(text, written)))
            self._write("\n" if len(texts) > 1 else "")

    def _origin(self, value: Value, written: str) -> Source:
        """Return where a text was written: its own scalar, else the placeholder's line."""
        for span in reversed(value.origins):
            held = self.text_of(span.path)
            if held is not None:
                return of_span(span, written, held)
        return Source(self.source.path, written, ((0, *self.source.place(self._read)),))

    def _is_alone(self, piece: str) -> bool:
        """Tell whether a placeholder is all that its line says."""
        before = self.source.text[: self._read].rpartition("\n")[2]
        after = self.source.text[self._read + len(piece) :].partition("\n")[0]
        return not before.strip() and not after.strip()

    def _placeholder(self, value: Value, length: int = 1) -> str:
        self.values.append(value)
        return macros.placeholder(len(self.values) - 1, length)

    def _write(self, text: str) -> None:
        self._written.append(text)
        self._length += len(text)


def _texts(value: Value) -> tuple[Value, ...]:
    """Return the texts of several words that a value may be; none where it is one word."""
    parts = value.parts if value.kind == "one_of" else (value,)
    return tuple(parts) if any(_has_words(part) for part in parts) else ()


def _has_words(value: Value) -> bool:
    parts = value.parts if value.kind == "template" else (value,)
    return any(isinstance(p.data, str) and len(p.data.split()) > 1 for p in parts) or (
        value.kind == "template" and any(isinstance(p.data, str) and " " in p.data for p in parts)
    )


def _size(value: Value) -> int:
    return sum(len(plain(p.data)) for p in (value.parts or (value,)) if p.kind == "known")
