"""The repositories that the relations are tried on: every page's examples, the cases, copies."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from plomada import pages
from plomada.checklist import BY_ID, ITEMS
from plomada.facts import Facts
from plomada.items import Settings
from plomada.repository import FOREIGN_FOLDERS, Repository, decode
from plomada.run import Result, load_rules, run_item

sys.path.insert(0, str(Path(__file__).parent))
from examples import Example, parse

ROOT = Path(__file__).resolve().parents[2]
Files = Mapping[str, str]


class Made(Repository):
    """A repository of texts that stand nowhere on the disk.

    Args:
        files: text by path, as it would stand in the file (line ends included).
        unreadable: paths that are there but hold no text (images, archives).
        name: the repository's name.
        order: how the paths are listed.
    """

    def __init__(
        self,
        files: Files,
        unreadable: Iterable[str] = (),
        name: str = "repository",
        order: Callable[[Iterable[str]], Iterable[str]] = sorted,
    ) -> None:
        super().__init__(Path.cwd())
        self.root = Path("/nowhere") / name
        self.files = dict(files)
        self.__dict__["_listed"] = tuple(order({*files, *unreadable}))

    def _is_regular(self, path: str) -> bool:
        return FOREIGN_FOLDERS.isdisjoint(path.split("/"))

    def _read_text(self, path: str) -> str | None:
        text = self.files.get(path)
        return None if text is None else decode(text.encode())

    @functools.cached_property
    def state(self) -> tuple[str | None, bool | None]:
        return None, None


@functools.cache
def examples() -> tuple[Example, ...]:
    """Return the examples of all pages."""
    load_rules({item.section for item in ITEMS})
    found = ((item.identifier, pages.page(item.identifier)) for item in ITEMS)
    return tuple(example for name, page in found if page for example in parse(name, page))


@functools.cache
def cases() -> tuple[Example, ...]:
    """Return the further cases of ``cases/``: an item's stand under a heading of its own."""
    found: list[Example] = []
    for file in sorted((ROOT / "tests" / "checks" / "cases").glob("*.md")):
        for part in re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.M)[1:]:
            item, _, body = part.partition("\n")
            found += parse(item, f"## Examples\n{body}")
    return tuple(found)


def passing() -> list[Example]:
    """Return the examples that pass; each item has two or more."""
    return [example for example in examples() if example.state == "passed"]


def judged(item: str, files: Files) -> Result:
    """Return what an item says of these files; a crash of the rule is an error of the test."""
    load_rules({BY_ID[item].section})
    result = run_item(BY_ID[item], Facts(Made(files)), Settings())
    assert result.crash == "", f"{item}: {result.crash}"
    return result


def title(example: Example) -> str:
    """Return how a test's report names an example."""
    return f"{example.item}: {example.title}"


def copies() -> list[Path]:
    """Return the working copies of the labelled repositories, none where they do not stand.

    ``PLOMADA_COPIES`` names their folder, else it is ``copies`` beside the project.
    """
    folder = Path(os.environ.get("PLOMADA_COPIES") or ROOT.parent / "copies")
    labels = (ROOT.parent / "shared" / "labels", ROOT / "benchmarks" / "labels")
    named = {file.stem for place in labels for file in place.rglob("*.json")}
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name in named or not named)
