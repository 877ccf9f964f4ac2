"""The ways a step can end other than well. Each carries the exit code of the command line."""

from __future__ import annotations


class LifecycleError(Exception):
    """A step ended with a message for a person; the message is the whole output."""

    exit_code = 2


class Refused(LifecycleError):
    """The gate, the monitor or a deployment said no: the measured values are in the message."""

    exit_code = 1


class BadInput(LifecycleError):
    """The input is wrong: the message names the place and the way out."""


class MissingStep(LifecycleError):
    """A step's predecessor has not run.

    Args:
        what: What was looked for, with its place.
        step: The step that makes it.
    """

    def __init__(self, what: str, step: str) -> None:
        super().__init__(f"{what} is missing: run `{step}` first")
        self.step = step
