"""Coverage gates: floors on command lines, in configuration files, in services and tasks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act, Command, Value
from plomada.facts.shell.commandline import option_texts
from plomada.facts.strings import shown, texts
from plomada.patterns import regex
from plomada.readers import ini
from plomada.readers.nodes import Node
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_INI = {
    ".coveragerc": ("report",),
    "setup.cfg": ("coverage:report",),
    "tox.ini": ("coverage:report",),
    ".coveragerc.toml": ("report", "tool.coverage.report"),
    "": ("report", "coverage:report", "tool.coverage.report"),  # any file that a run names
}
_ADDOPTS = {
    "pytest.ini": "pytest",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
    ".pytest.ini": "pytest",
}
_OPTION = regex(r"--cov-fail-under[= ](\d+(?:\.\d+)?)")
_PYTEST_TOML = ("pytest.toml", ".pytest.toml")
_OPTIONS = ("tool.pytest.ini_options.addopts", "tool.pytest.addopts", "pytest.addopts")
_CODECOV = (
    "codecov.yml",
    ".codecov.yml",
    "codecov.yaml",
    ".codecov.yaml",
    ".github/codecov.yml",
    "dev/codecov.yml",
)


@dataclass(frozen=True, slots=True)
class Gate:
    """A floor of coverage.

    Attributes:
        percent: its height.
        span: its place.
        soft: a run below it does not fail.
        enforced_at: the place where a pipeline enforces it, None where none does.
    """

    percent: float
    span: Span
    soft: bool = False
    enforced_at: Span | None = None


def gates(facts: Facts) -> tuple[Gate, ...]:
    """Return every floor that is set anywhere, enforced or not."""
    return (*_on_command_lines(facts), *_configured(facts), *_of_services(facts), *_of_tasks(facts))


def _on_command_lines(facts: Facts) -> Iterator[Gate]:
    for act in acts_of(facts, "gate-coverage", target="python"):
        value = act.arguments.get("--cov-fail-under") or act.arguments.get("--fail-under")
        percent = _number(value)
        if percent is not None:
            yield Gate(percent, act.span, act.soft, act.span if act.job is not None else None)

    for act in acts_of(facts, "test", target="python"):
        for env in _environments(facts, act):
            match = _OPTION.search(shown(env.get("PYTEST_ADDOPTS")))
            if match is not None and not _overrides(act):
                yield Gate(float(match[1]), act.span, act.soft, act.span)


def _number(value: Value | None) -> float | None:
    for text in texts(value):
        match = re.match(r"\s*(\d+(?:\.\d+)?)", text)
        if match is not None:
            return float(match[1])
    return None


def _configured(facts: Facts) -> Iterator[Gate]:
    """Yield floors of configuration files, enforced where a pipeline measures with them."""
    for percent, span, needs_measuring in _floors(facts):
        run = _measuring_run(facts, span.path, needs_measuring=needs_measuring)
        soft = run.soft if run is not None else False
        yield Gate(percent, span, soft, run.span if run is not None else None)


def _floors(facts: Facts) -> Iterator[tuple[float, Span, bool]]:
    for path in _named_files(facts):
        yield from _floors_of_ini(facts, path, "")
    for path in facts.repository.paths:
        name = path.rpartition("/")[2]
        if name in ("pyproject.toml", *_PYTEST_TOML) and facts.repository.mentions(
            path, "fail_under", "cov-fail-under"
        ):
            for root in facts.nodes(path)[:1]:
                yield from _floors_of_pyproject(root)
        elif name in _INI or name in _ADDOPTS:
            yield from _floors_of_ini(facts, path, name)


def _floors_of_pyproject(root: Node) -> Iterator[tuple[float, Span, bool]]:
    floor = root.find("tool.coverage.report.fail_under")
    if floor is not None and re.match(r"\d", floor.text):
        yield float(re.match(r"[\d.]+", floor.text)[0]), floor.span, True  # type: ignore[index]
    for options in filter(None, map(root.find, _OPTIONS)):
        for node in options.elements or [options]:
            match = _OPTION.search(node.string)
            if match is not None:
                yield float(match[1]), node.span, False


def _floors_of_ini(facts: Facts, path: str, name: str) -> Iterator[tuple[float, Span, bool]]:
    if not facts.repository.mentions(path, "fail_under", "fail-under"):
        return
    sections = ini.read(facts.repository.text(path) or "")
    for section in _INI.get(name, ()):
        entry = sections.get(section, {}).get("fail_under")
        match = re.match(r"(\d+(?:\.\d+)?)", entry.text) if entry else None
        if entry is not None and match is not None:
            yield float(match[1]), Span(path, entry.line, 1, entry.line, 1), True
    entry = sections.get(_ADDOPTS.get(name, ""), {}).get("addopts")
    match = _OPTION.search(entry.text) if entry else None
    if entry is not None and match is not None:
        yield float(match[1]), Span(path, entry.line, 1, entry.line, 1), False


def _measuring_run(facts: Facts, path: str, *, needs_measuring: bool) -> Act | None:
    """Return a pipeline's run that uses a configuration file: from its folder, with coverage on."""
    folder = path.rpartition("/")[0]
    measured = _measures_by_default(facts, folder)
    found: list[Act] = []
    for act in acts_of(facts, "test", "report-coverage"):
        if act.job is None or act.target != "python" or "--no-cov" in act.arguments:
            continue
        covers = act.verb == "report-coverage" or measured or not needs_measuring
        if act.verb == "report-coverage" and act.tool.startswith("coverage combine"):
            continue
        if covers and not _overrides(act) and (not folder or _is_inside(facts, act, folder)):
            found.append(act)
    found.sort(key=lambda a: a.soft)
    return found[0] if found else None


