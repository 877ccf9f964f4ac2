"""Who does what: one Act per command, action, task, hook, SDK or REST call.

Which command, action or call does what stands in one published table, ``data/tools.toml``; this
module brings what runs to that table and adds nothing of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from plomada.facts.acts.rest import METHODS, PROGRAMS, rest_call, rest_form
from plomada.facts.acts.superlinter import is_super_linter, runs
from plomada.facts.acts.tools import Table, Tool, allows, table
from plomada.facts.code.calls import bare_name, scope_at
from plomada.facts.model import Act, Command, Edge, Job, Step, Value
from plomada.facts.pipelines.pipelines import running_jobs
from plomada.facts.shell.commandline import arguments, module_form, program, unwrapped
from plomada.facts.strings import known, shown
from plomada.patterns import regex
from plomada.records import replace

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.calls import Reached
    from plomada.facts.code.flow import Site

_GENERIC = regex(r"^azure\.ai\.ml\.(?:.*\.)?MLClient\.(begin_)?create_or_update$")
_OPERATIONS = regex(r"^azure\.ai\.ml\.(?:.*\.)?MLClient\.[a-z_]+\.(begin_)?create_or_update$")
_ENDPOINT = regex(r"MLClient\.(online_endpoints\.)?(begin_create_or_update|begin_update)$")
_NEEDLES = ("azure.", "mlflow", "azureml", "pytest.")


def read_acts(facts: Facts) -> tuple[Act, ...]:
    """Return every act: those of pipelines' steps first, then of scripts, hooks and code."""
    found = [
        *_acts_of_steps(facts),
        *_acts_of_commands(facts.commands),
        *_acts_of_hooks(facts),
        *_acts_of_functions(facts),
    ]
    return tuple(_once(found))


def acts_of(facts: Facts, *verbs: str, target: str = "") -> tuple[Act, ...]:
    """Return the acts of some verbs, and of one target where it is given."""
    return tuple(a for a in facts.acts if a.verb in verbs and target in ("", a.target))


def told(facts: Facts, act: Act, *names: str) -> Iterator[str]:
    """Yield what options of an act say, the text of the repository's file where they name one."""
    for name, value in act.arguments.items():
        if name.strip("-").lower() in names:
            text = shown(value)
            path = text.removeprefix("@").removeprefix("file://").removeprefix("./")
            tracked = facts.repository.exists(path)
            found = [path] if tracked else facts.repository.ending(path)
            yield (facts.repository.text(found[0]) or "") if path and found else text


def by_hand(act: Act) -> bool:
    """Tell whether nothing but a person starts an act."""
    return act.job is None and not act.route


class _ById:
    """An act by identity, for acts hold mappings, which cannot be hashed."""

    __slots__ = ("act", "key")

    def __init__(self, act: Act) -> None:
        self.act = act
        job = act.job.address if act.job is not None else ""
        path = tuple(edge.target for edge in act.route)
        self.key = (act.verb, act.target, act.span, act.tool, job, act.function, act.source, path)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.key == other.key


def _once(acts: Iterable[Act]) -> list[Act]:
    """Return the acts once each: the same place run twice by one job is one act."""
    return [held.act for held in dict.fromkeys(_ById(a) for a in acts)]


# --- steps


def _acts_of_steps(facts: Facts) -> Iterator[Act]:
    rows = table()
    dialects = {p.path: p.dialect for p in facts.pipelines}
    for job in running_jobs(facts):
        for step in job.steps:
            if step.disabled or not step.uses:
                continue
            task = dialects.get(job.pipeline) == "azure"
            switched = is_super_linter(step.uses)
            for tool in rows.for_use(step.uses, step.inputs, task=task):
                if not switched or runs(job, step, tool.verb):
                    yield _step_act(job, step, tool, task=task)
                elif tool.verb == "lint":  # something else than Python is linted all the same
                    yield replace(_step_act(job, step, tool, task=task), target="other")


