"""YAML, JSON and TOML come out as the same nodes, with values, places and what was not read."""

from __future__ import annotations

import json as stdlib_json
import tomllib

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st
from plomada.readers import json, toml, yaml
from plomada.readers.nodes import Node


def plain(node: Node) -> object:
    """Return a node as the value that other readers give."""
    if node.kind == "mapping":
        return {key: plain(value) for key, value in node.items()}
    if node.kind == "sequence":
        return [plain(element) for element in node.elements]
    return node.value


TEXTS = st.text("aé\U0001f600 :#-{}[]\"'\\\n", max_size=8)
KEYS = st.text("abé", min_size=1, max_size=3)
SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    text = stdlib_json.dumps(value, indent=1, ensure_ascii=False)
    documents, unread = json.read(text, "a.json")
    if "{{" not in text:
        assert (plain(documents[0]), unread) == (value, [])


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_yaml_is_read_as_libyaml_reads_it(value: dict[str, object]) -> None:
    text = pyyaml.safe_dump(value, allow_unicode=True)
    documents, unread = yaml.read(text, "a.yml")
    if "{{" not in text:
        assert (plain(documents[0]), unread) == (value, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("NO", "NO"), ("3.10", 3.1), ("010", 10), ("0o17", 15), ("0x1F", 31),
        ("1:30", "1:30"), ("2026-11-23", "2026-11-23"), ("~", None), ("True", True),
        ("1e3", 1000.0),
        ("1_000", "1_000"), ("'true'", "true"), ("!!str 1", "1"), ("9" * 5000, "9" * 5000),
    ],
)  # fmt: skip
def test_yaml_scalars_follow_the_core_schema_of_1_2(text: str, value: object) -> None:
    (document,), _ = yaml.read(f"a: {text}\n", "a.yml")
    assert document.get("a").value == value  # type: ignore[union-attr]


def test_yaml_keeps_the_text_of_a_number() -> None:
    (document,), _ = yaml.read("version: 3.10\n", "a.yml")
    assert document.get("version").text == "3.10"  # type: ignore[union-attr]


def test_yaml_places_are_in_code_points() -> None:
    (document,), _ = yaml.read("a:\n  ñ\U0001f600: [1, zwei]\n", "a.yml")
    found = document.find("a.ñ\U0001f600")
    assert found is not None
    assert (found.span.line, found.span.column) == (2, 7)
    assert (found.elements[1].span.column, found.elements[1].span.end_column) == (11, 15)


def test_yaml_merge_keys_give_way_to_what_stands_there() -> None:
    text = "base: &b {a: 1, b: 2}\nmore: &m {b: 3, c: 4}\nx:\n  <<: [*b, *m]\n  a: 9\n"
    (document,), unread = yaml.read(text, "a.yml")
    assert unread == []
    assert plain(document.get("x")) == {"a": 9, "b": 2, "c": 4}  # type: ignore[arg-type]


def test_yaml_goes_on_behind_a_broken_document() -> None:
    documents, unread = yaml.read("a: 1\nb: [\n---\nc: 2\n---\nd: 3\n", "a.yml")
    assert [plain(document) for document in documents] == [{"a": 1}, {"c": 2}, {"d": 3}]
    assert [stop.span.line for stop in unread] == [2]
    assert documents[1].get("c").span.line == 4  # type: ignore[union-attr]


_TORN = """steps:
  - run: |
      python - <<EOF
import json
if json:
    print(1)
else:
    print({
      "a": 1,
    })
EOF
      pytest
  - run: ls
"""


def test_yaml_takes_lines_that_fell_out_of_a_script_back_into_it() -> None:
    (document,), unread = yaml.read(_TORN, "a.yml")
    first, second = document.get("steps").elements  # type: ignore[union-attr]
    assert first.get("run").text.endswith("    })\nEOF\npytest\n")
    assert second.get("run").span.line == 13
    assert [(u.span.line, u.rest) for u in unread] == [(4, False)]


