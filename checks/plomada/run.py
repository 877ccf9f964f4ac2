"""Runs items on a repository: selected ones only, each on its own, in the catalogue's order."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import plomada.items
from plomada.checklist import BY_ID, ITEMS, Item
from plomada.facts import Facts
from plomada.facts.model import Problem
from plomada.items import RULES, Settings
from plomada.records import dataclass
from plomada.repository import Repository
from plomada.verdicts import Verdict, unknown

BROKEN_MODULES: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Result:
    """An item's verdict in a run.

    Attributes:
        item: the item.
        verdict: what its rule says.
        crash: text of the error for a rule that crashed or is missing, else "".
    """

    item: Item
    verdict: Verdict
    crash: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run found.

    Attributes:
        results: one for each selected item, in the catalogue's order.
        problems: what could not be read, by path.
        paths: number of files that were looked at.
        commit: the commit checked out, None without git.
        dirty: the work tree differs from the commit, None without git.
    """

    results: tuple[Result, ...]
    problems: tuple[Problem, ...]
    paths: int
    commit: str | None
    dirty: bool | None


def run(
    repository: Repository, items: Sequence[Item] = ITEMS, settings: Settings | None = None
) -> Run:
    """Run items on a repository.

    Args:
        repository: the files.
        items: the selected items.
        settings: what the policy sets for items.
    """
    with cycles_kept():
        facts = Facts(repository)
        chosen = settings or Settings()
        load_rules({item.section for item in items})
        results = tuple(run_item(item, facts, chosen) for item in items)
        for path, reason in repository.unread.items():
            facts.report(Problem(path, reason, may_hide=frozenset({"text"})))
        commit, dirty = repository.state
        return Run(results, facts.problems, len(repository.paths), commit, dirty)


@contextmanager
def cycles_kept() -> Iterator[None]:
    """Keep the garbage collector from searching the growing facts again and again.

    Facts hold no cycle that dies before the run ends, and the search is a quarter of a run.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def run_item(item: Item, facts: Facts, settings: Settings) -> Result:
    """Run one item; a rule that crashes is unknown and never fatal to the others."""
    rule = RULES.get(item.identifier)
    if rule is None:
        broken = [text for name, text in BROKEN_MODULES.items() if _holds(name, item.section)]
        return _crashed(item, "; ".join(broken) or "no rule is registered for it")
    try:
        return Result(item, rule(facts, settings))
    except Exception as error:  # whatever a rule does, the others go on
        return _crashed(item, _crash_text(error))


def _crashed(item: Item, text: str) -> Result:
    reason = f"the rule could not decide because of an error of the checker ({text})"
    return Result(item, unknown(reason), crash=text)


def _crash_text(error: Exception) -> str:
    """Return the error's type and the innermost place in the checker, no machine path, no value."""
    frame = error.__traceback__
    place = ""
    while frame is not None:
        module = frame.tb_frame.f_globals.get("__name__", "?")
        if str(module).startswith("plomada"):
            place = f"{module}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(error).__name__} in {place}"


def load_rules(sections: Iterable[str]) -> None:
    """Import the rule modules of these sections; each rule registers itself."""
    wanted = sorted(sections)
    for module in pkgutil.iter_modules(plomada.items.__path__):
        if any(_holds(module.name, section) for section in wanted):
            _load(module.name)


def _load(name: str) -> None:
    try:
        importlib.import_module(f"plomada.items.{name}")
    except Exception as error:  # a broken module costs its own items alone
        BROKEN_MODULES[name] = _crash_text(error)


def _holds(module: str, section: str) -> bool:
    return module.partition("_")[0] == section.lower()


def select(names: Iterable[str]) -> tuple[Item, ...]:
    """Return the items that ids and section keys name, in the catalogue's order."""
    wanted = set(names)
    return tuple(item for item in ITEMS if wanted & {item.identifier, item.section})


def missing_rules() -> list[str]:
    """Return the items that no module has a rule for (a test asserts that there are none)."""
    load_rules({item.section for item in ITEMS})
    return [name for name in BY_ID if name not in RULES]
