"""The repository's documents: Markdown with its sections, blocks and links."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from plomada.readers import markdown
from plomada.readers.markdown import Block, CodeSpan, Document, Link, Section
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts

__all__ = ["Block", "CodeSpan", "Document", "Documents", "Link", "Resolution", "Section"]

SUFFIXES = (".md", ".markdown")
# Read as if they were Markdown: their prose, lists and indented code come out well enough.
OTHER_SUFFIXES = (".rst", ".adoc", ".txt", "")
# Where a code host looks for the README that it shows, in its order.
README_FOLDERS = (".github/", "", "docs/")

Outcome = Literal["file", "folder", "external", "outside", "template", "empty", "missing"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where a link leads.

    Attributes:
        outcome: ``file`` or ``folder`` of this repository; ``external`` (a URL or a fragment of the
            same page); ``outside`` (a relative path that leaves the repository); ``template`` (a
            placeholder stands in it); ``empty``; ``missing``.
        path: the path that was looked for, for what is in the repository.
        reason: for ``missing``, what is wrong in words.
    """

    outcome: Outcome
    path: str = ""
    reason: str = ""


class Documents:
    """The documents of one repository.

    Args:
        facts: the facts that they belong to.
    """

    def __init__(self, facts: Facts) -> None:
        self._repository = facts.repository
        self._by_path: dict[str, Document] = {}

    @cached_property
    def all(self) -> tuple[Document, ...]:
        """Every Markdown file, by path."""
        paths = self._repository.with_suffix(*SUFFIXES)
        return tuple(found for path in paths if (found := self.read(path)) is not None)

    def read(self, path: str) -> Document | None:
        """Return a Markdown document by its path."""
        if path not in self._by_path:
            text = self._repository.text(path)
            if text is None:
                return None
            self._by_path[path] = markdown.read(text, path)
        return self._by_path[path]

    @staticmethod
    def is_document(path: str) -> bool:
        """Tell whether a path is one of a document."""
        return path.lower().endswith((*SUFFIXES, ".rst", ".adoc"))

    def entry(self, folder: str) -> str | None:
        """Return the README of a folder, None where there is none."""
        prefix = f"{folder}/" if folder else ""
        return self._readmes.get(prefix.lower())

    @cached_property
    def _readmes(self) -> dict[str, str]:
        """Folder with its slash, in lower case, to the README that a code host shows for it."""
        found: dict[str, str] = {}
        for suffix in (*SUFFIXES, *OTHER_SUFFIXES):
            for path in self._repository.with_suffix(suffix):
                folder, slash, name = path.rpartition("/")
                if name.lower() == f"readme{suffix}":
                    found.setdefault((folder + slash).lower(), path)
        return found

    @cached_property
    def readmes(self) -> tuple[str, ...]:
        """The paths of the READMEs that a code host may show, the one that it does first."""
        return tuple(p for folder in README_FOLDERS if (p := self._readmes.get(folder)))

    def resolve(self, link: Link, path: str) -> Resolution:
        """Resolve a link as a code host does, from the document at ``path``."""
        target = link.target.strip()
        if not target:
            return Resolution("empty")
        if "{{" in target or "{%" in target or "${" in target:
            return Resolution("template")
        if _is_external(target):
            return Resolution("external")
        if "\\" in target:
            return Resolution("missing", target, "backslashes do not separate folders in a link")
        local = unquote(target.partition("#")[0].partition("?")[0])
        base = [] if local.startswith("/") else path.split("/")[:-1]
        parts = _normalised(base, local)
        if parts is None:
            return Resolution("outside", local)
        return self._found("/".join(parts), local)

    def _found(self, path: str, local: str) -> Resolution:
        if self._repository.is_dir(path):
            return Resolution("folder", path)
        if self._repository.exists(path) and not local.endswith("/"):
            return Resolution("file", path)
        return Resolution("missing", path, self._why_missing(path))

    def _why_missing(self, path: str) -> str:
        other = self._paths_by_lower_case.get(path.lower())
        if other is not None:
            return f"there is only {other} (upper and lower case differ)"
        return f"there is no {path}"

    @cached_property
    def _paths_by_lower_case(self) -> dict[str, str]:
        return {path.lower(): path for path in self._repository.paths}


def _is_external(target: str) -> bool:
    """Tell whether a target is a URL, a mail address, or a fragment of the same page."""
    if target.startswith(("#", "?", "//")):
        return True
    scheme, colon, _ = target.partition(":")
    return bool(colon) and len(scheme) > 1 and scheme.replace("+", "").replace("-", "").isalnum()


def _normalised(base: list[str], local: str) -> list[str] | None:
    """Return the parts of a relative path from the root, None where it leaves the repository."""
    parts = list(base)
    for part in local.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return parts
