"""The examples of an item's page: little repositories with the verdict that they have to get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

STATES = {
    "passes": "passed",
    "fails": "failed",
    "not applicable": "not_applicable",
    "unknown": "unknown",
}
DIALECTS = frozenset({
    "github", "azure-pipelines", "bicep", "arm", "terraform", "yaml", "sdk", "cli", "sdk1", "hook",
    "pipeline", "kubernetes", "code", "document",
})  # fmt: skip

_HEADING = re.compile(r"### (passes|fails|not applicable|unknown): (.+?)(?: \(([^()]*)\))?$")
_FENCE = re.compile(r"(`{3,}|~{3,})(.*)$")
_FILE = re.compile(r"\bfile=(\S+)")
_EXPECTED = re.compile(r"> (passed|failed|not applicable|unknown)(?: at (`+) ?(.+?) ?\2)?$")


@dataclass(slots=True)
class Example:
    """One example of a page.

    Attributes:
        item: the item's id.
        title: the example's title.
        state: the verdict's state that the heading names.
        line: line of its heading in the page.
        dialects: what the heading names in brackets.
        files: path to text.
        expected: the state that the quoted line names, "" where it is missing.
        at: the text that has to begin at the reported place, "" for none.
    """

    item: str
    title: str
    state: str
    line: int
    dialects: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    expected: str = ""
    at: str = ""


def parse(item: str, page: str) -> list[Example]:
    """Return the examples of a page.

    Raises:
        ValueError: a heading, fence or quoted line is not as the framework wants it.
    """
    examples: list[Example] = []
    lines = iter(enumerate(page.split("\n"), start=1))
    inside = False
    for number, line in lines:
        if line.startswith("## "):
            inside = line == "## Examples"
        if not inside:
            continue
        fence = _FENCE.match(line)
        if line.startswith("### "):
            examples.append(_example(item, number, line))
        elif fence:
            body = _body(lines, fence[1])
            name = _FILE.search(fence[2])
            if name is None:
                raise ValueError(f"{item}.md:{number}: a fence without file=PATH")
            examples[-1].files[name[1]] = body
        elif line.startswith("> "):
            _expect(examples[-1], number, line)
    return examples


def without_fences(page: str) -> Iterator[str]:
    """Yield the lines of a page that stand outside its fences."""
    fence = ""
    for line in page.split("\n"):
        found = _FENCE.match(line)
        if fence:
            fence = "" if line.strip() == fence else fence
        elif found:
            fence = found[1]
        else:
            yield line


def _example(item: str, number: int, line: str) -> Example:
    heading = _HEADING.match(line)
    if heading is None:
        raise ValueError(f"{item}.md:{number}: no '### passes|fails|...: title (dialects)'")
    dialects = tuple(name.strip() for name in (heading[3] or "").split(",") if name.strip())
    unknown = set(dialects) - DIALECTS
    if unknown:
        raise ValueError(f"{item}.md:{number}: unknown dialects {sorted(unknown)}")
    return Example(item, heading[2], STATES[heading[1]], number, dialects)


def _body(lines: Iterator[tuple[int, str]], fence: str) -> str:
    body: list[str] = []
    for _, line in lines:
        if line.strip() == fence:
            return "\n".join(body) + "\n"
        body.append(line)
    raise ValueError("a fence that is never closed")


def _expect(example: Example, number: int, line: str) -> None:
    expected = _EXPECTED.match(line)
    if expected is None:
        raise ValueError(f"{example.item}.md:{number}: no '> passed|failed... [at `text`]'")
    example.expected = expected[1].replace(" ", "_")
    example.at = expected[3] or ""
