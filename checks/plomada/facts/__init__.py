"""Syntax to meaning: one model for all dialects, lazy and computed once.

Facts know no checklist. Each property imports its module at first use, so that an item that is
not selected costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from plomada.facts.assets.assets import Assets
    from plomada.facts.code.code import Code
    from plomada.facts.decisions.decisions import Decisions
    from plomada.facts.documents.documents import Documents
    from plomada.facts.estate.resources import Estate
    from plomada.facts.model import Act, Command, Pipeline, Problem
    from plomada.facts.reach.reach import Reach
    from plomada.facts.serving.images import Images
    from plomada.readers.nodes import Node
    from plomada.repository import Repository

T = TypeVar("T")


def remembered(function: Callable[[Facts], T]) -> Callable[[Facts], T]:
    """Keep what a function finds in the facts, for the next item that asks the same."""

    @wraps(function)
    def look_up(facts: Facts) -> T:
        if function not in facts.found:
            facts.found[function] = function(facts)
        kept: T = facts.found[function]
        return kept

    return look_up


class Facts:
    """Everything that items may ask of one repository.

    Args:
        repository: the files and their text.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._problems: list[Problem] = []
        self._nodes: dict[str, tuple[Node, ...]] = {}
        self.found: dict[Callable[[Facts], Any], Any] = {}

    def nodes(self, path: str) -> tuple[Node, ...]:
        """Return the documents of a YAML, JSON or TOML file (by suffix), parsed at most once.

        What could not be read is reported as a problem; a missing file has no documents.
        """
        if path not in self._nodes:
            from plomada.facts.trees import read_nodes

            self._nodes[path] = read_nodes(self, path)
        return self._nodes[path]

    def report(self, problem: Problem) -> None:
        """Note something that could not be read; the same problem is noted once."""
        if problem not in self._problems:
            self._problems.append(problem)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that could not be read so far, in the order of paths."""
        return tuple(sorted(self._problems, key=lambda p: (p.path, p.reason)))

    def hiding(self, kind: str) -> tuple[Problem, ...]:
        """Return the problems that may hide facts of a kind (``Problem.may_hide``)."""
        return tuple(p for p in self.problems if kind in p.may_hide)

    @cached_property
    def pipelines(self) -> tuple[Pipeline, ...]:
        """GitHub Actions and Azure Pipelines, called files expanded."""
        from plomada.facts.pipelines.pipelines import read_pipelines

        return read_pipelines(self)

    @cached_property
    def reach(self) -> Reach:
        """What runs what: from steps and hooks to scripts, targets, modules, jobs, functions."""
        from plomada.facts.reach.reach import Reach

        return Reach(self)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """Every command line, reached or not, with its route."""
        return self.reach.commands

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """Who does what, from commands, actions, tasks, SDK and REST calls."""
        from plomada.facts.acts.acts import read_acts

        return read_acts(self)

    @cached_property
    def estate(self) -> Estate:
        """Resources and links of Bicep, ARM JSON and Terraform."""
        from plomada.facts.estate.resources import read_estate

        return read_estate(self)

    @cached_property
    def assets(self) -> Assets:
        """Azure ML entities of every dialect."""
        from plomada.facts.assets.assets import Assets

        return Assets(self)

    @cached_property
    def code(self) -> Code:
        """Python: modules, functions, resolved calls, tests."""
        from plomada.facts.code.code import Code

        return Code(self)

    @cached_property
    def images(self) -> Images:
        """Dockerfiles, and what builds them."""
        from plomada.facts.serving.images import Images

        return Images(self)

    @cached_property
    def decisions(self) -> Decisions:
        """What decides what."""
        from plomada.facts.decisions.decisions import Decisions

        return Decisions(self)

    @cached_property
    def documents(self) -> Documents:
        """Markdown and its links, headings, code blocks."""
        from plomada.facts.documents.documents import Documents

        return Documents(self)
