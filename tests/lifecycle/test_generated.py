"""A generated repository, installed for real, passes everything that it asks of its users.

What it asks stands in its workflow `ci`: every `run:` step of it is executed here as it stands.
"""

import os
import re
import signal
import socket
import subprocess
import time
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lifecycle.pipeline import NAMES, require_full_coverage, run_step
from tests.rendering import PROJECT
from tests.tools import run, succeed, tool

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("repository", ["classification"], indirect=True, scope="module"),
]


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
    hooks = tmp_path_factory.getbasetemp() / "hooks"
    env = user_environment | {"UV_FIND_LINKS": str(wheels), "PRE_COMMIT_HOME": str(hooks)}
    run_step(name, repository, env)


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


COMPARISONS = {
    "passed = value >= bound.limit if greater else value <= bound.limit": "on_shuffled_labels",
    "passed = gain >= -thresholds.tolerance": "worse_than_the_champion",
}


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_its_tests_fail_when_a_comparison_of_the_gate_is_removed(
    comparison: str, repository: Path, user_environment: dict[str, str]
) -> None:
    gate = repository / "src/credit_risk/lifecycle/gate.py"
    source = gate.read_text()
    assert comparison in source
    gate.write_text(source.replace(comparison, "passed = True"))
    try:
        test = ("uv", "run", "pytest", "--quiet", "tests/integration/test_gate.py")
        result = run(*test, cwd=repository, env=user_environment)
    finally:
        gate.write_text(source)
    failed = re.findall(r"^FAILED \S+::(\S+)", result.stdout, re.MULTILINE)
    assert any(COMPARISONS[comparison] in name for name in failed), result.stdout


def test_its_tests_cover_more_than_they_have_to(
    repository: Path, user_environment: dict[str, str]
) -> None:
    require_full_coverage(repository, user_environment)


def test_the_lock_is_written_once_and_holds(
    repository: Path, user_environment: dict[str, str]
) -> None:
    succeed("uv", "lock", "--check", cwd=repository, env=user_environment)


def test_the_constraints_only_spare_the_resolver_its_search(
    repository: Path, tmp_path: Path, user_environment: dict[str, str]
) -> None:
    project = (repository / "pyproject.toml").read_text()
    constraints = re.compile(r"^constraint-dependencies = \[.*?^\]$", re.MULTILINE | re.DOTALL)
    assert constraints.search(project)
    (tmp_path / "pyproject.toml").write_text(constraints.sub("", project))
    (tmp_path / "README.md").touch()
    succeed("uv", "lock", cwd=tmp_path, env=user_environment)
    assert locked(tmp_path) == locked(repository)


def locked(project: Path) -> list[tuple[str, str]]:
    packages = tomllib.loads((project / "uv.lock").read_text())["package"]
    return [(package["name"], package["version"]) for package in packages]


def test_everything_above_left_the_repository_as_it_was(repository: Path) -> None:
    assert succeed("git", "status", "--porcelain", cwd=repository) == ""
