"""Bootstrap: trust is for exactly the subject that GitHub issues; nothing is done unasked."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from typer.testing import CliRunner

from .conftest import ROOT, World, app

BOOTSTRAP = (
    "bootstrap",
    "--repository",
    "contoso/model",
    "--reviewer",
    "ada",
    "--reviewer",
    "contoso/owners",
)
SUBJECTS = [
    ({"use_default": True}, "repo:contoso/model"),
    ({"use_default": True, "use_immutable_subject": False}, "repo:contoso/model"),
    ({"use_default": True, "use_immutable_subject": True}, "repo:contoso@11/model@22"),
    (
        {"use_default": True, "sub_claim_prefix": "repo:contoso@11/model@22"},
        "repo:contoso@11/model@22",
    ),
]


@pytest.fixture
def fresh(world: World) -> World:
    if not (ROOT / "infra" / "names.json").is_file():
        pytest.skip("this repository has no infra/: its workspace was given to it")
    shutil.copytree(ROOT / "infra", world.folder / "infra")
    return world


def subjects(world: World) -> list[str]:
    return [
        word.split("=", 1)[1]
        for line in world.azure.log
        for word in line.split()
        if "Subject=" in word
    ]


@pytest.mark.parametrize(("form", "prefix"), SUBJECTS)
def test_trust_is_for_the_subject_that_github_issues(
    fresh: World, form: dict[str, Any], prefix: str
) -> None:
    fresh.github.subject_form = form
    fresh.run(*BOOTSTRAP, "--yes")
    environments = ("shared", "plan", "dev", "test", "prod")
    assert sorted(subjects(fresh)) == sorted(
        f"{prefix}:environment:{name}" for name in environments
    )


def test_environments_have_reviewers_and_names(fresh: World) -> None:
    fresh.run(*BOOTSTRAP, "--yes", "--runner", "inside")
    assert fresh.github.environments["prod"] == {
        "reviewers": [{"type": "User", "id": 1}, {"type": "Team", "id": 2}],
        "prevent_self_review": True,
        "wait_timer": 0,
        "deployment_branch_policy": None,
    }
    assert fresh.github.environments["dev"]["reviewers"] == []
    names = json.loads((fresh.folder / "infra" / "names.json").read_text())
    variables = fresh.github.variables
    assert variables["prod", "AZURE_ML_WORKSPACE"] == names["prod"]["workspace"]
    assert variables["prod", "AZURE_CLIENT_ID"] == "client-prod"
    assert variables["plan", "AZURE_CLIENT_ID"] == "client-plan"
    assert variables["", "AZURE_RUNNER"] == "inside"
    assert ("dev", "AZURE_RUNNER") not in variables
    assert variables["test", "AZURE_ML_SCORING_IDENTITY"].endswith(names["test"]["scoringIdentity"])
    assert variables["plan", "AZURE_ML_WORKSPACE"] == names["prod"]["workspace"]
    assert ("shared", "AZURE_ML_WORKSPACE") not in variables
    assert ("prod", "APPLICATIONINSIGHTS_CONNECTION_STRING") not in variables


def test_second_run_adds_the_connection_string(fresh: World) -> None:
    fresh.run(*BOOTSTRAP, "--yes")
    shown = {"connectionString": "InstrumentationKey=k"}
    fresh.azure.monitor_app_insights_component_show = lambda *_: shown  # type: ignore[method-assign]
    fresh.run(*BOOTSTRAP, "--yes")
    assert (
        fresh.github.variables["dev", "APPLICATIONINSIGHTS_CONNECTION_STRING"]
        == "InstrumentationKey=k"
    )


def test_second_run_keeps_what_was_set_by_hand(fresh: World) -> None:
    fresh.run(*BOOTSTRAP, "--yes")
    by_hand: dict[str, dict[str, Any]] = {
        "dev": {"reviewers": [{"type": "User", "id": 9}], "prevent_self_review": False},
        "prod": {
            "wait_timer": 30,
            "deployment_branch_policy": {
                "protected_branches": True,
                "custom_branch_policies": False,
            },
        },
    }
    for name, changed in by_hand.items():
        fresh.github.environments[name] |= changed
    before = json.loads(json.dumps(fresh.github.environments))
    fresh.run(*BOOTSTRAP, "--yes")
    assert fresh.github.environments == before


def test_second_run_writes_no_environment_again(fresh: World) -> None:
    fresh.run(*BOOTSTRAP, "--yes")
    fresh.run(*BOOTSTRAP, "--yes")
    assert len(fresh.github.puts) == 5


def test_other_reviewers_replace_the_former(fresh: World) -> None:
    fresh.run(*BOOTSTRAP, "--yes")
    fresh.run("bootstrap", "--repository", "contoso/model", "--reviewer", "ada", "--yes")
    assert fresh.github.environments["prod"]["reviewers"] == [{"type": "User", "id": 1}]


def test_all_is_made_in_the_subscription_that_was_announced(fresh: World) -> None:
    fresh.run(*BOOTSTRAP, "--yes")
    made = [line for line in fresh.azure.log if line.startswith("deployment sub create")]
    assert len(made) == 4
    assert all(line.endswith("--subscription sub") for line in made)


def test_answer_without_client_ids_ends_before_github_is_touched(fresh: World) -> None:
    fresh.azure.deployment_sub_create = lambda *_: None  # type: ignore[method-assign]
    assert "did not say their client ids" in fresh.run(*BOOTSTRAP, "--yes", expect=2).output
    assert not fresh.github.environments


def test_plan_is_shown_and_no_means_no(fresh: World) -> None:
    result = CliRunner().invoke(app, ["azure", *BOOTSTRAP], input="n\n")
    assert result.exit_code == 1
    assert "identity" in result.output
    assert "approval of ada, contoso/owners" in result.output
    assert "variables     prod: " in result.output
    assert not subjects(fresh)
    assert not fresh.github.environments


def test_dry_run_does_nothing(fresh: World) -> None:
    output = fresh.run(*BOOTSTRAP, "--dry-run").output
    assert "would run: az deployment sub create" in output
    assert "would run: gh variable set" in output
    assert "done: deploy" not in output
    assert not subjects(fresh)
    assert not fresh.github.environments


def test_repository_of_the_checkout_is_the_default(fresh: World) -> None:
    fresh.run("bootstrap", "--reviewer", "ada", "--yes")
    assert "prod" in fresh.github.environments


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--repository", "contoso/other", "--reviewer", "ada"),
            "GitHub has no repository contoso/other",
        ),
        (("--repository", "contoso/model", "--reviewer", "bob"), "knows no such user"),
        (("--repository", "contoso/model", "--reviewer", "contoso/none"), "knows no such team"),
    ],
)
def test_wrong_names_are_explained(fresh: World, words: tuple[str, ...], message: str) -> None:
    assert message in fresh.run("bootstrap", *words, "--yes", expect=2).output
    assert not subjects(fresh)


def test_custom_subject_is_refused(fresh: World) -> None:
    fresh.github.subject_form = {"use_default": False, "include_claim_keys": ["ref"]}
    assert "from ['ref']" in fresh.run(*BOOTSTRAP, "--yes", expect=2).output
    assert not subjects(fresh)


def test_nobody_to_approve_is_refused(fresh: World) -> None:
    fresh.run("bootstrap", "--repository", "contoso/model", "--yes", expect=2)


def test_names_without_one_that_is_needed_are_refused_before_anything_is_made(fresh: World) -> None:
    file = fresh.folder / "infra" / "names.json"
    for scope, key in (("prod", "computeCluster"), ("shared", "planIdentity")):
        names = json.loads((ROOT / "infra" / "names.json").read_text())
        del names[scope][key]
        file.write_text(json.dumps(names))
        assert f"KeyError '{key}'" in fresh.run(*BOOTSTRAP, "--yes", expect=2).output
    assert not subjects(fresh)


@pytest.mark.parametrize("content", [None, "{", "{}", "[]"])
def test_missing_or_broken_names_are_explained(fresh: World, content: str | None) -> None:
    names = fresh.folder / "infra" / "names.json"
    names.unlink()
    if content is not None:
        names.write_text(content)
    assert "infra/names.json" in fresh.run(*BOOTSTRAP, "--yes", expect=2).output
