"""CI1 and CI2: validation on each change, and tests with data that they make."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.code.testdata import made_data
from plomada.facts.model import Act
from plomada.facts.pipelines.running import by_pipelines, hidden, once, related, triggers_of
from plomada.items import Settings, item
from plomada.items.common import spread
from plomada.items.dev_tests import first_of_files
from plomada.verdicts import Evidence, Finding, Verdict, failed, passed, unknown

MOST_SHOWN = 8
VALIDATION = ("test", "lint", "type-check", "validate-iac", "format", "package")


@item("CI1")
def build_validation(facts: Facts, settings: Settings) -> Verdict:
    """A pull request or push starts lint, types, tests, a build or IaC validation."""
    acts = sorted(by_pipelines(facts, *VALIDATION), key=lambda a: VALIDATION.index(a.verb))
    for kind in ("pull_request", "push"):
        evidence = _spread([e for e in (list(_validated(act, kind)) for act in acts) if e])
        if evidence:
            return passed("changes are validated", evidence[:MOST_SHOWN])
    if unread := hidden(facts, *VALIDATION):
        return unknown(f"{unread[0].path} could not be read whole and may validate changes")
    if acts:
        reason = f"{acts[0].tool} runs, but only by hand or after other events"
        return failed(reason, [_by_hand(act, reason) for act in acts[:3]])
    places = [t.span for p in facts.pipelines for t in p.triggers if t.kind != "call"]
    scans = by_pipelines(facts, "scan-code", "scan-secrets", "scan-dependencies")
    findings = [
        Finding("scan-only", f"{a.tool} is a security scanner alone", a.span) for a in scans[:2]
    ]
    findings += [
        Finding("no-validation", "started here, but it validates nothing", p) for p in places[:6]
    ]
    return failed("no pipeline validates changes on pull requests or pushes", findings)


def _validated(act: Act, kind: str) -> Iterator[Evidence]:
    """Yield an act and the trigger of a kind that starts it, where one does."""
    for trigger in triggers_of(act, kind):
        yield Evidence("validation", f"{act.tool} runs", act.span, act.tool, related(act))
        yield Evidence("trigger", f"started by {trigger.kind}", trigger.span)


def _spread(validated: list[list[Evidence]]) -> list[Evidence]:
    """Return what validates once for each place, that of another file before more of the same."""
    once = {found[0].span: found for found in reversed(validated)}
    shown = spread(list(once.values())[::-1], lambda found: found[0].span and found[0].span.path)
    return [one for found in shown for one in found[:2]]


def _by_hand(act: Act, reason: str) -> Finding:
    triggers = act.job.triggers if act.job is not None else ()
    return Finding(
        "by-hand", reason, triggers[0].span if triggers else act.span, related=(act.span,)
    )


@item("CI2")
def synthetic_data(facts: Facts, settings: Settings) -> Verdict:
    """A pipeline runs tests that make their own data and feed it to the tested code."""
    runs = [a for a in once(by_pipelines(facts, "test")) if a.target == "python"]
    data = made_data(facts)
    if runs and data:
        evidence = [Evidence("data", d.how, d.span, d.test) for d in data[:3]] + [
            Evidence("run", "a pipeline runs the tests", runs[0].span, related=related(runs[0]))
        ]
        return passed("tests that make their data run in a pipeline", evidence)
    if not runs:
        if unread := hidden(facts, "test"):
            return unknown(f"{unread[0].path} could not be read whole and may run the tests")
        reason = "no pipeline runs the tests"
        first = {d.span.path: d.span for d in reversed(data)}
        places = [*first.values()][::-1] or first_of_files(facts)
        return failed(reason, [Finding("not-run", reason, place) for place in places])
    tests = facts.code.tests
    reason = (
        "no test makes the data that it feeds to the tested code"
        if tests
        else "there is no test function"
    )
    places = [t.span for t in tests[:3]] or [a.span for a in runs[:4]]
    return failed(reason, [Finding("no-data", reason, p) for p in places])
