"""One thin client: the `az` and `gh` command lines, run with literal words.

The command lines apply the tracked specs of `aml/` as they stand, upload code, follow long
operations and are what a person types when something goes wrong. Nothing else in this package
starts a process.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess  # nosec B404 - the words are literal, no shell is involved
from contextvars import ContextVar
from typing import Any

import typer

from ..errors import LifecycleError
from . import login

DRY_RUN: ContextVar[bool] = ContextVar("DRY_RUN", default=False)
"""Whether commands that change something are shown instead of run."""

MISSING = re.compile(
    r"notfound|not found|could not be found|does not exist|HTTP 404", re.IGNORECASE
)
"""How `az ml` and `gh` say that a thing is not there: they have no exit code for it."""


class AzureError(LifecycleError):
    """A command failed; the message carries the command and what it answered."""

    exit_code = 1

    def __init__(self, words: list[str], answer: str) -> None:
        lines = [line for line in answer.splitlines() if line.strip()]
        super().__init__(
            f"`{shlex.join(words[:4])} ...` failed: {' '.join(lines[-3:]) or 'no answer'}"
        )
        self.answer = answer


def az(*words: str, changes: bool = False, missing_ok: bool = False) -> Any:
    """Run one `az` command.

    A login that has expired is renewed once and the command repeated: a training job outlives the
    token of the job that submitted it.

    Args:
        words: The command and its options.
        changes: Whether it changes anything; in a dry run such a command is only shown.
        missing_ok: Return None where the thing asked for does not exist.

    Returns:
        The answer, parsed from JSON; None where there is none.

    Raises:
        AzureError: The command failed.
    """
    if changes and _only_shown("az", words):
        return None
    done = _az(words)
    if done.returncode and login.has_expired(done.stderr):
        login.renew()
        done = _az(words)
    return _answer(["az", *words], done, missing_ok)


def gh(
    *words: str, stdin: str | None = None, changes: bool = False, missing_ok: bool = False
) -> Any:
    """Run one command of the GitHub command line; arguments and errors as of `az`."""
    if changes and _only_shown("gh", words):
        return None
    done = subprocess.run(  # nosec B603 B607
        ["gh", *words],
        executable=_program("gh"),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    return _answer(["gh", *words], done, missing_ok)


def _az(words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # nosec B603 B607
        ["az", *words, "--output", "json"],
        executable=_program("az"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _program(name: str) -> str:
    """Find the program: on Windows `az` is a batch file that only its full name starts."""
    path = shutil.which(name)
    if path is None:
        raise LifecycleError(f"`{name}` is not on the PATH: see docs/delivery.md, 'What you need'")
    return path


def _only_shown(program: str, words: tuple[str, ...]) -> bool:
    if DRY_RUN.get():
        typer.echo(f"would run: {shlex.join([program, *words])}")
    return DRY_RUN.get()


def _answer(words: list[str], done: subprocess.CompletedProcess[str], missing_ok: bool) -> Any:
    if done.returncode == 0:
        return _parsed(done.stdout)
    if missing_ok and (done.returncode == 3 or MISSING.search(done.stderr)):
        return None
    raise AzureError(words, done.stderr)


def _parsed(text: str) -> Any:
    """Read the answer; what `invoke` prints is the model's, and need not be JSON."""
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
