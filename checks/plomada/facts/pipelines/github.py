"""GitHub Actions: workflows, reusable workflows, composite actions."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.model import (
    OFFERED,
    Approval,
    Edge,
    Job,
    Pipeline,
    Route,
    Step,
    Trigger,
    Value,
)
from plomada.facts.pipelines.expressions import (
    Names,
    evaluate,
    interpolate,
    macro_value,
    node_value,
)
from plomada.facts.strings import known, one_of, texts, unknown
from plomada.patterns import regex
from plomada.readers import macros
from plomada.readers.nodes import Node
from plomada.readers.source import of_node
from plomada.records import dataclass, replace

if TYPE_CHECKING:
    from plomada.facts import Facts

DEEPEST_CALL = 8
MOST_JOBS = 400
_FOLDER = ".github/workflows/"
_FILE = regex(r"^(?P<root>.*?)\.github/workflows/[^/]+\.ya?ml(\.jinja|\.j2|\.tmpl)?$")
_TRIGGERS = {
    "push": "push",
    "merge_group": "push",
    "create": "push",
    "pull_request": "pull_request",
    "pull_request_target": "pull_request",
    "schedule": "schedule",
    "workflow_dispatch": "manual",
    "repository_dispatch": "dispatch",
    "workflow_run": "completion",
    "workflow_call": "call",
    "release": "release",
    "registry_package": "release",
}
_OFF = regex(r"^\s*(?:\$\{\{\s*)?(?:false|'false')\s*(?:\}\}\s*)?$|^\s*\$\{\{\s*false\s*&&", re.I)
_MANUAL_APPROVAL = "trstringer/manual-approval"
# The input of an action that holds a script, and what reads it.
_INLINE = {
    "azure/cli": ("inlinescript", "bash"),
    "azure/powershell": ("inlinescript", "pwsh"),
    "nick-fields/retry": ("command", "bash"),
    "nick-invision/retry": ("command", "bash"),
    "wandalen/wretry.action": ("command", "bash"),
    "addnab/docker-run-action": ("run", "bash"),
    "devcontainers/ci": ("runcmd", "bash"),
    "coactions/setup-xvfb": ("run", "bash"),
}


def read_github(facts: Facts) -> Iterator[Pipeline]:
    """Yield the workflows of the repository."""
    for path in facts.repository.paths:
        match = _FILE.match(path) if _FOLDER in path else None
        root = next(iter(facts.nodes(path)), None) if match else None
        if match and root is not None and root.kind == "mapping" and root.get("jobs"):
            yield _Workflow(facts, path, root, match["root"]).pipeline()


@dataclass(slots=True)
class _Call:
    """How a workflow is called: by whom, with which names, after which jobs."""

    pipeline: str
    triggers: tuple[Trigger, ...]
    names: Names
    prefix: str = ""
    route: Route = ()
    after: tuple[str, ...] = ()
    condition: str = ""
    disabled: bool = False


class _Workflow:
    """Reads one file, which other files may call."""

    def __init__(self, facts: Facts, path: str, root: Node, base: str) -> None:
        self.facts, self.path, self.root, self.base = facts, path, root, base
        self.text = facts.repository.text(path) or ""

    def pipeline(self) -> Pipeline:
        triggers = tuple(self._triggers())
        inputs = self._inputs(("workflow_dispatch", "workflow_call"))
        names = Names({f"inputs.{k}": v for k, v in inputs.items()})
        runs = any(trigger.kind != "call" for trigger in triggers)
        call = _Call(self.path, triggers, names)
        name = self.root.get("name")
        return Pipeline(
            path=self.path,
            dialect="github",
            name=name.string if name else self.path.rpartition("/")[2],
            triggers=triggers,
            jobs=tuple(self.jobs(call))[:MOST_JOBS] if runs else (),
            span=self.root.span,
            permissions=_permissions(self.root.get("permissions")),
            inputs=inputs,
        )

    def _triggers(self) -> Iterator[Trigger]:
        on = self.root.get("on")
        if on is None:
            return
        if on.kind == "scalar" and on.string:
            yield Trigger(_TRIGGERS.get(on.string, "other"), on.span)
        for element in on.elements:
            yield Trigger(_TRIGGERS.get(element.string, "other"), element.span)
        for key, value in on.entries:
            branches = value.get("branches")
            patterns = tuple(e.string for e in branches.elements) if branches else ()
            detail = " ".join(n.string for n in value.walk() if n.string)[:2_000]
            yield Trigger(_TRIGGERS.get(key.text, "other"), key.span, patterns, detail)

    def _inputs(self, events: tuple[str, ...]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for event in events:
            node = self.root.find(f"on.{event}.inputs")
            for name, declared in node.items() if node else ():
                found.setdefault(name.lower(), _input_value(name, declared))
        return found

    def jobs(self, call: _Call) -> Iterator[Job]:
        jobs = self.root.get("jobs")
        env = _environment(self.root.get("env"), call.names)
        names = call.names.adding({f"env.{k.lower()}": v for k, v in env.items()})
        own = list(jobs.items())[:MOST_JOBS] if jobs else []
        addresses: dict[str, tuple[str, ...]] = {
            name: (self._address(call, name),) for name, _ in own
        }
        called: dict[str, tuple[Job, ...]] = {}
        for name, node in own:
            inner = self._called_jobs(name, node, call, names)
            if inner is not None:
                called[name] = inner
                addresses[name] = tuple(j.address for j in inner)
        for name, node in own:
            needs = _strings(node.get("needs"))
            depends = tuple(a for n in needs for a in addresses.get(n, ()))
            if name in called:
                yield from _after(called[name], depends or call.after)
            else:
                yield self._job(name, node, call, names, env, needs, depends or call.after)

    def _address(self, call: _Call, name: str) -> str:
        return f"{call.pipeline}::{call.prefix}{name}"

    def _called_jobs(
        self, name: str, node: Node, call: _Call, names: Names
    ) -> tuple[Job, ...] | None:
        """Return the jobs of a reusable workflow of this repository, None for anything else."""
        uses = node.get("uses")
        target = self._local(uses.string) if uses else None
        if uses is None or target is None or len(call.route) >= DEEPEST_CALL:
            return None
        root = next(iter(self.facts.nodes(target)), None)
        if root is None or root.kind != "mapping":
            return None
        inner = _Workflow(self.facts, target, root, self.base)
        matrix = names.adding(_matrix_names(node))
        given = _mapping_values(node.get("with"), matrix)
        values = {**inner._inputs(("workflow_call",)), **given}
        address = self._address(call, name)
        edge = Edge(address, target, "workflow", uses.span, tuple(given.items()))
        condition = _text(node, "if") or call.condition
        return tuple(
            inner.jobs(
                replace(
                    call,
                    names=Names({f"inputs.{k}": v for k, v in values.items()}),
                    prefix=f"{call.prefix}{name}.",
                    route=(*call.route, edge),
                    condition=condition,
                    disabled=call.disabled or bool(_OFF.match(_text(node, "if"))),
                )
            )
        )

    def _local(self, uses: str) -> str | None:
        """Return the path of a reusable workflow that the repository holds."""
        path = _own_path(uses.split("@")[0])
        if path:
            path = posixpath.normpath(self.base + path)
            return path if self.facts.repository.exists(path) else None
        return None

    def _job(
        self,
        name: str,
        node: Node,
        call: _Call,
        names: Names,
        env: Mapping[str, Value],
        needs: tuple[str, ...],
        depends: tuple[str, ...],
    ) -> Job:
        names = names.adding(_matrix_names(node))
        env = {**env, **_environment(node.get("env"), names)}
        names = names.adding({f"env.{k.lower()}": v for k, v in env.items()})
        condition = _text(node, "if")
        uses = node.get("uses")
        steps = node.get("steps")
        reader = _Steps(self.facts, self.base, self._directory(node), self._shell(node))
        read = tuple(reader.read(steps, names, self.text)) if steps else ()
        if uses is not None:
            read = (_remote_step(node, uses, names),)
        key = next((k for k, v in self.root.find("jobs").entries if v is node), node)  # type: ignore[union-attr]
        return Job(
            pipeline=call.pipeline,
            path=self.path,
            name=name,
            span=key.span,
            title=_text(node, "name"),
            triggers=call.triggers,
            needs=needs,
            approvals=tuple(_approvals(node, names, read)),
            condition=condition or call.condition,
            disabled=call.disabled or bool(_OFF.match(condition)),
            soft=_text(node, "continue-on-error") == "true",
            steps=read,
            inputs={k[7:]: v for k, v in names.values.items() if k.startswith("inputs.")},
            env=env,
            calls=call.route,
            uses=uses.string if uses else "",
            matrix={k[7:]: v.parts or (v,) for k, v in _matrix_names(node).items()},
            address=self._address(call, name),
            depends=depends,
            outputs={k: v.string for k, v in _items(node.get("outputs"))},
        )

    def _directory(self, node: Node) -> str:
        for holder in (node, self.root):
            found = holder.find("defaults.run.working-directory")
            if found is not None:
                return found.string
        return ""

    def _shell(self, node: Node) -> str:
        for holder in (node, self.root):
            found = holder.find("defaults.run.shell")
            if found is not None:
                return found.string
        runner = node.get("runs-on")
        return "pwsh" if runner is not None and "windows" in runner.string.lower() else ""


def _own_path(uses: str) -> str:
    """Return the path that ``uses`` names in this repository, "" for another's."""
    return uses.replace("$/", "./", 1) if uses.startswith(("./", "$/")) else ""


