"""Azure Pipelines: found by content, templates expanded with their parameters."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from plomada.facts.model import Approval, Edge, Job, Pipeline, Route, Step, Trigger, Value
from plomada.facts.pipelines.expressions import Names, evaluate, interpolate, node_value
from plomada.facts.pipelines.github import scripted, shell_kind
from plomada.facts.pipelines.subprojects import root_of
from plomada.facts.strings import known, one_of, shown, texts, unknown
from plomada.patterns import regex
from plomada.readers.nodes import Node
from plomada.records import dataclass, replace
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

DEEPEST_TEMPLATE = 12
MOST_UNROLLED = 20
MOST_JOBS = 400
MOST_STEPS = 4_000
_KEYWORDS = ("steps:", "jobs:", "stages:", "extends:")
_STEP_KEYS = frozenset(
    [
        "script",
        "bash",
        "pwsh",
        "powershell",
        "task",
        "template",
        "checkout",
        "download",
        "publish",
        "downloadbuild",
        "getpackage",
        "reviewapp",
    ]
)
_ROOT_KEYS = frozenset(
    ["trigger", "pr", "schedules", "resources", "pool", "name", "variables", "lockbehavior"]
)
_OFF = regex(r"^\s*(?:false|\$\{\{\s*false\s*\}\})\s*$", re.I)
_SHELLS = {"script": "bash", "bash": "bash", "pwsh": "pwsh", "powershell": "pwsh"}
_TASK_SCRIPTS = {
    "azurecli": "bash",
    "bash": "bash",
    "cmdline": "bash",
    "shellscript": "bash",
    "powershell": "pwsh",
    "azurepowershell": "pwsh",
    "pythonscript": "python",
}
_STRATEGIES = ("runOnce", "rolling", "canary")
_HOOKS = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic", "on.failure", "on.success")


def read_azure(facts: Facts) -> Iterator[Pipeline]:
    """Yield the Azure Pipelines of the repository; a file that others call belongs to them."""
    roots = dict(_candidates(facts))
    bases = {path: root_of(facts.repository, path) for path in roots}
    templates = _referenced(facts, roots, bases)
    for path, root in sorted(roots.items()):
        if _is_pipeline(path, root, templates):
            yield _File(facts, path, root, bases[path]).pipeline()


def _candidates(facts: Facts) -> Iterator[tuple[str, Node]]:
    repository = facts.repository
    for path in repository.with_suffix(".yml", ".yaml"):
        if ".github/workflows/" in path or not repository.mentions(path, *_KEYWORDS):
            continue
        if repository.mentions(path, "azuremlschemas"):
            continue
        root = next(iter(facts.nodes(path)), None)
        if root is not None and _has_form(root):
            yield path, root


def _has_form(root: Node) -> bool:
    """Tell whether a document has the form of an Azure Pipelines file or template."""
    steps, jobs, stages = root.get("steps"), root.get("jobs"), root.get("stages")
    extends = root.get("extends")
    if steps is not None and _elements_have(steps, _STEP_KEYS):
        return True
    if jobs is not None and _elements_have(jobs, frozenset({"job", "deployment", "template"})):
        return True
    if stages is not None and _elements_have(stages, frozenset({"stage", "template"})):
        return True
    return extends is not None and extends.get("template") is not None


def _elements_have(node: Node, keys: frozenset[str]) -> bool:
    for element in node.elements[:50]:
        names = [k.lower() for k, _ in element.items()]
        if any(n in keys or n.startswith("${{") for n in names):
            return True
    return False


def _referenced(
    facts: Facts, roots: Mapping[str, Node], bases: Mapping[str, str]
) -> frozenset[str]:
    """Return the files that others call as templates."""
    found = set()
    for path, root in roots.items():
        for node in root.walk():
            template = node.get("template")
            if template is not None and template.string:
                for text in texts(interpolate(template.string, Names(azure=True))):
                    target = template_path(facts, path, text, bases[path])
                    found |= {target} if target else set()
    return frozenset(found)


def template_path(facts: Facts, path: str, reference: str, root: str = "") -> str | None:
    """Return the file that a template reference names, None where it is another repository's.

    Azure Pipelines takes backslashes too. ``root`` is the folder that stands for the root.
    """
    name, _, repository = reference.replace("\\", "/").partition("@")
    if repository and repository.lower() != "self":
        return None
    if name.startswith("/"):
        target = posixpath.normpath(name.lstrip("/"))
    else:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    if facts.repository.exists(target):
        return target
    rooted = posixpath.normpath(name.lstrip("/"))
    tried = (rooted, posixpath.join(root, rooted)) if root else (rooted,)
    return next((one for one in tried if facts.repository.exists(one)), None)


def _is_pipeline(path: str, root: Node, templates: frozenset[str]) -> bool:
    keys = {k.lower() for k, _ in root.items()}
    if keys & {"trigger", "pr", "schedules"}:
        return True
    if path in templates:
        return False
    return bool(keys & _ROOT_KEYS) or "parameters" not in keys


@dataclass(slots=True)
class _Place:
    """Where a template is expanded: its file, its names, how it was reached.

    Attributes:
        path: the file that the nodes stand in.
        names: names that its expressions may use.
        route: calls of templates, outermost first.
        stage: the stage around, "" outside of one.
        disabled: something around is literally switched off.
        conditional: it stands in a branch of a ``${{ if }}``.
    """

    path: str
    names: Names
    route: Route = ()
    stage: str = ""
    disabled: bool = False
    conditional: bool = False


@dataclass(slots=True)
class _Draft:
    """A job before its dependencies are known by address."""

    job: Job
    stage: str
    depends: tuple[str, ...]


@dataclass(slots=True)
class _Stage:
    name: str
    depends: tuple[str, ...] | None
    drafts: list[_Draft] = field(default_factory=list)


class _File:
    """Expands one pipeline file."""

    def __init__(self, facts: Facts, path: str, root: Node, base: str) -> None:
        self.facts, self.path, self.root, self.base = facts, path, root, base
        self.triggers = tuple(_triggers(root))
        self.stages: list[_Stage] = []
        self.budget = MOST_STEPS
        self.files: dict[str, None] = {}
        self.groups: list[Value] = []

    def pipeline(self) -> Pipeline:
        parameters = declared_parameters(self.root)
        nodes = _parameter_nodes(self.root, Names(azure=True))
        names = Names({f"parameters.{k}": v for k, v in parameters.items()}, nodes, azure=True)
        place = _Place(self.path, names)
        place.names = self._with_variables(self.root, place)
        self._body(self.root, place)
        name = self.root.get("name")
        return Pipeline(
            path=self.path,
            dialect="azure",
            name=name.string if name else self.path.rpartition("/")[2],
            triggers=self.triggers,
            jobs=tuple(self._finished())[:MOST_JOBS],
            span=self.root.span,
            inputs=parameters,
            files=tuple(self.files),
            groups=tuple(self.groups),
        )

    def _body(self, root: Node, place: _Place) -> None:
        """Read what a file holds: stages, jobs, steps, or a template that it extends."""
        extends = root.get("extends")
        template = extends.get("template") if extends is not None else None
        stages, jobs, steps = root.get("stages"), root.get("jobs"), root.get("steps")
        if extends is not None and template is not None:
            self._template(extends, template, place, self._body)
        elif stages is not None:
            for node, inner in self._expand(stages, place):
                self._stage(node, inner)
        elif jobs is not None:
            self._open_stage("", None)
            for node, inner in self._expand(jobs, place):
                self._job(node, inner)
        elif steps is not None:
            self._open_stage("", None)
            self._add_job(root, place, "job", place.names)

    def _open_stage(self, name: str, depends: tuple[str, ...] | None) -> None:
        if name or not self.stages:
            self.stages.append(_Stage(name, depends))

    def _expand(self, sequence: Node, place: _Place) -> Iterator[tuple[Node, _Place]]:
        """Yield the elements of a list, its ``${{ if }}``, ``${{ each }}`` and insertions done."""
        stack = [(e, place) for e in reversed(sequence.elements)]
        while stack and self.budget > 0:
            node, here = stack.pop()
            self.budget -= 1
            if node.kind == "scalar" and node.text.strip().startswith("${{"):
                stack.extend(reversed(_inserted(node, here)))
                continue
            directive = next((k for k, _ in node.items() if k.startswith("${{")), None)
            if directive is None:
                yield node, here
            else:
                stack.extend(reversed(_directed(node, directive, here)))

    def _template(
        self,
        node: Node,
        template: Node,
        place: _Place,
        read: object,
    ) -> bool:
        """Read a template of this repository in place; False where it is not here."""
        value = interpolate(template.string, place.names)
        done = False
        for text in texts(value) or (shown(value),):
            target = template_path(self.facts, place.path, text, self.base)
            if target is None:
                target = template_path(self.facts, self.path, text, self.base)
            if target is None or len(place.route) >= DEEPEST_TEMPLATE:
                continue
            root = next(iter(self.facts.nodes(target)), None)
            self.files[target] = None
            if root is not None and root.kind == "mapping" and callable(read):
                read(root, _called(node, template, target, root, place))
                done = True
        return done

    def _stage(self, node: Node, place: _Place) -> None:
        template = node.get("template")
        if template is not None:
            if not self._template(node, template, place, self._body):
                self._open_stage(_text(node, "displayName") or template.string, None)
                self._remote(node, template, place)
            return
        name = shown(interpolate(_text(node, "stage"), place.names)) or f"stage{len(self.stages)}"
        off = bool(_OFF.match(_text(node, "condition")))
        inner = replace(place, stage=name, disabled=place.disabled or off)
        inner.names = self._with_variables(node, inner)
        depends = _dependencies(node)
        self._open_stage(name, depends)
        jobs = node.get("jobs")
        for child, here in self._expand(jobs, inner) if jobs is not None else ():
            self._job(child, here)

    def _job(self, node: Node, place: _Place) -> None:
        template = node.get("template")
        if template is not None:
            if not self._template(node, template, place, self._jobs_of_template):
                self._remote(node, template, place)
            return
        name_node = node.get("job") or node.get("deployment")
        if name_node is None:
            return
        name = shown(interpolate(name_node.string, place.names)) or "job"
        matrix = _matrix(node)
        names = place.names.adding(matrix)
        inner = replace(place, names=names)
        self._add_job(node, inner, name, self._with_variables(node, inner))

    def _jobs_of_template(self, root: Node, place: _Place) -> None:
        jobs = root.get("jobs") or root.get("stages")
        for node, inner in self._expand(jobs, place) if jobs is not None else ():
            self._job(node, inner)

    def _remote(self, node: Node, template: Node, place: _Place) -> None:
        """Keep the call of another repository's template as a job with one step."""
        step = _remote_step(node, template, place)
        job = self._bare_job(node, place, template.string, (step,))
        self._append(replace(job, uses=template.string), node)

    def _add_job(self, node: Node, place: _Place, name: str, names: Names) -> None:
        inner = replace(place, names=names)
        steps: list[Step] = []
        for block, condition in _step_lists(node):
            found = self._steps(block, inner)
            steps += [replace(s, condition=s.condition or condition) for s in found]
        job = self._bare_job(node, inner, name, tuple(steps))
        approvals = tuple(_approvals(node, names, job.steps))
        self._append(replace(job, approvals=approvals), node)

    def _bare_job(self, node: Node, place: _Place, name: str, steps: tuple[Step, ...]) -> Job:
        condition = _text(node, "condition")
        stage = place.stage
        number = sum(len(s.drafts) for s in self.stages)
        taken = {d.job.address for s in self.stages for d in s.drafts}
        address = f"{self.path}::{stage + '.' if stage else ''}{name}"
        if address in taken:
            address = f"{address}.{number}"
        return Job(
            pipeline=self.path,
            path=place.path,
            name=name,
            span=_head(node),
            title=shown(interpolate(_text(node, "displayName"), place.names)),
            triggers=self.triggers,
            stage=stage,
            needs=_dependencies(node) or (),
            condition=condition,
            disabled=place.disabled or bool(_OFF.match(condition)),
            soft=_text(node, "continueOnError").lower() == "true",
            steps=steps,
            inputs={
                k.split(".", 1)[1]: v
                for k, v in place.names.values.items()
                if k.startswith("parameters.")
            },
            env=_as_environment(place.names),
            calls=place.route,
            address=address,
        )

    def _append(self, job: Job, node: Node) -> None:
        if not self.stages:
            self._open_stage("", None)
        if not self.stages:
            self.stages.append(_Stage("", None))
        self.stages[-1].drafts.append(_Draft(job, job.stage, _dependencies(node) or ()))

    def _steps(self, block: Node, place: _Place) -> list[Step]:
        found: list[Step] = []
        for node, here in self._expand(block, place):
            template = node.get("template")
            if template is None:
                step = self._step(node, here)
                found += [step] if step is not None else []
                continue
            if not self._template(node, template, here, partial(self._take_steps, found)):
                found.append(_remote_step(node, template, here))
        return found

    def _take_steps(self, found: list[Step], root: Node, called: _Place) -> None:
        """Take over the steps of a template."""
        steps = root.get("steps")
        found += self._steps(steps, called) if steps is not None else []

    def _step(self, node: Node, place: _Place) -> Step | None:
        if node.kind != "mapping" or not node.entries:
            return None
        condition = _text(node, "condition")
        directory = interpolate(_text(node, "workingDirectory"), place.names)
        step = Step(
            kind="other",
            name=shown(interpolate(_text(node, "displayName"), place.names)),
            span=node.span,
            env=_mapping(node.get("env"), place.names, lower=False),
            condition=condition,
            disabled=bool(_OFF.match(condition)) or bool(_OFF.match(_text(node, "enabled"))),
            soft=_text(node, "continueOnError").lower() == "true",
            working_directory=next(iter(texts(directory)), ""),
            identifier=_text(node, "name"),
            call=place.route,
        )
        text = self.facts.repository.text(place.path) or ""
        for key, shell in _SHELLS.items():
            script = node.get(key)
            if script is not None:
                step = self._based(replace(step, kind="run"))
                return scripted(step, script, text, place.names, shell)
        task = node.get("task")
        return self._based(_task(step, node, task, place, text)) if task is not None else step

    def _based(self, step: Step) -> Step:
        """Return a step with its folder below what stands for the root."""
        if not self.base:
            return step
        folder = posixpath.normpath(posixpath.join(self.base, step.working_directory))
        return replace(step, working_directory=folder)

    def _with_variables(self, node: Node, place: _Place) -> Names:
        """Return the names with the variables that a pipeline, stage or job declares."""
        variables = node.get("variables")
        if variables is None:
            return place.names
        found: dict[str, Value] = {}
        if variables.kind == "mapping":
            for key, value in variables.items():
                found.update(_one_variable(key, value, place.names))
        for element, here in self._expand(variables, place):
            template, name = element.get("template"), element.get("name")
            group = element.get("group")
            if group is not None:
                self.groups.append(node_value(group, here.names.adding(found)))
            if template is not None:
                self._template(element, template, here, partial(self._take_variables, found))
            elif name is not None:
                held = node_value(element.get("value"), here.names.adding(found))
                _set_variable(found, f"variables.{name.string.lower()}", held, here)
        return place.names.adding(found)

    def _take_variables(self, found: dict[str, Value], root: Node, called: _Place) -> None:
        """Take over what a template of variables declares."""
        values = self._with_variables(root, called).values
        for key, value in values.items():
            if key.startswith("variables."):
                _set_variable(found, key, value, called)

    def _finished(self) -> Iterator[Job]:
        """Yield the jobs with the addresses of what they wait for, through stages as well."""
        addresses = {s.name: tuple(d.job.address for d in s.drafts) for s in self.stages}
        previous: tuple[str, ...] = ()
        for stage in self.stages:
            waits = previous
            if stage.depends is not None:
                waits = tuple(a for n in stage.depends for a in addresses.get(n, ()))
            own = {d.job.name: d.job.address for d in stage.drafts}
            for draft in stage.drafts:
                within = tuple(own[n] for n in draft.depends if n in own)
                yield replace(draft.job, depends=within or waits)
            previous = addresses[stage.name] or previous


