"""The ``plomada`` command; everything is imported when it is needed, so that it starts fast."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from plomada import __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from plomada.outcome import Report

WRONG_USE = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Exit codes of ``check``: 0 nothing failed, 1 something failed, 2 wrong usage or configuration,
    3 nothing to check, 4 something is unknown and nothing failed.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None and given[:1] == ["check"]:
        _end_with_the_report()
    if given in (["--version"], ["-V"]):
        _print(f"plomada {__version__}\n")
        return 0
    try:
        return _run(given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _end_with_the_report() -> None:
    """Spare a process that ends with its report the search for garbage, the last one included."""
    import atexit

    gc.disable()
    atexit.register(gc.freeze)


def _run(given: list[str]) -> int:
    from plomada.policy import PolicyError
    from plomada.repository import NoRepository

    options = _parser(given).parse_args(given)
    try:
        return int(options.run(options))
    except (NoRepository, PolicyError) as error:
        sys.stderr.write(f"plomada: {_one_line(str(error))}\n")
        return WRONG_USE
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        name = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"plomada: {_one_line(name)}{error.strerror or error}\n")
        return WRONG_USE


def _one_line(text: str) -> str:
    """Return text that any terminal can show on one line."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown.encode("utf-8", errors="backslashreplace").decode("utf-8")


def _parser(given: list[str]) -> argparse.ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="plomada",
        description="Azure ML repositories that start plumb and stay plumb.",
        epilog="Exit codes of check: 0 nothing failed, 1 something failed, 2 wrong usage or "
        "configuration, 3 nothing to check, 4 something is unknown and nothing failed.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"plomada {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_check(commands.add_parser("check", help="check a repository against the 50 items"))
    _add_list(commands.add_parser("list", help="list the items"))
    _add_explain(commands.add_parser("explain", help="show the page of an item"))
    new = commands.add_parser("new", help="generate a repository from the template")
    if given[:1] == ["new"]:
        from plomada import new as generator

        generator.add_arguments(new)
        new.set_defaults(run=generator.run)
    return parser


def _add_check(parser: argparse.ArgumentParser) -> None:
    names = "ids or sections, separated by commas (INF,SEC1); may be given again"
    parser.add_argument("path", nargs="?", default=".", help="the repository's folder")
    parser.add_argument("--select", action="append", default=[], metavar="NAMES", help=names)
    parser.add_argument("--ignore", action="append", default=[], metavar="NAMES", help=names)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--output", metavar="FILE", help="write the report to a file")
    parser.add_argument("--verbose", action="store_true", help="show passes, places and advice")
    parser.set_defaults(run=_check)


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--language", choices=("en", "es"), default="en", help="of the titles")
    parser.set_defaults(run=_list)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("item", help="an item's id, such as DEV1")
    parser.set_defaults(run=_explain)


def _check(options: argparse.Namespace) -> int:
    from plomada.check import check
    from plomada.policy import check_names
    from plomada.repository import Repository

    select = check_names(_split(options.select), "--select")
    ignore = check_names(_split(options.ignore), "--ignore")
    if options.select and not select:
        check_names([""], "--select")
    report = check(Repository(options.path), select, ignore)
    text = _rendered(report, options)
    if options.output is None:
        _print(text)
    else:
        _write(options.output, text)
    return report.exit_code()


def _rendered(report: Report, options: argparse.Namespace) -> str:
    if options.format == "json":
        from plomada.reports.json import render as render_json

        return render_json(report)
    from plomada.reports.text import render as render_text

    colour = options.output is None and _wants_colour()
    return render_text(report, verbose=options.verbose, colour=colour)


def _split(values: list[str]) -> list[str]:
    return [name for value in values for name in value.split(",") if name.strip()]


def _wants_colour() -> bool:
    dumb = os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not dumb


def _print(text: str) -> None:
    """Write to standard output; what its encoding lacks is shown by its code."""
    encoding = sys.stdout.encoding or "ascii"
    sys.stdout.write(text.encode(encoding, errors="backslashreplace").decode(encoding))
    sys.stdout.flush()


def _write(path: str, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: it cannot be written; the error names the file that was asked for.
    """
    from pathlib import Path

    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(None, "is a folder; give a file's name", path)
    try:
        _replace(target, text)
    except OSError as error:
        raise OSError(error.errno, f"cannot be written ({error.strerror})", path) from error


def _replace(target: Path, text: str) -> None:
    import tempfile
    from pathlib import Path

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="backslashreplace", newline="\n",
        dir=target.parent, prefix=f".{target.name}.", delete=False,
    ) as file:  # fmt: skip
        try:
            file.write(text)
            file.close()
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _list(options: argparse.Namespace) -> int:
    from plomada.checklist import ITEMS, SECTIONS

    spanish = options.language == "es"
    if options.format == "json":
        import json

        rows = [
            {"id": i.identifier, "section": i.section, "title": i.title, "title_es": i.spanish,
             "remedy": i.remedy}
            for i in ITEMS
        ]  # fmt: skip
        _print(json.dumps(rows, indent=2) + "\n")
        return 0
    lines: list[str] = []
    for key, titles in SECTIONS.items():
        lines += ["", f"{key}  {titles[spanish]}"] if lines else [f"{key}  {titles[spanish]}"]
        mine = [item for item in ITEMS if item.section == key]
        lines += [f"  {i.identifier:<5} {i.spanish if spanish else i.title}" for i in mine]
    _print("\n".join(lines) + "\n")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from plomada.checklist import BY_ID, SECTIONS
    from plomada.pages import page
    from plomada.policy import PolicyError, check_names

    (name,) = check_names([options.item], "explain")
    if name in SECTIONS:
        items = ", ".join(item.identifier for item in BY_ID.values() if item.section == name)
        raise PolicyError(f"explain: {name} is a section; give one of its items: {items}")
    text = page(name)
    if text is None:
        raise PolicyError(f"explain: this installation lacks the page of {name}")
    _print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
