"""INI files (setup.cfg, tox.ini, .coveragerc): sections, keys and values with their lines."""

from __future__ import annotations

from dataclasses import field

from plomada.patterns import regex
from plomada.records import dataclass

_SECTION = regex(r"^\[([^\]]+)\]")
_KEY = regex(r"^([^=:\s#;\[][^=:]*?)\s*[=:]\s*(.*)$")


@dataclass(slots=True)
class Entry:
    """A key: its line, and each line of its value with line number and column."""

    line: int
    lines: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The value as one text."""
        return "\n".join(part for part, _, _ in self.lines).strip()


Sections = dict[str, dict[str, Entry]]


def read(text: str) -> Sections:
    """Return the entries by section and lower-case key."""
    sections: Sections = {}
    section: dict[str, Entry] = sections.setdefault("", {})
    entry: Entry | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        head, key = _SECTION.match(line), _KEY.match(line)
        if head is not None:
            section, entry = sections.setdefault(head[1].strip(), {}), None
        elif line[0] in " \t" and entry is not None:
            entry.lines.append((stripped, number, len(line) - len(line.lstrip()) + 1))
        elif key is not None:
            entry = section.setdefault(key[1].strip().lower(), Entry(number))
            entry.lines = [(key[2].strip(), number, key.start(2) + 1)] if key[2].strip() else []
    return sections
