"""The template that this distribution carries, served to Copier as the public repository.

Copier records where a template came from and at which tag, and `copier update` goes back
there. A copy out of the wheel must therefore record the public address, not a temporary
folder: the files are committed to a temporary git repository under this version's tag, and
git is told, for this one run, that the public address is found there.
"""

import os
import shutil
import subprocess  # nosec B404  # git, with literal arguments
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from plomada import __version__

PUBLIC_REPOSITORY = "https://github.com/plomada/plomada"
VERSION_TAG = f"v{__version__}"

_PARTS = ("copier.yml", "extensions", "template")
_HERE = Path(__file__).resolve().parent
_NOT_TEMPLATE = shutil.ignore_patterns("__pycache__", "*.py[co]", ".*_cache", ".venv")
_AUTHOR = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "plomada"), ("EMAIL", "plomada@localhost"))
}
# The user's hooks, signing and templates have no part in a temporary repository.
_BLIND_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TEMPLATE_DIR": "",
}
# A caller's git (a hook's, say) points at the caller's repository through these.
_CALLERS_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")


class TemplateError(Exception):
    """The carried template cannot be served; the message says why and what to do."""


def template_folder() -> Path:
    """Find the template: inside the installed package, or in the checkout around it.

    Raises:
        TemplateError: If the installation carries neither.
    """
    for folder in (_HERE / "_template", _HERE.parents[1]):
        if all((folder / part).exists() for part in _PARTS):
            return folder
    raise TemplateError(
        "this installation of plomada carries no template; install it anew, "
        f"or pass --template {PUBLIC_REPOSITORY}"
    )


@contextmanager
def served_as_public_repository() -> Iterator[None]:
    """Let git and Copier of this process find the carried template at PUBLIC_REPOSITORY.

    Within the context the template is there under VERSION_TAG, without a network. Copier's
    cache of remote templates is kept apart, so that a later update starts clean.
    """
    with TemporaryDirectory(prefix="plomada-", ignore_cleanup_errors=True) as scratch:
        repository = Path(scratch, "template")
        commit_template(template_folder(), repository)
        with _environment(
            COPIER_CACHE_DIR=str(Path(scratch, "cache")),
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0=f"url.{repository.as_uri()}.insteadOf",
            GIT_CONFIG_VALUE_0=f"{PUBLIC_REPOSITORY}.git",
            **_BLIND_GIT,
        ):
            yield


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Set variables for this process and for the git that Copier starts.

    Copier starts git by plumbum, which keeps an environment of its own.
    """
    from plumbum import local

    before = dict(os.environ)
    with local.env(**variables):
        for name in _CALLERS_REPOSITORY:
            if name in local.env:
                del local.env[name]
        os.environ.update(variables)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def commit_template(source: Path, repository: Path) -> None:
    """Copy the template's parts into a new git repository and tag them with the version."""
    repository.mkdir()
    for part in _PARTS:
        _copy(source / part, repository / part)
    _git(repository, "init", "--quiet")
    _git(repository, "add", "--all", "--force")
    _git(repository, "commit", "--quiet", "--message", f"plomada {__version__}")
    _git(repository, "tag", VERSION_TAG)


def _git(repository: Path, *arguments: str) -> None:
    inherited = {k: v for k, v in os.environ.items() if k not in _CALLERS_REPOSITORY}
    result = subprocess.run(  # nosec B603 B607
        ["git", *arguments],
        cwd=repository,
        env=inherited | _AUTHOR | _BLIND_GIT,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise TemplateError(f"git {arguments[0]} failed: {result.stderr.strip()}")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_NOT_TEMPLATE, symlinks=True)
    else:
        shutil.copy2(source, target)
