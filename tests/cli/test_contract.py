"""What the command promises: exit codes, and a report that nothing but the repository changes."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import jsonschema
import plomada
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "checks"))
from corpus import examples

from tests.tools import plomada_

SCHEMA = json.loads((Path(plomada.__file__).parent / "data" / "report.schema.json").read_text())
UNREAD = "on: push\njobs:\n  a:\n    steps:\n      - run: [ gitleaks detect\n"
LINTED = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: gitleaks detect\n"


def written(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


CI = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("files", "arguments", "code"),
    [
        ({CI: LINTED}, ["--select", "SEC6"], 0),
        ({CI: LINTED}, ["--select", "SEC6,SEC7"], 1),
        ({CI: UNREAD}, ["--select", "SEC6,DEV1"], 1),
        ({CI: LINTED}, ["--select", "SEC6", "--ignore", "SECC"], 2),
        ({CI: LINTED, "plomada.toml": "select = 3\n"}, [], 2),
        ({}, [], 3),
        ({CI: LINTED}, ["--select", "SEC6", "--ignore", "SEC"], 3),
        ({CI: UNREAD}, ["--select", "SEC6"], 4),
    ],
    ids=["nothing failed", "failed", "failed and unknown", "wrong usage", "wrong configuration",
         "nothing there", "nothing selected", "unknown"],
)  # fmt: skip
def test_exit_codes(files: dict[str, str], arguments: list[str], code: int, tmp_path: Path) -> None:
    done = plomada_("check", *arguments, "--format", "json", cwd=written(tmp_path, files))
    assert done.returncode == code, done.stderr
    if code == 2:
        assert done.stdout == ""
        assert len(done.stderr.strip().split("\n")) == 1
    else:
        jsonschema.validate(json.loads(done.stdout), SCHEMA)


def many() -> dict[str, str]:
    """Return one repository with many examples, in folders of their own, and unread files."""
    chosen = list(enumerate(examples()))[::7]
    files = {f"{e.item.lower()}{n}/{p}": t for n, e in chosen for p, t in e.files.items()}
    return {**files, "broken/train.py": "import mlflow\ndef (\n", "broken/ci.yml": "steps: [\n"}


def test_nothing_but_the_repository_changes_a_byte(tmp_path: Path) -> None:
    files = list(many().items())
    random.Random(3).shuffle(files)  # noqa: S311 - an order, no secret
    first = written(tmp_path / "one", dict(files))
    second = written(tmp_path / "two" / "deeper" / "x y", dict(reversed(files)))
    said = plomada_("check", "--format", "json", cwd=first, PYTHONHASHSEED="1", LANG="C")
    again = plomada_(
        "check", str(second), "--format", "json", cwd=tmp_path, PYTHONHASHSEED="77", LC_ALL="C"
    )
    assert said.stdout == again.stdout
    assert str(tmp_path) not in said.stdout
    document = json.loads(said.stdout)
    jsonschema.validate(document, SCHEMA)
    assert len(document["unread"]) >= 2
    prints = [r["fingerprint"] for i in document["items"] for r in i["findings"] + i["evidence"]]
    assert len(prints) == len(set(prints))


def test_fingerprints_survive_moved_lines(tmp_path: Path) -> None:
    deploy = "az ml workspace create --name w\n"
    before = written(tmp_path / "a", {"deploy.sh": deploy, "README.md": "# x\n"})
    after = written(tmp_path / "b", {"deploy.sh": "\n\n# later\n" + deploy, "README.md": "# x\n"})
    found = []
    for folder in (before, after):
        done = plomada_("check", "--select", "INF1", "--format", "json", cwd=folder)
        (item,) = json.loads(done.stdout)["items"]
        found.append({(f["code"], f["fingerprint"]) for f in item["findings"] if f["path"]})
    assert found[0] == found[1] != set()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SEC9", "did you mean SEC7?"),
        ("infra", "did you mean INF?"),
        ("governance", "the sections are DEV, INF, CI, MOD, DEP, MON, SEC, GOV"),
    ],
)
def test_unknown_names_are_an_error_with_a_suggestion(name: str, said: str, tmp_path: Path) -> None:
    done = plomada_("check", "--select", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize("output", ["no/such/out.json", "taken"])
def test_a_report_that_cannot_be_written_names_the_file_that_was_asked_for(
    output: str, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    done = plomada_("check", "--select", "DEV1", "--output", output, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"plomada: {output}: ")
    assert len(done.stderr.strip().split("\n")) == 1
