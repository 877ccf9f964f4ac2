"""What runs by itself: in a pipeline, in a hook, on a trigger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.acts.tools import table
from plomada.facts.model import Act, Problem, Trigger
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_LANGUAGES = {
    "python": (".py", ".ipynb"),
    "r": (".r", ".rmd"),
    "javascript": (".js", ".ts", ".tsx", ".jsx"),
    "powershell": (".ps1",),
    "terraform": (".tf",),
}


_DECLARING = frozenset({"pipeline", "script", "target", "code", "hook", "iac", "aml-job"})


def declares(act: Act) -> bool:
    """Tell whether an act counts as declaring what it does: notebooks and documents do not.

    What an image's build runs counts where a pipeline builds it.
    """
    return act.source in _DECLARING or act.job is not None


def runs_in_hook(act: Act) -> bool:
    """Tell whether a hook does an act."""
    return any(edge.how == "hook" for edge in act.route)


def running(acts: Iterable[Act]) -> list[Act]:
    """Return the acts that a pipeline or a hook does, those of pipelines first."""
    found = list(acts)
    return [a for a in found if a.job is not None] + [
        a for a in found if a.job is None and runs_in_hook(a)
    ]


def by_pipelines(facts: Facts, *verbs: str) -> list[Act]:
    """Return the acts of some verbs that a pipeline's job does, once for each place and job."""
    found: dict[tuple[str, Span, str], Act] = {}
    for act in acts_of(facts, *verbs):
        if act.job is not None:
            found.setdefault((act.verb, act.span, act.job.address), act)
    return list(found.values())


def by_people(facts: Facts, *verbs: str) -> list[Act]:
    """Return the acts of scripts and targets that nothing but a person starts, each place once."""
    found = (a for a in acts_of(facts, *verbs) if a.job is None and not a.route)
    return once(a for a in found if a.source in ("target", "script"))


def once(acts: Iterable[Act]) -> list[Act]:
    """Return the first act of each place."""
    found: dict[Span, Act] = {}
    for act in acts:
        found.setdefault(act.span, act)
    return list(found.values())


def hidden(facts: Facts, *verbs: str) -> tuple[Problem, ...]:
    """Return the problems whose file names something that does one of some verbs.

    A pipeline that could not be read whole hides a scanner only if its text holds the scanner's
    name; one that was read but for some lines, only if those hold it.
    """
    words = table().keywords(*verbs)
    problems = facts.hiding("pipelines")
    naming = {p: facts.repository.mentions(p, *words) for p in {q.path for q in problems}}
    whole = [problem for problem in problems if naming[problem.path]]
    lines = [p for p in facts.hiding("pipeline lines") if any(w in _at(facts, p) for w in words)]
    return (*whole, *lines)


def _at(facts: Facts, problem: Problem) -> str:
    """Return the lines where a problem stands, in lower case."""
    if problem.span is None:
        return ""
    lines = (facts.repository.text(problem.path) or "").split("\n")
    return "\n".join(lines[problem.span.line - 1 : problem.span.end_line]).lower()


def main_language(facts: Facts) -> str:
    """Return the language that Python's tools stand for: Python where there is any."""
    counts = {
        name: len(facts.repository.with_suffix(*suffixes)) for name, suffixes in _LANGUAGES.items()
    }
    if counts["python"] or not any(counts.values()):
        return "python"
    return max(counts, key=lambda name: counts[name])


def triggers_of(act: Act, *kinds: str) -> Iterator[Trigger]:
    """Yield the triggers of some kinds that start the pipeline of an act."""
    if act.job is not None:
        yield from (t for t in act.job.triggers if t.kind in kinds)


def related(act: Act) -> tuple[Span, ...]:
    """Return the route to an act as places."""
    return tuple(edge.span for edge in act.route)


def own_step(act: Act) -> Span | None:
    """Return where the started pipeline's own file leads to an act, None where it is there."""
    path = act.job.pipeline if act.job is not None else ""
    if act.span.path == path:
        return None
    return next((edge.span for edge in reversed(act.route) if edge.span.path == path), None)