def _set_variable(found: dict[str, Value], name: str, value: Value, place: _Place) -> None:
    """Set a variable; in a branch it may have the value of another branch as well."""
    before = found.get(name)
    both = place.conditional and before is not None and before != value
    found[name] = one_of([before, value]) if both and before is not None else value


def declared_parameters(root: Node) -> dict[str, Value]:
    """Return parameters with their defaults, or their allowed values where there is none."""
    parameters = root.get("parameters")
    found: dict[str, Value] = {}
    if parameters is None:
        return found
    if parameters.kind == "mapping":
        return {k.lower(): node_value(v, Names(azure=True)) for k, v in parameters.items()}
    for element in parameters.elements:
        name, default, values = element.get("name"), element.get("default"), element.get("values")
        if name is None:
            continue
        options = [known(v.string) for v in values.elements] if values else []
        first = [node_value(default, Names(azure=True))] if default is not None else []
        choices = [*first, *options]
        found[name.string.lower()] = one_of(choices) if choices else unknown(name.string)
    return found


def _parameter_nodes(root: Node, names: Names) -> dict[str, tuple[Node, Names]]:
    parameters = root.get("parameters")
    if parameters is None:
        return {}
    if parameters.kind == "mapping":
        pairs = list(parameters.items())
    else:
        pairs = [
            (name.string, default)
            for e in parameters.elements
            if (name := e.get("name")) is not None and (default := e.get("default")) is not None
        ]
    return {
        f"parameters.{k.lower()}": (v, names) for k, v in pairs if v.kind in ("sequence", "mapping")
    }


