"""Which files of a repository count: sources do, what a tool made of them does not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from plomada.repository import Repository


def _paths(root: Path, *paths: str) -> tuple[str, ...]:
    """Return what counts of some tracked files."""
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n", encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "-A", "-f"]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True)
    return Repository(root).paths


@pytest.mark.parametrize("built", ["lib", "lib.linux-x86_64-cpython-312", "bdist.linux-x86_64"])
def test_what_setuptools_built_is_left_out(tmp_path: Path, built: str) -> None:
    paths = _paths(
        tmp_path,
        "src/setup.py",
        "src/training/__init__.py",
        f"src/build/{built}/training/__init__.py",
        "src/churn.egg-info/SOURCES.txt",
    )
    assert paths == ("src/setup.py", "src/training/__init__.py")


def test_a_build_folder_that_no_package_stands_beside_is_kept(tmp_path: Path) -> None:
    paths = _paths(tmp_path, "build/lib/deploy.py", "main.py")
    assert paths == ("build/lib/deploy.py", "main.py")
