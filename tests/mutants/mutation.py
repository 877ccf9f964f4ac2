"""Mutants and harmless changes: named, typed, and exact.

A *mutant* takes away what one item rests on; the checker has to say so, of that item alone and at
the right place. A *harmless change* says the same thing in another way; no verdict may move.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Files: TypeAlias = Mapping[str, str]

TWINS = Path(__file__).parent / "twins"

Operator = Literal[
    "delete",  # what the item rests on is gone: a file, a step, a resource
    "comment",  # it is still there to read, as a comment
    "hollow",  # its file or its block is there and empty
    "constant",  # a constant takes a computed value's place
    "lower",  # a number that decides is moved
    "swallow",  # a failure is ignored
    "unreachable",  # nothing runs it, or never
    "retarget",  # it is done to something else
    "disable",  # a switch turns it off
    "widen",  # it allows more than it should
    "forge",  # something that only looks like it stands in its place
    "violate",  # what the item forbids stands beside it
    "break",  # it does not parse
]
OPERATORS: tuple[str, ...] = get_args(Operator)


class NotExact(Exception):  # noqa: N818 - it is what happened to the edit
    """A change does not fit the repository that it was written for."""


@dataclass(frozen=True)
class Edit:
    """Put a text in another's place, which has to stand in the file exactly once."""

    path: str
    old: str
    new: str

    def __call__(self, files: Files) -> Files:
        text = _text(files, self.path)
        if text.count(self.old) != 1:
            raise NotExact(f"{self.path} has {text.count(self.old)} times {self.old!r}")
        return {**files, self.path: text.replace(self.old, self.new)}


@dataclass(frozen=True)
class Delete:
    """Take a file away."""

    path: str

    def __call__(self, files: Files) -> Files:
        _text(files, self.path)
        return {path: text for path, text in files.items() if path != self.path}


@dataclass(frozen=True)
class DeleteFolder:
    """Take away every file under a folder but those of one folder in it; there has to be one."""

    path: str
    but: str = ""

    def __call__(self, files: Files) -> Files:
        kept = {
            p: text
            for p, text in files.items()
            if not p.startswith(f"{self.path}/") or (self.but and p.startswith(f"{self.but}/"))
        }
        if len(kept) == len(files):
            raise NotExact(f"there is no {self.path}/")
        return kept


@dataclass(frozen=True)
class DeleteLike:
    """Take away every file whose path ends so; there has to be one."""

    endings: tuple[str, ...]

    def __call__(self, files: Files) -> Files:
        kept = {path: text for path, text in files.items() if not path.endswith(self.endings)}
        if len(kept) == len(files):
            raise NotExact(f"no file ends in {self.endings}")
        return kept


@dataclass(frozen=True)
class Overlay:
    """Put the files of a folder beside this module in their places, over what stands there.

    Attributes:
        folder: its name below ``twins``.
    """

    folder: str

    def __call__(self, files: Files) -> Files:
        return {**files, **twin_files(self.folder)}


@functools.cache
def twin_files(folder: str) -> Files:
    """Return the texts of a folder of ``twins`` by the path that they get in the repository."""
    root = TWINS / folder
    found = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in found}


@dataclass(frozen=True)
class Add:
    """Put a file where none stands."""

    path: str
    text: str

    def __call__(self, files: Files) -> Files:
        if self.path in files:
            raise NotExact(f"{self.path} stands there already")
        return {**files, self.path: self.text}


@dataclass(frozen=True)
class Move:
    """Give a file another path; who names it is another change."""

    path: str
    to: str

    def __call__(self, files: Files) -> Files:
        return Add(self.to, _text(files, self.path))(Delete(self.path)(files))


