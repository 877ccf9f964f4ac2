"""Hostile and broken repositories cost a message: never a traceback, a hang, or a program run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from plomada.check import check
from plomada.outcome import NOTHING, Report
from plomada.repository import Repository

SECONDS = 20  # for each of these little repositories, on a busy machine


def checked(root: Path) -> Report:
    started = time.monotonic()
    report = check(Repository(root))
    assert time.monotonic() - started < SECONDS
    return report


def crashes(report: Report) -> list[str]:
    return [
        f"{entry.item.identifier}: {entry.verdict.reason}"
        for entry in report.entries
        if "error of the checker" in entry.verdict.reason
    ]


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


def test_an_empty_repository_passes_nothing(tmp_path: Path) -> None:
    report = checked(tmp_path)
    assert [e.item.identifier for e in report.entries if e.verdict.state == "passed"] == []
    assert report.exit_code() == NOTHING


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "base: &m0 {k: v}\n" + "".join(
    f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], k{n}: v}}\n" for n in range(1, 400)
)
HOSTILE = {
    "yaml bomb": (".github/workflows/a.yml", f"on: push\njobs: *i\n{BOMB}"),
    "yaml bomb used": ("azure-pipelines.yml", f"trigger: none\n{BOMB}steps: *i\n"),
    "merge bomb": ("deployment.yml", MERGES),
    "deep yaml": (".github/workflows/a.yml", "[" * 100_000),
    "deep yaml block": ("job.yml", "\n".join(" " * n + "a:" for n in range(1500))),
    "self reference": ("azure-pipelines.yml", "steps: &a\n- *a\n"),
    "broken documents": (".github/workflows/a.yml", "a: [\n---\n" * 100_000),
    "deep json": ("main.json", '{"a":' * 100_000),
    "deep arm": (
        "azuredeploy.json",
        '{"$schema": "https://schema.management.azure.com/deploymentTemplate.json#", "resources": '
        + "[" * 50_000,
    ),
    "broken json": ("parameters.json", '{"a": "b'),
    "deep toml": ("pyproject.toml", "a = " + "[" * 20_000),
    "deep markdown": ("README.md", ">" * 50_000 + "[x](y)"),
    "deep lists": ("README.md", "\n".join("  " * n + "- x" for n in range(2000))),
    "deep python": ("train.py", "x = " + "(" * 20_000 + ")" * 20_000),
    "long expression": ("train.py", "x = " + "1+" * 50_000 + "1"),
    "module that imports itself": (
        "train.py",
        "from train import NAME, run\nimport mlflow\nmlflow.log_metric(NAME, run(NAME))\n"
        "mlflow.register_model(NAME, NAME)\n",
    ),
    "broken python": ("tests/test_a.py", "def test_a(:\n    assert (\n"),
    "null bytes": ("train.py", "import os\n\0\0\n"),
    "deep bicep": ("main.bicep", "var x = " + "[" * 20_000),
    "deep terraform": ("main.tf", "locals {\n x = " + "[" * 20_000),
    "terraform cycle": ("main.tf", "locals {\n  a = local.b\n  b = local.a\n}\n"),
    "module of itself": ("main.tf", 'module "a" {\n  source = "./"\n}\n'),
    "bicep module of itself": ("main.bicep", "module a 'main.bicep' = {\n  name: 'a'\n}\n"),
    "deep shell": ("deploy.sh", "$(" * 20_000),
    "workflow of itself": (
        ".github/workflows/a.yml",
        "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/a.yml\n",
    ),
    "template of itself": ("azure-pipelines.yml", "steps:\n- template: azure-pipelines.yml\n"),
    "makefile cycle": ("Makefile", "a: b\nb: a\n\tmake a\n"),
    "notebook of nothing": ("a.ipynb", '{"cells": [null, 3, {"source": 5}]}'),
    "workflow of scalars": (".github/workflows/a.yml", "- 1\n- 2\n"),
    "jobs of scalars": (".github/workflows/a.yml", "on: push\njobs: {a: 1, b: [], c: {steps: x}}"),
    "control characters": ("README.md", "# \x1b[31mred\x07\n\n[x](\x1b)\n"),
    "dockerfile": ("Dockerfile", "FROM\nRUN \\\n"),
    "dockerfile without an end": ("Dockerfile", "FROM x\nRUN <<EOF\n" + "RUN \\\n" * 20_000),
    "stages of themselves": ("Dockerfile", "FROM a AS a\nCOPY --from=a x y\nCOPY --from=9 x y\n"),
    "provisioner of itself": (
        "main.tf",
        'locals {\n  a = "${local.b}"\n  b = "${local.a}"\n}\nresource "null_resource" "r" {\n'
        '  provisioner "local-exec" {\n    command = local.a\n  }\n}\n',
    ),
    "deployment script of itself": (
        "main.bicep",
        "var a = '${b}'\nvar b = '${a}'\n"
        "resource s 'Microsoft.Resources/deploymentScripts@2023-08-01' = {\n"
        "  name: 's'\n  properties: {\n    scriptContent: a\n  }\n}\n",
    ),
    "regular expression trap": ("README.md", "{" * 5000 + "a" * 5000 + "<" * 5000),
    "many dashes": ("docs/naming.md", "# Naming\n\n" + "rg-" * 30_000),
}


@pytest.mark.parametrize("case", HOSTILE, ids=str)
def test_a_hostile_file_costs_a_message_at_most(case: str, tmp_path: Path) -> None:
    path, text = HOSTILE[case]
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    assert crashes(checked(tmp_path)) == []


def test_a_huge_text_is_reported_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "train.py").open("wb") as file:
        file.write(b"import mlflow\n" * 1000)
        file.truncate(100 << 20)
    with (tmp_path / "weights.bin").open("wb") as file:
        file.truncate(100 << 20)
    report = checked(tmp_path)
    assert [(unread.path, unread.reason) for unread in report.unread] == [
        ("train.py", "larger than 1 MiB")
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no FIFOs")
def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    for name in ("README.md", "azure-pipelines.yml", "pyproject.toml", "plomada.toml"):
        os.mkfifo(tmp_path / name)
    assert crashes(checked(tmp_path)) == []


def test_no_link_is_followed_out_of_the_repository(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    (outside / "folder" / "a.kql").write_text("requests | take 1\n")
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "queries").mkdir()
    (root / "queries" / "a.kql").write_text("requests | take 1\n")
    git(root, "add", ".")
    (root / "queries" / "a.kql").unlink()
    (root / "queries").rmdir()
    (root / "queries").symlink_to(outside / "folder", target_is_directory=True)
    (root / "b.kql").symlink_to(outside / "folder" / "a.kql")
    (root / "up").symlink_to("..", target_is_directory=True)
    repository = Repository(root)
    assert [repository.text(path) for path in ("queries/a.kql", "b.kql", "up/outside")] == [
        None
    ] * 3
    assert repository.text("../outside/folder/a.kql") is None


def _armed(root: Path, marker: Path) -> None:
    """Make a repository whose configuration names a program wherever git knows a place for one."""
    program = root / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    program.chmod(0o755)
    (root / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (root / "README.md").write_text("# x\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "x")
    (root / "README.md").write_text("# y\n")
    for key in (
        "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass",
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.command",
        "diff.evil.textconv", "credential.helper", "gpg.program", "alias.ls-files",
    ):  # fmt: skip
        git(root, "config", key, str(program))
    hooks = root / ".git" / "hooks"
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-commit"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    git(root, "config", "core.hooksPath", str(hooks))


def test_nothing_that_the_repository_configures_is_run(tmp_path: Path) -> None:
    root, marker = tmp_path / "repository", tmp_path / "marker"
    root.mkdir()
    _armed(root, marker)
    subprocess.run(["git", "status"], cwd=root, capture_output=True, check=False)
    assert marker.exists(), "the trap itself does not work"
    marker.unlink()
    report = checked(root)
    assert report.dirty is True
    assert report.files == 3
    assert not marker.exists()


def test_git_variables_of_a_hook_do_not_lead_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, other = tmp_path / "repository", tmp_path / "other"
    for folder in (root, other):
        folder.mkdir()
        git(folder, "init", "-q")
        (folder / f"{folder.name}.md").write_text("# x\n")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert Repository(root).paths == ("repository.md",)


def test_a_tracked_file_that_is_gone_is_left_out(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("# x\n")
    git(tmp_path, "add", ".")
    (tmp_path / "a.md").unlink()
    (tmp_path / "new.md").write_text("# x\n")
    (tmp_path / ".gitignore").write_text("ignored.md\n")
    (tmp_path / "ignored.md").write_text("# x\n")
    assert Repository(tmp_path).paths == (".gitignore", "b.md", "new.md")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    (tmp_path / "a.yml").write_bytes(mark + "größe: ñ\r\nb: 2\r\n".encode(encoding))
    assert Repository(tmp_path).text("a.yml") == "größe: ñ\nb: 2\n"


def test_a_name_that_is_no_text_is_no_traceback(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("[x](y)\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 names alone")
    done = subprocess.run(
        [sys.executable, "-m", "plomada.cli", "check", "--format", "json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stdout)["summary"]["files"] == 1


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text("import mlflow\n")
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user reads everything")
    assert [unread.path for unread in checked(tmp_path).unread] == ["train.py"]
