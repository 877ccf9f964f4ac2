"""Scripts of workflows and actions, run as they stand, with stand-ins for `az` and `gh`."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.rendering import Renderer
from tests.tools import commit_all, environment, run, succeed

GH = """#!/bin/bash
echo "$*" >> "$CALLS"
[ -e "$ANSWER" ] || exit 1
while [ "$1" != --jq ] && [ $# -gt 0 ]; do shift; done
if [ $# -gt 1 ]; then jq --raw-output "$2" "$ANSWER"; fi
"""
AZ = """#!/bin/bash
echo "$*" >> "$CALLS"
[ -e "$ANSWER" ] && cat "$ANSWER"
"""
REVIEWED = [
    {"protection_rules": [{"type": "required_reviewers", "reviewers": [{"type": "User"}]}]},
    {
        "protection_rules": [
            {"type": "wait_timer"},
            {"type": "required_reviewers", "reviewers": [1]},
        ]
    },
]
UNREVIEWED = [
    {},
    {"protection_rules": []},
    {"protection_rules": [{"type": "wait_timer"}, {"type": "branch_policy"}]},
    {"protection_rules": [{"type": "required_reviewers", "reviewers": []}]},
]
needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


class Machine:
    """A runner's machine with stand-ins on its PATH.

    Args:
        folder: Where programs, answers and files of the runner go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir()
        for name, text in (("gh", GH), ("az", AZ)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.answer, self.calls = folder / "answer", folder / "calls"
        self.output, self.summary = folder / "output", folder / "summary"
        self.calls.touch()
        own = environment()
        self.environment = own | {
            "PATH": f"{programs}:{own['PATH']}", "ANSWER": str(self.answer),
            "CALLS": str(self.calls), "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_REPOSITORY": "contoso/model",
        }  # fmt: skip

    def run(self, script: str, cwd: Path, **variables: str) -> tuple[int, str]:
        """Run a script the way GitHub runs a step; return its exit code and what it said."""
        result = run(
            "bash", "-e", "-o", "pipefail", "-c", script, cwd=cwd, env=self.environment | variables
        )
        return result.returncode, result.stdout + result.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def action(repository: Path, name: str) -> str:
    [step] = yaml.safe_load((repository / f".github/actions/{name}/action.yml").read_text())[
        "runs"
    ]["steps"]
    return str(step["run"])


@needs_jq
@pytest.mark.parametrize("shown", REVIEWED)
def test_reviewed_environment_is_let_through(
    machine: Machine, render: Renderer, shown: object
) -> None:
    machine.answer.write_text(json.dumps(shown))
    code, said = machine.run(action(render(), "reviewers"), machine.folder, ENVIRONMENT="prod")
    assert code == 0, said
    assert "repos/contoso/model/environments/prod" in machine.calls.read_text()


@needs_jq
@pytest.mark.parametrize("shown", [*UNREVIEWED, None])
def test_environment_without_reviewers_stops_the_deployment(
    machine: Machine, render: Renderer, shown: object
) -> None:
    if shown is not None:
        machine.answer.write_text(json.dumps(shown))
    code, said = machine.run(action(render(), "reviewers"), machine.folder, ENVIRONMENT="prod")
    assert code != 0
    assert shown is None or "prod has no required reviewers" in said


@needs_jq
@pytest.mark.parametrize(
    ("answer", "month"), [("2026-03-01T00:00:00Z\n", "2026-03-01"), ("", None)]
)
def test_budget_begins_when_it_began(
    machine: Machine, render: Renderer, answer: str, month: str | None
) -> None:
    machine.answer.write_text(answer)
    repository = render()
    script = action(repository, "budget")
    code, said = machine.run(script, repository, ENVIRONMENT="test", SUBSCRIPTION="sub")
    assert code == 0, said
    start = machine.output.read_text().removeprefix("start=").strip()
    this_month = succeed("date", "+%Y-%m-01", cwd=machine.folder).strip()
    assert start == (month or this_month)
    names = json.loads((repository / "infra/names.json").read_text())["test"]
    assert f"resourceGroups/{names['resourceGroup']}/" in machine.calls.read_text()
    assert f"name=='{names['budget']}'" in machine.calls.read_text()


@needs_jq
def test_budget_that_cannot_be_asked_for_stops_the_deployment(
    machine: Machine, render: Renderer
) -> None:
    repository = render()
    script = action(repository, "budget")
    code, _ = machine.run(script, repository, ENVIRONMENT="dev", SUBSCRIPTION="sub")
    assert code != 0
    assert not machine.output.exists()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone with a remote that takes pushes."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "README.md").write_text("read me\n")
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/ci.yml").write_text("name: CI\n")
    commit_all(folder)
    succeed("git", "clone", "--quiet", "--bare", folder, tmp_path / "origin", cwd=tmp_path)
    succeed("git", "remote", "add", "origin", tmp_path / "origin", cwd=folder)
    return folder


def propose(machine: Machine, render: Renderer, checkout: Path, found: int) -> str:
    """Run the step that proposes an update; return the calls of `gh`."""
    file = render() / ".github/workflows/template-update.yml"
    [job] = yaml.safe_load(file.read_text())["jobs"].values()
    script = next(step["run"] for step in job["steps"] if "GH_TOKEN" in step.get("env", {}))
    machine.answer.write_text(json.dumps([{"number": n} for n in range(found)]))
    code, said = machine.run(script, checkout)
    assert code == 0, said
    return machine.calls.read_text()


def pushed(checkout: Path) -> bool:
    return "template-update" in succeed("git", "ls-remote", "origin", cwd=checkout)


def test_no_update_proposes_nothing(machine: Machine, render: Renderer, checkout: Path) -> None:
    assert propose(machine, render, checkout, 0) == ""
    assert "nothing new" in machine.summary.read_text()
    assert not pushed(checkout)


@needs_jq
@pytest.mark.parametrize("found", [0, 1])
def test_update_becomes_one_pull_request(
    machine: Machine, render: Renderer, checkout: Path, found: int
) -> None:
    (checkout / "README.md").write_text("read this\n")
    calls = propose(machine, render, checkout, found)
    assert pushed(checkout)
    assert calls.count("pr create") == (0 if found else 1)
    assert "issue create" not in calls


@needs_jq
@pytest.mark.parametrize("found", [0, 1])
def test_update_of_workflows_becomes_one_issue(
    machine: Machine, render: Renderer, checkout: Path, found: int
) -> None:
    (checkout / ".github/workflows/ci.yml").write_text("name: Other\n")
    calls = propose(machine, render, checkout, found)
    assert not pushed(checkout)
    assert calls.count("issue create") == (0 if found else 1)
    assert "pr create" not in calls


def test_arm_json_is_built_of_every_file_where_the_command_line_is(
    machine: Machine, render: Renderer, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(render(), repository)
    machine.answer.touch()
    code, said = machine.run("make arm", repository)
    assert code == 0, said
    built = machine.calls.read_text().splitlines()
    files = sorted(path.name for path in (repository / "infra").glob("*.bicep"))
    assert built == [f"bicep build --file infra/{f} --outdir artifacts/arm" for f in files]
    code, said = machine.run("make arm", repository, PATH="/usr/bin:/bin")
    assert code != 0
    assert "the Azure CLI is missing" in said