@dataclass(frozen=True)
class Everywhere:
    """Put a text in another's place wherever it stands, paths included; it has to stand somewhere.

    Attributes:
        old: the text.
        new: the other one.
        within: beginning of the paths of the files that are changed.
    """

    old: str
    new: str
    within: str = ""

    def __call__(self, files: Files) -> Files:
        changed = {self._path(path): self._content(path, text) for path, text in files.items()}
        if changed == files:
            raise NotExact(f"no file under {self.within!r} has {self.old!r}")
        return changed

    def _path(self, path: str) -> str:
        return path.replace(self.old, self.new) if path.startswith(self.within) else path

    def _content(self, path: str, text: str) -> str:
        return text.replace(self.old, self.new) if path.startswith(self.within) else text


@dataclass(frozen=True)
class Rewrite:
    """Pass every file of some suffixes through a function, which has to change one at least."""

    suffixes: tuple[str, ...]
    function: Callable[[str], str]

    def __call__(self, files: Files) -> Files:
        changed = {
            path: self.function(text) if path.endswith(self.suffixes) else text
            for path, text in files.items()
        }
        if changed == files:
            raise NotExact(f"{self.function.__name__} changes no file of {self.suffixes}")
        return changed


Change: TypeAlias = (
    Edit | Delete | DeleteFolder | DeleteLike | Overlay | Add | Move | Everywhere | Rewrite
)


def comment_out(path: str, old: str, mark: str = "#") -> Edit:
    """Return the edit that makes each of these lines a comment."""
    lines = old.splitlines(keepends=True)
    return Edit(path, old, "".join(f"{mark} {line}" if line.strip() else line for line in lines))


def insert_after(path: str, old: str, new: str) -> Edit:
    """Return the edit that puts a text behind another."""
    return Edit(path, old, old + new)


@dataclass(frozen=True)
class Place:
    """A line of the mutated repository, by a text that stands there once.

    Attributes:
        path: its file.
        text: what begins in that line.
        behind: what stands right before, where the text alone is not unique.
    """

    path: str
    text: str
    behind: str = ""

    def line(self, files: Files) -> int:
        """Return its number, from 1."""
        text, sought = _text(files, self.path), self.behind + self.text
        if text.count(sought) != 1:
            raise NotExact(f"{self.path} has {text.count(sought)} times {sought!r}")
        return text[: text.index(sought) + len(self.behind)].count("\n") + 1


@dataclass(frozen=True)
class Mutant:
    """A small, realistic change after which one item does not hold any more.

    Attributes:
        item: the item that has to fail.
        operator: how the change works.
        name: what it does, in words.
        changes: the edits, in order.
        at: the lines of which a finding has to show one; empty where the item can only say what
            it looked for.
        ties: other items that fail with it, and the criterion that ties them.
    """

    item: str
    operator: Operator
    name: str
    changes: tuple[Change, ...]
    at: tuple[Place, ...] = ()
    ties: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The item and the name."""
        return f"{self.item} {self.operator}: {self.name}"

    def keeps_words(self, files: Files) -> bool:
        """Tell whether every file is still there and has every word that it had."""
        mutated = applied(files, self.changes)
        return all(
            path in mutated and _words(text) <= _words(mutated[path])
            for path, text in files.items()
        )


@dataclass(frozen=True)
class Harmless:
    """A change that leaves what every item asks for as it was.

    Attributes:
        items: the items whose evidence it moves; all of them are judged anyway.
        name: what it does, in words.
        changes: the edits, in order.
        shown_in: beginnings of the paths where the items' evidence has to stand afterwards, where
            the change says the same in other files.
    """

    items: tuple[str, ...]
    name: str
    changes: tuple[Change, ...]
    shown_in: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The items and the name."""
        return f"{','.join(self.items)}: {self.name}"

    def shown(self, path: str) -> bool:
        """Tell whether a path is one of those where evidence has to stand."""
        return path.startswith(self.shown_in)


def applied(files: Files, changes: tuple[Change, ...]) -> Files:
    """Return the files after the changes.

    Raises:
        NotExact: one of them does not fit.
    """
    return reduce(lambda changed, change: change(changed), changes, files)


def _text(files: Files, path: str) -> str:
    if path not in files:
        raise NotExact(f"there is no {path}")
    return files[path]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z_][\w-]*", text.lower()))
