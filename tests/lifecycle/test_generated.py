"""A generated repository, installed for real, passes everything that it asks of its users."""

from pathlib import Path

import pytest

from tests.lifecycle.conftest import covered_percent
from tests.tools import succeed

pytestmark = pytest.mark.slow

CLEAN = [
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("bandit", "--quiet", "--recursive", "src"),
]


@pytest.mark.parametrize("command", CLEAN, ids=" ".join)
def test_the_code_is_clean(
    command: tuple[str, ...], repository: Path, user_environment: dict[str, str]
) -> None:
    succeed("uv", "run", *command, cwd=repository, env=user_environment)


def test_the_lock_is_written_once_and_holds(
    repository: Path, user_environment: dict[str, str]
) -> None:
    succeed("uv", "lock", "--check", cwd=repository, env=user_environment)


def test_its_own_tests_pass_and_cover_more_than_they_have_to(
    repository: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    report = tmp_path / "coverage.json"
    options = ("--quiet", "--cov", f"--cov-report=json:{report}")
    succeed("uv", "run", "pytest", *options, cwd=repository, env=user_environment)
    assert covered_percent(report) >= 90


def test_its_hooks_pass_on_every_file(
    repository: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    cached = user_environment | {"PRE_COMMIT_HOME": str(tmp_path)}
    succeed("uv", "run", "pre-commit", "run", "--all-files", cwd=repository, env=cached)


def test_its_documentation_builds_without_a_broken_link(
    repository: Path, user_environment: dict[str, str]
) -> None:
    build = ("zensical", "build", "--strict")
    succeed("uv", "run", "--group", "docs", *build, cwd=repository, env=user_environment)
    assert (repository / "site/index.html").is_file()


def test_its_package_builds(
    repository: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    succeed("uv", "build", "--wheel", "--out-dir", tmp_path, cwd=repository, env=user_environment)
    assert list(tmp_path.glob("credit_risk-*.whl"))


def test_everything_above_left_the_repository_as_it_was(repository: Path) -> None:
    assert succeed("git", "status", "--porcelain", cwd=repository) == ""
