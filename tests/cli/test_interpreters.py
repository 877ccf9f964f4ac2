"""The report is the same bytes whichever Python runs the checker."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rendering import PROJECT, Renderer
from tests.tools import commit_all, plomada_, run, succeed

pytestmark = pytest.mark.slow

OTHERS = [f"3.{minor}" for minor in (14, 13, 12, 11) if minor != sys.version_info.minor]


def candidates(version: str) -> Iterator[Path]:
    """Yield where a Python of this version may stand: on the PATH, or beside others in pyenv."""
    found = shutil.which(f"python{version}")
    if found is not None:
        yield Path(found)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(root.glob(f"versions/{version}.*/bin/python3"))


def another() -> Path | None:
    """Return the newest other Python that really starts; pyenv's shims may not."""
    for version in OTHERS:
        for path in candidates(version):
            if not subprocess.run(
                [path, "-c", "pass"], capture_output=True, check=False
            ).returncode:
                return path
    return None


def test_another_interpreter_writes_the_same_bytes(render: Renderer, tmp_path: Path) -> None:
    python = another()
    if python is None:
        pytest.skip(f"no other Python is installed ({', '.join(OTHERS)})")
    succeed("uv", "venv", "--quiet", "--python", python, "other", cwd=tmp_path)
    pinned = ("--constraint", PROJECT / "requirements/dev.txt")
    succeed("uv", "pip", "install", "--python", "other", *pinned, PROJECT, cwd=tmp_path)
    repository = tmp_path / "repository"
    shutil.copytree(render(), repository)
    commit_all(repository)
    (repository / "src/broken.py").write_text("import mlflow\ndef train(:\n    pass\n")

    ours = plomada_("check", "repository", "--format", "json", cwd=tmp_path)
    theirs = run(tmp_path / "other/bin/plomada", "check", "repository", "--format", "json",
                 cwd=tmp_path)  # fmt: skip
    assert "not valid Python" in theirs.stdout
    assert (theirs.returncode, theirs.stdout) == (ours.returncode, ours.stdout)