def _step_act(job: Job, step: Step, tool: Tool, *, task: bool) -> Act:
    soft = step.soft or job.soft
    named = (("name", known(step.name)),) if step.name else ()
    edge = Edge(job.pipeline, job.address, "step", step.span, named, step.condition, soft)
    return Act(
        verb=tool.verb,
        target=tool.target,
        span=step.span,
        tool=step.uses,
        dialect="task" if task else "action",
        arguments={**step.inputs},
        soft=soft or _soft_input(step.inputs),
        source="pipeline",
        route=(*job.calls, *step.call, edge),
        job=job,
    )


def _soft_input(inputs: Mapping[str, Value]) -> bool:
    soft = [shown(inputs.get(k)).lower() for k in ("soft_fail", "continue-on-error", "warn-only")]
    return "true" in soft


# --- commands


def _acts_of_commands(commands: Sequence[Command]) -> Iterator[Act]:
    # By identity: a function's process has the same words for each job that reaches it.
    known_words: dict[int, tuple[list[Value], tuple[Tool, ...]]] = {}
    for command in commands:
        key = id(command.words)
        if key not in known_words:
            known_words[key] = _done_by(command)
        values, tools = known_words[key]
        for tool in tools:
            yield _command_act(command, values, tool)


def _done_by(command: Command) -> tuple[list[Value], tuple[Tool, ...]]:
    """Return the form of a command that the table knows, and what it does."""
    rows = table()
    head = command.words[0] if command.words else None
    name = program(shown(head)) if head is not None else ""
    if head is not None and (
        head.kind == "unknown" or rows.may_run(name) or name.lower() in PROGRAMS
    ):
        for values in _forms(command):
            tools = rows.for_command(values)
            if tools:
                return values, tools
    return [], ()


def _forms(command: Command) -> Iterator[list[Value]]:
    """Yield a command as it stands, without its starters, and as the module that Python runs."""
    plain = unwrapped(command.words)
    called = rest_form(plain)
    if called is not None:
        yield called
    yield plain
    module = module_form(plain)
    if module is not None:
        yield [known(shown(module[0])), *module[1:]]
    if (
        plain
        and program(shown(plain[0])) == "coverage"
        and len(plain) > 3
        and shown(plain[1]) == "run"
    ):
        yield plain[3:]
    if len(plain) != len(command.words):
        yield list(command.words)


def _command_act(command: Command, values: list[Value], tool: Tool) -> Act:
    words = [shown(v) for v in values[:4]]
    name = " ".join(takewhile(lambda w: not w.startswith("-"), words))
    options = arguments(values[1:])
    return Act(
        verb=tool.verb,
        target=tool.target,
        span=command.span,
        tool=name,
        dialect="cli",
        arguments=options,
        soft=command.soft
        or any(
            k in options
            for k in (
                "--soft-fail",
                "--exit-zero",
                "-s" if tool.name == "checkov" else "--exit-zero",
            )
        ),
        source=command.source,
        route=command.route,
        job=command.job,
        function=command.route[-1].target if command.source == "code" and command.route else "",
    )


# --- hooks


def _acts_of_hooks(facts: Facts) -> Iterator[Act]:
    rows = table()
    for run in facts.reach.hooks:
        hook = run.hook
        for tool in (
            rows.for_hook(hook.identifier) if hook.repository not in ("local", "meta") else ()
        ):
            yield Act(
                verb=tool.verb,
                target=tool.target,
                span=hook.span,
                tool=hook.identifier,
                dialect="hook",
                arguments={str(n): known(a) for n, a in enumerate(hook.arguments)},
                soft=run.soft or "--exit-zero" in hook.arguments,
                source="hook",
                route=run.route,
                job=run.job,
            )


# --- Python


