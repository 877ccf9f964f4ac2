"""Bots that watch dependencies: Dependabot and Renovate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.patterns import regex
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_DEPENDABOT = (".github/dependabot.yml", ".github/dependabot.yaml", ".azuredevops/dependabot.yml")
_RENOVATE = (
    "renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".github/renovate.json",
    ".github/renovate.json5", ".gitlab/renovate.json", ".renovaterc.json5",
)  # fmt: skip
# Below comments, an object; ``enabled: false`` of the whole where plain settings stand before it.
_OBJECT = regex(r"\A(?:\s|//.*|/\*[^*]*\*/)*\{")
_OFF = regex(r"""(?:[^{}\[\]]|\[[^\[\]{}]*\])*["']?\benabled\b["']?\s*:\s*false""")
_ECOSYSTEMS = {
    ".py": {"pip", "uv", "conda", "pipenv", "poetry", "pip-compile"},
    ".js": {"npm", "bun", "yarn"},
    ".ts": {"npm", "bun", "yarn"},
    ".tf": {"terraform", "opentofu"},
    ".cs": {"nuget"},
    ".go": {"gomod"},
    ".java": {"maven", "gradle"},
}


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot: its name, what it watches, where, and whether that is a language in use."""

    name: str
    ecosystem: str
    span: Span
    useful: bool


def update_bots(facts: Facts) -> tuple[Bot, ...]:
    """Return the configured bots, those that watch the language in use first."""
    found = [*_dependabot(facts), *_renovate(facts)]
    return tuple(sorted(found, key=lambda bot: not bot.useful))


def _dependabot(facts: Facts) -> Iterator[Bot]:
    used = _used(facts)
    for path in _DEPENDABOT:
        for root in facts.nodes(path)[:1] if facts.repository.exists(path) else ():
            updates = root.get("updates")
            for update in updates.elements if updates else ():
                ecosystem = update.get("package-ecosystem")
                if ecosystem is not None:
                    name = ecosystem.string
                    yield Bot("Dependabot", name, ecosystem.span, name in used)


def _used(facts: Facts) -> set[str]:
    """Return the ecosystems of the language in use: Python's where there is Python."""
    if facts.repository.with_suffix(".py", ".ipynb"):
        return _ECOSYSTEMS[".py"]
    return {e for s, names in _ECOSYSTEMS.items() if facts.repository.with_suffix(s) for e in names}


def _renovate(facts: Facts) -> Iterator[Bot]:
    for path in _RENOVATE:
        text = (facts.repository.text(path) or "") if facts.repository.exists(path) else ""
        head = _OBJECT.match(text)
        if head is not None:
            off = _OFF.match(text, head.end()) is not None
            yield Bot("Renovate", "all dependencies", Span(path, 1, 1, 1, 1), not off)
