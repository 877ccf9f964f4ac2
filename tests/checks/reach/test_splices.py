"""A macro that holds whole commands is part of the script, with the places where it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.strings import shown
from plomada.repository import Repository

ACTION = """\
inputs:
  command:
    default: make lint
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        set -e
        ${{ inputs.command }}
"""
WORKFLOW = """\
on: push
jobs:
  one:
    runs-on: x
    steps:
      - uses: ./.github/actions/run
"""
TASK = """\
parameters:
- name: text
  type: string
steps:
- task: AzureCLI@2
  inputs:
    scriptType: bash
    scriptLocation: inlineScript
    inlineScript: ${{ parameters.text }}
"""
CASES = {
    "an action's input": (
        {
            ".github/actions/run/action.yml": ACTION,
            ".github/workflows/a.yml": WORKFLOW
            + "        with:\n          command: |\n            echo one\n            mypy src\n",
        },
        {"echo one": "a.yml:9", "mypy src": "a.yml:10"},
    ),
    "an action's default": (
        {".github/actions/run/action.yml": ACTION, ".github/workflows/a.yml": WORKFLOW},
        {"make lint": "action.yml:10"},
    ),
    "a matrix of commands": (
        {
            ".github/workflows/a.yml": "on: push\njobs:\n  one:\n    runs-on: x\n    strategy:\n"
            "      matrix:\n        command: [ruff check ., mypy src]\n    steps:\n"
            "      - run: ${{ matrix.command }}\n"
        },
        {"ruff check .": "a.yml:9", "mypy src": "a.yml:9"},
    ),
    "a template's parameter, handed on": (
        {
            "azure-pipelines.yml": "trigger: [main]\nsteps:\n- template: outer.yml\n  parameters:\n"
            "    inner: mypy src\n",
            "outer.yml": "parameters:\n  inner: ''\nsteps:\n- template: task.yml\n  parameters:\n"
            "    text: ${{ parameters.inner }}\n",
            "task.yml": TASK,
        },
        {"mypy src": "azure-pipelines.yml:5"},
    ),
    "a variable of several words": (
        {
            "azure-pipelines.yml": "trigger: [main]\nvariables:\n  FLAGS: --strict src\nsteps:\n"
            "- script: mypy $(FLAGS)\n"
        },
        {"mypy --strict src": "azure-pipelines.yml:5"},
    ),
    "a name that is not known stays one word": (
        {
            ".github/actions/run/action.yml": ACTION,
            ".github/workflows/a.yml": WORKFLOW
            + "        with:\n          command: mypy ${{ github.ref_name }} src\n",
        },
        {"mypy ${{ github.ref_name }} src": "a.yml:8"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_commands_are_read(case: str, tmp_path: Path) -> None:
    files, expected = CASES[case]
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    found = {
        " ".join(map(shown, c.words)): f"{Path(c.span.path).name}:{c.span.line}"
        for c in Facts(Repository(tmp_path)).commands
        if c.job is not None
    }
    assert {name: found.get(name) for name in expected} == expected


def test_lines_of_an_argument_have_their_own_places(tmp_path: Path) -> None:
    workflow = tmp_path / ".github/workflows/a.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(
        "on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n      - run: |\n"
        '          bash -c "\n            pip install . &&\n              mypy src\n          "\n'
    )
    found = {
        " ".join(map(shown, c.words)): (c.span.line, c.span.column)
        for c in Facts(Repository(tmp_path)).commands
    }
    assert found["pip install ."] == (8, 13)
    assert found["mypy src"] == (9, 15)


def test_a_bomb_of_texts_ends(tmp_path: Path) -> None:
    text = "echo " + "x " * 5_000
    uses = "${{ parameters.text }}\n      ".join("" for _ in range(400))
    (tmp_path / "azure-pipelines.yml").write_text(
        f"trigger: [main]\nsteps:\n- template: t.yml\n  parameters:\n    text: {text}\n"
    )
    (tmp_path / "t.yml").write_text(
        f"parameters:\n  text: ''\nsteps:\n- script: |\n      {uses}mypy src\n"
    )
    commands = Facts(Repository(tmp_path)).commands
    assert len(commands) <= 400
    assert any(c.text == "mypy src" for c in commands)
