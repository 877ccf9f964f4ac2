"""Which measured comparisons an act depends on, in its process and those before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.code.calls import closure
from plomada.facts.code.programs import commands_of
from plomada.facts.decisions.processes import Process, Run, read_processes
from plomada.facts.model import Act, Decision, Edge, Job, Route, Value
from plomada.facts.strings import shown
from plomada.facts.words import Registration, site_of
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.calls import Reached
    from plomada.facts.decisions.shellgates import Printed
    from plomada.spans import Span

# A CI job knows how the Azure ML job that it submitted ended by one of these.
_WAITS = regex(
    r"--stream\b|\bjob stream\b|\bjob show\b|jobs\.stream|jobs\.get|wait_for_completion"
    r"|wait_post|--web\b"
)
_OUTPUT = regex(r"(?:outputs?|variables)(?:\.|\[['\"])(?:[\w\-]+\.)*([\w\-]+)", re.I)
_SHELL_COMPARISON = regex(
    r"-(?:lt|le|gt|ge)\b|(?<![<>=\-|&0-9])[<>]=?(?![<>&(])|\bbc\b|\bawk\b|\bjq\b.*[<>]|-e\b.*[<>]"
)


class Gates:
    """Finds the comparisons of metrics that acts depend on.

    Args:
        facts: gives decisions, routes, processes.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._decisions = facts.decisions
        self._waiting: dict[str, bool] = {}
        self._prints: dict[str, Printed] = {}

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """Steps of Azure ML pipelines, and jobs of their own."""
        return read_processes(self._facts)

    @cached_property
    def _by_script(self) -> dict[str, list[Process]]:
        found: dict[str, list[Process]] = {}
        for process in self.processes:
            for script in process.scripts:
                found.setdefault(script, []).append(process)
        return found

    def by_script(self, path: str) -> list[Process]:
        """Return the processes that run a script."""
        return self._by_script.get(path, [])

    def of(self, act: Act) -> tuple[Decision, ...]:
        """Return the comparisons that decide whether an act is done."""
        found: list[Decision] = []
        site = site_of(self._facts, act)
        if site is not None:
            found.extend(self._decisions.before(site))
        for path in self._scripts_of(act):
            for process in self.running(path, act):
                for earlier in process.before():
                    found.extend(self._ends(earlier))
        if act.job is not None:
            found.extend(self._in_pipeline(act, act.job))
        return _unique(found)

    def _scripts_of(self, act: Act) -> set[str]:
        """Return the scripts whose process may do the act: its own file and those on the route."""
        paths = {act.span.path}
        for edge in act.route:
            paths.add(edge.target.partition("::")[0])
            paths.add(edge.source.partition("::")[0])
        if act.function and not act.route:
            paths.update(self._importers(act.function))
        return paths

    def _importers(self, function: str) -> Iterator[str]:
        """Yield the files of callers, for a function that nothing is known to reach."""
        waiting = [function]
        seen: set[str] = set()
        while waiting and len(seen) < 40:
            address = waiting.pop()
            if address in seen:
                continue
            seen.add(address)
            for caller in self._facts.code.callers(address):
                module = self._facts.code.owner(caller.scope)
                yield module.path
                waiting.append(module.address(caller.scope))

    def running(self, path: str, act: Act) -> list[Process]:
        """Return the processes that run a script in such a way that it may do an act."""
        return [p for p in self.by_script(path) if self._may_do(p, path, act)]

    def _may_do(self, process: Process, path: str, act: Act) -> bool:
        """Tell whether a process does an act; of a program with commands, its words decide."""
        code = self._facts.code
        for run in process.runs:
            if run.path != path:
                continue
            if not act.function or not self._commands(run):
                return True
            if act.function in {i.address for i in closure(code, f"{path}::", run.arguments)}:
                return True
        return False

    def _commands(self, run: Run) -> list[str]:
        module = self._facts.code.module(run.path)
        return commands_of(self._facts.code, module, "", run.arguments) if module else []

    def _ends(self, process: Process) -> Iterator[Decision]:
        for run in process.runs:
            for entry in (f"{run.path}::", *self._commands(run)):
                yield from self._decisions.ends(entry)

    # --- pipelines of a code host

    def _in_pipeline(self, act: Act, job: Job) -> Iterator[Decision]:
        order = _order(act.route, job)
        names = self._awaited(act, job)
        before = list(self._before(job, order))
        for reached in before:
            entry = _entry(reached)
            if entry and not reached.soft:
                yield from self._decisions.ends(entry)
            for name in names if entry else ():
                yield from self._decisions.sets(entry, name)
        yield from self._jobs_before(before, job)
        yield from self._in_shell(act, job, order, names)

    def _awaited(self, act: Act, job: Job) -> set[str]:
        """Return the outputs that the conditions over an act read.

        A job that is skipped skips those that need it; what it hands on may have another name in
        the step that writes it.
        """
        needed = [self._jobs[address] for address in sorted(self._needed(job))]
        conditions = [job.condition, *(edge.condition for edge in act.route)]
        if "always()" not in job.condition.replace(" ", ""):
            conditions += [other.condition for other in needed]
        names = {name for text in conditions for name in _OUTPUT.findall(text)}
        handed = [text for other in needed for n, text in other.outputs.items() if n in names]
        return names | {name for text in handed for name in _OUTPUT.findall(text)}

    def _before(self, job: Job, order: int) -> Iterator[Reached]:
        """Yield the functions that run before a step.

        Earlier in its job, or in jobs that it needs.
        """
        needed = self._needed(job)
        steps = _steps(job)
        for reached in self._facts.reach.functions_in({job.address, *needed}):
            own = reached.job is not None and reached.job.address == job.address
            if not own or _place(reached.route, steps, len(job.steps)) < order:
                yield reached

    @cached_property
    def _jobs(self) -> dict[str, Job]:
        return {job.address: job for pipeline in self._facts.pipelines for job in pipeline.jobs}

    def _needed(self, job: Job) -> set[str]:
        """Return the addresses of the jobs that a job waits for.

        And of those that they wait for.
        """
        every = self._jobs
        found: set[str] = set()
        waiting = list(job.depends)
        while waiting:
            address = waiting.pop()
            other = every.get(address)
            if address not in found and other is not None and not other.disabled:
                found.add(address)
                waiting.extend(other.depends)
        return found - {job.address}

    def _jobs_before(self, before: list[Reached], job: Job) -> Iterator[Decision]:
        """Yield the decisions of Azure ML jobs that were submitted before and waited for."""
        waited = self._waits(job)
        for reached in before:
            if reached.source == "aml-job" and (waited or self._waits(reached.job)):
                entry = _entry(reached)
                if entry:
                    yield from self._decisions.ends(entry)

    def _waits(self, job: Job | None) -> bool:
        """Tell whether a pipeline's job waits for the Azure ML jobs that it submits."""
        if job is None:
            return False
        if job.address not in self._waiting:
            self._waiting[job.address] = self._finds_wait(job)
        return self._waiting[job.address]

    def _finds_wait(self, job: Job) -> bool:
        if any(_WAITS.search(step.script) for step in job.steps):
            return True
        reach, own = self._facts.reach, (job.address,)
        return any(_WAITS.search(command.text) for command in reach.commands_in(own)) or any(
            self._code_waits(reached) for reached in reach.functions_in(own)
        )

    def _code_waits(self, reached: Reached) -> bool:
        scope = reached.scope or self._facts.code.scope(reached.address)
        return scope is not None and any(
            _WAITS.search(self._facts.code.name(site)) for site in scope.sites
        )

    # --- shell

    def _in_shell(self, act: Act, job: Job, order: int, names: set[str]) -> Iterator[Decision]:
        """Yield the comparisons of metrics in shell scripts that an act hangs on."""
        from plomada.facts.decisions.shellgates import shell_gates
        from plomada.facts.shell.splices import script_of

        for number, step in enumerate(job.steps):
            if step.disabled or not step.script or number > order:
                continue
            own = number == order
            if not own and step.soft:
                continue
            source, _ = script_of(self._facts, step)
            limit = act.span if own and source.holds(act.span.path) else None
            yield from shell_gates(source, limit, names, self._printed(job.address), own=own)
        needed = self._needed(job)
        for pipeline in self._facts.pipelines:
            for other in pipeline.jobs:
                if other.address in needed:
                    for step in other.steps:
                        if not step.disabled and step.script and not step.soft:
                            source, _ = script_of(self._facts, step)
                            printed = self._printed(other.address)
                            yield from shell_gates(source, None, names, printed, own=False)

    def _printed(self, job: str) -> Printed:
        """Return the comparisons behind what the programs print that a job's commands start."""
        if job not in self._prints:
            found: dict[tuple[str, int], tuple[Decision, ...]] = {}
            for reached in self._facts.reach.functions_in({job}):
                entry = _entry(reached)
                decided = self._decisions.printed(entry) if entry and reached.route else ()
                if decided:
                    place = reached.route[-1].span
                    found[place.path, place.line] = decided
            self._prints[job] = found
        return self._prints[job]


