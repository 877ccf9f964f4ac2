"""Our data classes answer as the standard ones do."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from plomada import records


def made(decorator: Any, **options: bool) -> Any:  # noqa: ANN401 - a class made at run time
    class Pair:
        """Two numbers, of which one does not count."""

        left: int
        right: int = 0
        note: str = dataclasses.field(default="", compare=False, repr=False)

    Pair.__qualname__ = "Pair"
    return decorator(**options)(Pair)


FORMS = (
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "order": True},
    {"slots": True},
    {"slots": True, "eq": False},
)


@pytest.mark.parametrize("options", FORMS, ids=" ".join)
def test_equality_hash_order_and_text_are_the_standard_ones(options: dict[str, bool]) -> None:
    def answers(decorator: Any) -> list[object]:  # noqa: ANN401
        pair = made(decorator, **options)
        one, same, other = pair(1, 2, "a"), pair(1, 2, "b"), pair(1, 3)
        hashes = pair.__hash__ is None or (
            (hash(one) == hash(same), one in {same}) if options.get("eq", True) else "by identity"
        )
        ordered = sorted([other, one]) == [one, other] if options.get("order") else None
        changed = records.replace(one, right=3)
        assert (changed.left, changed.right, changed.note) == (1, 3, "a")
        text = repr(one) if not repr(one).startswith("<") else ""
        return [one == same, one == other, one == (1, 2), hashes, ordered, changed == other, text]

    assert answers(records.dataclass) == answers(dataclasses.dataclass)


def test_a_class_may_say_itself_how_it_is_shown() -> None:
    @records.dataclass(frozen=True, slots=True)
    class Secret:
        """A value that must not be printed."""

        value: str

        def __repr__(self) -> str:
            """Show nothing."""
            return "redacted"

    assert repr(Secret("x")) == "redacted"
    assert Secret("x") == Secret("x") != Secret("y")
