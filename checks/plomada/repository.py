"""Which files a repository has, and their text; nothing of the repository is ever run.

Two things make reading a foreign folder dangerous. A plain ``git ls-files`` runs programs that the
repository's own configuration names, so git runs with a scrubbed environment and with fsmonitor,
hooks and lazy fetches off. And a path can lead out of the folder or block for ever, so every
component is opened without following links, without blocking, and only regular files are read.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from plomada.patterns import regex

LARGEST_TEXT = 1 << 20
MOST_PATHS = 200_000
GIT_SECONDS = 30

# Vendored or generated whatever tracks them.
FOREIGN_FOLDERS = frozenset({
    ".bzr", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pixi",
    ".pytest_cache", ".ruff_cache", ".svn", ".terraform", ".tox", ".venv", "__pycache__",
    "__pypackages__", "bower_components", "node_modules", "site-packages", "third-party",
    "third_party", "vendor", "vendored", "venv", "virtualenv",
})  # fmt: skip
# Generated unless git tracks them: tracked folders of these names often hold pipelines and sources.
OUTPUT_FOLDERS = frozenset({
    ".demo", ".hypothesis", "_build", "_site", "build", "dist", "htmlcov", "mlruns", "outputs",
    "site", "target",
})  # fmt: skip

_PYTHON_BUILD = regex(
    r"(?:^|/)(?P<name>build/(?:lib|lib\.[^/]+|bdist\.[^/]+)/|(?P<info>[^/]+\.egg-info/))"
)


class NoRepository(Exception):  # noqa: N818 - the command line's message, not a programming error
    """The path cannot be checked; the message says why and what to give instead."""


class Repository:
    """The files under one folder.

    Args:
        root: the folder, a git work tree or not.

    Raises:
        NoRepository: ``root`` is absent, no folder, or cannot be listed.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        _refuse_unreadable(self.root)
        self.unread: dict[str, str] = {}
        self._texts: dict[str, str | None] = {}
        self._lowered: dict[str, str] = {}
        self._opener = _Opener(self.root)

    @cached_property
    def _listed(self) -> tuple[str, ...]:
        """Everything that git knows or the folder holds, vendored folders included if tracked."""
        return _list_by_git(self.root) or _walk(self.root)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Sorted POSIX paths of regular files, vendored and generated folders left out."""
        return tuple(
            path
            for path in sorted(self._listed)
            if FOREIGN_FOLDERS.isdisjoint(path.split("/"))
            and not self._is_python_build(path)
            and self._is_regular(path)
        )

    def _is_python_build(self, path: str) -> bool:
        """Tell whether setuptools made a file: ``build/lib`` beside ``setup.py``, an ``egg-info``.

        Tracked or not, it is a copy of a source file that is read where it stands.
        """
        built = _PYTHON_BUILD.search(path)
        if built is None:
            return False
        above = path[: built.start("name")]
        return built["info"] is not None or any(
            above + name in self._path_set for name in ("setup.py", "setup.cfg", "pyproject.toml")
        )

    @cached_property
    def listed_python(self) -> tuple[str, ...]:
        """Every ``.py`` that may be imported, vendored and linked ones included (``exists``)."""
        return tuple(path for path in self._listed if path.endswith(".py"))

    @cached_property
    def _path_set(self) -> frozenset[str]:
        return frozenset(self._listed)

    @cached_property
    def _folders(self) -> frozenset[str]:
        folders = {""}
        for path in self._listed:
            folder = path.rpartition("/")[0]
            while folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(folders)

    @cached_property
    def _by_suffix(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for path in self.paths:
            name = path.rpartition("/")[2]
            dot = name.rfind(".")
            index.setdefault(name[dot:].lower() if dot >= 0 else "", []).append(path)
        return index

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for path in self.paths:
            index.setdefault(path.rpartition("/")[2], []).append(path)
        return index

    def ending(self, tail: str) -> list[str]:
        """Return the paths whose last parts, below some folder, are these; sorted."""
        same = self._by_name.get(tail.rpartition("/")[2], ())
        return [path for path in same if path.endswith(f"/{tail}")]

    def with_suffix(self, *suffixes: str) -> tuple[str, ...]:
        """Return the paths whose last suffix (``.yml``, "" for none) is one of these, sorted."""
        lists = [self._by_suffix.get(suffix.lower(), []) for suffix in dict.fromkeys(suffixes)]
        return tuple(sorted(path for found in lists for path in found))

    def exists(self, path: str) -> bool:
        """Tell whether a file stands at exactly this path, vendored and linked ones included."""
        return path in self._path_set

    def is_dir(self, path: str) -> bool:
        """Tell whether this path is a folder that holds at least one file; "" is the root."""
        return path.rstrip("/") in self._folders

    def text(self, path: str) -> str | None:
        """Return a file's text, its line ends made LF.

        Returns:
            None for what is missing, binary, no regular file, or larger than 1 MiB; the last one
            is noted in ``unread``.
        """
        if path not in self._texts:
            self._texts[path] = self._read_text(path)
        return self._texts[path]

    def lowered(self, path: str) -> str:
        """Return the text in lower case for keyword scans, "" where there is none."""
        known = self._lowered.get(path)
        if known is None:
            known = self._lowered[path] = (self.text(path) or "").lower()
        return known

    def mentions(self, path: str, *needles: str) -> bool:
        """Tell whether the text contains one of the lower-case needles, in any case."""
        return holds_any(self.lowered(path), needles)

    def _read_text(self, path: str) -> str | None:
        if path not in self._path_set:
            return None
        raw, reason = self._opener.read(path)
        if raw is None:
            if reason:
                self.unread[path] = reason
            return None
        return decode(raw)

    def _is_regular(self, path: str) -> bool:
        try:
            return stat.S_ISREG(os.lstat(self.root / path).st_mode)
        except (OSError, ValueError):
            return False

    @cached_property
    def state(self) -> tuple[str | None, bool | None]:
        """The commit that is checked out and whether the work tree differs; None without git."""
        return _commit_and_dirty(self.root)


def holds_any(text: str, needles: Iterable[str]) -> bool:
    """Tell whether one of the needles stands in a text."""
    for needle in needles:  # noqa: SIM110 - `any` costs more than the search in a short text
        if needle in text:
            return True
    return False


def decode(raw: bytes) -> str | None:
    """Return text from bytes: by byte order mark, else UTF-8, else Latin-1; None if binary."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16", errors="replace")
    elif b"\0" in raw[:8192]:
        return None
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _refuse_unreadable(root: Path) -> None:
    """Raise NoRepository with one clear message unless the folder can be listed."""
    try:
        mode = root.stat().st_mode
    except FileNotFoundError:
        raise NoRepository(f"{root}: there is no such folder") from None
    except (OSError, ValueError) as error:
        raise NoRepository(f"{root}: cannot be read ({_reason(error)})") from None
    if not stat.S_ISDIR(mode):
        raise NoRepository(f"{root}: is a file; give the repository's folder")
    if not os.access(root, os.R_OK | os.X_OK):
        raise NoRepository(f"{root}: cannot be read (permission denied)")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class _Opener:
    """Opens files below a root without ever following a link.

    The open folders of the last path are kept, so that paths in order cost one open each.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._root_fd: int | None = None
        self._open: list[tuple[str, int]] = []
        self._by_descriptor = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")

    def read(self, path: str) -> tuple[bytes | None, str]:
        """Return the bytes, or None and why they matter ("" for what is not text anyway)."""
        try:
            descriptor = self._descriptor(path)
        except (OSError, ValueError) as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            linked = getattr(error, "errno", None) == 40  # ELOOP: a link where a file was
            return None, "" if missing or linked else f"cannot be read ({_reason(error)})"
        try:
            return _read_regular(descriptor)
        except OSError as error:
            return None, f"cannot be read ({_reason(error)})"
        finally:
            os.close(descriptor)

    def _descriptor(self, path: str) -> int:
        parts = path.split("/")
        if not all(parts) or ".." in parts or "." in parts:
            raise FileNotFoundError(path)
        if not self._by_descriptor:
            return _open_checked(self._root, parts)
        folder = self._folder(parts[:-1])
        return os.open(parts[-1], _FILE_FLAGS, dir_fd=folder)

    def _folder(self, parts: list[str]) -> int:
        """Return a descriptor of a folder, reusing those of the path before."""
        keep = 0
        for (name, _), part in zip(self._open, parts, strict=False):
            if name != part:
                break
            keep += 1
        while len(self._open) > keep:
            os.close(self._open.pop()[1])
        if self._root_fd is None:
            self._root_fd = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        current = self._open[-1][1] if self._open else self._root_fd
        for part in parts[keep:]:
            current = os.open(part, _FOLDER_FLAGS, dir_fd=current)
            self._open.append((part, current))
        return current

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        """Close what is open; at the interpreter's end the module's own names may be gone."""
        for _, descriptor in self._open:
            close(descriptor)
        if self._root_fd is not None:
            close(self._root_fd)


_FILE_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDER_FLAGS = _FILE_FLAGS | getattr(os, "O_DIRECTORY", 0)


def _open_checked(root: Path, parts: list[str]) -> int:
    """Open where folders have no descriptors (Windows): refuse links, then compare identities."""
    current = root
    for part in parts:
        current = current / part
        status = os.lstat(current)
        if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", False):
            raise FileNotFoundError(str(current))
    descriptor = os.open(current, _FILE_FLAGS)
    opened = os.fstat(descriptor)
    if (opened.st_dev, opened.st_ino) != (status.st_dev, status.st_ino):
        os.close(descriptor)
        raise FileNotFoundError(str(current))
    return descriptor


def _read_regular(descriptor: int) -> tuple[bytes | None, str]:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        return None, ""
    if status.st_size > LARGEST_TEXT:
        binary = b"\0" in os.read(descriptor, 8192)
        return None, "" if binary else f"larger than {LARGEST_TEXT >> 20} MiB"
    chunks = []
    left = LARGEST_TEXT + 1
    while left > 0 and (chunk := os.read(descriptor, left)):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0:
        return None, f"larger than {LARGEST_TEXT >> 20} MiB"
    return b"".join(chunks), ""


# --- git, with everything off that could run a program ---------------------------------------

_GIT = (
    "git",
    "--literal-pathspecs",
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.untrackedCache=false",
    "-c", "core.attributesFile=",
    "-c", "core.excludesFile=",
    "-c", "safe.bareRepository=explicit",
    # Nothing of the repository's configuration can run a program any more, so reading a work tree
    # that belongs to somebody else (a CI container's mount) is safe.
    "-c", "safe.directory=*",
)  # fmt: skip


def _git_environment() -> dict[str, str]:
    """Return the caller's environment without its git settings (hooks set GIT_DIR and kin)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "",
        "LC_ALL": "C",
    }


