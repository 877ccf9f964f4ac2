"""Processes that follow one another: steps of Azure ML pipelines and jobs of their own.

A process that fails or cancels its run keeps those from running that depend on it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from plomada.facts.assets.yaml import joined
from plomada.facts.code.code import PYTHON, is_test_file
from plomada.facts.configuration import locate
from plomada.facts.model import Asset, Value
from plomada.facts.reach.specs import required
from plomada.facts.strings import shown
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module
    from plomada.facts.code.flow import Scope, Site
    from plomada.spans import Span

_SCRIPT = regex(
    r"(?:python[\d.]*|Rscript|torchrun|accelerate launch)\s+(?:-\w\s+)*([\w./\-]+\.py)\b"
)
_MODULE = regex(r"python[\d.]*\s+-m\s+([\w.]+)")
_NEXT_COMMAND = regex(r"[;|&]|\n(?!\s*-)")
_OUTPUTS = regex(r"parent\.jobs\.([\w\-]+)\.outputs")


@dataclass(frozen=True, slots=True)
class Run:
    """A Python file that a process runs.

    Attributes:
        path: the file.
        arguments: the words behind it, placeholders as they stand.
    """

    path: str
    arguments: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Process:
    """A step of an Azure ML pipeline, or a job of its own.

    Attributes:
        name: its name in the pipeline.
        pipeline: address of the pipeline: ``path`` or ``path::function``.
        runs: Python files that it runs.
        needs: the processes of the pipeline whose outputs it takes or that it has to run after.
        span: its place.
        fields: its specification.
    """

    name: str
    pipeline: str
    runs: tuple[Run, ...]
    span: Span
    needs: list[Process] = field(default_factory=list)
    fields: dict[str, Value] = field(default_factory=dict)

    @property
    def scripts(self) -> tuple[str, ...]:
        """The paths of the Python files that it runs."""
        return tuple(run.path for run in self.runs)

    def before(self) -> list[Process]:
        """Return the processes that have to succeed before this one runs."""
        found: list[Process] = []
        waiting = list(self.needs)
        while waiting:
            process = waiting.pop()
            if process not in found and process is not self:
                found.append(process)
                waiting.extend(process.needs)
        return found


def read_processes(facts: Facts) -> tuple[Process, ...]:
    """Return the processes of every Azure ML job and pipeline."""
    found: list[Process] = []
    for spec in facts.assets.specs:
        if spec.kind in {"pipeline", "job", "schedule", "component"}:
            found.extend(_of_spec(facts, spec))
    for path in facts.code.paths:
        if is_test_file(path) or not facts.code.mentions(path, "azure.ai.ml", "azureml"):
            continue
        module = facts.code.module(path)
        if module is not None:
            found.extend(_of_module(facts, module))
    return tuple(found)


# --- YAML


def _of_spec(facts: Facts, spec: Asset) -> Iterator[Process]:
    jobs = spec.fields.get("jobs") or spec.fields.get("create_job.jobs")
    if jobs is None or not isinstance(jobs.data, dict):
        if spec.kind in {"job", "component"}:
            runs = tuple(_runs(facts, spec.fields, spec.code, spec.span.path))
            yield Process("", spec.span.path, runs, spec.span, fields=dict(spec.fields))
        return
    made: dict[str, Process] = {}
    for name, value in jobs.data.items():
        if isinstance(value, Value) and isinstance(value.data, dict):
            span = value.origins[0] if value.origins else spec.span
            runs = tuple(_of_step(facts, value.data, spec.span.path))
            made[name] = Process(name, spec.span.path, runs, span, fields=value.data)
    for process in made.values():
        for text in _texts(Value("known", data=process.fields)):
            for needed in _OUTPUTS.findall(text):
                if needed in made and made[needed] is not process:
                    process.needs.append(made[needed])
    yield from made.values()


def _of_step(facts: Facts, step: dict[str, Value], path: str) -> Iterator[Run]:
    """Yield the scripts of a pipeline's step: its own command, its component's, its trial's."""
    folder = path.rpartition("/")[0]
    code = step.get("code")
    yield from _runs(facts, step, joined(folder, code.text or "") if code else folder, path)
    for key in ("component", "trial", "job", "file"):
        inner = step.get(key)
        if inner is None:
            continue
        if isinstance(inner.data, dict):
            yield from _of_step(facts, inner.data, path)
        elif inner.text:
            yield from _of_component(facts, inner.text, folder)