@dataclass(slots=True)
class _Steps:
    """Reads the steps of a job or of a composite action."""

    facts: Facts
    base: str
    directory: str = ""
    shell: str = ""
    route: Route = ()

    def read(self, steps: Node, names: Names, text: str) -> Iterator[Step]:
        for node in steps.elements[:400]:
            if node.kind != "mapping":
                continue
            uses, run = node.get("uses"), node.get("run")
            action = self._local_action(uses.string) if uses else None
            if run is not None:
                yield self._run(node, run, names, text)
            elif uses is not None and action is not None:
                yield from self._composite(node, uses, action, names)
            elif uses is not None:
                yield self._uses(node, uses, names, text)

    def _common(self, node: Node, names: Names) -> Step:
        condition = _text(node, "if")
        directory = node.get("working-directory")
        where = interpolate(directory.string if directory else self.directory, names)
        return Step(
            kind="other",
            name=_text(node, "name"),
            span=node.span,
            env=_environment(node.get("env"), names),
            condition=condition,
            disabled=bool(_OFF.match(condition)),
            soft=_text(node, "continue-on-error") == "true",
            working_directory=self._below_base(next(iter(texts(where)), "")),
            identifier=_text(node, "id"),
            call=self.route,
        )

    def _below_base(self, folder: str) -> str:
        """Return a folder below the one that the workflows' own folder stands in."""
        return posixpath.normpath(posixpath.join(self.base, folder)) if self.base else folder

    def _run(self, node: Node, run: Node, names: Names, text: str) -> Step:
        shell = _text(node, "shell") or self.shell
        step = self._common(node, names)
        return scripted(replace(step, kind="run"), run, text, names, shell_kind(shell))

    def _uses(self, node: Node, uses: Node, names: Names, text: str) -> Step:
        action, _, version = uses.string.partition("@")
        action = action.lower().removeprefix("docker://")
        step = replace(
            self._common(node, names),
            kind="uses",
            span=uses.span,
            uses=action,
            version=version,
            inputs=_mapping_values(node.get("with"), names),
        )
        inline = _INLINE.get(action)
        script = _entry(node.get("with"), inline[0]) if inline else None
        if inline is None or script is None:
            return step
        return replace(scripted(step, script, text, names, inline[1]), span=uses.span)

    def _local_action(self, uses: str) -> str | None:
        own = _own_path(uses)
        if not own:
            return None
        folder = posixpath.normpath(self.base + own)
        for name in ("action.yml", "action.yaml"):
            path = posixpath.join(folder, name)
            if self.facts.repository.exists(path):
                return path
        return None

    def _composite(self, node: Node, uses: Node, path: str, names: Names) -> Iterator[Step]:
        root = next(iter(self.facts.nodes(path)), None)
        steps = root.find("runs.steps") if root is not None else None
        if root is None or steps is None or len(self.route) >= DEEPEST_CALL:
            return
        outer = self._common(node, names)
        given = _mapping_values(node.get("with"), names)
        declared = root.get("inputs")
        values = {k.lower(): _input_value(k, v) for k, v in declared.items()} if declared else {}
        values.update(given)
        folder = known(posixpath.dirname(path))
        inner_names = Names(
            {
                **{k: v for k, v in names.values.items() if k.startswith("env.")},
                **{f"inputs.{k}": v for k, v in values.items()},
                "github.action_path": folder,
            }
        )
        edge = Edge(uses.span.path, path, "template", uses.span, tuple(given.items()))
        inner = _Steps(self.facts, self.base, "", "", (*self.route, edge))
        for step in inner.read(steps, inner_names, self.facts.repository.text(path) or ""):
            yield replace(
                step,
                env={"GITHUB_ACTION_PATH": folder, **outer.env, **step.env},
                disabled=outer.disabled or step.disabled,
                soft=outer.soft or step.soft,
                condition=step.condition or outer.condition,
                working_directory=step.working_directory or outer.working_directory,
            )


