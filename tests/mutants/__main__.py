"""``make mutants``: every mutant and every harmless change, and what came of them per item."""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence

from tests.mutants.catalogue import HARMLESS, MUTANTS, chosen
from tests.mutants.judging import Outcome, before, try_harmless, try_mutant
from tests.mutants.mutation import Harmless, Mutant, NotExact

Change = Mutant | Harmless
_WAITING: list[Change] = []
FRESH_AFTER = 20  # changes that a process judges: what it has read stays in its memory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen ones and return 1 where one survived or raised a false alarm, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("items", nargs="?", default="", help="ids or sections: CI4,SEC")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--like", default="", help="only those whose title has this text")
    parser.add_argument("--alone", action="store_true", help="judge their own items alone: fast")
    options = parser.parse_args(arguments)
    try:
        items = chosen(options.items.split(","))
    except ValueError as error:
        parser.error(str(error))
    started = time.monotonic()
    changes: list[Change] = [m for m in MUTANTS if m.item in items]
    changes += [h for h in HARMLESS if set(h.items) & set(items)]
    changes = [change for change in changes if options.like in change.title]
    outcomes = _outcomes(changes, options.jobs, functools.partial(_outcome, alone=options.alone))
    print(_table(items, outcomes))
    print(f"{time.monotonic() - started:.0f} s")
    return int(any(outcome.defect for _, outcome in outcomes))


def _outcomes(
    changes: list[Change], jobs: int, judged: Callable[[int], Outcome]
) -> list[tuple[Change, Outcome]]:
    """Judge each change, in processes that share the unchanged repository and its verdicts."""
    before()
    found = []
    _WAITING[:] = changes  # processes are forked: what they judge is there, nothing is sent
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=FRESH_AFTER) as pool:
        outcomes = pool.imap(judged, range(len(changes)))
        for change, outcome in zip(changes, outcomes, strict=True):
            if outcome.defect:
                print(f"{change.title}\n    {outcome.defect}", flush=True)
            found.append((change, outcome))
    return found


def _outcome(number: int, *, alone: bool) -> Outcome:
    change = _WAITING[number]
    try:
        if isinstance(change, Mutant):
            return try_mutant(change, alone=alone)
        return try_harmless(change, alone=alone)
    except NotExact as error:
        return Outcome(f"does not fit: {error}")


def _table(items: Iterable[str], outcomes: list[tuple[Change, Outcome]]) -> str:
    rows = [("item", "mutants", "killed", "survived", "other", "harmless", "false alarms")]
    for item in items:
        mine = [o for c, o in outcomes if isinstance(c, Mutant) and c.item == item]
        same = [o for c, o in outcomes if isinstance(c, Harmless) and item in c.items]
        survived = sum(o.survived for o in mine)
        wrong = sum(bool(o.defect) for o in mine) - survived
        killed = len(mine) - survived - wrong
        alarms = sum(bool(o.defect) for o in same)
        rows.append((item, *map(str, (len(mine), killed, survived, wrong, len(same), alarms))))
    mutants = [o for c, o in outcomes if isinstance(c, Mutant)]
    same = [o for c, o in outcomes if isinstance(c, Harmless)]
    survived = sum(o.survived for o in mutants)
    wrong = sum(bool(o.defect) for o in mutants) - survived
    total = (len(mutants), len(mutants) - survived - wrong, survived, wrong)
    alarms = sum(bool(o.defect) for o in same)
    rows.append(("all", *map(str, (*total, len(same), alarms))))
    return "\n".join("  ".join(f"{cell:>8}" for cell in row) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
