"""``plomada check`` without its command line: a repository to a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from plomada.checklist import Item
from plomada.facts.model import Problem
from plomada.items import Settings
from plomada.outcome import Entry, Report, Unread
from plomada.policy import Policy, chosen_items, read_policy
from plomada.repository import Repository
from plomada.run import Result, run

# Which dialects of an item's examples tell that an unread file of a kind may concern it.
_CONCERNS = {
    "pipelines": {"github", "azure-pipelines", "hook", "pipeline"},
    "pipeline lines": {"github", "azure-pipelines", "hook", "pipeline"},
    "resources": {"bicep", "arm", "terraform"},
    "assets": {"yaml", "sdk", "cli"},
    "code": {"code", "sdk"},
    "documents": {"document"},
}


def check(
    repository: Repository,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    today: date | None = None,
) -> Report:
    """Check a repository under its own policy.

    Args:
        repository: the files.
        select: ids and sections, instead of the policy's selection.
        ignore: ids and sections, besides the policy's.
        today: the day that waivers are judged at.

    Raises:
        PolicyError: the policy file is wrong.
    """
    policy = read_policy(repository)
    items = chosen_items(policy, select, ignore)
    done = run(repository, items, Settings(environments=policy.environments))
    return Report(
        entries=tuple(_entry(result, policy, today or date.today()) for result in done.results),
        unread=tuple(_unread(problem, items) for problem in done.problems),
        files=done.paths,
        commit=done.commit,
        dirty=done.dirty,
        text=repository.text,
    )


def _entry(result: Result, policy: Policy, today: date) -> Entry:
    waiver = policy.waivers.get(result.item.identifier)
    if waiver is None or result.verdict.state != "failed":
        return Entry(result.item, result.verdict)
    if waiver.expires < today:
        note = f"the waiver of {waiver.owner} expired on {waiver.expires.isoformat()}"
        return Entry(result.item, result.verdict, "none", note)
    note = f"waived by {waiver.owner} until {waiver.expires.isoformat()}: {waiver.reason}"
    return Entry(result.item, result.verdict, "waived", note)


def _unread(problem: Problem, items: Sequence[Item]) -> Unread:
    place = f"line {problem.span.line}: " if problem.span is not None else ""
    concerned = tuple(item.identifier for item in items if _concerns(problem, item))
    return Unread(problem.path, place + problem.reason, concerned)


def _concerns(problem: Problem, item: Item) -> bool:
    if "text" in problem.may_hide and item.identifier == "SEC1":
        return True
    return any(_CONCERNS.get(kind, set()) & set(item.dialects) for kind in problem.may_hide)
