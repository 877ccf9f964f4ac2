"""Taking evidence away makes nothing pass, adding what has no part in it makes nothing fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest
from plomada.check import check
from plomada.reports.json import render as render_json

from tests.checks.corpus import Made
from tests.mutants.judging import Verdicts, before, judge, pristine
from tests.mutants.mutation import Files

# Each takes the evidence of many items away; what then passes passed before.
PARTS = ("infra/", "aml/", ".github/", "src/", "docs/", "tests/")
HEALTHY = {
    "other/pyproject.toml": '[project]\nname = "other"\nversion = "1"\n',
    "other/src/other/__init__.py": '"""Another project."""\n',
    "other/tests/test_other.py": "import other\n\n\ndef test_it():\n    assert other.__doc__\n",
    "other/README.md": "# Other\n\n```console\nuv sync\nuv run pytest\n```\n",
}
HOLLOW = {
    "notes/empty.yml": "",
    "notes/empty.bicep": "",
    "notes/empty.py": "",
    "notes/empty.tf": "",
    "notes/nothing.md": "# Nothing\n",
    "assets/logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
}


def _backwards(paths: Iterable[str]) -> list[str]:
    return sorted(paths, reverse=True)


def _passing(verdicts: Verdicts) -> set[str]:
    return {name for name, verdict in verdicts.items() if verdict.state == "passed"}


@pytest.mark.parametrize("part", PARTS)
def test_taking_a_folder_away_makes_no_item_pass(part: str) -> None:
    left = {path: text for path, text in pristine().items() if not path.startswith(part)}
    after = judge(left)
    assert _passing(after) <= _passing(before())
    assert _passing(after) != _passing(before())


def test_an_empty_repository_passes_nothing() -> None:
    assert _passing(judge({})) == set()


@pytest.mark.parametrize("added", [HEALTHY, HOLLOW], ids=["second project", "hollow files"])
def test_adding_what_is_unrelated_makes_no_item_fail(added: Files) -> None:
    after = judge({**pristine(), **added})
    assert {n: after[n].reason for n in _passing(before()) - _passing(after)} == {}


@pytest.mark.parametrize("order", [sorted, _backwards], ids=["in order", "backwards"])
def test_neither_order_nor_repetition_changes_a_byte(
    order: Callable[[Iterable[str]], Iterable[str]],
) -> None:
    first = render_json(check(Made(pristine(), order=order)))
    again = render_json(check(Made(dict(reversed(pristine().items())))))
    assert json.loads(first)
    assert first == again
