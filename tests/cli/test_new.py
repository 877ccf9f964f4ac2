"""`plomada new`: what it writes, what it records, and what it refuses without leaving a trace."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml
from plomada import __version__, template

from tests.rendering import PROJECT, Renderer, export_template, files_of
from tests.tools import plomada_new, tool


def answers_of(repository: Path, file: str = ".copier-answers.yml") -> dict[str, object]:
    recorded: dict[str, object] = yaml.safe_load((repository / file).read_text())
    return recorded


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files_of(folder)}


def test_it_writes_what_copier_copy_writes(render: Renderer, tmp_path: Path) -> None:
    assert plomada_new(tmp_path / "new", "--defaults", "--quiet") == 0
    written, copied = tree(tmp_path / "new"), tree(render())
    assert written.pop(".copier-answers.yml") != copied.pop(".copier-answers.yml")
    assert written == copied


def test_the_answers_name_the_public_repository_and_this_versions_tag(tmp_path: Path) -> None:
    assert plomada_new(tmp_path / "new", "--defaults", "--quiet", "--data", "task=regression") == 0
    recorded = answers_of(tmp_path / "new")
    assert recorded["_src_path"] == "https://github.com/plomada/plomada"
    assert recorded["_commit"] == f"v{__version__}"
    assert recorded["task"] == "regression"


def test_the_answers_file_can_be_named(tmp_path: Path) -> None:
    named = ("--answers-file", ".answers/plomada.yml")
    assert plomada_new(tmp_path / "new", "--defaults", "--quiet", *named) == 0
    assert answers_of(tmp_path / "new", ".answers/plomada.yml")["package_name"] == "credit_risk"
    assert not (tmp_path / "new/.copier-answers.yml").exists()


def test_a_users_git_configuration_and_copiers_cache_stay_out_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = tmp_path / "gitconfig"
    configuration.write_text("[commit]\n gpgsign = true\n[protocol]\n allow = never\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "somebody-elses"))
    monkeypatch.setenv("COPIER_CACHE_DIR", str(tmp_path / "cache"))
    before = dict(os.environ)
    assert plomada_new(tmp_path / "new", "--defaults", "--quiet") == 0
    assert dict(os.environ) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gitconfig", "new"]


def test_an_existing_folder_with_other_files_is_filled(tmp_path: Path) -> None:
    target = tmp_path / "cloned"
    (target / ".git").mkdir(parents=True)
    (target / "notes.txt").write_text("mine")
    assert plomada_new(target, "--defaults", "--quiet") == 0
    assert (target / "notes.txt").read_text() == "mine"
    assert (target / "infra/names.json").is_file()


@pytest.mark.parametrize("in_the_way", ["infra/names.json", "infra"])
def test_a_file_that_would_be_overwritten_refuses_everything(
    in_the_way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "used"
    (target / in_the_way).parent.mkdir(parents=True)
    (target / in_the_way).write_text("mine")
    assert plomada_new(target, "--defaults", "--quiet") == 2
    assert tree(target) == {in_the_way: b"mine"}
    message = capsys.readouterr().err
    assert "already has" in message
    assert "would be overwritten" in message


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside, target = tmp_path / "outside", tmp_path / "used"
    outside.mkdir()
    target.mkdir()
    (target / "infra").symlink_to(outside)
    assert plomada_new(target, "--defaults", "--quiet") == 2
    assert list(outside.iterdir()) == []


REFUSALS = [
    (["--data", "package_name=json"], "Python itself uses the name json"),
    (["--data", "serving=[carrier-pigeon]"], "carrier-pigeon"),
    (["--data", "ci=azure-devops"], "choose github"),
    (["--data", "packagename=x"], "no question is called packagename; there are project_name,"),
    (["--data", "slug=x"], "no question is called slug"),
    (["--data", "task"], "--data task has no =; write --data QUESTION=ANSWER"),
    (["--vcs-ref", "v0.1.0"], "--vcs-ref and --trust go with --template"),
    (["--answers-file", "/etc/answers.yml"], "leaves the destination"),
    (["--answers-file", "../answers.yml"], "leaves the destination"),
    (["--template", "/nowhere/at/all"], "/nowhere/at/all"),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSALS, ids=lambda v: str(v))
def test_what_is_refused_costs_one_sentence_and_leaves_nothing(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plomada_new(tmp_path / "new", "--defaults", "--quiet", *arguments) == 2
    message = capsys.readouterr().err
    assert message.startswith("plomada new: ")
    assert sentence in message
    assert message.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_as_destination_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert plomada_new(tmp_path / "file", "--defaults") == 2
    assert "is a file; name a folder" in capsys.readouterr().err


def test_without_a_terminal_it_asks_for_defaults(tmp_path: Path) -> None:
    result = subprocess.run(
        [tool("plomada"), "new", "made"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    assert "--defaults" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a git repository of the template, as a clone of the public one would be."""
    folder = export_template(tmp_path_factory.mktemp("clone") / "plomada")
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for arguments in (["init", "-q"], ["add", "-Af"], ["commit", "-qm", "x"], ["tag", "v9.9.9"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    return folder


def test_another_template_needs_trust(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plomada_new(tmp_path / "new", "--defaults", "--quiet", "--template", clone) == 2
    assert "add --trust if you trust it" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_url", [False, True], ids=["path", "url"])
def test_another_template_is_recorded_as_its_own_source(
    as_url: bool, clone: Path, tmp_path: Path
) -> None:
    source = f"git+{clone.as_uri()}" if as_url else str(clone)
    options = ("--defaults", "--quiet", "--trust", "--vcs-ref", "v9.9.9")
    assert plomada_new(tmp_path / "new", *options, "--template", source) == 0
    recorded = answers_of(tmp_path / "new")
    assert (recorded["_src_path"], recorded["_commit"]) == (source, "v9.9.9")


def test_copier_alone_generates_from_a_clone(clone: Path, tmp_path: Path) -> None:
    subprocess.run(
        [tool("copier"), "copy", "--quiet", "--trust", "--defaults", str(clone), "new"],
        cwd=tmp_path,
        check=True,
    )
    assert answers_of(tmp_path / "new")["_commit"] == "v9.9.9"


def test_an_installation_without_template_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(template, "_HERE", tmp_path / "site-packages/plomada")
    assert plomada_new(tmp_path / "new", "--defaults", "--quiet") == 2
    assert "carries no template; install it anew" in capsys.readouterr().err


def test_the_version_of_tag_and_package_is_the_distributions() -> None:
    pyproject = (PROJECT / "pyproject.toml").read_text()
    assert f'version = "{__version__}"' in pyproject
