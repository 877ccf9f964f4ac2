"""What reports show: verdicts with what the policy makes of them, and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Literal

from plomada.checklist import Item
from plomada.records import dataclass
from plomada.verdicts import Verdict

Disposition = Literal["none", "waived", "attested", "baselined"]

CLEAN, FAILED, WRONG_USE, NOTHING, UNKNOWN = range(5)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item in a report.

    Attributes:
        item: the item.
        verdict: what its rule says.
        disposition: what the policy makes of a fail.
        note: the policy's reason, or that a waiver has expired.
    """

    item: Item
    verdict: Verdict
    disposition: Disposition = "none"
    note: str = ""

    @property
    def counts_as_failed(self) -> bool:
        """It failed and nobody answers for it."""
        return self.verdict.state == "failed" and self.disposition == "none"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was not read, or not whole.

    Attributes:
        path: the file.
        reason: why, with the line where reading stopped.
        items: ids of the selected items that it may concern.
    """

    path: str
    reason: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report shows.

    Attributes:
        entries: in the catalogue's order.
        unread: by path.
        files: number of files that were looked at.
        commit: the commit checked out, None without git.
        dirty: the work tree differs from it, None without git.
        text: returns a file's text, for snippets.
    """

    entries: tuple[Entry, ...]
    unread: tuple[Unread, ...]
    files: int
    commit: str | None
    dirty: bool | None
    text: Callable[[str], str | None]

    def summary(self) -> dict[str, int]:
        """Return how many items have each verdict; waived fails are counted apart."""
        states = Counter(entry.verdict.state for entry in self.entries)
        waived = sum(
            entry.verdict.state == "failed" and entry.disposition != "none"
            for entry in self.entries
        )
        return {
            "items": len(self.entries),
            "passed": states["passed"],
            "failed": states["failed"] - waived,
            "waived": waived,
            "not_applicable": states["not_applicable"],
            "unknown": states["unknown"],
            "files": self.files,
        }

    def exit_code(self) -> int:
        """Return the exit code: nothing to check, failed, unknown, or clean, in this order."""
        if not self.files or not self.entries:
            return NOTHING
        if any(entry.counts_as_failed for entry in self.entries):
            return FAILED
        unknown = any(entry.verdict.state == "unknown" for entry in self.entries)
        return UNKNOWN if unknown else CLEAN
