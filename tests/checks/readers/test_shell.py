"""What words of a shell script consist of."""

from __future__ import annotations

import pytest
from plomada.readers import shell


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ('"$a $b"', ["a", " ", "b"]),
        ('"$a=$((100 - $1)) $b=$1"', ["a", "=", "$((100 - $1))", " ", "b", "=", "1"]),
        ('"$(x)  ${b}=1"', ["$(x)", "  ", "b", "=1"]),
        ('" $a"', [" ", "a"]),
    ],
)
def test_blanks_before_an_expansion_are_text(word: str, parts: list[str]) -> None:
    statement = shell.read(f"echo {word}\n").statements[0]
    assert [part.text for part in statement.words[1]] == parts
