"""What the workflows promise: least permissions, identity tokens, time-outs, approvals, pins."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rendering import Renderer

PINNED = re.compile(
    r"uses: (?P<action>[\w.-]+/[\w./-]+)@(?P<commit>[0-9a-f]{40}) # v\d+\.\d+\.\d+$"
)
DEPLOYS = re.compile(r"azure (deploy|batch deploy|rollback|batch rollback|traffic|destroy)\b")


@pytest.fixture
def github(render: Renderer) -> Path:
    return render() / ".github"


def load(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as True.
    return {
        ("on" if key is True else key): value
        for key, value in yaml.safe_load(path.read_text()).items()
    }


def workflows(github: Path) -> dict[str, dict[str, Any]]:
    return {path.name: load(path) for path in sorted((github / "workflows").glob("*.yml"))}


def jobs(github: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, workflow in workflows(github).items():
        for job, content in workflow["jobs"].items():
            yield f"{name}:{job}", content


LOGIN = "./.github/actions/azure"

# Opt-in, by hand, in dev alone: it deploys, exercises and deletes.
LIVE = "live.yml:live"


def runs(job: dict[str, Any]) -> str:
    return "\n".join(str(step.get("run", "")) for step in job.get("steps", []))


def used(job: dict[str, Any]) -> list[str]:
    return [step["uses"] for step in job["steps"] if "uses" in step]


def test_every_action_is_pinned_by_commit_with_its_version_beside(github: Path) -> None:
    lines = [
        line.strip().removeprefix("- ")
        for path in github.rglob("*.yml")
        for line in path.read_text().splitlines()
        if re.search(r"^\s*(- )?uses:", line) and "uses: ./" not in line
    ]
    assert len(lines) > 20
    assert [line for line in lines if not PINNED.match(line)] == []


def test_every_local_workflow_and_action_is_there(github: Path) -> None:
    used = [
        match[1]
        for path in github.rglob("*.yml")
        for match in re.finditer(r"uses: \./(.+)", path.read_text())
    ]
    assert used
    assert [local for local in used if not (github.parent / local).exists()] == []


def test_one_action_has_one_commit(github: Path) -> None:
    commits: dict[str, set[str]] = {}
    for path in github.rglob("*.yml"):
        for match in PINNED.finditer(path.read_text().replace("\n", "\n\n")):
            commits.setdefault(match["action"], set()).add(match["commit"])
    assert {action: found for action, found in commits.items() if len(found) > 1} == {}


def test_workflows_may_read_and_jobs_ask_for_more(github: Path) -> None:
    for name, workflow in workflows(github).items():
        assert workflow["permissions"] == {"contents": "read"}, name


def test_every_job_ends_by_itself(github: Path) -> None:
    for name, job in jobs(github):
        assert "uses" in job or job["timeout-minutes"] <= 350, name


def test_login_is_by_identity_token_alone(github: Path) -> None:
    for path in github.rglob("*.yml"):
        assert "secrets." not in path.read_text(), path.name
    for name, job in jobs(github):
        logs_in = any("azure" in str(step.get("uses", "")) for step in job.get("steps", []))
        assert not logs_in or job["permissions"]["id-token"] == "write", name


def test_what_changes_an_environment_stands_behind_it(github: Path) -> None:
    changing = {name: job for name, job in jobs(github) if DEPLOYS.search(runs(job))}
    assert changing.pop(LIVE)["environment"] == "dev"
    assert {name.partition(":")[0] for name in changing} >= {"release-to.yml", "rollback.yml"}
    for name, job in changing.items():
        assert job["environment"] == "${{ inputs.environment }}", name
        assert job["concurrency"]["cancel-in-progress"] is False, name


def test_production_waits_for_test_and_for_its_reviewers(github: Path) -> None:
    deploy = workflows(github)["deploy.yml"]["jobs"]
    assert [deploy[name]["with"]["environment"] for name in ("dev", "test", "prod")] == [
        "dev",
        "test",
        "prod",
    ]
    assert "test" in deploy["prod"]["needs"]
    assert "dev" in deploy["test"]["needs"]
    release = workflows(github)["release-to.yml"]["jobs"]
    assert release["release"]["needs"] == "guard"
    assert release["guard"]["if"] == "inputs.environment == 'prod'"
    assert used(release["guard"])[-1] == "./.github/actions/reviewers"
    infra = workflows(github)["infra.yml"]["jobs"]
    for name in ("shared", "deploy"):
        actions = used(infra[name])
        assert actions.index("./.github/actions/reviewers") < actions.index(LOGIN), name


def test_production_alone_goes_ahead_of_test_with_what_was_tested(github: Path) -> None:
    deploy = workflows(github)["deploy.yml"]["jobs"]
    assert "needs.test.result == 'success'" in deploy["prod"]["if"]
    assert "needs.version.outputs.first == 'prod'" in deploy["prod"]["if"]
    script = runs(deploy["version"])
    assert script.index("newest --promoted-to test") < script.index("first=prod")
    assert deploy["dev"]["if"] == "needs.version.outputs.first == 'dev'"


def test_cancelled_runs_begin_nothing(github: Path) -> None:
    conditions = {name: str(job.get("if", "")) for name, job in jobs(github)}
    assert [name for name, condition in conditions.items() if "always()" in condition] == []


def test_a_plan_is_shown_for_everything_that_is_deployed(github: Path) -> None:
    infra = workflows(github)["infra.yml"]["jobs"]
    planned = infra["plan"]["strategy"]["matrix"]["environment"]
    assert planned == ["shared", "dev", "test", "prod"]
    deployed = infra["deploy"]["strategy"]["matrix"]["environment"]
    assert '["dev", "test", "prod"]' in deployed


def test_azure_is_asked_before_infrastructure_is_deployed(github: Path) -> None:
    deploy = workflows(github)["infra.yml"]["jobs"]["deploy"]
    script = runs(deploy)
    assert script.index("azure preflight --infra") < script.index("az deployment group create")
    assert deploy["env"]["AZURE_LOCATION"] == "${{ vars.AZURE_LOCATION }}"


def test_slots_are_given_their_settings_by_the_release_itself(github: Path) -> None:
    assert "serving.bicep" not in runs(workflows(github)["release-to.yml"]["jobs"]["release"])


def test_one_artefact_is_trained_once_and_carried_on(github: Path) -> None:
    training = [name for name, job in jobs(github) if "azure submit" in runs(job)]
    assert training == [LIVE, "train.yml:train"]
    train = workflows(github)["train.yml"]["jobs"]
    assert train["deploy"]["with"]["version"] == "${{ needs.train.outputs.version }}"


def test_branches_lead_to_their_environments(github: Path) -> None:
    found = workflows(github)
    text = (github.parent / "docs/delivery.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \| `(\w+)`: .* \| (\w+)[^|]* \|$", text, re.MULTILINE)
    assert sorted(rows) == [
        ("develop", "train", "dev"),
        ("main", "train", "prod"),
        ("release/**", "deploy", "test"),
    ]
    for branch, workflow, _ in rows:
        assert branch in found[f"{workflow}.yml"]["on"]["push"]["branches"]
    assert "github.ref_name == 'develop' && 'dev' || 'prod'" in str(found["train.yml"]["jobs"])
    assert "startsWith(github.ref_name, 'release/') && 'test' || 'prod'" in str(found["deploy.yml"])
    assert found["train.yml"]["on"]["push"]["branches"] == ["main", "develop"]
    assert found["deploy.yml"]["on"]["push"]["branches"] == ["main", "release/**"]


def test_pull_requests_of_forks_get_no_identity(github: Path) -> None:
    plan = workflows(github)["infra.yml"]["jobs"]["plan"]
    assert plan["environment"] == "plan"
    assert "head.repo.full_name == github.repository" in plan["if"]
    assert "dependabot[bot]" in plan["if"]


def test_live_is_started_by_hand_alone(github: Path) -> None:
    assert list(workflows(github)["live.yml"]["on"]) == ["workflow_dispatch"]


def test_drift_starts_training(github: Path) -> None:
    monitor = workflows(github)["monitor.yml"]["jobs"]
    assert monitor["retrain"]["if"] == "!cancelled() && needs.monitor.outputs.drifted == 'true'"
    assert "azure monitor" in runs(monitor["monitor"])
    assert monitor["retrain"]["needs"] == "monitor"
    assert "gh workflow run train.yml" in runs(monitor["retrain"])
    assert monitor["retrain"]["permissions"] == {"actions": "write"}


def test_workflows_call_verbs_that_the_command_line_has(render: Renderer) -> None:
    repository = render()
    source = next(repository.glob("src/*/lifecycle/azure/cli.py")).read_text()
    called = {
        match[1]
        for path in (repository / ".github").rglob("*.yml")
        for match in re.finditer(r"azure ((?:batch )?[a-z]+)", path.read_text())
        if f"run credit-risk azure {match[1]}" in path.read_text()
    }
    declared = {
        name.replace("_", " ") for name in re.findall(r"^def ([a-z_]+)\(", source, re.MULTILINE)
    }
    assert called
    assert called - declared == set()
