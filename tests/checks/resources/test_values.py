"""Evaluation: laws that hold for any values, and the answers of single functions."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plomada.facts.iac import arm_functions, terraform_functions
from plomada.facts.model import Value
from plomada.facts.values import (
    NULL,
    Argument,
    Budget,
    Evaluator,
    Step,
    canonical,
    flattened,
    joined,
    known,
    member,
    merged,
    one_of,
    truth,
    unknown,
)
from plomada.readers.bicep import read_expression

LAW = settings(max_examples=40, database=None)


class Given:
    """Names with fixed values."""

    def __init__(self, **values: Value) -> None:
        self.values = values

    def resolve(self, root: str, path: Sequence[Step]) -> tuple[Value, int] | None:
        found = self.values.get(root)
        return (found, 0) if found is not None else None

    def call(self, function: str, arguments: Sequence[Argument]) -> Value:
        return arm_functions.call(function, arguments)


def evaluate(text: str, **values: Value) -> Value:
    return Evaluator(Given(**values), Budget()).evaluate(read_expression(text, "x"))


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.text("ab${'}", max_size=5))
VALUES = st.recursive(
    SCALARS.map(known) | st.text("xyz", max_size=3).map(unknown),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda v: known(tuple(v)))
        | st.dictionaries(st.text("ab", min_size=1, max_size=2), inner, max_size=3).map(known)
        | st.lists(inner, min_size=1, max_size=3).map(one_of)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, max_size=3).map(known)


@LAW
@given(VALUES)
def test_a_choice_of_one_is_itself(value: Value) -> None:
    assert canonical(one_of([value, value])) == canonical(value)


@LAW
@given(VALUES, VALUES)
def test_a_choice_holds_each_alternative(left: Value, right: Value) -> None:
    assert canonical(one_of([left, right])) == canonical(one_of([one_of([left, right]), right]))


@LAW
@given(OBJECTS, OBJECTS)
def test_the_later_object_wins(left: Value, right: Value) -> None:
    found = merged([left, right])
    for key, value in right.data.items():  # type: ignore[union-attr, attr-defined]
        assert canonical(member(found, key)) == canonical(value)


@LAW
@given(OBJECTS, st.text("abc", min_size=1, max_size=2), VALUES)
def test_what_is_laid_over_an_unknown_object_is_certain(
    left: Value, key: str, value: Value
) -> None:
    found = merged([unknown("tags"), left, known({key: value})])
    if value.data is not None or value.kind != "known":
        assert canonical(member(found, key)) == canonical(value)


@LAW
@given(st.lists(st.text("ab", max_size=4), max_size=5))
def test_known_pieces_make_a_known_text(pieces: list[str]) -> None:
    assert joined(known(p) for p in pieces).text == "".join(pieces)


@LAW
@given(VALUES)
def test_every_path_of_a_flat_object_leads_to_its_value(value: Value) -> None:
    for path, found in flattened(known({"root": value})).items():
        assert path.startswith("root")
        assert isinstance(found, Value)


@LAW
@given(st.text("ab", max_size=3), VALUES, VALUES)
def test_an_unknown_condition_leaves_both_ways_open(reason: str, then: Value, other: Value) -> None:
    found = evaluate("c ? a : b", c=unknown(reason), a=then, b=other)
    assert canonical(found) == canonical(one_of([then, other]))


@LAW
@given(st.sampled_from(sorted(arm_functions.FUNCTIONS)), st.lists(VALUES, max_size=4))
def test_no_bicep_function_raises(name: str, values: list[Value]) -> None:
    assert isinstance(arm_functions.call(name, values), Value)


@LAW
@given(st.sampled_from(sorted(terraform_functions.FUNCTIONS)), st.lists(VALUES, max_size=4))
def test_no_terraform_function_raises(name: str, values: list[Value]) -> None:
    assert isinstance(terraform_functions.call(name, values), Value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("'a' == 'A'", False),
        ("'a' =~ 'A'", True),
        ("!empty([])", False),
        ("contains({ A: 1 }, 'a')", True),
        ("toLower('AB')", "ab"),
        ("format('{0}-{1}', 'a', 2)", "a-2"),
        ("'${toUpper('a')}b'", "Ab"),
        ("union({ a: 1 }, { b: 2 }).b", 2),
        ("first(['x', 'y'])", "x"),
        ("length(concat([1], [2, 3]))", 3),
        ("map([1, 2], x => x + 1)[1]", 3),
        ("filter([1, 2, 3], x => x > 1)[0]", 2),
        ("toObject(['a'], k => k, k => '${k}!').a", "a!"),
        ("items({ k: 'v' })[0].key", "k"),
        ("replace('a-b', '-', '')", "ab"),
        ("null ?? 'x'", "x"),
        ("[for (v, i) in ['a', 'b']: '${v}${i}'][1]", "b1"),
        ("startsWith('abc', 'ab') ? 1 : 2", 1),
        ("json('{\"a\": [1]}').a[0]", 1),
        ("reduce([1, 2, 3], 0, (c, n) => c + n)", 6),
        ("split('a,b', ',')[1]", "b"),
    ],
)
def test_an_expression_comes_to(text: str, expected: object) -> None:
    assert evaluate(text).data == expected


def test_an_unknown_element_stays_symbolic() -> None:
    found = evaluate("[for s in names: { name: s }]", names=unknown("names"))
    assert found.kind == "template"
    assert "unknown" in canonical(found)


def test_the_same_unresolved_call_is_the_same_value() -> None:
    first, second = (
        evaluate("uniqueString('a', b)", b=unknown("b")),
        evaluate("uniqueString('a', b)", b=unknown("b")),
    )
    assert canonical(first) == canonical(second)
    assert canonical(first) != canonical(evaluate("uniqueString('c')"))


def test_doubling_texts_end_at_the_bound() -> None:
    names = {"v0": known("x" * 64)}
    for n in range(1, 40):
        names[f"v{n}"] = evaluate(f"'${{v{n - 1}}}${{v{n - 1}}}'", **names)
    assert names["v39"].kind != "known"
    assert len(names["v39"].parts) <= 256


def test_a_secret_in_a_template_stays_one() -> None:
    secret = Value("unknown", reason="p", secret=True)
    assert evaluate("'key=${s}'", s=secret).secret


@pytest.mark.parametrize(
    ("value", "expected"), [(known("true"), True), (NULL, False), (unknown("x"), None)]
)
def test_truth(value: Value, expected: bool | None) -> None:
    assert truth(value) is expected
