"""Which submitted jobs train: by the code that they reach, their kind, or what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.code.calls import bare_name, scope_at
from plomada.facts.model import Act, Edge
from plomada.facts.strings import shown
from plomada.patterns import regex
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_FITS = regex(
    r"(^|[.:])(fit|fit_transform|partial_fit|train|train_model|train_one_epoch|backward|fine_tune|fit_generator|"
    r"log_model|autolog|create_automl|AutoMLConfig|AutoMLStep|HyperDriveConfig|HyperDriveStep|sweep|classification|"
    r"regression|forecasting|image_classification|text_classification)$"
)
_NAMED = regex(r"train|fit\b|sweep|tune|hyperdrive|automl|fine.?tun", re.I)
_OTHER = regex(
    r"drift|monitor|batch.?scor|infer|score|predict|export|deploy|eval(?!.*train)|cleanup", re.I
)


def training_acts(facts: Facts) -> Iterator[Act]:
    """Yield the acts that submit a training job to Azure ML or another remote service."""
    for act in acts_of(facts, "train"):
        if act.source != "notebook" and trains(facts, act):
            yield act


def trains(facts: Facts, act: Act) -> bool:
    """Tell whether what an act submits trains a model.

    The code that the job reaches decides; where none of it is in the repository, its name does.
    """
    if act.target == "shared":
        return True
    ends = _reached_from(facts, act)
    if any(_fits(facts, address) for address in ends):
        return True
    edges = list(_edges_after(facts, act))
    text = _spec_text(facts, [e.target for e in edges])
    names = " ".join(
        [*(shown(v) for v in act.arguments.values()), *(e.target for e in edges), *ends]
    )
    if re.search(r"type:\s*(sweep|automl)", text):
        return True
    if ends:
        return bool(_NAMED.search(names)) and not _OTHER.search(names)
    return bool(_NAMED.search(f"{names} {text}")) or not _OTHER.search(f"{names} {act.function}")


def _edges_after(facts: Facts, act: Act) -> Iterator[Edge]:
    """Yield the edges that leave from the act's own place, or, for SDK calls, from its function."""
    seen: dict[int, Edge] = {}  # by identity first: routes share their edges
    for route in facts.reach.routes_after(act.span, act.function):
        seen.update((id(later), later) for later in route)
    yield from dict.fromkeys(seen.values())


def _reached_from(facts: Facts, act: Act) -> list[str]:
    """Return the functions that run in the job that an act submits.

    Those of the file that it names; where it names none, of the jobs that were built beside it.
    """
    named, beside = [], []
    job = act.job.address if act.job is not None else ""
    for reached in facts.reach.functions_in((job,)):
        starts = [e for e in reached.route if e.how in ("aml-job", "component")]
        if any(e.span == act.span for e in starts):
            named.append(reached.address)
        elif act.function and (
            any(e.source == act.function for e in starts) or _built_beside(act, reached.route)
        ):
            beside.append(reached.address)
    return named or beside


def _built_beside(act: Act, route: tuple[Edge, ...]) -> bool:
    """Tell whether a job's code was named on the way to the act: SDKs build and submit apart."""
    return any(
        e.how == "aml-job" and e.source.partition("::")[0] == act.function.partition("::")[0]
        for e in route
    )


def _fits(facts: Facts, address: str) -> bool:
    scope = scope_at(facts.code, address)
    for site in scope.sites if scope is not None else ():
        bare = bare_name(site.node.func)
        if _FITS.search(f".{bare}") and _FITS.search(facts.code.name(site)):
            return True
    return False


def _spec_text(facts: Facts, paths: list[str]) -> str:
    texts = [facts.repository.lowered(p)[:4_000] for p in paths if facts.repository.exists(p)]
    return "\n".join(t for t in texts if t)


def training_schedules(facts: Facts) -> Iterator[Span]:
    """Yield the places of Azure ML schedules whose job trains, tracked as specs or made by code."""
    for reached in facts.reach.functions:
        first = reached.route[0] if reached.route else None
        if first is not None and first.how == "aml-job" and first.target.endswith("::create_job"):
            yield from [first.span] if _fits(facts, reached.address) else []
    for act in acts_of(facts, "schedule"):
        if act.dialect == "sdk1" and act.source != "notebook" and _schedules_training(act):
            yield act.span


def _schedules_training(act: Act) -> bool:
    names = f"{act.function} " + " ".join(shown(v) for v in act.arguments.values())
    return not _OTHER.search(names)


def trains_on_runner(facts: Facts) -> Iterator[Act]:
    """Yield registrations by jobs whose own steps train the model on the runner."""
    trained: set[str] = set()
    for reached in facts.reach.functions:
        if reached.job is None or any(e.how in ("aml-job", "component") for e in reached.route):
            continue
        if reached.address.partition("::")[0] and _fits(facts, reached.address):
            trained.add(reached.job.pipeline)
    for act in acts_of(facts, "register-model", "share-model"):
        if act.job is not None and act.job.pipeline in trained:
            yield act
