"""The workflow `release` counts versions by conventional commits, and leaves the lock in step."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.tools import commit_all, run, succeed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("repository", ["classification"], indirect=True, scope="module"),
]


def test_version_changelog_and_tag_come_from_the_commits(
    repository: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    released = tmp_path / "released"
    shutil.copytree(repository, released, ignore=shutil.ignore_patterns("artifacts", ".*_cache"))
    [job] = yaml.safe_load((released / ".github/workflows/release.yml").read_text())[
        "jobs"
    ].values()
    script = next(step["run"] for step in job["steps"] if "cz bump" in step.get("run", ""))
    for message, version in (("feat: score faster", "v0.2.0"), ("fix: round down", "v0.2.1")):
        (released / "note.txt").write_text(message)
        commit_all(released, message)
        succeed("bash", "-e", "-c", script, cwd=released, env=user_environment)
        tag = succeed("git", "describe", "--tags", "--abbrev=0", cwd=released).strip()
        assert tag == version
        assert message.partition(": ")[2] in (released / "CHANGELOG.md").read_text()
        succeed("uv", "lock", "--check", cwd=released, env=user_environment)
    (released / "note.txt").write_text("nothing for users")
    commit_all(released, "docs: a word")
    assert run("bash", "-e", "-c", script, cwd=released, env=user_environment).returncode != 0
