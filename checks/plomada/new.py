"""`plomada new`: generate a repository from the template.

It is `copier copy` with what the template needs already there: the extension loader, trust for
this template alone, and the template itself at exactly this version. Copier renders into a
folder beside the destination, which is filled only when everything succeeded.
"""

import argparse
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from plomada import template

DONE = 0
REFUSED = 2
INTERRUPTED = 130


class NewError(Exception):
    """Nothing was generated; the message says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `plomada new`, spelled as Copier spells them."""
    parser.add_argument("destination", type=Path, help="folder of the new repository")
    parser.add_argument(
        "-d",
        "--data",
        action="append",
        default=[],
        metavar="QUESTION=ANSWER",
        help="answer a question here instead of being asked (repeatable)",
    )
    parser.add_argument(
        "-l", "--defaults", action="store_true", help="take the default where nothing is answered"
    )
    parser.add_argument(
        "-a",
        "--answers-file",
        metavar="PATH",
        help="where to record the answers, inside the destination (.copier-answers.yml)",
    )
    parser.add_argument(
        "--template",
        metavar="PATH|URL",
        help="take the template from there instead of from this installation",
    )
    parser.add_argument(
        "-r", "--vcs-ref", metavar="REF", help="tag, branch or commit of --template"
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="let the template of --template run its extensions and tasks",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def run(arguments: argparse.Namespace) -> int:
    """Generate a repository.

    Args:
        arguments: The options that add_arguments declares.

    Returns:
        DONE; REFUSED if an answer, the destination or the template was refused; INTERRUPTED
        if the user stopped. The destination is untouched unless DONE is returned.
    """
    try:
        _check_usage(arguments)
        with _beside(arguments.destination) as rendered:
            _render(arguments, rendered)
            _move_into(rendered, arguments.destination)
    except (NewError, template.TemplateError) as error:
        print(f"plomada new: {error}", file=sys.stderr)  # noqa: T201
        return REFUSED
    except KeyboardInterrupt:
        print("plomada new: stopped; nothing was written", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    return DONE


def _check_usage(arguments: argparse.Namespace) -> None:
    if shutil.which("git") is None:
        raise NewError("git is needed and not on the PATH; install it and try again")
    if not arguments.template and (arguments.vcs_ref or arguments.trust):
        raise NewError(
            "--vcs-ref and --trust go with --template; "
            f"without it the template is this installation's, {template.VERSION_TAG}"
        )
    if arguments.answers_file and not _stays_inside(Path(arguments.answers_file)):
        raise NewError(f"--answers-file {arguments.answers_file} leaves the destination")
    if arguments.destination.exists() and not arguments.destination.is_dir():
        raise NewError(f"{arguments.destination} is a file; name a folder")


def _stays_inside(path: Path) -> bool:
    return not path.is_absolute() and ".." not in path.parts


def _answers(pairs: list[str]) -> dict[str, str]:
    """Split QUESTION=ANSWER pairs; Copier reads the answer as YAML of the question's type."""
    wrong = next((pair for pair in pairs if "=" not in pair), None)
    if wrong is not None:
        raise NewError(f"--data {wrong} has no =; write --data QUESTION=ANSWER")
    return dict(pair.split("=", 1) for pair in pairs)


def _check_questions(answers: dict[str, str]) -> None:
    """Refuse answers to questions that the carried template does not ask.

    Copier ignores them silently, and a typing error would give the default.
    """
    import yaml

    text = (template.template_folder() / "copier.yml").read_text(encoding="utf-8")
    questions = [
        name
        for name, question in yaml.safe_load(text).items()
        if not name.startswith("_") and question.get("when", True)
    ]
    unknown = [name for name in answers if name not in questions]
    if unknown:
        raise NewError(f"no question is called {unknown[0]}; there are {', '.join(questions)}")


@contextmanager
def _beside(destination: Path) -> Iterator[Path]:
    """Lend a folder on the destination's file system, gone afterwards whatever happened."""
    absolute = destination.absolute()
    existing = next(folder for folder in (absolute, *absolute.parents) if folder.is_dir())
    parent = existing.parent if existing == absolute else existing
    try:
        scratch = Path(mkdtemp(prefix=".plomada-new-", dir=parent))
    except OSError as error:
        raise NewError(f"cannot write beside {destination}: {error.strerror}") from error
    try:
        yield scratch / (absolute.name or "repository")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _render(arguments: argparse.Namespace, rendered: Path) -> None:
    """Render the template that the arguments name into a folder that does not exist yet."""
    options: dict[str, Any] = {
        "data": _answers(arguments.data),
        "answers_file": arguments.answers_file,
        "defaults": arguments.defaults,
        "quiet": arguments.quiet,
    }
    if arguments.template:
        options |= {"vcs_ref": arguments.vcs_ref, "unsafe": arguments.trust}
        try:
            _copy(arguments.template, rendered, options)
        except NewError as error:
            raise NewError(f"{error} (template {arguments.template})") from error
    else:
        _check_questions(options["data"])
        _copy_carried_template(rendered, options)


def _copy_carried_template(rendered: Path, options: dict[str, Any]) -> None:
    from copier import Settings, load_settings

    users = load_settings()
    options |= {
        "vcs_ref": template.VERSION_TAG,
        "settings": Settings(users.defaults, [*users.trust, template.PUBLIC_REPOSITORY]),
    }
    with template.served_as_public_repository():
        _copy(template.PUBLIC_REPOSITORY, rendered, options)


def _copy(source: str, rendered: Path, options: dict[str, Any]) -> None:
    """Run Copier, and say in one sentence what it refused."""
    from copier import run_copy
    from copier.errors import CopierAnswersInterrupt, CopierError, UnsafeTemplateError
    from jinja2 import TemplateError
    from plumbum import ProcessExecutionError
    from yaml import YAMLError

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            run_copy(source, rendered, **options)
        except CopierAnswersInterrupt as interrupt:
            raise KeyboardInterrupt from interrupt
        except UnsafeTemplateError as error:
            raise NewError("it runs code of its own; add --trust if you trust it") from error
        except ProcessExecutionError as error:
            raise NewError(f"git could not read it: {_last_line(error.stderr)}") from error
        except (CopierError, TemplateError, YAMLError, ValueError, TypeError, OSError) as error:
            raise NewError(_last_line(str(error))) from error
    for warning in caught:
        print(f"plomada new: {_last_line(str(warning.message))}", file=sys.stderr)  # noqa: T201


def _last_line(text: str | None) -> str:
    return ((text or "").strip().splitlines() or ["no reason given"])[-1]


def _move_into(rendered: Path, destination: Path) -> None:
    """Give the rendered files their place, or refuse if one would overwrite another."""
    files = sorted(p.relative_to(rendered) for p in rendered.rglob("*") if not p.is_dir())
    taken = [file for file in files if _is_taken(destination, file)]
    if taken:
        others = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise NewError(
            f"{destination} already has {taken[0].as_posix()}{others}, which would be "
            "overwritten; choose another folder, or run `copier update` there if it is generated"
        )
    if not destination.exists():
        destination.parent.mkdir(parents=True, exist_ok=True)
        rendered.rename(destination)
        return
    for file in files:
        (destination / file).parent.mkdir(parents=True, exist_ok=True)
        (rendered / file).rename(destination / file)


def _is_taken(destination: Path, file: Path) -> bool:
    """Tell whether something stands where a file, or a folder above it, has to be."""
    place = destination / file
    above = (folder for folder in place.parents if folder.is_relative_to(destination))
    return (
        place.is_symlink()
        or place.exists()
        or any(
            folder.is_symlink() or (folder.exists() and not folder.is_dir())
            for folder in above
            if folder != destination
        )
    )