def _acts_of_functions(facts: Facts) -> Iterator[Act]:
    rows = table()
    code = facts.code
    for reached in facts.reach.functions:
        scope = scope_at(code, reached.address)
        if scope is None or not _may_act(facts, reached.address):
            continue
        for site in scope.sites:
            bare = bare_name(site.node.func)
            if not rows.may_call(bare) and bare not in METHODS:
                continue
            name = code.name(site)
            if bare in METHODS or bare.endswith("_by_id"):
                yield from _rest_acts(facts, reached, site, name, rows)
            if not name.startswith(("azure", "mlflow", "pytest", "databricks")):
                continue
            yield from _call_acts(facts, reached, site, name, rows)


def _may_act(facts: Facts, address: str) -> bool:
    path = address.partition("::")[0]
    if not facts.repository.exists(path):
        return True
    return facts.code.mentions(path, *_NEEDLES, "ml_client", "mlclient", "import")


def _call_acts(facts: Facts, reached: Reached, site: Site, name: str, rows: Table) -> Iterator[Act]:
    tools = list(rows.for_call(name))
    entity = _entity(facts, site, name, rows)
    if not tools and entity is None:
        return
    call = facts.code.call(site)
    for tool in tools:
        if entity is not None and tool.verb != entity[0]:
            continue
        if tool.inputs and not allows(tool, {k.lower(): v for k, v in call.arguments.items()}):
            continue
        yield _call_act(
            reached, call.span, name, (tool.verb, tool.target), call.arguments, call.handled
        )
    if _sets_traffic(facts, site, name):
        does = ("set-traffic", "online-endpoint")
        yield _call_act(reached, call.span, name, does, call.arguments, call.handled)
    if entity is not None and not any(t.verb == entity[0] for t in tools):
        yield _call_act(reached, call.span, name, entity, call.arguments, call.handled)


def _rest_acts(facts: Facts, reached: Reached, site: Site, name: str, rows: Table) -> Iterator[Act]:
    """Yield what a call of the management API does."""
    call = facts.code.call(site)
    words = rest_call(name, call.arguments)
    for tool in rows.for_command(words) if words else ():
        given = arguments((words or [])[1:])
        yield _call_act(reached, call.span, name, (tool.verb, tool.target), given, call.handled)


def _sets_traffic(facts: Facts, site: Site, name: str) -> bool:
    """Tell whether an SDK call applies an endpoint whose traffic the code has set."""
    if not _ENDPOINT.search(name):
        return False
    node = facts.code.argument(site, 0, "entity", "endpoint")
    value = facts.code.value_of(node, site.scope) if node is not None else None
    parts = value.parts if value is not None and value.kind == "one_of" else (value,)
    return any(
        isinstance(part.data, dict) and bool({"traffic", "mirror_traffic"} & set(part.data))
        for part in parts
        if part is not None
    )


def _entity(facts: Facts, site: Site, name: str, rows: Table) -> tuple[str, str] | None:
    """Return what a generic ``create_or_update`` does, by the class of what it is given."""
    if not _GENERIC.match(name):
        return None
    node = facts.code.argument(site, 0, "entity", "job")
    if node is None:
        return None
    held = facts.code.names.resolve(node, site.scope)
    parts = re.split(r"[.:]+", held)
    found = next((rows.entities[p] for p in reversed(parts) if p in rows.entities), None)
    if found is not None or (
        "::" not in held and not any(k.arg == "experiment_name" for k in site.node.keywords)
    ):
        return found or ("create-asset", "unknown")
    return ("train", "job")


def _call_act(
    reached: Reached,
    span: object,
    name: str,
    does: tuple[str, str],
    given: Mapping[str, Value],
    handled: bool,
) -> Act:
    from plomada.spans import Span

    place = span if isinstance(span, Span) else Span(reached.address, 1, 1, 1, 1)
    return Act(
        verb=does[0],
        target=does[1],
        span=place,
        tool=name,
        dialect="sdk1"
        if name.startswith("azureml")
        else "sdk2"
        if name.startswith("azure")
        else "python",
        arguments=given,
        soft=reached.soft or handled,
        source=reached.source,
        route=reached.route,
        job=reached.job,
        function=reached.address,
    )