def _of_component(facts: Facts, text: str, folder: str) -> Iterator[Run]:
    text = text.removeprefix("file:")
    found = list(facts.assets.specs_by_path.get(joined(folder, text), ()))
    if text.startswith("azureml:"):
        found += facts.assets.specs_by_name.get(re.split(r"[:@]", text[8:])[0], ())
    for spec in found:
        yield from _runs(facts, spec.fields, spec.code, spec.span.path)


def _runs(facts: Facts, fields: Mapping[str, Value], code: str, path: str) -> Iterator[Run]:
    for key in ("command", "task.entry_script", "task.program_file", "entry_script"):
        value = fields.get(key)
        text = required(shown(value)) if value is not None else ""
        for script, arguments in _named_scripts(text) if key == "command" else [(text, ())]:
            found = joined(code, script) if script else ""
            if not (found and facts.repository.exists(found)):
                found = (locate(facts.repository, script, path) if script else None) or ""
            if found:
                yield Run(found, arguments)
        for match in _MODULE.finditer(text):
            other = facts.code.module_path(match[1], f"{code}/x" if code else path)
            if other:
                yield Run(other, _arguments(text, match.end()))


def _named_scripts(command: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for match in _SCRIPT.finditer(command):
        yield match[1], _arguments(command, match.end())


def _arguments(command: str, start: int) -> tuple[str, ...]:
    """Return the words of a command line from a place to where the next command begins."""
    return tuple(_NEXT_COMMAND.split(command[start:], maxsplit=1)[0].split())


def _texts(value: Value) -> Iterator[str]:
    stack = [value]
    while stack:
        current = stack.pop()
        if current.text is not None:
            yield current.text
        if isinstance(current.data, dict):
            stack.extend(v for v in current.data.values() if isinstance(v, Value))
        elif isinstance(current.data, tuple):
            stack.extend(v for v in current.data if isinstance(v, Value))


# --- SDK


def _of_module(facts: Facts, module: Module) -> Iterator[Process]:
    components = _called(facts, module)
    for scope in module.scopes:
        made: dict[int, Process] = {}
        for site in scope.sites:
            if id(site.node) in components:
                continue
            name = facts.code.name(site)
            v1 = name.startswith("azureml.")
            process = (_v1_step if v1 else _v2_step)(facts, module, site)
            if process is not None:
                made[id(site.node)] = process
        if made:
            _link(facts, scope, made)
            yield from made.values()


def _v1_step(facts: Facts, module: Module, site: Site) -> Process | None:
    name = facts.code.name(site)
    last = name.rpartition(".")[2]
    if not name.startswith("azureml.") or not (last.endswith("Step") or last in _RUN_CONFIGS):
        return None
    script = facts.code.argument(
        site, None, "script_name", "script", "entry_script", "python_script_name"
    )
    folder = facts.code.argument(site, None, "source_directory")
    runs = []
    value = facts.code.value_of(script, site.scope) if script is not None else None
    base = shown(facts.code.value_of(folder, site.scope)) if folder is not None else ""
    for part in value.parts if value is not None and value.kind == "one_of" else (value,):
        if part is not None and part.text:
            direct = joined(base, part.text)
            known = facts.repository.exists(direct)
            found = direct if known else locate(facts.repository, part.text, module.path)
            if found:
                runs.append(Run(found))
    span = module.span(site.node)
    return Process(last, module.address(site.scope), tuple(runs), span)


def _called(facts: Facts, module: Module) -> set[int]:
    """Return what is called by a name: ``train = command(..)`` is no job where ``train(..)`` is."""
    return {
        id(found.value)
        for site in module.sites
        if isinstance(site.node.func, ast.Name)
        for found in facts.code.names.definitions(site.node.func, site.scope)
        if isinstance(found.value, ast.Call)
    }


_RUN_CONFIGS = frozenset({"ScriptRunConfig"})


def _v2_step(facts: Facts, module: Module, site: Site) -> Process | None:
    """Return the process that ``train_component(data=...)`` or ``command(...)`` makes."""
    name = facts.code.name(site)
    own = name in {"azure.ai.ml.command", "azure.ai.ml.load_component"}
    direct = own and isinstance(site.node.func, ast.Name | ast.Attribute) and _is_direct(site, name)
    if direct:
        value = facts.code.value_of(site.node, site.scope)
    elif own or name.startswith("?"):
        value = facts.code.value_of(site.node.func, site.scope)
    else:
        return None
    if not isinstance(value.data, dict):
        return None
    kind = value.data.get("$type")
    if not isinstance(kind, Value) or (kind.text or "") not in {
        "azure.ai.ml.command", "azure.ai.ml.load_component",
    }:  # fmt: skip
        return None
    runs = tuple(_of_entity(facts, module, value.data))
    fields = value.data if direct else _called_with(facts, site, value.data)
    return Process("", module.address(site.scope), runs, module.span(site.node), fields=fields)


def _called_with(facts: Facts, site: Site, fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields of a step with the inputs that its call gives: ``train(data=data)``."""
    declared = fields.get("inputs")
    inputs = dict(declared.data) if declared and isinstance(declared.data, dict) else {}
    for keyword in site.node.keywords:
        if keyword.arg is not None:
            inputs[keyword.arg] = facts.code.value_of(keyword.value, site.scope)
    return {**fields, "inputs": Value("known", data=inputs)} if inputs else fields


def _is_direct(site: Site, name: str) -> bool:
    function = site.node.func
    last = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return last == name.rpartition(".")[2]


def _of_entity(facts: Facts, module: Module, fields: dict[str, Value]) -> Iterator[Run]:
    source = fields.get("source") or fields.get("0")
    path = locate(facts.repository, source.text, module.path) if source and source.text else None
    for spec in facts.assets.specs_by_path.get(path or "", ()):
        yield from _runs(facts, spec.fields, spec.code, spec.span.path)
    code = fields.get("code")
    folder = ""
    for base in ("", module.path.rpartition("/")[0]):
        candidate = joined(base, (code.text or "") if code is not None else "")
        if candidate and facts.repository.is_dir(candidate):
            folder = candidate
            break
    yield from _runs(facts, fields, folder, module.path)


def _link(facts: Facts, scope: Scope, made: dict[int, Process]) -> None:
    """Find which process of a scope needs which: outputs, shared data, ``run_after``, sequences."""
    for site in scope.sites:
        process = made.get(id(site.node))
        if process is not None:
            _link_inputs(facts, site, process, made)
        function = site.node.func
        if isinstance(function, ast.Attribute) and function.attr == "run_after" and site.node.args:
            for after in _processes_of(facts, function.value, scope, made):
                for before in _processes_of(facts, site.node.args[0], scope, made):
                    after.needs.append(before)
        elif facts.code.name(site).endswith("StepSequence"):
            _link_sequence(facts, site, made)


def _link_inputs(facts: Facts, site: Site, process: Process, made: dict[int, Process]) -> None:
    for argument in (*site.node.args, *(k.value for k in site.node.keywords)):
        for part in ast.walk(argument):
            if isinstance(part, ast.Name):
                process.needs += [
                    p for p in _processes_of(facts, part, site.scope, made) if p is not process
                ]
    given = _data(facts, site, "inputs") | _data(facts, site, "arguments")
    for other in site.scope.sites if given else ():
        earlier = made.get(id(other.node))
        if earlier is not None and earlier is not process and other.order < site.order:
            outputs = _data(facts, other, "outputs")
            if outputs & given:
                process.needs.append(earlier)


def _data(facts: Facts, site: Site, keyword: str) -> set[int]:
    """Return the definitions of the names in a list of inputs or outputs."""
    node = facts.code.argument(site, None, keyword)
    found: set[int] = set()
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Name):
            found.update(id(d) for d in facts.code.names.definitions(part, site.scope))
    return found


def _link_sequence(facts: Facts, site: Site, made: dict[int, Process]) -> None:
    node = facts.code.argument(site, 0, "steps")
    elements = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    before: list[Process] = []
    for element in elements:
        current = _processes_of(facts, element, site.scope, made)
        for process in current:
            process.needs.extend(before)
        before = current or before


def _processes_of(
    facts: Facts, node: ast.expr, scope: Scope, made: dict[int, Process]
) -> list[Process]:
    if isinstance(node, ast.Call):
        return [made[id(node)]] if id(node) in made else []
    if not isinstance(node, ast.Name):
        return []
    return [
        made[id(found.value)]
        for found in facts.code.names.definitions(node, scope)
        if found.value is not None and id(found.value) in made
    ]


def of_asset(facts: Facts, asset: Asset) -> tuple[str, ...]:
    """Return the Python files that a job, pipeline or component runs."""
    known = facts.assets.scripts
    key = (asset.span, asset.dialect)
    if key not in known:
        known[key] = tuple(_of_asset(facts, asset))
    return known[key]


def _of_asset(facts: Facts, asset: Asset) -> Iterator[str]:
    if asset.dialect == "sdk2" and asset.span.path.endswith(PYTHON):  # else a spec that it loads
        module = facts.code.module(asset.span.path)
        if module is not None:
            yield from (run.path for run in _of_entity(facts, module, dict(asset.fields)))
        return
    for process in _of_spec(facts, asset):
        yield from process.scripts
