"""A target of a task runner."""

from __future__ import annotations

from plomada.readers.source import Source
from plomada.records import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """A target with its commands.

    Attributes:
        path: the file that declares it.
        name: its name there.
        runner: ``make``, ``just``, ``npm`` ...
        scripts: its commands' texts, in order, each with whether its failure is ignored.
        needs: names of tasks of the same file that run before it.
        directory: the folder that it runs in.
        function: address of the Python function that is it (nox, invoke).
        aliases: other names that it answers to, tags among them.
        apart: it runs only where it stands in for a target that has none of its own.
    """

    path: str
    name: str
    runner: str
    scripts: tuple[tuple[Source, bool], ...] = ()
    needs: tuple[str, ...] = ()
    directory: str = ""
    function: str = ""
    aliases: tuple[str, ...] = ()
    apart: bool = False

    @property
    def address(self) -> str:
        """``path::name``."""
        return f"{self.path}::{self.name}"
