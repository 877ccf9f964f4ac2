"""Bootstrap: trust is for exactly the subject that GitHub issues; nothing is done unasked."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from typer.testing import CliRunner

from .conftest import ROOT, World

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
    }
    assert fresh.github.environments["dev"] == {"reviewers": []}
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


def test_plan_is_shown_and_no_means_no(fresh: World) -> None:
    from .conftest import app

    result = CliRunner().invoke(app, ["azure", *BOOTSTRAP], input="n\n")
    assert result.exit_code == 1
    assert "identity" in result.output
    assert "approval of ada, contoso/owners" in result.output
    assert not subjects(fresh)
    assert not fresh.github.environments


def test_dry_run_does_nothing(fresh: World) -> None:
    output = fresh.run(*BOOTSTRAP, "--dry-run").output
    assert "would run: az deployment sub create" in output
    assert "would run: gh variable set" in output
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


def test_custom_subject_is_refused(fresh: World) -> None:
    fresh.github.subject_form = {"use_default": False, "include_claim_keys": ["ref"]}
    assert "from ['ref']" in fresh.run(*BOOTSTRAP, "--yes", expect=2).output
    assert not subjects(fresh)


def test_nobody_to_approve_is_refused(fresh: World) -> None:
    fresh.run("bootstrap", "--repository", "contoso/model", "--yes", expect=2)


@pytest.mark.parametrize("content", [None, "{", "{}", "[]"])
def test_missing_or_broken_names_are_explained(fresh: World, content: str | None) -> None:
    names = fresh.folder / "infra" / "names.json"
    names.unlink()
    if content is not None:
        names.write_text(content)
    assert "infra/names.json" in fresh.run(*BOOTSTRAP, "--yes", expect=2).output
