"""The report as JSON; ``data/report.schema.json`` is its published contract."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from plomada import __version__
from plomada.outcome import Entry, Report, Unread
from plomada.spans import Span
from plomada.verdicts import Remark

SCHEMA = 1
PROJECT = "."  # the repository is one project


def render(report: Report) -> str:
    """Return the report as JSON text, byte-identical for the same repository."""
    document = {
        "schema": SCHEMA,
        "plomada": __version__,
        "repository": {"commit": report.commit, "dirty": report.dirty},
        "items": [_item(entry, report) for entry in report.entries],
        "unread": [_unread(unread) for unread in report.unread],
        "summary": report.summary(),
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _unread(unread: Unread) -> dict[str, Any]:
    return {"path": unread.path, "reason": unread.reason, "items": list(unread.items)}


def _item(entry: Entry, report: Report) -> dict[str, Any]:
    item, verdict = entry.item, entry.verdict
    seen: Counter[str] = Counter()
    lists = {
        "evidence": verdict.evidence,
        "findings": verdict.findings,
        "advice": verdict.advice,
    }
    return {
        "id": item.identifier,
        "section": item.section,
        "title": item.title,
        "verdict": verdict.state,
        "disposition": entry.disposition,
        "reason": verdict.reason,
        "message": _message(entry),
        **{
            name: [_remark(item.identifier, remark, report, seen) for remark in remarks]
            for name, remarks in lists.items()
        },
    }


def _message(entry: Entry) -> str:
    """Return what a person has to know: verdict, the policy's word on it, what to do."""
    parts = [f"{entry.item.title}: {entry.verdict.reason}."]
    if entry.note:
        parts.append(f"{entry.note}.")
    if entry.counts_as_failed:
        parts.append(entry.item.remedy)
    return " ".join(parts)


def _remark(item: str, remark: Remark, report: Report, seen: Counter[str]) -> dict[str, Any]:
    span = remark.span
    return {
        "code": remark.code,
        "subject": remark.subject,
        "project": PROJECT,
        "message": remark.message,
        "path": span.path if span else None,
        "span": _span(span) if span else None,
        "related": [{"path": place.path, "span": _span(place)} for place in remark.related],
        "fingerprint": fingerprint(item, remark, report, seen),
    }


def _span(span: Span) -> dict[str, int]:
    return {
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def fingerprint(item: str, remark: Remark, report: Report, seen: Counter[str]) -> str:
    """Return a name for a remark that survives moved lines.

    Args:
        item: the item's id.
        remark: the remark.
        report: for the text that its span covers.
        seen: how often each identity came up already; it is counted up.
    """
    path = remark.span.path if remark.span else ""
    snippet = _snippet(remark.span, report) if remark.span else ""
    identity = "\0".join((item, remark.code, PROJECT, path, remark.subject, snippet))
    ordinal = seen[identity]
    seen[identity] += 1
    raw = f"{identity}\0{ordinal}".encode("utf-8", errors="surrogatepass")
    return hashlib.sha256(raw).hexdigest()[:32]


def _snippet(span: Span, report: Report) -> str:
    """Return the text under the first line of a span, its white space normalised."""
    lines = (report.text(span.path) or "").split("\n")
    if span.line > len(lines):
        return ""
    line = lines[span.line - 1]
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    return " ".join(line[span.column - 1 : end].split())
