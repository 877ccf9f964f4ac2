"""What an item says of a repository, and how it says it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from plomada.records import dataclass
from plomada.spans import Span

State = Literal["passed", "failed", "not_applicable", "unknown"]


@dataclass(frozen=True, slots=True)
class Remark:
    """An evidence, a finding or an advice; which one is told by the list that it stands in.

    Attributes:
        code: short stable name of the kind of remark within its item: ``no-linter``.
        message: one sentence; never a secret's value.
        span: its place, None for "looked for and not found".
        subject: what it speaks of: a resource's address, a job's, an endpoint's name.
        related: the route that leads to it, in order.
    """

    code: str
    message: str
    span: Span | None = None
    subject: str = ""
    related: tuple[Span, ...] = ()


Evidence: TypeAlias = Remark
Finding: TypeAlias = Remark
Advice: TypeAlias = Remark


@dataclass(frozen=True, slots=True)
class Verdict:
    """An item's verdict.

    Attributes:
        state: passed, failed, not_applicable or unknown.
        reason: one sentence for a person.
        evidence: what a pass rests on; never empty for ``passed``.
        findings: what is wrong, or what was looked for; never empty for ``failed``.
        advice: remarks that do not change the verdict.
    """

    state: State
    reason: str
    evidence: tuple[Remark, ...] = ()
    findings: tuple[Remark, ...] = ()
    advice: tuple[Remark, ...] = ()


def passed(reason: str, evidence: Iterable[Remark], advice: Iterable[Remark] = ()) -> Verdict:
    """Return a pass; raises ValueError without evidence, for a pass on looks is a defect."""
    found = _once(evidence)
    if not found:
        raise ValueError("a pass needs evidence")
    return Verdict("passed", reason, evidence=found, advice=_once(advice))


def _once(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Return remarks once each: several jobs that run one place say one thing of it."""
    first: dict[tuple[str, str, Span | None, str], Remark] = {}
    for remark in remarks:
        key = (remark.code, remark.message, remark.span, remark.subject)
        first.setdefault(key, remark)
    return tuple(first.values())


def failed(
    reason: str,
    findings: Iterable[Remark] = (),
    advice: Iterable[Remark] = (),
    evidence: Iterable[Remark] = (),
) -> Verdict:
    """Return a fail; with no findings, ``reason`` is taken as what was looked for and not found."""
    found = _once(findings) or (Remark("not-found", reason),)
    return Verdict("failed", reason, findings=found, advice=_once(advice), evidence=_once(evidence))


def not_applicable(reason: str, advice: Iterable[Remark] = ()) -> Verdict:
    """Return that the item cannot apply, with the reason that CHECKLIST names."""
    return Verdict("not_applicable", reason, advice=tuple(advice))


def unknown(reason: str, advice: Iterable[Remark] = ()) -> Verdict:
    """Return that the item would rest on absence where something unread may hide the presence."""
    return Verdict("unknown", reason, advice=tuple(advice))
