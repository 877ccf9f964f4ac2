"""The report for a terminal: by section, fails first, in plain ASCII with colour where wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plomada import __version__
from plomada.checklist import SECTIONS
from plomada.outcome import Entry, Report
from plomada.verdicts import Remark

FEW = 3
_ORDER = {"failed": 0, "unknown": 1, "not_applicable": 3, "passed": 4}
_WORDS = {"failed": "FAIL", "unknown": "?", "not_applicable": "n/a", "passed": "pass"}
_COLOURS = {"FAIL": "31;1", "?": "33;1", "waived": "33", "n/a": "2", "pass": "32"}


def render(report: Report, *, verbose: bool = False, colour: bool = False) -> str:
    """Return the report as text.

    Args:
        report: the report.
        verbose: show passes with their evidence, every place, and advice.
        colour: use ANSI colours.
    """
    return "\n".join(_Text(report, verbose, colour).lines()) + "\n"


class _Text:
    """Renders one report."""

    def __init__(self, report: Report, verbose: bool, colour: bool) -> None:
        self._report = report
        self._verbose = verbose
        self._colour = colour

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report."""
        yield self._header()
        for section in SECTIONS:
            entries = [e for e in self._report.entries if e.item.section == section]
            if entries:
                yield from self._section(section, entries)
        yield from self._unread()
        yield ""
        yield self._totals()

    def _header(self) -> str:
        report = self._report
        commit = f" at {report.commit[:12]}" if report.commit else ""
        dirty = " with changes" if report.dirty else ""
        files = f"{report.files} file{'s' if report.files != 1 else ''}"
        return f"plomada {__version__}: {files}{commit}{dirty}"

    def _section(self, section: str, entries: list[Entry]) -> Iterator[str]:
        applicable = [e for e in entries if e.verdict.state != "not_applicable"]
        held = sum(e.verdict.state == "passed" for e in entries)
        yield ""
        yield self._bold(f"{SECTIONS[section][0]}: {held} of {len(applicable)} hold")
        for entry in sorted(entries, key=_rank):
            if self._verbose or entry.verdict.state in ("failed", "unknown"):
                yield from self._entry(entry)
        if not self._verbose:
            for state in ("not_applicable", "passed"):
                names = [e.item.identifier for e in entries if e.verdict.state == state]
                if names:
                    yield f"  {self._word(_WORDS[state])} {' '.join(names)}"

    def _entry(self, entry: Entry) -> Iterator[str]:
        item, verdict = entry.item, entry.verdict
        word = entry.disposition if entry.disposition != "none" else _WORDS[verdict.state]
        yield f"  {self._word(word)} {item.identifier} {item.title}"
        yield f"         {_sentence(verdict.reason)}"
        if entry.note:
            yield f"         {_sentence(entry.note)}"
        yield from self._remarks(verdict.findings)
        if self._verbose:
            yield from self._remarks(verdict.evidence)
            yield from self._remarks(verdict.advice, "advice: ")
        if entry.counts_as_failed:
            yield f"         Do: {item.remedy}"

    def _remarks(self, remarks: Iterable[Remark], label: str = "") -> Iterator[str]:
        """Yield the places; what has none says what the reason says already."""
        placed = [r for r in remarks if r.span is not None or (label and r.message)]
        shown = placed if self._verbose else placed[:FEW]
        for remark in shown:
            place = f"{remark.span}: " if remark.span else ""
            yield f"           {place}{label}{_one_line(remark.message)}"
        if len(placed) > len(shown):
            yield f"           and {len(placed) - len(shown)} more (--verbose)"

    def _unread(self) -> Iterator[str]:
        if not self._report.unread:
            return
        yield ""
        yield self._bold("Not read, or not whole")
        for unread in self._report.unread:
            items = f" (may concern {' '.join(unread.items)})" if unread.items else ""
            yield f"  {unread.path}: {unread.reason}{items if self._verbose else ''}"

    def _totals(self) -> str:
        counts = self._report.summary()
        if not self._report.files:
            return "Nothing to check: there is no file in this folder."
        if not self._report.entries:
            return "Nothing to check: no item is selected."
        words = [f"{counts['passed']} of {counts['items']} items hold", f"{counts['failed']} fail"]
        for key, word in (("waived", "waived"), ("not_applicable", "n/a"), ("unknown", "unknown")):
            if counts[key]:
                words.append(f"{counts[key]} {word}")
        return f"{', '.join(words)}. 'plomada explain ITEM' says what is asked and why."

    def _word(self, word: str) -> str:
        padded = f"{word:<6}"
        return self._paint(padded, _COLOURS[word]) if self._colour else padded

    def _bold(self, text: str) -> str:
        return self._paint(text, "1") if self._colour else text

    @staticmethod
    def _paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m"


def _rank(entry: Entry) -> int:
    """Return the order within a section: fails, unknowns, waived fails, the rest."""
    return 2 if entry.disposition != "none" else _ORDER[entry.verdict.state]


def _sentence(text: str) -> str:
    text = _one_line(text)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _one_line(text: str) -> str:
    """Return text without line ends and control characters, which a foreign name may hold."""
    return "".join(c if c.isprintable() else " " for c in text)
