"""What runs what: from steps and hooks to scripts, targets, modules, jobs and functions.

Every job is walked step by step; what a command starts inside the repository is followed with its
route. A place is visited once for each job and set of arguments, so cycles end, and budgets end
what a hostile repository would make endless. Afterwards everything that nothing reached is read
on its own, with an empty route.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from plomada.facts.acts.tools import table
from plomada.facts.code.calls import Reached, closure, inline_module, process_calls, submissions
from plomada.facts.model import Command, Edge, Job, Problem, Route, Step, Value
from plomada.facts.pipelines.pipelines import running_jobs
from plomada.facts.reach.follow import Follower, Start, hooks_start, image_start
from plomada.facts.reach.hooks import Hook, HookFile, read_hooks
from plomada.facts.reach.specs import Spec, SpecReference, named_components, read_spec, required
from plomada.facts.serving.images import Stage, settings, shell_of, started
from plomada.facts.shell.commandline import joined, split_words
from plomada.facts.shell.embedded import Embedded, EmbeddedScripts
from plomada.facts.shell.shells import Here, Run
from plomada.facts.shell.splices import script_of
from plomada.facts.strings import known, shown, texts
from plomada.readers import macros
from plomada.readers.source import Source, of_file, of_line, of_node, of_part
from plomada.records import dataclass, replace
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.reach.task import Task

MOST_VISITS = 30_000
DEEPEST = 24
MOST_ARGUMENT_SETS = 8
# Jobs beyond these that run the same script or target do what the others do.
MOST_JOBS_FOR_ONE = 24
MOST_ALIKE = 12
_FILE_INPUTS = ("scriptpath", "filepath", "scriptfilepath", "filename")
_FILE_TASKS = frozenset(
    [
        "azurecli",
        "bash",
        "powershell",
        "azurepowershell",
        "pythonscript",
        "shellscript",
        "batchscript",
    ]
)
_HOOK_INPUTS = frozenset({"extra_args", "extra-args", "args"})
_HOOK_ACTIONS = frozenset(
    {"pre-commit/action", "j178/prek-action", "cloudposse/github-action-pre-commit"}
)
_TEMPLATE_INPUTS = ("template", "templatefile", "csmfile")
_FOLDER_INPUTS = ("workingdirectory", "path")


@dataclass(frozen=True, slots=True)
class RunHook:
    """A hook that runs: on a person's machine (no job) or in a pipeline's job."""

    hook: Hook
    route: Route = ()
    job: Job | None = None
    soft: bool = False


class Reach:
    """Commands, functions and hooks with the routes that lead to them.

    Args:
        facts: gives pipelines, code and files.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @cached_property
    def hook_files(self) -> tuple[HookFile, ...]:
        """The hook configurations of the repository."""
        return read_hooks(self._facts)

    @cached_property
    def _walk(self) -> _Walk:
        walk = _Walk(self._facts, self.hook_files)
        walk.everything()
        return walk

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """Every command line: those of jobs first, then of hooks, then what nothing reaches."""
        return tuple(self._walk.commands)

    @cached_property
    def functions(self) -> tuple[Reached, ...]:
        """Every function that runs with its route, then those that nothing reaches."""
        return tuple(self._walk.functions)

    def commands_in(self, jobs: Collection[str]) -> list[Command]:
        """Return the command lines that jobs, given by address, run; in the order of all."""
        return _chosen(self._commands_by_job, jobs)

    def functions_in(self, jobs: Collection[str]) -> list[Reached]:
        """Return the functions that jobs, given by address, run; in the order of all.

        Those that run in no job stand under "".
        """
        return _chosen(self._functions_by_job, jobs)

    def routes_after(self, span: Span, function: str) -> list[Route]:
        """Return what follows a place on the routes to functions, the place's edge first.

        Args:
            span: the place.
            function: edges by which this function submits a job to Azure ML count too; "" for none.
        """
        begins = {*self._edges.get(span, ()), *(self._edges.get(function, ()) if function else ())}
        return [self.functions[number].route[index:] for number, index in sorted(begins)]

    @cached_property
    def _edges(self) -> dict[Span | str, list[tuple[int, int]]]:
        """Edges by place, and those that submit jobs by function: function's number and index."""
        found: dict[Span | str, list[tuple[int, int]]] = {}
        for number, reached in enumerate(self.functions):
            for index, edge in enumerate(reached.route):
                found.setdefault(edge.span, []).append((number, index))
                if edge.how == "aml-job":
                    found.setdefault(edge.source, []).append((number, index))
        return found

    @cached_property
    def _commands_by_job(self) -> dict[str, list[tuple[int, Command]]]:
        return _by_job(self.commands)

    @cached_property
    def _functions_by_job(self) -> dict[str, list[tuple[int, Reached]]]:
        return _by_job(self.functions)

    @property
    def hooks(self) -> tuple[RunHook, ...]:
        """Every hook, and once more for each job that runs the hooks."""
        return tuple(self._walk.hooks)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every target of a task runner."""
        return self._walk.follower.tasks.all

    def route_to(self, address: str) -> Route | None:
        """Return the shortest known route to ``path``, ``path::function`` or ``path::target``.

        None where no pipeline, schedule or hook reaches it.
        """
        found = self._walk.routes.get(address)
        return found[0] if found is not None else None

    def job_of(self, address: str) -> Job | None:
        """Return a job that reaches an address, None where none does."""
        found = self._walk.routes.get(address)
        return found[1] if found is not None else None


Ran = TypeVar("Ran", Command, Reached)


def _by_job(every: Sequence[Ran]) -> dict[str, list[tuple[int, Ran]]]:
    found: dict[str, list[tuple[int, Ran]]] = {}
    for number, one in enumerate(every):
        job = one.job.address if one.job is not None else ""
        found.setdefault(job, []).append((number, one))
    return found


def _chosen(by_job: Mapping[str, list[tuple[int, Ran]]], jobs: Collection[str]) -> list[Ran]:
    numbered = [pair for job in jobs for pair in by_job.get(job, ())]
    return [one for _, one in sorted(numbered, key=itemgetter(0))]


def _likeness(job: Job | None) -> tuple[object, ...]:
    """Return what tells jobs apart besides their names."""
    if job is None:
        return ()
    triggers = frozenset(trigger.kind for trigger in job.triggers)
    approvals = tuple(shown(approval.name) for approval in job.approvals)
    return (triggers, approvals, job.stage, job.soft, job.disabled, job.condition, job.needs)


class _Walk:
    """One walk over everything that runs."""

    def __init__(self, facts: Facts, hook_files: tuple[HookFile, ...]) -> None:
        self.facts = facts
        self.hook_files = hook_files
        self.follower = Follower(facts)
        self.commands: list[Command] = []
        self.functions: list[Reached] = []
        self.hooks: list[RunHook] = []
        self.routes: dict[str, tuple[Route, Job | None]] = {}
        self.jobs: dict[str, dict[str, Job]] = {}
        self.seen: set[tuple[str, str, tuple[str, ...]]] = set()
        self.sets: dict[tuple[str, str], int] = {}
        self.alike: dict[tuple[object, ...], int] = {}
        self.started: dict[tuple[int, str], tuple[Start, ...]] = {}
        self.visits = 0

    def everything(self) -> None:
        for job in running_jobs(self.facts):
            self._job(job)
        self._schedules()
        for file in self.hook_files:
            self._hook_file(file, None)
        self._unreached()
        if self.visits >= MOST_VISITS:
            reason = f"more than {MOST_VISITS} places run; the rest was not followed"
            self.facts.report(Problem(".", reason, None, frozenset({"pipelines"})))

    # --- jobs and steps

    def _job(self, job: Job) -> None:
        env: dict[str, Value] = dict(job.env)
        for step in job.steps:
            if not step.disabled:
                env.update(self._step(job, step, env))

    def _step(self, job: Job, step: Step, env: Mapping[str, Value]) -> dict[str, Value]:
        soft = step.soft or job.soft
        named = (("name", known(step.name)),) if step.name else ()
        edge = Edge(job.pipeline, job.address, "step", step.span, named, step.condition, soft)
        here = Here(
            address=job.address,
            source="pipeline",
            job=job,
            route=(*job.calls, *step.call, edge),
            soft=soft,
            directory=step.working_directory.strip("./")
            if step.working_directory in (".", "./")
            else step.working_directory.removeprefix("./").rstrip("/"),
            env={**env, **step.env},
            macros=step.macros,
            file=step.span.path,
        )
        self._note(job.address, here)
        if step.script and step.script_span is not None:
            source, rest = script_of(self.facts, step)
            here = replace(here, macros=rest)
            if step.shell == "python":
                self._inline_python(source, here)
                return {}
            run = Run(source, here, step.shell, step.identifier)
            self._commands(run, 0)
            return run.exported
        self._step_files(step, here)
        return {}

    def _step_files(self, step: Step, here: Here) -> None:
        """Follow a task's script file, and actions that run the hooks or azd's."""
        if step.uses in _HOOK_ACTIONS:
            told = " ".join(shown(v) for k, v in step.inputs.items() if k.lower() in _HOOK_INPUTS)
            words = told.removeprefix("run ").split()
            self._follow(hooks_start(words), here, step.span, 0)
        for image in self.facts.images.of_step(step.uses, step.inputs):
            self._follow(image_start(image), here, step.span, 0)
        for start in self._deployed_by(step, here):
            self._follow(start, here, step.span, 0)
        if step.uses not in _FILE_TASKS:
            return
        for key in _FILE_INPUTS:
            value = step.inputs.get(key)
            for path, certain in self.follower.paths(value, here.directory) if value else ():
                given = split_words(
                    shown(step.inputs.get("arguments") or step.inputs.get("scriptarguments"))
                )
                kind = "python" if path.endswith(".py") else "script"
                shell = "pwsh" if path.endswith(".ps1") else "bash"
                target = f"{path}::" if kind == "python" else path
                arguments = tuple(known(a) for a in given)
                start = Start(
                    kind, target, "script", arguments, certain, None, here.directory, shell
                )
                self._follow(start, here, step.span, 0)

    def _deployed_by(self, step: Step, here: Here) -> Iterator[Start]:
        """Yield the infrastructure that an action or task deploys."""
        task = "/" not in step.uses
        tools = table().for_use(step.uses, step.inputs, task=task) if step.uses else ()
        if not any(tool.verb == "deploy-iac" for tool in tools):
            return
        inputs = {name.replace("-", "").replace("_", ""): v for name, v in step.inputs.items()}
        for name in _TEMPLATE_INPUTS:
            if name in inputs:
                yield from self.follower.deployed(inputs[name], here.directory)
        folder = next((inputs[name] for name in _FOLDER_INPUTS if name in inputs), None)
        path = posixpath.normpath(_after_root(shown(folder or known(here.directory))))
        if self.facts.repository.is_dir(path) or path == ".":
            yield Start("iac", "" if path == "." else path, "iac")

    # --- commands

    def _commands(self, run: Run, depth: int) -> None:
        for command in run.commands():
            self.commands.append(command)
            if depth < DEEPEST and self.visits < MOST_VISITS:
                here: Here | None = None  # most commands start nothing of the repository
                for start in self.follower.starts(command):
                    here = here or replace(
                        run.here,
                        soft=command.soft,
                        directory=command.directory,
                        env={**run.variables, **command.env},
                    )
                    self._follow(start, here, command.span, depth + 1, command)

    def _follow(
        self, start: Start, here: Here, span: Span, depth: int, command: Command | None = None
    ) -> None:
        if start.kind == "inline-shell":
            self._inline_shell(start, here, span, depth)
            return
        if start.kind == "inline-python":
            line = span.line + 1 if command is not None and command.stdin else span.line
            self._inline_python(of_line(span.path, start.target, line, 1), here, depth)
            return
        given = (*((str(n), v) for n, v in enumerate(start.arguments)), *start.steps)
        edge = Edge(
            here.address, start.target, start.how, span, given, "", here.soft, start.certain
        )
        inner = replace(
            here,
            address=start.target,
            route=(*here.route, edge),
            directory="" if start.directory == "." else start.directory,
            arguments=start.arguments,
            macros=(),
        )
        if not self._first_visit(start.target, inner):
            return
        self._note(start.target, inner)
        reader = {
            "script": self._script,
            "python": self._python,
            "task": self._task,
            "spec": self._spec,
            "hooks": self._run_hooks,
            "azd": self._azd,
            "iac": self._infrastructure,
            "image": self._image,
            "container": self._container,
        }[start.kind]
        reader(start, inner, depth)

    def _first_visit(self, target: str, here: Here) -> bool:
        """Tell whether a target is new for its job and arguments, within the budgets."""
        job = here.job.address if here.job is not None else ""
        key = (job, target, tuple(shown(a) for a in here.arguments))
        if here.job is not None and len(self.jobs.get(_plain(target), ())) > MOST_JOBS_FOR_ONE:
            self.jobs[_plain(target)].setdefault(job, here.job)
            return False
        sets = self.sets.get((job, target), 0)
        if key in self.seen or sets >= MOST_ARGUMENT_SETS or self.visits >= MOST_VISITS:
            return False
        self.seen.add(key)
        self.sets[job, target] = sets + 1
        if not self._tells_something(target, here):
            self._note(target, here)
            return False
        self.visits += 1
        return True

    def _tells_something(self, target: str, here: Here) -> bool:
        """Tell whether few alike jobs ran a target in the same way before; their routes all count.

        Repositories of examples have hundreds of pipelines that differ in their names alone.
        """
        key = (
            target,
            tuple(shown(a) for a in here.arguments),
            here.directory,
            here.soft,
            _likeness(here.job),
            frozenset((name, shown(value)) for name, value in here.env.items()),
        )
        self.alike[key] = self.alike.get(key, 0) + 1
        return self.alike[key] <= MOST_ALIKE

    def _note(self, address: str, here: Here) -> None:
        address = _plain(address)
        known_route = self.routes.get(address)
        if here.route and (known_route is None or _is_better(here, known_route)):
            self.routes[address] = (here.route, here.job)
        if here.job is not None:
            self.jobs.setdefault(address, {}).setdefault(here.job.address, here.job)

    def _inline_shell(self, start: Start, here: Here, span: Span, depth: int) -> None:
        source = of_part(span, start.target, self.facts.repository.text(span.path) or "")
        inner = replace(here, directory=start.directory or here.directory)
        self._commands(Run(source, inner, start.shell), depth + 1)

    def _script(self, start: Start, here: Here, depth: int) -> None:
        text = self.facts.repository.text(start.target)
        if text is None:
            return
        inner = replace(here, source="script", file=start.target)
        self._commands(Run(of_file(start.target, text), inner, start.shell), depth)

    def _task(self, start: Start, here: Here, depth: int) -> None:
        task = start.task
        if task is None:
            return
        for name in task.needs:
            needed = self.follower.tasks.find(task.runner, task.directory, name)
            if needed is not None:
                inner = Start(
                    "task", needed.address, start.how, task=needed, directory=needed.directory
                )
                self._follow(inner, here, _first_span(task), depth + 1)
        for source, soft in task.scripts:
            inner_here = replace(here, source="target", soft=here.soft or soft, file=task.path)
            self._commands(Run(source, inner_here), depth)
        if task.function:
            self._python(
                Start("python", task.function, "call", directory=start.directory), here, depth
            )

    # --- Azure ML

    @cached_property
    def _components(self) -> dict[str, str]:
        return named_components(self.facts)

    def _spec(self, start: Start, here: Here, depth: int) -> None:
        spec = read_spec(self.facts, start.target)
        if spec is not None:
            self._run_spec(spec, here, depth)

    def _run_spec(self, spec: Spec, here: Here, depth: int) -> None:
        text = self.facts.repository.text(spec.path) or ""
        for held in spec.commands:
            source = of_node(held.node, text)
            replaced, found = macros.replace(required(source.text), azure=False)
            values = tuple(Value("unknown", reason=macro) for macro in found)
            inner = replace(
                here, source="aml-job", directory=held.code, macros=values, file=spec.path, env={}
            )
            self._commands(Run(source.with_text(replaced), inner), depth)
        uses: dict[str, list[SpecReference]] = {}
        for reference in spec.references:
            path = reference.path or self._components.get(reference.name, "")
            if path and depth < DEEPEST and self.facts.repository.exists(path):
                uses.setdefault(path, []).append(reference)
        for path, references in uses.items():
            steps = tuple(
                (key, Value("known", node.text, origins=(node.span,)))
                for use in references
                for key, node in use.step
            )
            start = Start("spec", path, "component", steps=steps)
            self._follow(start, here, references[0].span, depth + 1)

    def _schedules(self) -> None:
        """Walk the jobs of tracked schedules: Azure ML starts them."""
        for path in self.facts.repository.with_suffix(".yml", ".yaml"):
            if not self.facts.repository.mentions(path, "create_job"):
                continue
            spec = read_spec(self.facts, path)
            if spec is None or not spec.is_schedule:
                continue
            root = next(iter(self.facts.nodes(path)))
            node = root.get("create_job")
            edge = Edge(path, f"{path}::create_job", "aml-job", node.span if node else root.span)
            here = Here(path, "aml-job", None, (edge,), file=path)
            if self._first_visit(path, here):
                self._run_spec(spec, here, 0)

    # --- Python

    def _python(self, start: Start, here: Here, depth: int) -> None:
        if start.target.endswith(".py::") or "::" in start.target:
            self._functions(start.target, here, depth)

    def _inline_python(self, source: Source, here: Here, depth: int = 0) -> None:
        module = inline_module(self.facts.code, source)
        if module is not None:
            self._functions(f"{module.path}::", here, depth)

    def _functions(self, address: str, here: Here, depth: int) -> None:
        """Record the functions that run from one, their processes and the jobs that they submit."""
        arguments = tuple(t for a in here.arguments for t in texts(a))
        for found in closure(self.facts.code, address, arguments):
            soft = here.soft or found.soft
            route = (*here.route, *found.route)
            source = here.source if here.source in ("aml-job", "hook", "notebook") else "code"
            inner = replace(
                here, address=found.address, route=route, soft=soft, source=source, env={}
            )
            self._note(found.address, inner)
            path = found.address.partition("::")[0]
            self._note(path, inner)
            self.functions.append(Reached(found.address, route, here.job, soft, source))
            self._processes(found.address, inner, depth)

    def _processes(self, address: str, here: Here, depth: int) -> None:
        for command in process_calls(self.facts.code, address, here):
            if isinstance(command, Command):
                self.commands.append(command)
                if depth < DEEPEST:
                    for start in self._starts(command):
                        self._follow(start, here, command.span, depth + 1, command)
            else:
                text, span = command
                self._inline_shell(Start("inline-shell", text, "script"), here, span, depth + 1)
        for submitted in submissions(self.facts.code, address):
            for path, certain in self.follower.paths(submitted.path, submitted.folder):
                if path.endswith(".py"):
                    start = Start("python", f"{path}::", "aml-job", (), certain)
                else:
                    start = Start("spec", path, "aml-job", (), certain)
                self._follow(start, replace(here, source="aml-job"), submitted.span, depth + 1)
            if submitted.command is not None:
                inner = replace(
                    here,
                    source="aml-job",
                    directory=submitted.folder,
                    route=(
                        *here.route,
                        Edge(address, f"{address}#command", "aml-job", submitted.span),
                    ),
                )
                text = shown(submitted.command)
                self._inline_shell(
                    Start("inline-shell", text, "aml-job"), inner, submitted.span, depth + 1
                )

    def _starts(self, command: Command) -> tuple[Start, ...]:
        """Return what a function's process starts, found once for all jobs that reach it."""
        key = (id(command.words), command.directory)  # the words live as long as the code's memo
        if key not in self.started:
            self.started[key] = tuple(self.follower.starts(command))
        return self.started[key]

    # --- hooks and azd

    def _run_hooks(self, start: Start, here: Here, _: int) -> None:
        folder = start.directory
        for file in self.hook_files:
            own = file.path.rpartition("/")[0]
            if own == folder or own == "":
                stage, *left_out = [shown(a) for a in start.arguments]
                left_out += [s.strip() for s in shown(here.env.get("SKIP")).split(",")]
                self._hook_file(file, here, stage, start.target, left_out)

    def _hook_file(
        self,
        file: HookFile,
        here: Here | None,
        stage: str = "",
        only: str = "",
        skipped: Sequence[str] = (),
    ) -> None:
        """Run the hooks of a stage; those that git starts by itself where nobody runs them."""
        route, job, soft = (here.route, here.job, here.soft) if here else ((), None, False)
        for hook in file.hooks:
            if (only and hook.identifier != only) or not hook.runs_at(stage):
                continue
            if hook.identifier in skipped:
                continue
            edge = Edge(file.path, hook.address, "hook", hook.span, soft=soft)
            self.hooks.append(RunHook(hook, (*route, edge), job, soft))
            if hook.entry and hook.repository in ("local", "repo"):
                inner = Here(hook.address, "hook", job, (*route, edge), soft, file=file.path)
                entry = " ".join([hook.entry, *hook.arguments])
                source = of_line(file.path, entry, hook.span.line, hook.span.column)
                if hook.entry_node is not None:
                    text = self.facts.repository.text(file.path) or ""
                    source = of_node(hook.entry_node, text)
                    if hook.arguments and "\n" not in source.text:
                        source = Source(source.path, entry, source.pieces)
                self._commands(Run(source, inner), 1)

    def _azd(self, start: Start, here: Here, depth: int) -> None:
        """Follow the hooks that azd runs around its verbs."""
        for path in ("azure.yaml", "azure.yml"):
            for root in self.facts.nodes(path)[:1]:
                hooks = root.get("hooks")
                for name, hook in hooks.items() if hooks else ():
                    if start.target == "up" or start.target in name:
                        self._azd_hook(path, hook, here, depth)

    def _azd_hook(self, path: str, hook: object, here: Here, depth: int) -> None:
        from plomada.readers.nodes import Node

        if not isinstance(hook, Node):
            return
        for holder in (hook, hook.get("posix"), hook.get("windows"), *hook.elements):
            run = holder.get("run") if holder is not None else None
            if run is not None and run.string:
                text = self.facts.repository.text(path) or ""
                inner = replace(here, file=path, source="script")
                self._commands(Run(of_node(run, text), inner), depth + 1)

    # --- inside infrastructure and images

    @cached_property
    def _embedded(self) -> EmbeddedScripts:
        return EmbeddedScripts(self.facts)

    def _infrastructure(self, start: Start, here: Here, depth: int) -> None:
        """Follow the scripts inside what is deployed."""
        for script in self._embedded.deployed_with(start.target):
            edge = Edge(start.target, script.address, "iac", script.source.span(0, 1))
            inner = self._inside(script, replace(here, route=(*here.route, edge)))
            self._note(script.address, inner)
            if script.taken:
                kind = "pwsh" if script.taken.endswith(".ps1") else script.shell
                taken = Start("script", script.taken, "script", shell=kind)
                if kind == "python":
                    taken = Start("python", f"{script.taken}::", "script")
                self._follow(taken, inner, script.source.span(0, 1), depth + 1)
            elif script.shell == "python":
                self._inline_python(script.source, inner, depth)
            else:
                self._commands(Run(script.source, inner, script.shell), depth)

    @staticmethod
    def _inside(script: Embedded, here: Here) -> Here:
        return replace(
            here,
            address=script.address,
            source="iac",
            soft=here.soft or script.soft,
            directory=script.directory,
            env=script.env,
            macros=script.macros,
            file=script.source.path,
        )

    def _image(self, start: Start, here: Here, depth: int) -> None:
        """Follow what the build of an image runs."""
        path, _, target = start.target.partition("::")
        stages = self.facts.images.at(path).built(target)
        for number, stage in enumerate(stages):
            env = settings(stages[: number + 1])
            inner = replace(here, source="dockerfile", file=path, env=env)
            self._stage(stage, replace(inner, directory=posixpath.dirname(path)), depth)

    def _stage(self, stage: Stage, here: Here, depth: int) -> None:
        for instruction in stage.of("RUN"):
            if instruction.interpreter.startswith("python"):
                self._inline_python(instruction.source, here, depth)
            else:
                self._commands(Run(instruction.source, here, shell_of(stage)), depth)

    def _container(self, start: Start, here: Here, depth: int) -> None:
        """Follow what a container of an image runs: its own command, or the one that is given."""
        path = start.target.partition("::")[0]
        stages = self.facts.images.at(path).stages
        if start.arguments:
            inline = Start("inline-shell", joined(start.arguments), "script")
            self._inline_shell(inline, here, here.route[-1].span, depth)
        elif stages and (source := started(stages[-1])) is not None:
            inner = replace(here, source="dockerfile", file=path, env=settings(stages))
            inner = replace(inner, directory=posixpath.dirname(path))
            self._commands(Run(source, inner, shell_of(stages[-1])), depth)

    def _unreached_inside(self) -> None:
        for script in self._embedded.all:
            if script.address in self.routes or script.taken:
                continue
            inner = self._inside(script, Here(script.address, "iac"))
            if script.shell == "python":
                self._inline_python(script.source, inner)
            else:
                self._own(Run(script.source, inner, script.shell))
        for path in self.facts.images.paths:
            for stage in self.facts.images.at(path).stages:
                self._unreached_stage(path, stage)

    def _unreached_stage(self, path: str, stage: Stage) -> None:
        here = Here(path, "dockerfile", file=path, directory=posixpath.dirname(path))
        if not any(address.partition("::")[0] == path for address in self.routes):
            for instruction in stage.of("RUN"):
                if not instruction.interpreter:
                    self._own(Run(instruction.source, here, shell_of(stage)))
        source = started(stage)
        if source is not None and f"{path}::CMD" not in self.routes:
            self._own(Run(source, here, shell_of(stage)))

    # --- what nothing reaches

    def _unreached(self) -> None:
        self._unreached_inside()
        for path in self._scripts():
            if path not in self.routes:
                kind = "pwsh" if path.endswith((".ps1", ".psm1")) else "bash"
                here = Here(path, "script", file=path)
                text = self.facts.repository.text(path)
                if text is not None and self._first_visit(path, here):
                    self._own(Run(of_file(path, text), here, kind))
        for task in self.follower.tasks.all:
            if task.address not in self.routes and not task.apart:
                here = Here(task.address, "target", directory=task.directory, file=task.path)
                for source, soft in task.scripts:
                    self._own(Run(source, replace(here, soft=soft)))
        self._unreached_code()

    def _scripts(self) -> Iterator[str]:
        yield from self.facts.repository.with_suffix(
            ".sh", ".bash", ".ps1", ".psm1", ".bat", ".cmd"
        )

    def _own(self, run: Run) -> None:
        """Record a script's own commands, those of functions that nothing calls as well."""
        seen = set()
        for command in run.commands():
            seen.add(command.span)
            self.commands.append(command)
        for name in sorted(run.script.functions):
            for command in run._body(name, (), run.here.soft, 5):
                if command.span not in seen:
                    seen.add(command.span)
                    self.commands.append(command)

    def _unreached_code(self) -> None:
        reached = {f.address for f in self.functions}
        for module in self.facts.code.telling():
            source = "notebook" if module.is_notebook else "code"
            for scope in module.scopes:
                address = module.address(scope)
                if scope.is_class or address in reached:
                    continue
                here = Here(address, source, file=module.path)
                self.functions.append(Reached(address, (), None, False, source))
                for command in process_calls(self.facts.code, address, here):
                    if isinstance(command, Command):
                        self.commands.append(command)
                    else:
                        text, span = command
                        pieces = ((0, span.line, span.column),)
                        self._own(Run(Source(span.path, text, pieces), here))


def _plain(address: str) -> str:
    """Return a module body's address as its path."""
    return address.removesuffix("::")


def _after_root(folder: str) -> str:
    """Return a folder without the macro that stands for the repository's root."""
    return re.sub(r"^\$[({]+[\w.\- ]+[)}]+/?", "", folder) or "."


def _is_better(here: Here, known_route: tuple[Route, Job | None]) -> bool:
    """Tell whether a route says more than the known one: by a job, then shorter."""
    if (here.job is None) != (known_route[1] is None):
        return here.job is not None
    return len(here.route) < len(known_route[0])


def _first_span(task: Task) -> Span:
    for source, _ in task.scripts:
        return source.span(0, 1)
    return Span(task.path, 1, 1, 1, 1)