@pytest.mark.parametrize(
    ("text", "lost", "kept"),
    [
        ("a: 1\nb: c: 2\nd: 3\n", 2, ["a", "d"]),
        ("a: 1\nb:\n\tc: 2\nd: 3\n", 3, ["a", "b", "d"]),
        ("a: 1\nb: [1,\nd: 3\n", 2, ["a", "d"]),
        ('a: "1\nd: 3\n', 1, ["d"]),
        ("a: @x\nd: 3\n", 1, ["d"]),
        ("a: {{ x }}\nb: : :\nd: {{ y }}\n", 2, ["a", "d"]),
        ("a: |\n  x\n# left\nb: c: 2\nd: 3\n", 4, ["a", "d"]),
    ],
)
def test_yaml_leaves_out_a_line_that_breaks_it(text: str, lost: int, kept: list[str]) -> None:
    (document,), unread = yaml.read(text, "a.yml")
    assert [key.text for key, _ in document.entries] == kept
    assert [(u.span.line, u.rest) for u in unread] == [(lost, False)]


def test_yaml_gives_up_where_too_many_lines_break_it() -> None:
    (document,), unread = yaml.read("a: b: c\n" * 40 + "d: 1\n", "a.yml")
    assert document.get("d") is None
    assert len(unread) == yaml.MOST_MENDED + 1
    assert unread[-1].rest


@pytest.mark.parametrize(
    "text",
    [
        "{% if x %}\nname: {{ cookiecutter.name }}\n{% endif %}\nlist: [{{ a }}, b]\n",
        "{{- if .Values.x }}\nname: {{ cookiecutter.name }}\n{{- end }}\nlist:\n- {{ a }}\n- b\n",
        "{# note #}\nname: {{ cookiecutter.name }}\nlist:\n  {{- with .Values.y }}\n"
        "  - {{ a }}\n  - b\n  {{- end }}\n",
    ],
)
def test_yaml_templates_are_read_with_their_expressions_as_text(text: str) -> None:
    (document,), unread = yaml.read(text, "a.yml")
    assert unread == []
    assert plain(document) == {"name": "{{ cookiecutter.name }}", "list": ["{{ a }}", "b"]}


def test_json_takes_comments_commas_and_templates() -> None:
    text = '{ // c\n "a": [1, 2,], /* d\n */ "b": {{ n }},\n "c": "x\ny"}'
    (document,), unread = json.read(text, "a.json")
    assert unread == []
    assert plain(document) == {"a": [1, 2], "b": "{{ n }}", "c": "x\ny"}
    assert document.get("b").span.line == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "kept", "line"),
    [
        ('{"a": 1,\n"b": "x', {"a": 1}, 2),
        ('{"a": 1}\n}', {"a": 1}, 2),
        ('{"a": {"b": 2}', {"a": {"b": 2}}, 1),
        ('{"a": 1,\n{"b": 2}}', {"a": 1}, 2),
    ],
)
def test_broken_json_is_read_to_its_error(text: str, kept: object, line: int) -> None:
    (document,), unread = json.read(text, "a.json")
    assert plain(document) == kept
    assert [stop.span.line for stop in unread] == [line]


TOML = """
title = "Größe"
a.b.c = 1
[tool.coverage.report]
fail_under = 80.5
omit = ['x', "y",]   # both
[[tool.poe.task]]
cmd = \"\"\"
two
lines\"\"\"
[[tool.poe.task]]
args = {name = "n", "quoted key" = {deep = true}}
[tool.poe.task.env]
X = 0x1F
"""


def test_toml_is_read_as_the_standard_library_reads_it() -> None:
    (document,), unread = toml.read(TOML, "a.toml")
    assert unread == []
    assert plain(document) == tomllib.loads(TOML)
    found = document.find("tool.coverage.report.fail_under")
    assert found is not None
    assert (found.span.line, found.span.column) == (5, 14)


def test_broken_toml_keeps_what_stands_before_the_error() -> None:
    (document,), unread = toml.read("a = 1\n[tool.x]\nb = 2\nc = = 3\n", "a.toml")
    assert document.find("tool.x.b") is not None
    assert [stop.span.line for stop in unread] == [4]
