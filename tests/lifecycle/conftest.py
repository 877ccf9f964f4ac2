import json
import shutil
from pathlib import Path

import pytest

from tests.rendering import Renderer
from tests.tools import commit_all, environment, succeed


@pytest.fixture(scope="session")
def user_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give one environment folder for all generated repositories, so that each costs a sync."""
    shared = tmp_path_factory.mktemp("environment") / "venv"
    return environment(UV_PROJECT_ENVIRONMENT=str(shared))


@pytest.fixture(scope="module")
def repository(
    request: pytest.FixtureRequest,
    render: Renderer,
    user_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Give a repository of the task asked for, as its user has it after the first set-up."""
    folder = tmp_path_factory.mktemp("installed") / "credit-risk"
    shutil.copytree(render({"task": request.param}), folder)
    commit_all(folder, "chore: generate")
    succeed("uv", "sync", "--all-groups", cwd=folder, env=user_environment)
    commit_all(folder, "chore: lock")
    return folder


def covered_percent(report: Path) -> float:
    percent: float = json.loads(report.read_text())["totals"]["percent_covered"]
    return percent
