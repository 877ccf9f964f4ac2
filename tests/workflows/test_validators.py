"""Every validator of workflows accepts what every set of answers generates."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.rendering import ACCEPTED, COMBINATIONS, PROJECT, Answers, Renderer, label
from tests.tools import run, succeed

# The other answers change no file of .github, which the first test holds.
DECISIVE = ("ci", "iac", "serving")
DECIDED = [
    answers
    for answers in COMBINATIONS
    if all(answers[name] == ACCEPTED[name][0] for name in ACCEPTED if name not in DECISIVE)
]


def content(repository: Path) -> dict[str, str]:
    folder = repository / ".github"
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.yml")}


@pytest.mark.parametrize("name", [name for name in ACCEPTED if name not in DECISIVE])
def test_other_answers_change_no_workflow(render: Renderer, name: str) -> None:
    first, *others = [content(render({name: value})) for value in ACCEPTED[name]]
    assert others
    assert all(other == first for other in others)


@pytest.fixture(params=DECIDED, ids=label)
def repository(request: pytest.FixtureRequest, render: Renderer) -> Path:
    answers: Answers = request.param
    return render(answers)


def workflows(repository: Path) -> list[Path]:
    found = sorted((repository / ".github/workflows").glob("*.yml"))
    assert found
    return found


def test_actionlint_with_shellcheck_accepts_every_workflow(repository: Path) -> None:
    # Files are named, so that no git repository is needed; callers are compared with callees.
    succeed("actionlint", *workflows(repository), cwd=repository)


def test_zizmor_finds_nothing(repository: Path) -> None:
    succeed("zizmor", "--offline", "--quiet", ".github", cwd=repository)


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("vendor.github-actions", ".github/actions/*/action.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
    ],
)
def test_files_follow_their_published_schema(render: Renderer, schema: str, pattern: str) -> None:
    repository = render()
    files = sorted(repository.glob(pattern))
    assert files
    succeed("check-jsonschema", "--builtin-schema", schema, *files, cwd=repository)


def test_the_validators_would_object(render: Renderer, tmp_path: Path) -> None:
    broken = tmp_path / ".github/workflows/broken.yml"
    broken.parent.mkdir(parents=True)
    source = (render() / ".github/workflows/train.yml").read_text()
    broken.write_text(source.replace("needs: train\n", "needs: nobody\n"))
    assert run("actionlint", broken, cwd=tmp_path).returncode == 1
    broken.write_text(source.replace("azure submit", "azure submit ${{ github.head_ref }}"))
    assert run("zizmor", "--offline", "--quiet", ".github", cwd=tmp_path).returncode != 0


def test_the_projects_own_workflows_hold_too() -> None:
    succeed("actionlint", *workflows(PROJECT), cwd=PROJECT)
    succeed("zizmor", "--offline", "--quiet", ".github", cwd=PROJECT)


def test_what_is_left_without_infrastructure_is_valid(render: Renderer, tmp_path: Path) -> None:
    given = tmp_path / "given"
    ignored = shutil.ignore_patterns("infra", "infra.yml")
    shutil.copytree(render(), given, ignore=ignored)
    succeed("actionlint", *workflows(given), cwd=given)
    succeed("zizmor", "--offline", "--quiet", ".github", cwd=given)
    for path in workflows(given):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job.get("steps", []):
                asks = "infra" in str(step.get("run", ""))
                assert not asks or "hashFiles('infra/" in step["if"], (path.name, step["name"])
