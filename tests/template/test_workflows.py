"""The generated workflows hold before the tools that judge workflows, for every combination."""

import re
from pathlib import Path

import pytest
import yaml

from tests.rendering import COMBINATIONS, Renderer, files_of
from tests.tools import succeed


@pytest.fixture(scope="module")
def repositories(render: Renderer) -> list[Path]:
    """Give one repository for each different `.github` that the combinations render."""
    different: dict[tuple[tuple[Path, bytes], ...], Path] = {}
    for answers in COMBINATIONS:
        repository = render(answers)
        files = files_of(repository / ".github")
        content = tuple((p.relative_to(repository), p.read_bytes()) for p in files)
        different.setdefault(content, repository)
    return list(different.values())


def workflows(repository: Path) -> list[Path]:
    found = sorted((repository / ".github/workflows").glob("*.yml"))
    assert found
    return found


def actions(repository: Path) -> list[Path]:
    return sorted((repository / ".github/actions").glob("*/action.yml"))


def test_actionlint_accepts_them(repositories: list[Path]) -> None:
    for repository in repositories:
        succeed("actionlint", *workflows(repository), cwd=repository)


def test_zizmor_finds_no_weakness(repositories: list[Path]) -> None:
    for repository in repositories:
        succeed("zizmor", "--offline", "--quiet", ".github", cwd=repository)


def test_their_schemas_hold(repositories: list[Path]) -> None:
    for schema, files in {
        "vendor.github-workflows": [p for r in repositories for p in workflows(r)],
        "vendor.github-actions": [p for r in repositories for p in actions(r)],
        "vendor.dependabot": [r / ".github/dependabot.yml" for r in repositories],
    }.items():
        check = ("check-jsonschema", "--builtin-schema", schema)
        succeed(*check, *files, cwd=repositories[0])


def test_every_action_is_pinned_by_commit_and_every_local_one_is_there(
    repositories: list[Path],
) -> None:
    for repository in repositories:
        for path in [*workflows(repository), *actions(repository)]:
            for used in _uses(yaml.safe_load(path.read_text())):
                _assert_pinned(used, repository)


def _assert_pinned(used: str, repository: Path) -> None:
    if used.startswith("./"):
        assert (repository / used).exists(), used
    else:
        assert re.fullmatch("[^@]+@[0-9a-f]{40}", used), used


def _uses(node: object) -> list[str]:
    if isinstance(node, dict):
        here = [node["uses"]] if isinstance(node.get("uses"), str) else []
        return here + [used for value in node.values() for used in _uses(value)]
    if isinstance(node, list):
        return [used for value in node for used in _uses(value)]
    return []


def test_the_projects_own_workflow_holds_too() -> None:
    project = Path(__file__).parents[2]
    succeed("actionlint", *workflows(project), cwd=project)
    succeed("zizmor", "--offline", "--quiet", ".github", cwd=project)
