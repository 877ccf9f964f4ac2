# ruff: noqa: E501 - the cases are files, kept on their own lines
"""One delivery written for GitHub Actions and for Azure Pipelines does the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.pipelines.delivery import approvals_before, deployments
from plomada.repository import Repository

GITHUB = """
name: delivery
on:
  push:
    branches: [main]
  pull_request:
jobs:
  checks:
    runs-on: ubuntu-24.04
    steps:
      - run: make lint
      - run: python -m pytest --cov=credit --cov-fail-under=80
  train:
    needs: checks
    runs-on: ubuntu-24.04
    steps:
      - run: bash scripts/train.sh dev
  deploy:
    needs: train
    runs-on: ubuntu-24.04
    environment: prod
    steps:
      - run: |
          az deployment group create --resource-group rg --template-file infra/main.bicep
          az ml online-deployment create --file deploy/blue.yml --endpoint-name credit-prod || true
          az ml online-endpoint update --name credit-prod --traffic "blue=10 green=90"
"""
AZURE = """
trigger:
  branches:
    include: [main]
pr:
  branches:
    include: ['*']
stages:
  - stage: checks
    jobs:
      - job: checks
        steps:
          - script: make lint
          - template: ci/tests.yml
            parameters:
              floor: 80
  - stage: train
    jobs:
      - job: train
        steps:
          - task: AzureCLI@2
            inputs:
              azureSubscription: credit
              scriptType: bash
              scriptLocation: scriptPath
              scriptPath: scripts/train.sh
              arguments: dev
  - stage: deploy
    jobs:
      - deployment: deploy
        environment: prod
        strategy:
          runOnce:
            deploy:
              steps:
                - task: AzureCLI@2
                  inputs:
                    azureSubscription: credit
                    scriptType: bash
                    scriptLocation: inlineScript
                    inlineScript: |
                      az deployment group create --resource-group rg --template-file infra/main.bicep
                      az ml online-deployment create --file deploy/blue.yml --endpoint-name credit-prod || true
                      az ml online-endpoint update --name credit-prod --traffic "blue=10 green=90"
"""
SHARED = {
    "Makefile": "lint: style\n\truff check src\n\nstyle:\n\tblack --check src\n",
    "ci/tests.yml": (
        "parameters:\n  - name: floor\n    type: number\n    default: 10\nsteps:\n"
        "  - script: python -m pytest --cov=credit --cov-fail-under=${{ parameters.floor }}\n"
    ),
    "scripts/train.sh": "set -euo pipefail\naz ml job create --file aml/$1.yml\n",
    "aml/dev.yml": (
        "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n"
        "type: command\ncode: ../src\ncommand: python train.py\n"
    ),
    "src/train.py": "import mlflow\n\nmlflow.sklearn.log_model(1, registered_model_name='credit')\n",
}


def facts_of(folder: Path, files: dict[str, str]) -> Facts:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Facts(Repository(folder))


def acts(facts: Facts) -> list[tuple[str, str, bool, str]]:
    return sorted((a.verb, a.target, a.soft, a.job.name) for a in facts.acts if a.job is not None)


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Facts, Facts]:
    github = facts_of(tmp_path / "github", {".github/workflows/delivery.yml": GITHUB, **SHARED})
    azure = facts_of(tmp_path / "azure", {"azure-pipelines.yml": AZURE, **SHARED})
    return github, azure


def test_twins_do_the_same(twins: tuple[Facts, Facts]) -> None:
    github, azure = twins
    assert acts(github) == acts(azure)
    assert ("format", "python", False, "checks") in acts(github)
    assert ("gate-coverage", "python", False, "checks") in acts(github)
    assert ("register-model", "model", False, "train") in acts(github)
    assert ("deploy-model", "online-deployment", True, "deploy") in acts(github)


def test_twins_start_alike_and_wait_for_the_same_approval(twins: tuple[Facts, Facts]) -> None:
    kinds = []
    for facts in twins:
        pipeline = facts.pipelines[0]
        kinds.append({t.kind for t in pipeline.triggers} - {"manual"})
        (found,) = {d.job.name for d in deployments(facts)}
        assert found == "deploy"
        deploy = next(j for j in pipeline.jobs if j.name == "deploy")
        assert [a.name.text for a in approvals_before(facts, deploy)] == ["prod"]
        assert deploy.depends
    assert kinds[0] == kinds[1] == {"push", "pull_request"}


def test_the_route_to_training_code_is_whole(twins: tuple[Facts, Facts]) -> None:
    for facts in twins:
        route = facts.reach.route_to("src/train.py")
        assert route is not None
        assert [edge.target for edge in route][-3:] == [
            "scripts/train.sh",
            "aml/dev.yml",
            "src/train.py::",
        ]
        job = facts.reach.job_of("src/train.py")
        assert job is not None and job.name == "train"
