"""Pipelines below a folder that was a repository of its own take that folder for the root."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.repository import Repository

AZURE = """trigger: [main]
pool: {vmImage: ubuntu-24.04}
jobs:
  - job: one
    steps:
      - template: ROOT/.pipelines/templates/step.yml
"""
GITHUB = "on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n      - run: bash ci/types.sh\n"
STEP = "steps:\n  - script: bash ci/types.sh\n"
FOLDER = """trigger: [main]
steps:
  - script: ./types.sh
    workingDirectory: $(Build.SourcesDirectory)/ci
"""
MAKE = "trigger: [main]\nsteps:\n  - script: make types\n"
SCRIPT = {"ci/types.sh": "mypy src\n"}
CASES = {
    "a template from the root": {".pipelines/ci.yml": AZURE.replace("ROOT", "")},
    "a template from a macro for the root": {
        ".pipelines/ci.yml": AZURE.replace("ROOT", "${{ variables['Build.SourcesDirectory'] }}")
    },
    "a template beside it": {".pipelines/ci.yml": AZURE.replace("ROOT/.pipelines/", "")},
    "a folder": {".pipelines/ci.yml": FOLDER},
    "a target": {".pipelines/ci.yml": MAKE, "Makefile": "types:\n\tbash ci/types.sh\n"},
    "a workflow": {".github/workflows/ci.yml": GITHUB},
}


def types_checked(folder: Path, files: dict[str, str]) -> bool:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    acts = Facts(Repository(folder)).acts
    return any(act.verb == "type-check" and act.job is not None for act in acts)


@pytest.mark.parametrize("folder", ["", "samples/one/"])
@pytest.mark.parametrize("case", CASES)
def test_its_files_are_found(case: str, folder: str, tmp_path: Path) -> None:
    files = {**CASES[case], **SCRIPT, ".pipelines/templates/step.yml": STEP}
    assert types_checked(tmp_path, {folder + path: text for path, text in files.items()})


def test_a_folder_with_pipelines_of_the_root_is_none(tmp_path: Path) -> None:
    pipeline = FOLDER.replace("$(Build.SourcesDirectory)/ci", "infra").replace("types", "ci/types")
    files = {"infra/pipelines/one.yml": pipeline, "infra/ci/types.sh": "mypy src\n"}
    assert types_checked(tmp_path, files)


def test_another_folder_is_not_the_root(tmp_path: Path) -> None:
    files = {"one/.pipelines/ci.yml": FOLDER, "two/ci/types.sh": "mypy src\n"}
    assert not types_checked(tmp_path, files)
