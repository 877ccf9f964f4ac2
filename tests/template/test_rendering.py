"""Every combination of answers renders, and what it renders can be read."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rendering import COMBINATIONS, Answers, Renderer, files_of, label

# The strangest answers that the questions let pass.
AWKWARD = {
    "project_name": "Crédito & riesgo: 2ª 'ola' (50%)",
    "package_name": "a1_b2_" + "c" * 24,
    "description": "It's a model: 100% of clients' risk, and - yes - more; # none @ all".replace(
        "# ", ""
    ),
    "owner": "Team 7_a.b-c",
    "alert_email": "a+b@mail.example.co.uk",
    "cost_center": "1.2-3_x",
    "repository": "a/b.c_d-e",
}
EVERY_SET = [*COMBINATIONS, AWKWARD]


class _AnyTag(yaml.SafeLoader):
    """Reads YAML with tags of its own (a documentation site's, say) as plain nodes."""


_AnyTag.add_multi_constructor("", lambda loader, suffix, node: suffix)

PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".py": ast.parse,
    ".toml": tomllib.loads,
    ".yaml": lambda text: list(yaml.load_all(text, _AnyTag)),
    ".yml": lambda text: list(yaml.load_all(text, _AnyTag)),
}


@pytest.fixture(params=EVERY_SET, ids=label)
def repository(request: pytest.FixtureRequest, render: Renderer) -> Path:
    answers: Answers = request.param
    return render(answers)


def test_every_file_can_be_parsed(repository: Path) -> None:
    parsed = 0
    for path in files_of(repository):
        if path.suffix in PARSERS:
            PARSERS[path.suffix](path.read_text(encoding="utf-8"))
            parsed += 1
    assert parsed > 20


def test_nothing_of_the_template_is_left(repository: Path) -> None:
    for path in files_of(repository):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\[[=%#] | [=%#]\](?!\])", text), path
        assert path.suffix != ".jinja"
        assert "[" not in path.name


def test_every_text_file_ends_with_one_newline(repository: Path) -> None:
    for path in files_of(repository):
        text = path.read_text(encoding="utf-8")
        assert not text or (text.endswith("\n") and not text.endswith("\n\n")), path


def test_the_code_is_formatted_and_clean(repository: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=repository,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr


def test_rendering_again_gives_the_same(render: Renderer, tmp_path: Path) -> None:
    render.render(tmp_path / "again")
    first, again = render(), tmp_path / "again"
    assert {p.relative_to(first): p.read_bytes() for p in files_of(first)} == {
        p.relative_to(again): p.read_bytes() for p in files_of(again)
    }


def test_the_answers_are_recorded(render: Renderer) -> None:
    recorded = yaml.safe_load((render(AWKWARD) / ".copier-answers.yml").read_text())
    assert AWKWARD.items() <= recorded.items()
    assert "slug" not in recorded