def scripted(step: Step, node: Node, file_text: str, names: Names, shell: str) -> Step:
    """Return a step with the script that a scalar holds, its macros replaced and kept."""
    source = of_node(node, file_text)
    text, found = macros.replace(source.text, azure=names.azure)
    line, column = source.place(0)
    last, last_column = source.place(max(len(text) - 1, 0))
    return replace(
        step,
        script=text,
        script_span=replace(
            node.span, line=line, column=column, end_line=last, end_column=last_column + 1
        ),
        shell=shell,
        lines=source.pieces,
        macros=tuple(macro_value(macro, names) for macro in found),
    )


def shell_kind(shell: str) -> str:
    """Return ``bash``, ``pwsh``, ``python`` or ``cmd`` for what a shell setting names."""
    word = shell.lower().split(" ")[0].rpartition("/")[2]
    if word in ("pwsh", "powershell", "ps", "pscore"):
        return "pwsh"
    return word if word in ("python", "cmd") else "bash"


def _remote_step(node: Node, uses: Node, names: Names) -> Step:
    """Return the call of another repository's workflow as a step: the act that its name tells."""
    action, _, version = uses.string.partition("@")
    return Step(
        kind="uses",
        name=_text(node, "name"),
        span=uses.span,
        uses=action.lower(),
        version=version,
        inputs=_mapping_values(node.get("with"), names),
    )


