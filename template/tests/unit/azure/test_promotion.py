"""One artefact goes from environment to environment, and only if it is no worse."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import DISTRIBUTION, World, champion_serves, evaluation
from .fake_azure import Trouble

PROMOTE = ("promote", "--version", "2", "--environment", "test", "--poll-seconds", "0")
TAGS = {"commit": "c0ffee", "data_digest": "0123", "test_roc_auc": "0.91", "champion": "true"}


@pytest.fixture
def trained(world: World) -> World:
    """A world in which the workspace has trained versions 1 and 2."""
    world.azure.trained = {"1": dict(TAGS), "2": dict(TAGS)}
    return world


def test_first_promotion_shares_and_approves(trained: World) -> None:
    trained.run(*PROMOTE)
    tags = trained.azure.shared["2"]
    assert tags.pop("approved-test").startswith("20")
    assert tags == {
        "commit": "c0ffee",
        "data_digest": "0123",
        "test_roc_auc": "0.91",
        "run": "run-2",
    }
    assert not trained.azure.jobs
    assert "approved-prod" not in trained.azure.shared["2"]


def test_nothing_is_trained_again(trained: World) -> None:
    trained.run(*PROMOTE)
    trained.run(*PROMOTE)
    shares = [line for line in trained.azure.log if line.startswith("ml model share")]
    assert len(shares) == 1
    assert not [
        line for line in trained.azure.log if "training.yml" in line and "job create" in line
    ]


def test_training_reference_is_shared_once(trained: World) -> None:
    trained.run(*PROMOTE)
    assert trained.azure.references == {"2"}
    trained.run(*PROMOTE)
    trained.azure.trained.clear()
    trained.run(*PROMOTE)
    created = [
        line for line in trained.azure.log if "--registry-name" in line and "ml data create" in line
    ]
    assert len(created) == 1
    assert "ml job download --name run-2 " in " ".join(trained.azure.log)


def test_run_without_a_reference_approves_nothing(trained: World) -> None:
    trained.azure.ml_job_download = lambda command, folder: None  # type: ignore[method-assign]
    assert "reference/ among the artifacts of run-2" in trained.run(*PROMOTE, expect=2).output
    assert "approved-test" not in trained.azure.shared["2"]


def test_unknown_version_is_explained(trained: World) -> None:
    words = ("promote", "--version", "9", "--environment", "test")
    assert "azure submit` first" in trained.run(*words, expect=2).output


def test_challenger_no_worse_than_the_champion_is_approved(trained: World) -> None:
    champion_serves(trained, "1")
    trained.azure.evaluation = evaluation(better=True)
    assert "no worse than the champion" in trained.run(*PROMOTE).output
    assert "approved-test" in trained.azure.shared["2"]
    created = next(line for line in trained.azure.log if line.startswith("ml job create"))
    assert "inputs.candidate.path=azureml://registries/mlrtest/models/" in created
    assert created.index("/versions/2") < created.index("/versions/1")


def test_environment_that_has_no_data_yet_gets_its_own(trained: World) -> None:
    champion_serves(trained, "1")
    trained.azure.data.clear()
    trained.azure.evaluation = evaluation(better=True)
    trained.run(*PROMOTE)
    assert f"{DISTRIBUTION}-training" in trained.azure.data


@pytest.mark.parametrize("version", ["", "latest", "7 --all"])
def test_version_must_be_a_number(trained: World, version: str) -> None:
    words = ("promote", "--version", version, "--environment", "test")
    assert "give the number" in trained.run(*words, expect=2).output
    assert not trained.azure.log


def test_number_that_means_another_model_in_the_registry_is_refused(trained: World) -> None:
    trained.azure.shared["2"] = {"run": "run-of-a-workspace-that-was-deleted"}
    output = trained.run(*PROMOTE, expect=2).output
    assert "is of run run-of-a-workspace-that-was-deleted in the registry" in output
    assert "approved-test" not in trained.azure.shared["2"]


def test_environment_whose_workspace_is_another_s_is_refused(trained: World) -> None:
    names = trained.folder / "infra" / "names.json"
    names.parent.mkdir()
    names.write_text('{"prod": {"workspace": "mlw-test"}, "test": {"workspace": "mlw-other"}}')
    assert (
        "AZURE_ML_WORKSPACE is mlw-test, which is prod's" in trained.run(*PROMOTE, expect=2).output
    )
    trained.run("promote", "--version", "2", "--environment", "prod")
    names.write_text("[")
    assert "infra/names.json" in trained.run(*PROMOTE, expect=2).output
    names.write_text('{"prod": {"workspace": "mlw-elsewhere"}}')
    trained.run(*PROMOTE)


def test_worse_challenger_is_refused(trained: World) -> None:
    champion_serves(trained, "1")
    trained.azure.evaluation = evaluation(better=False)
    assert "worse than the champion's" in trained.run(*PROMOTE, expect=1).output
    assert "approved-test" not in trained.azure.shared["2"]


def test_failed_comparison_approves_nothing(trained: World) -> None:
    champion_serves(trained, "1")
    trained.azure.failing_step = "compare"
    trained.run(*PROMOTE, expect=1)
    assert "approved-test" not in trained.azure.shared["2"]


def test_missing_outcome_approves_nothing(trained: World) -> None:
    champion_serves(trained, "1")
    trained.azure.references.add("2")
    trained.azure.ml_job_download = lambda command, folder: None  # type: ignore[method-assign]
    trained.run(*PROMOTE, expect=2)
    assert "approved-test" not in trained.azure.shared["2"]


def test_dry_run_promotes_nothing(trained: World) -> None:
    trained.run(*PROMOTE, "--dry-run")
    assert not trained.azure.shared
    champion_serves(trained, "1")
    jobs = dict(trained.azure.jobs)
    output = trained.run(*PROMOTE, "--dry-run").output
    assert "2" not in trained.azure.shared
    assert trained.azure.jobs == jobs
    assert "would run: az ml job create" in output
    assert "tags.approved-test=" in output
    assert "may be deployed" not in output


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "command",
    [
        "ml model share",
        "ml model update",
        "ml environment create",
        "ml job create",
        "ml job show",
        "ml job download",
        "ml data create",
    ],
)
def test_failure_at_a_step_and_rerun(
    trained: World, command: str, after: bool, monkeypatch: Any
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "5")
    champion_serves(trained, "1")
    trained.azure.environments.clear()
    trained.azure.evaluation = evaluation(better=True)
    trained.azure.troubles.append(Trouble(command, after=after))
    trained.run(*PROMOTE, expect=1)
    assert "approved-test" not in trained.azure.shared.get("2", {})
    trained.run(*PROMOTE)
    assert "approved-test" in trained.azure.shared["2"]
    assert trained.azure.shared["2"]["test_roc_auc"] == "0.91"
