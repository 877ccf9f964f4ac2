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
import subprocess  # nosec B404  # the words are literal, no shell is involved
import time
from contextvars import ContextVar
from typing import Any

import typer

from ..errors import LifecycleError
from . import login
from .retry import wait_before

DRY_RUN: ContextVar[bool] = ContextVar("DRY_RUN", default=False)
"""Whether commands that change something are shown instead of run."""

MISSING = re.compile(
    r"notfound|not found|could not be found|does not exist|HTTP 404", re.IGNORECASE
)
"""How `az ml` and `gh` say that a thing is not there: they have no exit code for it."""

NOWHERE = re.compile(
    r"AADSTS\d+|SubscriptionNotFound|ResourceGroupNotFound|"
    r"resource group '[^']*' could not be found|(?:workspaces|registries)/[^/'\s]+' (?:under|was)",
    re.IGNORECASE,
)
"""How they say that what would hold the thing is not there: a wrong name, not an absent thing."""

SECRET = re.compile(r"(InstrumentationKey=)[^;\s'\"]+|()\beyJ[\w-]+\.[\w-]+\.[\w-]+")
"""Keys in connection strings, and tokens: what no message and no dry run may show."""


class AzureError(LifecycleError):
    """A command failed; the message carries the command and what it answered."""

    exit_code = 1

    def __init__(self, words: list[str], answer: str) -> None:
        lines = [line for line in redacted(answer).splitlines() if line.strip()]
        super().__init__(
            f"`{shlex.join(words[:4])} ...` failed: {' '.join(lines[-3:]) or 'no answer'}"
        )
        self.answer = answer


def az(
    *words: str,
    changes: bool = False,
    missing_ok: bool = False,
    any_text: bool = False,
    repeatable: bool = False,
) -> Any:
    """Run one `az` command.

    A login that has expired is renewed once and the command repeated: a training job outlives the
    token of the job that submitted it. `retry` says what else is repeated.

    Args:
        words: The command and its options.
        changes: Whether it changes anything; in a dry run such a command is only shown.
        missing_ok: Return None where the thing asked for does not exist.
        any_text: Whether the answer may be something else than JSON, as a model's is.
        repeatable: Whether doing it twice does no harm, although a dry run shows it.

    Returns:
        The answer, parsed from JSON; None where there is none.

    Raises:
        AzureError: The command failed, or its answer cannot be read.
    """
    if changes and _only_shown("az", words):
        return None
    done = _patiently(words, changes and not repeatable)
    if done.returncode == 0 and any_text:
        return _json(done.stdout, done.stdout)
    return _answer(["az", *words], done, missing_ok, changes)


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
    return _answer(["gh", *words], done, missing_ok, changes)


def outcome(text: str) -> None:
    """Say what has been done; in a dry run, that nothing has."""
    typer.echo("nothing was changed: this was a dry run" if DRY_RUN.get() else text)


def redacted(text: str) -> str:
    """Return a text without the secrets that it may hold."""
    return SECRET.sub(lambda found: f"{found[1] or ''}***", text)


def _patiently(words: tuple[str, ...], once: bool) -> subprocess.CompletedProcess[str]:
    """Run a command, again where the login was over or Azure asks for time."""
    renewed, attempt = False, 0
    while True:
        done = _az(words)
        if done.returncode == 0:
            return done
        if login.has_expired(done.stderr) and not renewed:
            login.renew()
            renewed = True
            continue
        wait = wait_before(attempt, done.stderr, once)
        if wait is None:
            return done
        attempt += 1
        typer.echo(f"`{shlex.join(['az', *words[:3]])} ...` again in {wait:g} s", err=True)
        time.sleep(wait)


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
        typer.echo(f"would run: {redacted(shlex.join([program, *words]))}")
    return DRY_RUN.get()


def _answer(
    words: list[str], done: subprocess.CompletedProcess[str], missing_ok: bool, changes: bool
) -> Any:
    if done.returncode:
        absent = done.returncode == 3 or MISSING.search(done.stderr)
        if missing_ok and absent and not NOWHERE.search(done.stderr):
            return None
        raise AzureError(words, done.stderr)
    answer = _json(done.stdout, _UNREADABLE)
    if answer is not _UNREADABLE:
        return answer
    if changes:
        return None
    raise AzureError(words, f"the answer is no JSON: {done.stdout[:200]}")


_UNREADABLE = object()


def _json(text: str, otherwise: object) -> Any:
    """Read an answer; commands that wait print a dot for every look before it."""
    text = text.strip()
    if not text:
        return None
    decoder = json.JSONDecoder()
    for start in (0, *(found.start() for found in re.finditer(r"[{\[]", text))):
        try:
            answer, end = decoder.raw_decode(text, start)
        except ValueError:
            continue
        if end == len(text):
            return answer
    return otherwise
