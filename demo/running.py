"""Runs steps: one log file each, the time that it took, the last line that it printed."""

import os
import signal
import subprocess  # nosec B404  # running commands is what the demonstration is for
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.steps import Command, Step

SERVER_STARTS_WITHIN = 60.0
SERVER_STOPS_WITHIN = 10.0
LINES_SHOWN_OF_A_FAILURE = 30


class StepError(Exception):
    """A step did not succeed; the message says which and shows the end of its log."""


@dataclass(frozen=True)
class Outcome:
    """A finished step: its name, how many seconds it took, and where its result is."""

    name: str
    seconds: float
    result: str


class Runner:
    """Runs steps in one folder and shows what is going on.

    Attributes:
        outcomes: What has finished so far, in order.
    """

    def __init__(self, folder: Path, logs: Path, environment: Mapping[str, str]) -> None:
        self.outcomes: list[Outcome] = []
        self._folder = folder
        self._logs = logs
        self._environment = dict(environment)
        logs.mkdir(parents=True, exist_ok=True)

    def run(self, step: Step) -> None:
        """Run a step's commands one after the other.

        Raises:
            StepError: If one of them ends with another exit code than 0.
        """
        with self._recorded(step) as log:
            for command in step.commands:
                code = self._start(command, log).wait()
                if code:
                    raise StepError(f"{' '.join(command)}: exit code {code}")

    @contextmanager
    def serving(self, step: Step, url: str) -> Iterator[None]:
        """Keep a step's one command running; its time is the time until it answers.

        Args:
            step: What starts the server.
            url: What answers with success as soon as the server is ready.

        Raises:
            StepError: If the server ends or does not answer in time.
        """
        with self._recorded(step) as log:
            server = self._start(step.commands[0], log, own_session=True)
            try:
                _wait_for(url, server)
            except StepError:
                _stop(server)
                raise
        try:
            yield
        finally:
            _stop(server)

    @contextmanager
    def _recorded(self, step: Step) -> Iterator[Path]:
        """Time a step, show it, and add what it printed to the message if it fails."""
        log = self._logs / f"{len(self.outcomes) + 1:02}-{step.name}.log"
        log.unlink(missing_ok=True)
        print(f"{step.name:<10}", end=" ", flush=True)
        began = time.perf_counter()
        try:
            yield log
        except StepError as failure:
            print("failed")
            raise StepError(f"{step.name} failed: {failure}\n{_end_of(log)}") from None
        seconds = time.perf_counter() - began
        print(f"{seconds:6.1f} s  {_last_line(log)}"[:100])
        self.outcomes.append(Outcome(step.name, seconds, step.result))

    def _start(
        self, command: Command, log: Path, own_session: bool = False
    ) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(  # nosec B603
                command,
                cwd=self._folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=own_session,
            )


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SERVER_STARTS_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise StepError(f"the server ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # nosec B310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise StepError(f"no answer from {url} within {SERVER_STARTS_WITHIN:.0f} s")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End a server with the processes that it started."""
    if server.poll() is not None:
        return
    if os.name == "nt":
        server.terminate()
    else:
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(SERVER_STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    shown = "\n".join(f"  {line}" for line in lines[-LINES_SHOWN_OF_A_FAILURE:])
    return f"{shown}\n  (all of it: {log})"


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