def starts(facts: Facts, gates: Gates, registration: Registration) -> Route | None:
    """Return how a registration is started by itself, None where only a person starts it."""
    act = registration.act
    if act.route and act.source not in {"notebook", "hook"}:
        return act.route
    for path in gates._scripts_of(act):
        for process in gates.running(path, act):
            if process.pipeline.endswith(".ipynb::") or ".ipynb::" in process.pipeline:
                continue
            route = facts.reach.route_to(process.pipeline.removesuffix("::"))
            if route:
                return route
            for asset in facts.assets.made:
                if asset.span.path == process.pipeline and asset.job is not None:
                    return asset.route or _workflow_route(asset.job, asset.applied or asset.span)
    return None


def _workflow_route(job: Job, span: Span) -> Route:
    return (Edge(job.pipeline, job.address, "workflow", span),)


def _order(route: Route, job: Job) -> int:
    """Return the number of the step by which a route leaves a job; large where it is unknown."""
    return _place(route, _steps(job), len(job.steps))


def _steps(job: Job) -> dict[Span, int]:
    return {step.span: number for number, step in enumerate(job.steps)}


def _place(route: Route, steps: dict[Span, int], unknown: int) -> int:
    for edge in route:
        if edge.how == "step" and edge.span in steps:
            return steps[edge.span]
    return unknown


def _entry(reached: Reached) -> str:
    """Return where the process of a function starts, "" for functions called within one."""
    if reached.scope is None and not reached.address:
        return ""
    last = reached.route[-1] if reached.route else None
    # A command of a program is where its process starts, chosen by the words of the command line.
    within = last is not None and last.how == "call" and last.certain
    return "" if within else reached.address


def _unique(found: list[Decision]) -> tuple[Decision, ...]:
    seen: dict[tuple[Span, str, str], Decision] = {}
    for decision in found:
        seen.setdefault((decision.span, decision.left_kind, decision.right_kind), decision)
    return tuple(seen.values())


def text_of(value: Value | None) -> str:
    """Return a value as text."""
    return shown(value) if value is not None else ""
