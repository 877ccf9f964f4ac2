"""The command as people run it: messages, exit codes, formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import plomada
import pytest

from tests.tools import plomada_, python_

SCHEMA = Path(plomada.__file__).parent / "data" / "report.schema.json"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "README.md").write_text(
        "# Credit\n\n## Set-up\n\n```bash\npip install .\n```\n\n"
        "## Use\n\n```bash\nmake train\n```\n"
        "\nSee [the guide](docs/guide.md).\n"
    )
    return folder


def test_a_broken_link_fails_with_its_place_and_what_to_do(repository: Path) -> None:
    done = plomada_("check", "--select", "GOV6", cwd=repository)
    assert done.returncode == 1
    assert done.stderr == ""
    assert "FAIL   GOV6 Documentation up to date" in done.stdout
    assert "README.md:15:5: the link leads nowhere: there is no docs/guide.md" in done.stdout
    assert "Do: Explain set-up and use" in done.stdout
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout


def test_a_pass_is_shown_with_its_evidence_when_asked(repository: Path) -> None:
    (repository / "docs").mkdir()
    (repository / "docs" / "guide.md").write_text("# Guide\n")
    short = plomada_("check", "--select", "GOV6", cwd=repository)
    long = plomada_("check", "--select", "GOV6", "--verbose", cwd=repository)
    assert (short.returncode, long.returncode) == (0, 0)
    assert "pass   GOV6" in short.stdout
    assert "README.md" not in short.stdout
    assert "README.md:3:" in long.stdout


def test_the_json_report_keeps_its_schema_and_names_no_absolute_path(repository: Path) -> None:
    done = plomada_("check", "--format", "json", cwd=repository)
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert len(document["items"]) == 50
    assert str(repository) not in done.stdout
    assert document["repository"] == {"commit": None, "dirty": None}


def test_the_report_is_the_same_under_another_seed_folder_and_in_a_file(
    repository: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "copy"
    other.parent.mkdir()
    subprocess.run(["cp", "-r", str(repository), str(other)], check=True)
    first = plomada_("check", "--format", "json", cwd=repository, PYTHONHASHSEED="1")
    second = plomada_("check", "--format", "json", cwd=other, PYTHONHASHSEED="2")
    plomada_("check", str(other), "--format", "json", "--output", "out.json", cwd=tmp_path)
    assert first.stdout == second.stdout == (tmp_path / "out.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "nowhere"], "nowhere: there is no such folder"),
        (["check", "README.md"], "README.md: is a file; give the repository's folder"),
        (
            ["check", "--select", "DVE1"],
            "--select: DVE1 is no item or section (did you mean DEV1?)",
        ),
        (["check", "--ignore", "x"], "--ignore: X is no item or section"),
        (["check", "--select", ","], "--select: an empty name is no item or section"),
        (["check", "--output", "no/such/folder/out.json"], "no/such/folder"),
        (["explain", "DEV11"], "explain: DEV11 is no item or section (did you mean DEV1?)"),
        (["explain", "DEV"], "DEV is a section; give one of its items: DEV1, DEV2"),
        (["chek"], "invalid choice: 'chek'"),
    ],
)
def test_wrong_usage_is_one_clear_message(
    arguments: list[str], message: str, repository: Path
) -> None:
    done = plomada_(*arguments, cwd=repository)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_report_that_cannot_be_written_leaves_nothing_behind(repository: Path) -> None:
    before = sorted(repository.iterdir())
    (repository / "taken").mkdir()
    done = plomada_("check", "--select", "GOV6", "--output", "taken", cwd=repository)
    assert done.returncode == 2
    assert sorted(repository.iterdir()) == sorted([*before, repository / "taken"])


def test_a_wrong_policy_is_wrong_usage(repository: Path) -> None:
    (repository / "plomada.toml").write_text('selct = ["INF"]\n')
    done = plomada_("check", cwd=repository)
    assert done.returncode == 2
    assert "unknown key 'selct' (did you mean select?)" in done.stderr


def test_unselected_items_are_not_imported(repository: Path) -> None:
    code = (
        "import sys; from plomada.cli import main; main(['check', '--select', 'GOV6']);"
        "print([m for m in sys.modules if m.startswith('plomada.items.')"
        " and m.split('.')[-1].split('_')[0] not in ('gov', 'common')])"
    )
    done = python_("-c", code, cwd=repository)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_check_of_its_own_searches_for_no_garbage(repository: Path) -> None:
    code = (
        "import gc, sys; from plomada.cli import main; sys.argv = ['plomada', 'check'];"
        "searched = []; gc.callbacks.append(lambda phase, _: searched.append(phase));"
        "main(); kept = [[] for _ in range(9999)]; print(searched)"
    )
    done = python_("-c", code, cwd=repository)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_version_is_printed_without_importing_anything_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from plomada.cli import main; main(['--version']);"
        "print(sorted({'argparse', 'yaml', 'json', 'subprocess'} & set(sys.modules)))"
    )
    done = python_("-c", code, cwd=tmp_path)
    assert done.stdout == f"plomada {plomada.__version__}\n[]\n"


def test_the_list_names_all_items_in_two_languages(tmp_path: Path) -> None:
    english = plomada_("list", cwd=tmp_path).stdout
    spanish = plomada_("list", "--language", "es", cwd=tmp_path, PYTHONIOENCODING="utf-8").stdout
    assert english.count("\n  ") == spanish.count("\n  ") == 50
    assert "DEP2  Autoscaling" in english
    assert "DEP2  Autoescalado" in spanish


def test_explain_prints_the_page(tmp_path: Path) -> None:
    done = plomada_("explain", "mon5", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("# MON5: Saved Log Analytics queries\n")


def test_a_terminal_without_unicode_is_no_traceback(repository: Path) -> None:
    (repository / "README.md").write_text("# Más\n\n[guía](guía.md)\n", encoding="utf-8")
    done = plomada_("check", "--select", "GOV6", cwd=repository, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "gu\\xeda.md" in done.stdout


def test_a_closed_pipe_is_no_traceback(repository: Path) -> None:
    command = f"{sys.executable} -m plomada.cli check --format json | head -c 1"
    done = subprocess.run(
        ["sh", "-c", command], cwd=repository, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
