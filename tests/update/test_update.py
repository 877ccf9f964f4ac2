"""`copier update`: the platform's files move on, the user's stay, nothing is left unmerged."""

from pathlib import Path

import pytest
import yaml
from plomada.template import PUBLIC_REPOSITORY, VERSION_TAG

from tests.rendering import Renderer, export_template, files_of
from tests.tools import commit_all, environment, plomada_new, run, succeed

NEXT_TAG = "v99.0.0"
USERS = "src/credit_risk/model"
FIX = "\n# Version 99 mends the gate.\n"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Give the public repository as it is on the day of this version."""
    repository = export_template(tmp_path / "published")
    commit_all(repository, "feat: this version")
    succeed("git", "tag", VERSION_TAG, cwd=repository)
    return repository


@pytest.fixture
def online(published: Path, tmp_path: Path) -> dict[str, str]:
    """Give an environment in which git finds the public address at the published repository."""
    return environment(
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0=f"url.{published.as_uri()}.insteadOf",
        GIT_CONFIG_VALUE_0=f"{PUBLIC_REPOSITORY}.git",
        COPIER_CACHE_DIR=str(tmp_path / "cache"),
    )


@pytest.fixture
def lived_in(tmp_path: Path) -> Path:
    """Give a repository out of the wheel whose user has rewritten what is the user's."""
    repository = tmp_path / "credit-risk"
    assert plomada_new(repository, "--defaults", "--quiet") == 0
    commit_all(repository, "chore: generate")
    for path in users_files(repository):
        path.write_text(f'"""Rewritten by the user: {path.name}."""\n')
    commit_all(repository, "feat: our own model")
    return repository


def users_files(repository: Path) -> list[Path]:
    return [*files_of(repository / USERS), repository / "README.md"]


def publish_next(published: Path) -> None:
    """Publish a version with a fix, a changed workflow, a new file, and a user's file less."""
    package = published / "template/src/[= package_name =]"
    gate, workflow = (
        package / "lifecycle/gate.py",
        published / "template/.github/workflows/ci.yml.jinja",
    )
    gate.write_text(gate.read_text() + FIX)
    workflow.write_text(workflow.read_text().replace("timeout-minutes: 30", "timeout-minutes: 20"))
    (package / "lifecycle/novelty.py").write_text('"""New in version 99."""\n')
    (package / "model/features.py").unlink()
    readme = published / "template/README.md.jinja"
    readme.write_text(readme.read_text() + "\nVersion 99.\n")
    commit_all(published, "feat: the next version")
    succeed("git", "tag", NEXT_TAG, cwd=published)


def update(repository: Path, env: dict[str, str]) -> None:
    succeed("copier", "update", "--trust", "--defaults", "--quiet", cwd=repository, env=env)


def assert_nothing_unmerged(repository: Path) -> None:
    assert succeed("git", "ls-files", "--unmerged", cwd=repository) == ""
    for path in files_of(repository):
        assert path.suffix not in {".rej", ".orig"}
        if ".git" not in path.relative_to(repository).parts:
            assert "\n<<<<<<< " not in path.read_text(encoding="utf-8")


def test_a_fix_arrives_and_the_users_files_stay(
    lived_in: Path, published: Path, online: dict[str, str]
) -> None:
    before = {path: path.read_bytes() for path in users_files(lived_in)}
    publish_next(published)
    update(lived_in, online)
    assert_nothing_unmerged(lived_in)
    assert {path: path.read_bytes() for path in users_files(lived_in)} == before
    assert (lived_in / "src/credit_risk/lifecycle/gate.py").read_text().endswith(FIX)
    assert (lived_in / "src/credit_risk/lifecycle/novelty.py").is_file()
    assert "timeout-minutes: 20" in (lived_in / ".github/workflows/ci.yml").read_text()
    answers = yaml.safe_load((lived_in / ".copier-answers.yml").read_text())
    assert (answers["_src_path"], answers["_commit"]) == (PUBLIC_REPOSITORY, NEXT_TAG)


def test_an_updated_repository_equals_a_fresh_one_but_for_the_users_files(
    lived_in: Path, published: Path, online: dict[str, str], tmp_path: Path
) -> None:
    publish_next(published)
    update(lived_in, online)
    fresh = tmp_path / "fresh"
    Renderer(published, tmp_path).render(fresh)
    kept = {path.relative_to(lived_in) for path in users_files(lived_in)}
    assert platform(lived_in, kept) == platform(fresh, kept)


def platform(repository: Path, kept: set[Path]) -> dict[Path, bytes]:
    files = {path.relative_to(repository): path for path in files_of(repository)}
    apart = {*kept, Path(".copier-answers.yml")}
    return {
        relative: path.read_bytes()
        for relative, path in files.items()
        if relative not in apart and ".git" not in relative.parts
    }


def test_a_users_own_change_of_a_platform_file_is_merged(
    lived_in: Path, published: Path, online: dict[str, str]
) -> None:
    gate = lived_in / "src/credit_risk/lifecycle/gate.py"
    gate.write_text("# Ours.\n" + gate.read_text())
    commit_all(lived_in)
    publish_next(published)
    update(lived_in, online)
    assert_nothing_unmerged(lived_in)
    assert gate.read_text().startswith("# Ours.\n")
    assert gate.read_text().endswith(FIX)


def test_a_file_that_the_user_deleted_stays_away(
    lived_in: Path, published: Path, online: dict[str, str]
) -> None:
    (lived_in / ".editorconfig").unlink()
    (lived_in / USERS / "thresholds.py").unlink()
    commit_all(lived_in)
    publish_next(published)
    update(lived_in, online)
    assert not (lived_in / ".editorconfig").exists()
    assert not (lived_in / USERS / "thresholds.py").exists()


def test_copying_over_an_existing_repository_keeps_the_users_files(
    lived_in: Path, online: dict[str, str]
) -> None:
    before = {path: path.read_bytes() for path in users_files(lived_in)}
    succeed("copier", "recopy", "--trust", "--defaults", "--overwrite", cwd=lived_in, env=online)
    assert {path: path.read_bytes() for path in users_files(lived_in)} == before


def test_without_a_newer_version_nothing_changes(lived_in: Path, online: dict[str, str]) -> None:
    update(lived_in, online)
    assert succeed("git", "status", "--porcelain", cwd=lived_in) == ""
    assert run("copier", "check-update", "--quiet", cwd=lived_in, env=online).returncode == 0
