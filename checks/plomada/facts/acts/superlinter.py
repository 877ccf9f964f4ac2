"""Which of its tools super-linter runs: its switches are environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.model import Job, Step, Value
from plomada.facts.pipelines.pipelines import running_jobs
from plomada.facts.strings import shown

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span

_SWITCH = "VALIDATE_"
_NO_TOOL = frozenset({"VALIDATE_ALL_CODEBASE"})
# The tools by what they do here; of those that it leaves alone all run.
_TOOLS = {
    "lint": ("PYTHON", "PYTHON_FLAKE8", "PYTHON_PYLINT", "PYTHON_RUFF"),
    "format": ("PYTHON_BLACK", "PYTHON_RUFF_FORMAT"),
    "type-check": ("PYTHON_MYPY",),
    "scan-secrets": ("GITLEAKS",),
}


def is_super_linter(uses: str) -> bool:
    """Tell whether a step's action is super-linter."""
    return "super-linter/super-linter" in uses or uses.startswith("github/super-linter")


def runs(job: Job, step: Step, verb: str) -> bool:
    """Tell whether super-linter runs a tool that does this: what is switched on stands alone."""
    states = {name: shown(value).lower() for name, value in _switches(job, step).items()}
    names = [f"{_SWITCH}{tool}" for tool in _TOOLS.get(verb, ())]
    if not names:
        return True
    if "true" in states.values():
        return any(states.get(name) == "true" for name in names)
    return any(states.get(name) != "false" for name in names)


def _switches(job: Job, step: Step) -> Mapping[str, Value]:
    given = {**job.env, **step.env}
    return {k: v for k, v in given.items() if k.startswith(_SWITCH) and k not in _NO_TOOL}


def switched_off(facts: Facts, verb: str) -> Iterator[tuple[str, Span]]:
    """Yield the tools that super-linter is told to leave out, and where it is told."""
    for job in running_jobs(facts):
        for step in job.steps:
            if step.disabled or not is_super_linter(step.uses):
                continue
            switches = _switches(job, step)
            for tool in _TOOLS.get(verb, ()):
                value = switches.get(f"{_SWITCH}{tool}")
                if value is not None and shown(value).lower() == "false":
                    yield tool, value.origins[0] if value.origins else step.span
