"""Coverage gates: floors on command lines, in configuration files, in services and tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act, Value
from plomada.facts.strings import shown, texts
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
    ".coveragerc.toml": ("report",),
}
_ADDOPTS = {
    "pytest.ini": "pytest",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
    ".pytest.ini": "pytest",
}
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
    for path in facts.repository.paths:
        name = path.rpartition("/")[2]
        if name == "pyproject.toml" and facts.repository.mentions(
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
    options = root.find("tool.pytest.ini_options.addopts") or root.find("tool.pytest.addopts")
    if options is not None:
        for node in options.elements or [options]:
            match = re.search(r"--cov-fail-under[= ](\d+(?:\.\d+)?)", node.string)
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
    match = re.search(r"--cov-fail-under[= ](\d+(?:\.\d+)?)", entry.text) if entry else None
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
        if covers and (not folder or _is_inside(act, folder)):
            found.append(act)
    found.sort(key=lambda a: a.soft)
    return found[0] if found else None


def _is_inside(act: Act, folder: str) -> bool:
    """Tell whether a run is about a folder: it works there or names it."""
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
