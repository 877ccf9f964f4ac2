"""DEV4: unit tests with a coverage gate."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.model import Act
from plomada.facts.pipelines.running import by_pipelines, hidden, once, related
from plomada.facts.quality.coverage import Gate, gates
from plomada.items import Settings, item
from plomada.spans import Span
from plomada.verdicts import Evidence, Finding, Verdict, failed, passed, unknown

FLOOR = 80
MOST_FILES = 6


@item("DEV4")
def tests_with_coverage(facts: Facts, settings: Settings) -> Verdict:
    """There are tests, a pipeline runs them, and a coverage gate of 80 % or more is enforced."""
    tests = [test for test in facts.code.tests if not test.hollow]
    runs = [a for a in once(by_pipelines(facts, "test")) if a.target == "python"]
    found = gates(facts)
    enforced = [g for g in found if g.enforced_at is not None and not g.soft]
    high = [g for g in enforced if g.percent >= FLOOR]
    if tests and runs and high:
        evidence = [
            Evidence("gate", f"coverage below {high[0].percent:g} % fails", high[0].span),
            Evidence("run", "a pipeline runs the tests", runs[0].span, related=related(runs[0])),
            Evidence("test", "a test function", tests[0].span, tests[0].address),
        ]
        return passed("a pipeline runs the tests and enforces the gate", evidence)
    if (unread := hidden(facts, "test")) and not runs:
        return unknown(f"{unread[0].path} could not be read whole and may run the tests")
    if not facts.code.tests:
        places = [a.span for a in runs] or [g.span for g in found]
        reason = "there is no test function"
        return failed(reason, [Finding("no-tests", reason, p) for p in places[:2]])
    return _hollow(facts) if runs and high else _lacking(runs, found, first_of_files(facts))


def _hollow(facts: Facts) -> Verdict:
    """Point at test functions that do nothing."""
    reason = "no test function does anything"
    places = [(t.span, t.address) for t in facts.code.tests[:3]]
    return failed(reason, [Finding("hollow-test", reason, *place) for place in places])


def first_of_files(facts: Facts) -> list[Span]:
    """Return the first test of each file, of a few files."""
    by_file: dict[str, Span] = {}
    for test in facts.code.tests:
        by_file.setdefault(test.span.path, test.span)
    return list(by_file.values())[:MOST_FILES]


def _lacking(runs: list[Act], found: tuple[Gate, ...], tests: list[Span]) -> Verdict:
    """Say whether the run or the gate is missing, and point where it would stand."""
    if not runs:
        places = [*(g.span for g in found[:1]), *tests]
        reason = "no pipeline runs the tests"
        return failed(reason, [Finding("not-run", reason, p) for p in places])
    low = [g for g in found if g.percent < FLOOR]
    if low:
        reason = f"the gate is {low[0].percent:g} %, below {FLOOR} %"
        return failed(reason, [Finding("low-gate", reason, low[0].span)])
    soft = [g for g in found if g.soft]
    if soft:
        reason = "a run below the gate does not fail"
        return failed(reason, [Finding("soft-gate", reason, soft[0].span)])
    if found:
        reason = f"the gate of {found[0].percent:g} % is enforced by no pipeline"
        return failed(reason, [Finding("unused-gate", reason, found[0].span)])
    reason = "the tests run without a coverage gate"
    return failed(
        reason, [Finding("no-gate", reason, a.span, related=related(a)) for a in runs[:3]]
    )
