"""The wheel in an empty environment, with nothing of the checkout and no network to generate."""

import zipfile
from pathlib import Path

import pytest
import yaml
from plomada import __version__

from tests.rendering import PROJECT, Renderer, files_of
from tests.tools import environment, succeed

pytestmark = pytest.mark.slow

# Whoever asks the network is refused at once.
OFFLINE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    succeed("uv", "build", "--wheel", "--out-dir", folder, cwd=PROJECT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of commands of an environment that has the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("empty")
    succeed("uv", "venv", "--quiet", "environment", cwd=folder)
    pinned = ("--constraint", PROJECT / "requirements/dev.txt")
    install = ("uv", "pip", "install", "--python", "environment")
    succeed(*install, *pinned, wheel, cwd=folder)
    return folder / "environment/bin"


def test_it_carries_the_template_and_nothing_that_is_not_its_own(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    carried = {n.removeprefix("plomada/_template/") for n in names if "/_template/" in n}
    tracked = succeed("git", "ls-files", "copier.yml", "extensions", "template", cwd=PROJECT)
    assert {"copier.yml", "extensions/azure_naming.py"} <= carried
    assert len(carried) >= len(tracked.splitlines())
    assert not [name for name in names if "__pycache__" in name or name.startswith("demo")]


def test_it_generates_offline_what_the_checkout_generates(
    commands: Path, render: Renderer, tmp_path: Path
) -> None:
    command = (commands / "plomada", "new", "made", "--defaults", "--quiet")
    succeed(*command, cwd=tmp_path, env=environment(**OFFLINE))
    made, rendered = tmp_path / "made", render()
    answers = yaml.safe_load((made / ".copier-answers.yml").read_text())
    assert answers["_commit"] == f"v{__version__}"
    assert {p.relative_to(made) for p in files_of(made)} == {
        p.relative_to(rendered) for p in files_of(rendered)
    }


def test_it_lists_and_explains_its_items(commands: Path, tmp_path: Path) -> None:
    assert "CI4" in succeed(commands / "plomada", "list", cwd=tmp_path)
    assert "gate" in succeed(commands / "plomada", "explain", "CI4", cwd=tmp_path)
