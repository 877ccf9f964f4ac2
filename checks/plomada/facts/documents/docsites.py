"""Documentation generators: their configurations, and Read the Docs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_BY_NAME = {
    "mkdocs.yml": "mkdocs",
    "mkdocs.yaml": "mkdocs",
    "zensical.toml": "mkdocs",
    "_quarto.yml": "quarto",
    "_quarto.yaml": "quarto",
    "_toc.yml": "jupyter-book",
    "myst.yml": "jupyter-book",
}
_HOSTED = (".readthedocs.yaml", ".readthedocs.yml", "readthedocs.yml", "readthedocs.yaml")
_SPHINX = ("extensions", "html_theme", "sphinx", "project =", "project=", "master_doc")


@dataclass(frozen=True, slots=True)
class DocSite:
    """A configured generator, or a service that builds one ("" where it does not say which)."""

    generator: str
    span: Span


def sites(facts: Facts) -> tuple[DocSite, ...]:
    """Return the configured generators in the order of paths."""
    return tuple(_sites(facts))


def _sites(facts: Facts) -> Iterator[DocSite]:
    for path in facts.repository.paths:
        name = path.rpartition("/")[2].lower()
        if name in _BY_NAME and (facts.repository.text(path) or "").strip():
            yield DocSite(_BY_NAME[name], Span(path, 1, 1, 1, 1))
        elif name == "conf.py" and facts.repository.mentions(path, *_SPHINX):
            yield DocSite("sphinx", Span(path, 1, 1, 1, 1))


def hosted_builds(facts: Facts) -> Iterator[DocSite]:
    """Yield the configurations of Read the Docs at the root."""
    for path in _HOSTED:
        for root in facts.nodes(path)[:1] if facts.repository.exists(path) else ():
            named = next((g for g in ("mkdocs", "sphinx") if root.get(g) is not None), "")
            yield DocSite(named, root.span)
