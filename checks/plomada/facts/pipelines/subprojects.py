"""Folders that were repositories of their own: what a pipeline inside one takes for the root."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.repository import Repository

MOST_FILES = 20
MOST_PATHS = 400
# A path of two parts or more; a macro for the root may stand before it.
_PATH = regex(r"(?<![\w@:.\-/])(?:\.?/)?((?:[\w.\-]+/)+[\w.\-]+)")
_AFTER_MACRO = regex(r"(?<=[})\]])/((?:[\w.\-]+/)*[\w.\-]+)")
# A folder that something runs in; it may have one part.
_FOLDER = regex(
    r"(?:workingDirectory|working-directory|cwd|\bcd|\bpushd|-chdir)[:=\s]+[\"']?"
    r"(?:\$[({]+[\w.\s]+[)}]+/|\./)?([\w.\-]+(?:/[\w.\-]+)*)"
)
# What a runner reads at the root.
_READ_BY = {
    "make": "Makefile", "just": "justfile", "tox": "tox.ini", "nox": "noxfile.py",
    "npm": "package.json", "poetry": "pyproject.toml", "hatch": "pyproject.toml",
}  # fmt: skip
_RUNNER = regex(rf"(?<![\w./-])(?:{'|'.join(_READ_BY)})(?= )")
_TEMPLATE = regex(r"template:\s*[\"']?([\w./\-]+\.ya?ml)")
_COMMENT = regex(r"^\s*#.*$", re.MULTILINE)


def root_of(repository: Repository, path: str) -> str:
    """Return the folder that a pipeline's paths start from, "" for the repository's root.

    A pipeline below a folder may name files from there: those that it names exist there and none
    of them at the root. Of several such folders the one where most exist, then the outermost.
    """
    folders = _above(path)
    if not folders:
        return ""
    named = _named(repository, path)
    if not named or any(_stands(repository, one) for one in named):
        return ""
    found = {f: sum(_stands(repository, f"{f}/{one}") for one in named) for f in folders}
    best = max(folders, key=lambda folder: (found[folder], -folder.count("/")))
    return best if found[best] else ""


def _above(path: str) -> list[str]:
    """Return the folders around a file without its own, outermost first."""
    parts = posixpath.dirname(path).split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _named(repository: Repository, path: str) -> list[str]:
    """Return the paths that a pipeline and its templates name, but for the templates beside it."""
    waiting, seen = [path], set[str]()
    found: dict[str, None] = {}
    while waiting and len(seen) < MOST_FILES:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        text = _COMMENT.sub("", repository.text(file) or "")
        beside = set(_beside(repository, file, text))
        waiting += beside
        paths = (*_PATH.findall(text), *_AFTER_MACRO.findall(text), *_FOLDER.findall(text))
        read = {_READ_BY[name] for name in _RUNNER.findall(text)}
        for one in (*paths, *sorted(read)):
            own = posixpath.normpath(posixpath.join(posixpath.dirname(file), one))
            if own not in beside:
                found[posixpath.normpath(one)] = None
    return [one for one in found if not one.startswith(".") or "/" in one][:MOST_PATHS]


def _beside(repository: Repository, file: str, text: str) -> Iterator[str]:
    for named in _TEMPLATE.findall(text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), named))
        if repository.exists(target):
            yield target


def _stands(repository: Repository, path: str) -> bool:
    return repository.exists(path) or repository.is_dir(path)