def _after(jobs: tuple[Job, ...], depends: tuple[str, ...]) -> Iterator[Job]:
    """Let called jobs that wait for none of their own wait for what their caller waits for."""
    for job in jobs:
        yield job if job.depends else replace(job, depends=depends)


def _input_value(name: str, declared: Node) -> Value:
    default, options = declared.get("default"), declared.get("options")
    values = [interpolate(default.string, Names())] if default and default.string else []
    if options is not None and options.elements:
        offered = one_of([*values, *(known(o.string) for o in options.elements)])
        return offered if values else replace(offered, reason=OFFERED)
    if _text(declared, "type") == "boolean" and not values:
        return known(False)
    return values[0] if values else unknown(f"inputs.{name}")


def _matrix_names(node: Node) -> dict[str, Value]:
    matrix = node.find("strategy.matrix")
    found: dict[str, list[Value]] = {}
    for key, value in matrix.items() if matrix else ():
        if key in ("include", "exclude"):
            continue
        for element in value.elements:
            _spread(f"matrix.{key.lower()}", element, found)
        if value.kind == "scalar":
            found[f"matrix.{key.lower()}"] = [unknown(f"matrix.{key}")]
    include = matrix.get("include") if matrix else None
    for element in include.elements if include else ():
        for key, value in element.items():
            _spread(f"matrix.{key.lower()}", value, found)
    return {key: one_of(values) for key, values in found.items()}


def _spread(key: str, node: Node, found: dict[str, list[Value]]) -> None:
    if node.kind == "mapping":
        for name, value in node.items():
            found.setdefault(f"{key}.{name.lower()}", []).append(known(value.string))
    else:
        found.setdefault(key, []).append(known(node.string))


def _approvals(node: Node, names: Names, steps: tuple[Step, ...]) -> Iterator[Approval]:
    environment = node.get("environment")
    if environment is not None:
        name = environment.get("name") if environment.kind == "mapping" else environment
        if name is not None and name.string:
            yield Approval("environment", interpolate(name.string, names), name.span)
    for step in steps:
        if step.uses.startswith(_MANUAL_APPROVAL) and not step.disabled:
            yield Approval("validation", known(step.name or "approval"), step.span)


def _environment(node: Node | None, names: Names) -> dict[str, Value]:
    if node is None or node.kind != "mapping":
        return {}
    return {k: node_value(v, names) for k, v in node.items()}


def _mapping_values(node: Node | None, names: Names) -> dict[str, Value]:
    if node is None or node.kind != "mapping":
        return {}
    return {k.lower(): node_value(v, names) for k, v in node.items()}


def _items(node: Node | None) -> Iterator[tuple[str, Node]]:
    yield from node.items() if node is not None and node.kind == "mapping" else ()


def _entry(node: Node | None, key: str) -> Node | None:
    for name, value in node.items() if node else ():
        if name.lower() == key:
            return value
    return None


def _permissions(node: Node | None) -> dict[str, str] | None:
    if node is None:
        return None
    if node.kind == "scalar":
        return {"*": node.string}
    return {k: v.string for k, v in node.items()}


def _strings(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return (node.string,) if node.kind == "scalar" else tuple(e.string for e in node.elements)


def _text(node: Node, key: str) -> str:
    found = node.get(key)
    return found.string if found is not None else ""


__all__ = ["evaluate", "read_github", "scripted", "shell_kind"]