def _called(node: Node, template: Node, target: str, root: Node, place: _Place) -> _Place:
    """Return the place inside a template: its parameters' defaults, then what is passed."""
    names = Names(azure=True)
    values = {f"parameters.{k}": v for k, v in declared_parameters(root).items()}
    nodes = _parameter_nodes(root, names)
    given: list[tuple[str, Value]] = []
    passed = node.get("parameters")
    for key, value in passed.items() if passed is not None else ():
        name = f"parameters.{key.lower()}"
        inner = _passed_node(value, place.names)
        if inner is not None:
            nodes[name] = inner
            values[name] = node_value(inner[0], inner[1])
        else:
            nodes.pop(name, None)
            values[name] = node_value(value, place.names)
            given.append((key, values[name]))
    variables = {k: v for k, v in place.names.values.items() if not k.startswith("parameters.")}
    edge = Edge(place.path, target, "template", template.span, tuple(given))
    return replace(
        place,
        path=target,
        names=Names({**variables, **values}, nodes, azure=True),
        route=(*place.route, edge),
    )


def _passed_node(value: Node, names: Names) -> tuple[Node, Names] | None:
    """Return a list or mapping that is passed, also one passed on from a parameter."""
    if value.kind != "scalar":
        return value, names
    match = re.fullmatch(r"\$\{\{\s*(parameters\.[\w\-]+)\s*\}\}", value.text.strip())
    return names.nodes.get(match[1].lower()) if match else None


