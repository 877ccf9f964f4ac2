"""A generated repository, installed for real, passes everything that it asks of its users.

What it asks stands in its workflow `ci`: every `run:` step of it is executed here as it stands.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rendering import PROJECT
from tests.tools import succeed

pytestmark = pytest.mark.slow

WORKFLOW = ".github/workflows/ci.yml"


def _steps(source: str) -> dict[str, str]:
    """Return the scripts of a workflow by job and step."""
    jobs: Mapping[str, Any] = yaml.safe_load(source)["jobs"]
    return {
        f"{name}: {step['name']}": step["run"]
        for name, job in jobs.items()
        for step in job["steps"]
        if "run" in step
    }


# The template's own file names the steps, so that each is a test of its own.
NAMES = list(_steps((PROJECT / "template" / f"{WORKFLOW}.jinja").read_text()))


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with this project's wheel: the checker that the workflow runs."""
    folder = tmp_path_factory.mktemp("wheels")
    succeed("uv", "build", "--wheel", "--quiet", "--out-dir", folder, cwd=PROJECT)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_step_of_its_pipeline(
    name: str,
    repository: Path,
    user_environment: dict[str, str],
    wheels: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    script = _steps((repository / WORKFLOW).read_text())[name]
    hooks = tmp_path_factory.getbasetemp() / "hooks"
    env = user_environment | {"UV_FIND_LINKS": str(wheels), "PRE_COMMIT_HOME": str(hooks)}
    # As GitHub runs a step: bash that stops at the first failure.
    succeed("bash", "-e", "-o", "pipefail", "-c", script, cwd=repository, env=env)


def test_its_tests_cover_more_than_they_have_to(
    repository: Path, user_environment: dict[str, str]
) -> None:
    # What the step with the tests has measured.
    report = ("coverage", "report", "--format=total", "--fail-under=90")
    succeed("uv", "run", *report, cwd=repository, env=user_environment)


def test_the_lock_is_written_once_and_holds(
    repository: Path, user_environment: dict[str, str]
) -> None:
    succeed("uv", "lock", "--check", cwd=repository, env=user_environment)


def test_everything_above_left_the_repository_as_it_was(repository: Path) -> None:
    assert succeed("git", "status", "--porcelain", cwd=repository) == ""
