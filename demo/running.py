"""Runs steps: one log file each, the time that it took, the last line that it printed."""

import os
import signal
import subprocess  # nosec B404  # running commands is what the demonstration is for
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.steps import Command, Step

STOPS_WITHIN = 10.0
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
        self._stopped = threading.Event()
        self._running: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self._logs = logs
        self._environment = dict(environment)
        logs.mkdir(parents=True, exist_ok=True)

    def run(self, step: Step) -> str:
        """Run a step's commands one after the other.

        Returns:
            What they printed.

        Raises:
            StepError: If one of them ends with another exit code than 0.
        """
        with self._recorded(step) as log:
            for command in step.commands:
                process = self._start(command, log)
                try:
                    code = process.wait()
                except BaseException:
                    _stop(process)
                    raise
                finally:
                    self._running.remove(process)
                if code:
                    raise StepError(f"{' '.join(command)}: exit code {code}")
        return log.read_text(encoding="utf-8", errors="replace")

    def side_by_side(self, *lanes: Callable[[], object]) -> None:
        """Run rows of steps at the same time; the first that fails stops the others.

        Args:
            lanes: Each runs its own steps, one after the other.

        Raises:
            StepError: A step of one of them did not succeed.
        """
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                for lane in as_completed([pool.submit(lane) for lane in lanes]):
                    lane.result()
            except BaseException:
                self._stopped.set()
                for process in list(self._running):
                    _stop(process)
                raise

    @contextmanager
    def _recorded(self, step: Step) -> Iterator[Path]:
        """Time a step, show it when it ends, and add what it printed to the message if it fails."""
        log = self._logs / f"{step.name}.log"
        log.unlink(missing_ok=True)
        began = time.perf_counter()
        try:
            yield log
        except StepError as failure:
            if not self._stopped.is_set():
                print(f"{step.name:<10} failed", flush=True)
            raise StepError(f"{step.name} failed: {failure}\n{_end_of(log)}") from None
        seconds = time.perf_counter() - began
        print(f"{step.name:<10} {seconds:6.1f} s  {_last_line(log)}"[:100], flush=True)
        self.outcomes.append(Outcome(step.name, seconds, step.result))

    def _start(self, command: Command, log: Path) -> subprocess.Popen[bytes]:
        if self._stopped.is_set():
            raise StepError("another step has failed")
        with log.open("ab") as output:
            process = subprocess.Popen(  # nosec B603
                command,
                cwd=self._folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)
        return process


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End a process with those that it started."""
    if server.poll() is not None:
        return
    if os.name == "nt":
        server.terminate()
    else:
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(STOPS_WITHIN)
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