def _git(root: Path, *arguments: str, settings: tuple[str, ...] = ()) -> bytes | None:
    """Return what a git command prints, None where it fails for any reason."""
    options = [word for setting in settings for word in ("-c", setting)]
    try:
        done = subprocess.run(
            [*_GIT, *options, *arguments],
            cwd=root,
            env=_git_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _in_git(root: Path) -> bool:
    """Tell whether a ``.git`` stands here or above, without starting git."""
    resolved = root.resolve()
    return any((folder / ".git").exists() for folder in (resolved, *resolved.parents))


def _list_by_git(root: Path) -> tuple[str, ...]:
    """Return what git tracks or would track below the root; empty where git cannot tell."""
    if not _in_git(root):
        return ()
    tracked = _git(root, "ls-files", "-z", "--cached")
    others = _git(root, "ls-files", "-z", "--others", "--exclude-standard")
    if tracked is None or others is None:
        return ()
    found = set(_split(tracked))
    found.update(path for path in _split(others) if not _is_output(path))
    return tuple(sorted(found))


def _split(listing: bytes) -> Iterator[str]:
    """Yield the paths of a ``-z`` listing; nested repositories (``name/``) are left out."""
    for raw in listing.split(b"\0"):
        if raw and not raw.endswith(b"/"):
            yield raw.decode("utf-8", errors="surrogateescape")


def _is_output(path: str) -> bool:
    return not OUTPUT_FOLDERS.isdisjoint(path.split("/")[:-1])


def _walk(root: Path) -> tuple[str, ...]:
    """Return the files below a folder that git does not know, links not followed."""
    found: list[str] = []
    stack = [""]
    while stack and len(found) < MOST_PATHS:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not entry.is_dir(follow_symlinks=False):
                found.append(path)
            elif entry.name not in FOREIGN_FOLDERS and entry.name not in OUTPUT_FOLDERS:
                stack.append(path)
    return tuple(sorted(found))


def _commit_and_dirty(root: Path) -> tuple[str | None, bool | None]:
    if not _in_git(root):
        return None, None
    head = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if head is None:
        return None, None
    changes = _git(
        root,
        "status", "--porcelain", "-z", "--ignore-submodules=all", "--", ".",
        settings=_no_filters(root),
    )  # fmt: skip
    commit = head.decode("ascii", errors="replace").strip()
    return commit, None if changes is None else bool(changes)


def _no_filters(root: Path) -> tuple[str, ...]:
    """Return settings that switch off each filter that the repository's configuration names.

    ``git status`` hashes changed files through ``filter.<name>.clean``, a program.
    """
    names = _git(root, "config", "--includes", "--name-only", "-z", "--get-regexp", r"^filter\.")
    if not names:
        return ()
    filters = {name.rpartition(".")[0] for name in _split(names)}
    return tuple(
        f"{name}.{key}"
        for name in sorted(filters)
        for key in ("clean=", "smudge=", "process=", "required=false")
    )
