"""A generated repository, installed for real, passes everything that it asks of its users.

What it asks stands in its workflow `ci`: every `run:` step of it is executed here as it stands.
"""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rendering import PROJECT
from tests.tools import succeed, tool

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
# What the task has no part in: the hooks' tools are steps of their own, infrastructure and package
# are the same files, and the checker reads every combination of answers in tests/template.
SAME_FOR_EVERY_TASK = ("hook", "package", "policies", "checklist", "Load")
CASES = [
    (task, name)
    for task in ("classification", "regression")
    for name in NAMES
    if task == "classification" or not any(word in name for word in SAME_FOR_EVERY_TASK)
]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with this project's wheel: the checker that the workflow runs."""
    folder = tmp_path_factory.mktemp("wheels")
    succeed("uv", "build", "--wheel", "--quiet", "--out-dir", folder, cwd=PROJECT)
    return folder


@pytest.mark.parametrize(("repository", "name"), CASES, indirect=["repository"])
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


@pytest.mark.parametrize("repository", ["classification"], indirect=True, scope="module")
def test_every_step_of_a_life_is_a_command_of_its_own(
    repository: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    env = user_environment | {"LIFECYCLE_HOME": str(tmp_path)}
    command = ("uv", "run", "credit-risk")
    for step in ("prepare", "train", "evaluate", "gate", "register", "promote"):
        succeed(*command, step, cwd=repository, env=env)
    with _serving(repository, env) as server:
        said = succeed(*command, "score", "--url", f"{server}/score", cwd=repository, env=env)
    assert "rows scored by version 1" in said
    assert "no drift" in succeed(*command, "monitor", cwd=repository, env=env)


@contextmanager
def _serving(repository: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Run `serve` as a user does in a second terminal, and stop it as Ctrl-C does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [tool("uv"), "run", "credit-risk", "serve", "--port", str(port)],
        cwd=repository, env=env, start_new_session=True,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(f"{address}/", server)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(30)


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")


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