def _inserted(node: Node, place: _Place) -> list[tuple[Node, _Place]]:
    """Return the elements of a list that a parameter holds: ``- ${{ parameters.steps }}``."""
    name = node.text.strip()[3:-2].strip().lower()
    held = place.names.nodes.get(name)
    if held is None:
        return []
    inner = replace(place, names=held[1])
    return [(e, inner) for e in held[0].elements]


def _directed(node: Node, directive: str, place: _Place) -> list[tuple[Node, _Place]]:
    """Return what stands under ``${{ if }}`` (all branches) or ``${{ each }}`` (unrolled)."""
    found: list[tuple[Node, _Place]] = []
    for key, value in node.items():
        if not key.startswith("${{"):
            continue
        text = key[3:-2].strip()
        each = re.fullmatch(r"each\s+(\w+)\s+in\s+(.+)", text, re.DOTALL)
        branch = replace(place, conditional=place.conditional or not each)
        for here in _iterations(each[1], each[2], place) if each else [branch]:
            if _never(text):
                here = replace(here, disabled=True)
            found += [(e, here) for e in value.elements]
            if value.kind == "mapping":
                found.append((value, here))
    return found or [(node, place)] * (directive == "")


def _never(text: str) -> bool:
    return bool(
        re.fullmatch(
            r"(else)?if\s+(false|eq\(\s*(true\s*,\s*false|false\s*,\s*true)\s*\))", text, re.I
        )
    )


