"""Commands that the tests run, and the environment that they run in."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from plomada import new

from tests.rendering import PROJECT

TOOLS = os.pathsep.join(
    [str(Path(sys.executable).parent), str(PROJECT / ".tools/bin"), os.environ.get("PATH", "")]
)
# Where a generated repository would otherwise find this project's environment or settings.
_OURS = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "COVERAGE_FILE", "GIT_DIR"}


def environment(**variables: str) -> dict[str, str]:
    """Return a user's environment: our tools on the PATH, nothing else of ours."""
    kept = {k: v for k, v in os.environ.items() if k not in _OURS and not k.startswith("PYTEST_")}
    return kept | {"PATH": TOOLS, "UV_COMPILE_BYTECODE": "0"} | variables


def tool(name: str) -> str:
    """Find a command that `make setup` installs."""
    path = shutil.which(name, path=TOOLS)
    assert path is not None, f"{name} is missing: run make setup"
    return path


def run(
    *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it said."""
    return subprocess.run(
        [tool(str(command[0])), *map(str, command[1:])],
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def succeed(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command that has to succeed; a failure shows all that it said."""
    result = run(*command, cwd=cwd, env=env)
    said = result.stdout + result.stderr
    assert result.returncode == 0, f"{' '.join(map(str, command))}\n{said}"
    return said


def commit_all(repository: Path, message: str = "test: change") -> None:
    """Commit everything in a folder, which becomes a git repository if it is none."""
    if not (repository / ".git").exists():
        succeed("git", "init", "--quiet", "--initial-branch", "main", cwd=repository)
    succeed("git", "add", "--all", "--force", cwd=repository)
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    succeed("git", *identity, "commit", "--quiet", "--message", message, cwd=repository)


def plomada_(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, this project's code and interpreter behind it."""
    return python_("-m", "plomada.cli", *arguments, cwd=cwd, **variables)


def python_(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run this interpreter in a process of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def plomada_new(*arguments: str | Path) -> int:
    """Run `plomada new` in this process and return its exit code."""
    parser = argparse.ArgumentParser()
    new.add_arguments(parser)
    return new.run(parser.parse_args([str(argument) for argument in arguments]))
