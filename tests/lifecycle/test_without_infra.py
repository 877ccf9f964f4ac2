"""A team that was given its workspace deletes infra/ and its workflow: what is left still works."""

import shutil
from pathlib import Path

import pytest

from tests.tools import succeed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("repository", ["classification"], indirect=True, scope="module"),
]


def test_what_is_left_passes_its_own_tests(
    repository: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    given = tmp_path / "given"
    ignored = shutil.ignore_patterns("artifacts", ".*_cache", "infra", "infra.yml")
    shutil.copytree(repository, given, ignore=ignored)
    assert not (given / "infra").exists()
    run = ("uv", "run", "--locked")
    succeed(*run, "ruff", "check", cwd=given, env=user_environment)
    succeed(*run, "mypy", cwd=given, env=user_environment)
    tests = ("pytest", "--no-cov", "tests/unit/azure", "tests/unit/specs")
    said = succeed(*run, *tests, cwd=given, env=user_environment)
    assert "its workspace was given to it" in said
    assert " failed" not in said
