"""Pipeline macros in scripts, replaced by placeholders of equal length.

``${{ }}`` of both hosts and ``$(name)`` of Azure Pipelines mean something else to a shell, which
would read the latter as a command. A placeholder is one character of Unicode's private area, which
numbers the macro, filled up to the macro's length: offsets stay, and shells take it for a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from plomada.patterns import regex

FILL = "\uf8ff"
_FIRST = 0xE000
_MOST = 0x18F0
_EXPRESSION = regex(r"\$\{\{(.*?)\}\}", re.DOTALL)
_EITHER = regex(r"\$\{\{(.*?)\}\}|\$\(([A-Za-z_][\w.\-]*(?::[^()$]*)?)\)", re.DOTALL)
_PLACEHOLDER = regex(f"([\ue000-\uf8fe])({FILL}*)")


def replace(text: str, *, azure: bool) -> tuple[str, tuple[str, ...]]:
    """Return the text with placeholders, and the macros' texts in their order.

    Args:
        text: a script or a scalar.
        azure: ``$(name)`` is a macro as well.
    """
    if "${{" not in text and not (azure and "$(" in text):
        return text, ()
    found: list[str] = []

    def place(match: re.Match[str]) -> str:
        if len(found) >= _MOST:
            return match[0]
        found.append(match[0])
        return placeholder(len(found) - 1, len(match[0]))

    return (_EITHER if azure else _EXPRESSION).sub(place, text), tuple(found)


def split(text: str) -> Iterator[tuple[str, int | None]]:
    """Yield literal pieces with None and placeholders with the number of their macro."""
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > position:
            yield text[position : match.start()], None
        yield match[0], ord(match[1]) - _FIRST
        position = match.end()
    if position < len(text):
        yield text[position:], None


def placeholder(number: int, length: int = 1) -> str:
    """Return what stands for a macro: its number's character, filled up to a length.

    Macros beyond what can be numbered share the last number's character and stay unknown.
    """
    return chr(_FIRST + min(number, _MOST - 1)) + FILL * (length - 1)


def inner(macro: str) -> str:
    """Return the expression inside a macro's brackets."""
    return (macro[3:-2] if macro.startswith("${{") else macro[2:-1]).strip()