def _iterations(variable: str, source: str, place: _Place) -> list[_Place]:
    held = place.names.nodes.get(source.strip().lower())
    if held is None:
        value = evaluate(source, place.names)
        items = value.data if value.kind == "known" and isinstance(value.data, tuple) else ()
        return [
            replace(place, names=place.names.adding({variable.lower(): item}))
            for item in items[:MOST_UNROLLED]
        ] or [place]
    places = []
    for key, element in _loop_items(held[0]):
        values = {variable.lower(): node_value(element, held[1])}
        if key:
            values = {f"{variable.lower()}.key": known(key)}
            values[f"{variable.lower()}.value"] = node_value(element, held[1])
        nodes = {}
        for name, child in element.items():
            values[f"{variable.lower()}.{name.lower()}"] = node_value(child, held[1])
            if child.kind != "scalar":
                nodes[f"{variable.lower()}.{name.lower()}"] = (child, held[1])
        places.append(replace(place, names=place.names.adding(values, nodes)))
    return places


def _loop_items(node: Node) -> list[tuple[str, Node]]:
    if node.kind == "mapping":
        return list(node.items())[:MOST_UNROLLED]
    return [("", e) for e in node.elements[:MOST_UNROLLED]]


def _step_lists(node: Node) -> Iterator[tuple[Node, str]]:
    """Yield the steps of a job, those of its hooks with the condition under which they run."""
    steps = node.get("steps")
    if steps is not None:
        yield steps, ""
    strategy = node.get("strategy")
    for kind in _STRATEGIES if strategy is not None else ():
        holder = strategy.get(kind) if strategy is not None else None
        for hook in _HOOKS if holder is not None else ():
            found = holder.find(f"{hook}.steps") if holder is not None else None
            if found is not None:
                yield found, "failed()" if hook == "on.failure" else ""


