"""What several rules say in the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import TypeVar

from plomada.facts import Facts
from plomada.facts.acts.superlinter import switched_off as switched_off_tools
from plomada.facts.model import Act, Resource
from plomada.facts.pipelines.running import by_people, declares
from plomada.records import replace
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Remark, Verdict, failed, unknown

T = TypeVar("T")


def absent(
    facts: Facts, reason: str, advice: Iterable[Remark] = (), findings: Iterable[Remark] = ()
) -> Verdict:
    """Return a fail for what was looked for and not found, unknown where a file may hide it."""
    hiding = facts.hiding("resources")
    if hiding:
        return unknown(f"{reason}; {hiding[0].path} could not be read whole", advice)
    return failed(reason, findings, advice)


def first_line(span: Span) -> Span:
    """Return the first line of a place: a declaration is pointed at by its head."""
    return (
        span
        if span.line == span.end_line
        else replace(span, end_line=span.line, end_column=span.column + 1)
    )


def at(code: str, message: str, resource: Resource, span: Span | None = None) -> Remark:
    """Return a remark about a resource, at its head or at one of its properties."""
    place = first_line(span or resource.span)
    return Remark(code, message, place, resource.address, resource.call_chain)


def once(remarks: Iterable[Remark]) -> list[Remark]:
    """Return remarks without those that say the same of the same place."""
    return list(
        {(r.code, r.span, r.message if r.span is None else ""): r for r in remarks}.values()
    )


def access_policies(facts: Facts) -> list[Finding]:
    """Return the access policies of key vaults, which are not role assignments, a few of them."""
    message = "an access policy of a key vault is no role assignment"
    vaults = facts.estate.of_type("microsoft.keyvault/vaults")
    given = [r for r in vaults if any(k.startswith("accesspolicies.0") for k in r.properties)]
    found = [(r, r.places.get("accesspolicies")) for r in given]
    found += [(r, None) for r in facts.estate.of_type("microsoft.keyvault/vaults/accesspolicies")]
    return once(at("access-policy", message, resource, place) for resource, place in found)[:4]


def spread(things: Iterable[T], key: Callable[[T], object]) -> list[T]:
    """Return things in order, those of another key before more of the same."""
    counted: Counter[object] = Counter()
    numbered = []
    for thing in things:
        numbered.append((counted[key(thing)], thing))
        counted[key(thing)] += 1
    return [thing for _, thing in sorted(numbered, key=itemgetter(0))]


def declared(resources: Iterable[Resource], code: str, what: str) -> Iterator[Evidence]:
    """Yield an evidence for each resource."""
    for resource in resources:
        yield at(code, f"{what} is declared", resource)


def switched_off(resources: Iterable[Resource]) -> Iterator[Advice]:
    """Yield an advice for what production's values switch off."""
    for resource in resources:
        if resource.deployed is False:
            yield at("switched-off", "production's values switch this off", resource)


def is_disabled(resource: Resource) -> bool:
    """Tell whether a resource's own ``enabled`` is known to be off, at production's values."""
    enabled = resource.properties.get("enabled")
    return enabled is not None and enabled.kind == "known" and str(enabled.data).lower() == "false"


def done(facts: Facts, code: str, what: str, *verbs: str) -> Iterator[Evidence]:
    """Yield an evidence for each act of some verbs in a pipeline, script or code."""
    for act in acts(facts, *verbs):
        yield Remark(
            code, f"{what} is created by {act.tool or act.target}", first_line(act.span), act.tool
        )


def acts(facts: Facts, *verbs: str) -> Iterator[Act]:
    """Yield the acts of some verbs that count as declaring what they do."""
    for act in facts.acts:
        if act.verb in verbs and declares(act):
            yield act


def by_hand(facts: Facts, *verbs: str, target: str = "") -> list[Finding]:
    """Return what a script or target would do if a person started it."""
    return [
        Finding("by-hand", f"{act.tool} runs only where a person starts it", act.span, act.tool)
        for act in by_people(facts, *verbs)
        if target in ("", act.target)
    ]


def left_out(facts: Facts, verb: str) -> list[Finding]:
    """Return the tools of super-linter that are switched off."""
    return [
        Finding("switched-off", f"{tool} of super-linter is switched off", span, tool)
        for tool, span in switched_off_tools(facts, verb)
    ]


__all__ = [
    "Evidence",
    "Finding",
    "absent",
    "access_policies",
    "acts",
    "at",
    "by_hand",
    "declared",
    "done",
    "first_line",
    "is_disabled",
    "left_out",
    "once",
    "spread",
    "switched_off",
]
