"""MON6, MON7: drift of data, performance of models in production."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plomada.facts import Facts
from plomada.facts.code.code import is_test_file
from plomada.facts.monitoring.monitoring import (
    DRIFT_SIGNALS,
    Found,
    drift_jobs,
    monitors,
    signals,
    v1_detectors,
)
from plomada.facts.monitoring.performance import scoring_jobs
from plomada.items import Settings, item
from plomada.items.common import first_line
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown

MOST_NAMED = 4


@item("MON6")
def data_drift(facts: Facts, settings: Settings) -> Verdict:
    """A monitor has a drift signal.

    Or a job that runs by itself computes drift over data from outside.
    """
    evidence, advice = _signals(facts, DRIFT_SIGNALS - {"feature_attribution_drift"})
    evidence += [
        Evidence("detector", "an SDK v1 drift detector", span) for span in v1_detectors(facts)
    ]
    computed = drift_jobs(facts)
    evidence += _jobs(computed)
    if evidence:
        return passed("drift is monitored", evidence, advice)
    if not computed and (facts.hiding("assets") or facts.hiding("code")):
        return unknown("no drift monitor was found, but not everything could be read")
    return failed(
        "no drift monitor, and no job that computes drift over data from outside",
        [*_idle(computed), *_others(facts, "drift")] or _named(facts),
    )


@item("MON7")
def model_performance(facts: Facts, settings: Settings) -> Verdict:
    """A monitor has a model_performance signal.

    Or a job scores production predictions against truth.
    """
    evidence, advice = _signals(facts, frozenset({"model_performance"}))
    computed = scoring_jobs(facts)
    evidence += _jobs(computed)
    if evidence:
        return passed("the model's performance in production is tracked", evidence, advice)
    if not computed and (facts.hiding("assets") or facts.hiding("code")):
        return unknown("no performance monitor was found, but not everything could be read")
    return failed(
        "nothing scores production predictions against ground truth",
        [*_idle(computed), *_others(facts, "model performance")],
    )


def _signals(facts: Facts, wanted: frozenset[str]) -> tuple[list[Evidence], list[Advice]]:
    evidence, advice = [], []
    for monitor in monitors(facts):
        for kind, span in signals(monitor):
            if kind in wanted:
                evidence.append(Evidence("signal", f"a monitor has the signal {kind}", span))
                if monitor.applied is None:
                    advice.append(
                        Advice("not-applied", "nothing applies the monitor", monitor.span)
                    )
    return evidence, advice


def _named(facts: Facts) -> list[Finding]:
    """Point at code that is called drift: where a job would have to run what computes it."""
    found = []
    for path in facts.code.paths:
        if is_test_file(path) or not facts.code.mentions(path, "drift"):
            continue
        module = facts.code.module(path)
        scopes = module.scopes if module is not None else ()
        own = [s for s in scopes if s.is_function and "drift" in s.name.lower()]
        if module is not None and own:
            span = first_line(module.span(own[0].node))
            found.append(Finding("not-run", "no job computes drift by this", span, path))
    return found[:MOST_NAMED]


def _others(facts: Facts, missing: str) -> Iterator[Finding]:
    for monitor in monitors(facts):
        place = next((span for _, span in signals(monitor)), monitor.span)
        yield Finding("no-signal", f"this monitor has no signal of {missing}", place)


def _jobs(computed: Iterable[Found]) -> list[Evidence]:
    found = []
    for one in computed:
        if one.started is not None and one.outside is not None:
            found.append(
                Evidence(
                    "computed", f"{one.name} runs by itself", one.span, one.name, (one.started,)
                )
            )
            found.append(
                Evidence("outside", "over data that arrive from outside", one.outside, one.name)
            )
            found.append(Evidence("started", "and this starts it", one.started, one.name))
    return found


def _idle(computed: Iterable[Found]) -> list[Finding]:
    found = []
    for one in computed:
        why = (
            "no pipeline or schedule runs it"
            if one.started is None
            else "its data come from the same pipeline or tracked files"
        )
        found.append(Finding("no-monitor", f"{one.name}: {why}", one.span, one.name))
    return found