def _task(step: Step, node: Node, task: Node, place: _Place, text: str) -> Step:
    identifier, _, version = task.string.lower().partition("@")
    short = identifier.rpartition(".")[2]
    inputs = node.get("inputs")
    values = _mapping(inputs, place.names, lower=True)
    step = replace(step, kind="uses", uses=short, version=version, inputs=values, span=task.span)
    directory = texts(values.get("workingdirectory") or values.get("cwd"))
    if directory and not step.working_directory:
        step = replace(step, working_directory=directory[0])
    script = next(
        (
            v
            for k, v in (inputs.items() if inputs else ())
            if k.lower() in ("inlinescript", "script", "inline")
        ),
        None,
    )
    if script is None or short not in _TASK_SCRIPTS or not script.string:
        return step
    chosen = next(iter(texts(values.get("scripttype"))), "").lower()
    shell = shell_kind(chosen) if short == "azurecli" else _TASK_SCRIPTS[short]
    return replace(scripted(step, script, text, place.names, shell), span=task.span)


def _remote_step(node: Node, template: Node, place: _Place) -> Step:
    name, _, repository = template.string.partition("@")
    return Step(
        kind="uses",
        name=_text(node, "displayName"),
        span=template.span,
        uses=name.lower(),
        version=repository,
        inputs=_mapping(node.get("parameters"), place.names, lower=True),
        call=place.route,
    )


def _approvals(node: Node, names: Names, steps: tuple[Step, ...]) -> Iterator[Approval]:
    environment = node.get("environment") if node.get("deployment") is not None else None
    if environment is not None:
        name = environment.get("name") if environment.kind == "mapping" else environment
        if name is not None and name.string:
            yield Approval("environment", interpolate(name.string, names), name.span)
    for step in steps:
        if step.uses in ("manualvalidation", "manualintervention") and not step.disabled:
            yield Approval("validation", known(step.name or "manual validation"), step.span)