def _named_files(facts: Facts) -> Iterator[str]:
    """Yield the files with other names that runs take coverage's settings from."""
    for act in acts_of(facts, "test", "report-coverage"):
        for text in option_texts(act.arguments, "--cov-config", "--rcfile"):
            path = posixpath.normpath(posixpath.join(_directory(facts, act), text))
            usual = path.rpartition("/")[2] in (*_INI, "pyproject.toml")
            if not usual and facts.repository.exists(path):
                yield path


def _overrides(act: Act) -> bool:
    """Tell whether a run sets a floor of its own, which goes before that of a file."""
    return "--cov-fail-under" in act.arguments or "--fail-under" in act.arguments


def _environments(facts: Facts, act: Act) -> Iterator[Mapping[str, Value]]:
    """Yield the variables that are set for a run in a pipeline."""
    if act.job is not None:
        yield act.job.env
        edges = [edge.span for edge in act.route if edge.how == "step"]
        yield from (step.env for step in act.job.steps if step.span in edges)
        yield from (command.env for command in _commands(facts, act))


def _commands(facts: Facts, act: Act) -> Iterator[Command]:
    """Yield the commands that may be an act."""
    return (c for c in facts.commands if c.span == act.span and c.job is act.job)


def _directory(facts: Facts, act: Act) -> str:
    """Return the folder that an act's command runs in."""
    return next((c.directory for c in _commands(facts, act)), "")


def _is_inside(facts: Facts, act: Act, folder: str) -> bool:
    """Tell whether a run is about a folder: it works there or names it."""
    if _directory(facts, act) == folder:
        return True
    names = " ".join(shown(v) for v in act.arguments.values())
    return folder in names or any(folder in e.target for e in act.route) or folder in act.span.path


def _measures_by_default(facts: Facts, folder: str) -> bool:
    """Tell whether ``addopts`` of the folder switches coverage on."""
    for name in ("pyproject.toml", *_ADDOPTS):
        path = f"{folder}/{name}" if folder else name
        mentions = facts.repository.mentions
        if mentions(path, "addopts") and mentions(path, "--cov"):
            return True
    return False


def _of_services(facts: Facts) -> Iterator[Gate]:
    uploads = [a for a in acts_of(facts, "upload-coverage", target="codecov") if a.job is not None]
    for path in _CODECOV:
        for root in facts.nodes(path)[:1] if facts.repository.exists(path) else ():
            project = root.find("coverage.status.project")
            for holder in _statuses(project):
                target, informational = holder.get("target"), holder.get("informational")
                match = re.match(r"(\d+(?:\.\d+)?)", target.text) if target is not None else None
                if target is None or match is None:
                    continue
                soft = informational is not None and informational.text.lower() == "true"
                yield Gate(float(match[1]), target.span, soft, uploads[0].span if uploads else None)


def _statuses(project: Node | None) -> Iterator[Node]:
    if project is not None and project.kind == "mapping":
        yield project
        yield from (value for _, value in project.items() if value.kind == "mapping")


def _of_tasks(facts: Facts) -> Iterator[Gate]:
    for act in acts_of(facts, "gate-coverage"):
        percent = _task_floor(act.arguments) if act.target in ("task", "action") else None
        if percent is not None:
            yield Gate(percent, act.span, act.soft, act.span if act.job is not None else None)


def _task_floor(inputs: Mapping[str, Value]) -> float | None:
    """Return the floor that a task's or action's inputs set, None where they set none."""

    def true(name: str) -> bool:
        return shown(inputs.get(name)).lower() == "true"

    if true("checkcoverage"):
        fixed = shown(inputs.get("coveragefailoption")).lower() in ("fixed", "fixed value")
        return _number(inputs.get("coveragethreshold")) or 60.0 if fixed else None
    if true("fail_below_min"):
        return _number(inputs.get("thresholds")) or 50.0
    if true("fail_below_threshold"):
        return _number(inputs.get("minimum_coverage")) or 75.0
    total = _number(
        inputs.get("thresholdall")
        or inputs.get("threshold-total")
        or inputs.get("coverage-threshold")
        or inputs.get("fail-under")
    )
    return None if total is None else total * 100 if total <= 1 else total