def _triggers(root: Node) -> Iterator[Trigger]:
    """Yield what starts a pipeline; without ``trigger`` every push does."""
    trigger, pr = root.get("trigger"), root.get("pr")
    first = root.entries[0][0].span if root.entries else root.span
    if trigger is None:
        yield Trigger("push", first, detail="implicit")
    elif not _is_none(trigger):
        yield Trigger("push", _key(root, "trigger"), _branches(trigger))
    if pr is not None and not _is_none(pr):
        yield Trigger("pull_request", _key(root, "pr"), _branches(pr))
    schedules = root.get("schedules")
    for element in schedules.elements if schedules else ():
        cron = element.get("cron")
        yield Trigger("schedule", element.span, _branches(element), cron.string if cron else "")
    resources = root.get("resources")
    yield from _resource_triggers(resources) if resources is not None else ()
    yield Trigger("manual", first)


def _resource_triggers(resources: Node) -> Iterator[Trigger]:
    kinds = {
        "pipelines": "completion",
        "repositories": "push",
        "webhooks": "dispatch",
        "containers": "other",
        "packages": "release",
        "builds": "completion",
    }
    for key, kind in kinds.items():
        listed = resources.get(key)
        for element in listed.elements if listed else ():
            trigger = element.get("trigger")
            if key == "webhooks" or (trigger is not None and not _is_none(trigger)):
                source = element.get("source") or element.get("repository")
                span = trigger.span if trigger is not None else element.span
                yield Trigger(kind, span, detail=source.string if source else "")


def _is_none(node: Node) -> bool:
    if node.kind == "sequence":
        return [e.string.lower() for e in node.elements] == ["none"]
    enabled = node.get("enabled")
    if enabled is not None and enabled.string.lower() == "false":
        return True
    return node.kind == "scalar" and node.string.lower() in ("none", "false", "")


def _branches(node: Node) -> tuple[str, ...]:
    if node.kind == "sequence":
        return tuple(e.string for e in node.elements)
    include = node.find("branches.include") or node.get("branches")
    return tuple(e.string for e in include.elements) if include is not None else ()


def _key(root: Node, key: str) -> Span:
    return next((k.span for k, _ in root.entries if k.text == key), root.span)


def _dependencies(node: Node) -> tuple[str, ...] | None:
    depends = node.get("dependsOn")
    if depends is None:
        return None
    if depends.kind == "scalar":
        return (depends.string,) if depends.string else ()
    return tuple(e.string for e in depends.elements if e.string)


def _matrix(node: Node) -> dict[str, Value]:
    matrix = node.find("strategy.matrix")
    found: dict[str, list[Value]] = {}
    for _, row in matrix.items() if matrix is not None else ():
        for key, value in row.items():
            found.setdefault(f"variables.{key.lower()}", []).append(known(value.string))
    return {key: one_of(values) for key, values in found.items()}


def _one_variable(key: str, value: Node, names: Names) -> dict[str, Value]:
    """Return one variable, or all those of the branches of a ``${{ if }}``."""
    if not key.startswith("${{"):
        return {f"variables.{key.lower()}": node_value(value, names)}
    return {f"variables.{k.lower()}": node_value(v, names) for k, v in value.items()}


def _as_environment(names: Names) -> dict[str, Value]:
    return {
        re.sub(r"[ .]", "_", k.removeprefix("variables.")).upper(): v
        for k, v in names.values.items()
        if k.startswith("variables.")
    }


def _mapping(node: Node | None, names: Names, *, lower: bool) -> dict[str, Value]:
    if node is None or node.kind != "mapping":
        return {}
    return {(k.lower() if lower else k): node_value(v, names) for k, v in node.items()}


def _head(node: Node) -> Span:
    """Return the place of the key that names a job."""
    for key in ("deployment", "job", "template", "steps"):
        found = next(((k, v) for k, v in node.entries if k.text == key), None)
        if found is not None:
            return found[0].span
    return node.span


def _text(node: Node, key: str) -> str:
    found = node.get(key)
    return found.string if found is not None else ""
