"""The core types that every dialect is brought to.

Readers produce syntax, the modules beside this one produce these types from it, and items ask
nothing else. All are immutable; optional fields have defaults so that a dialect that lacks an
idea leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal

from plomada.records import dataclass
from plomada.spans import Span

ValueKind = Literal["known", "one_of", "template", "unknown"]


OFFERED = "offered without a default"


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression comes to.

    Attributes:
        kind: ``known`` (``data`` holds it), ``one_of`` (``parts`` are the alternatives),
            ``template`` (``parts`` are literal and unresolved pieces, in order) or ``unknown``.
        data: for ``known``: None, bool, int, float, str, a tuple of values or a dict from str to
            values.
        parts: see ``kind``.
        reason: for ``unknown``: why, in words that a person can act on; for a piece of a
            template: the name of the parameter or macro that stands there; ``OFFERED`` for the
            options of an input that has no default.
        origins: the places that the value came through, the defining one last.
        secret: the value must never be printed; reports redact it.
    """

    kind: ValueKind
    data: object = None
    parts: tuple[Value, ...] = ()
    reason: str = ""
    origins: tuple[Span, ...] = ()
    secret: bool = False

    @property
    def text(self) -> str | None:
        """The string, when it is known to be one."""
        return self.data if self.kind == "known" and isinstance(self.data, str) else None

    def __repr__(self) -> str:
        """Describe the value without ever showing a secret."""
        shown = "<redacted>" if self.secret else repr(self.data or self.parts or self.reason)
        return f"Value({self.kind}, {shown})"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a value was evaluated under.

    Attributes:
        stage: ``production``, another stage's name, or ``default``.
        values: name to value.
        source: path of the parameter file, job or module call that they come from.
        chosen_because: why this source was taken (CHECKLIST.md, "Production values").
    """

    stage: str
    values: Mapping[str, Value]
    source: str = ""
    chosen_because: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or followed.

    Attributes:
        path: the file.
        reason: one sentence.
        span: where reading failed, if known.
        may_hide: kinds of facts that the unread part may hold: ``pipelines``, ``resources``,
            ``assets``, ``code``, ``documents``, ``text``; ``pipeline lines`` where all but the
            span was read.
    """

    path: str
    reason: str
    span: Span | None = None
    may_hide: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edge:
    """One step of a route: ``source`` starts ``target``.

    Attributes:
        source: address of what calls: a job, path, ``path::target`` or ``path::function``.
        target: address of what is called, in the same form.
        how: ``step``, ``script``, ``make``, ``task`` (just, nox, tox, npm ...), ``module``,
            ``console``, ``component``, ``aml-job``, ``call``, ``hook``, ``template``, ``workflow``,
            ``iac`` (a script inside what is deployed), ``image`` (a Dockerfile).
        span: the place of the call.
        arguments: what is passed, by name or position.
        condition: the text of a condition on the call, unevaluated.
        soft: a failure of the target does not fail the source.
        certain: False where the target was chosen among several or guessed.
    """

    source: str
    target: str
    how: str
    span: Span
    arguments: tuple[tuple[str, Value], ...] = ()
    condition: str = ""
    soft: bool = False
    certain: bool = True


Route = tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts a pipeline.

    Attributes:
        kind: ``push``, ``pull_request``, ``schedule``, ``manual``, ``dispatch``
            (repository_dispatch), ``completion`` (another run's), ``call`` (workflow_call or a
            template), ``release``, ``other``.
        branches: branch patterns, empty for all.
        span: where it is declared.
        detail: cron text, event type or the name of the completed pipeline.
    """

    kind: str
    span: Span
    branches: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval that a job waits for.

    Attributes:
        kind: ``environment`` or ``validation`` (a manual validation task).
        name: the environment's name as a value (it may be an expression).
        span: where it stands.
    """

    kind: str
    name: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job, whatever the dialect.

    Attributes:
        kind: ``run`` (inline script), ``uses`` (action or task), ``other``.
        name: display name.
        span: the step's place.
        uses: action or task id, lower case, without version: ``azure/login``, ``azurecli``.
        version: what follows ``@``.
        script: text of the inline script with macros replaced by placeholders of equal length.
        script_span: place of the script's first character.
        shell: ``bash``, ``pwsh``, ``python``, ``cmd``.
        inputs: inputs of the action or task by lower-case name.
        env: environment variables by name.
        condition: text of its condition.
        disabled: literally ``if: false`` / ``enabled: false``.
        soft: its failure is ignored.
        working_directory: relative to the repository's root, as far as known.
        identifier: the step's id.
        lines: offset in the script, line and column in the file, for each piece of it.
        macros: values of the script's placeholders (``readers.macros``), by their number.
        call: where the template or composite action that holds the step is called.
    """

    kind: str
    name: str
    span: Span
    uses: str = ""
    version: str = ""
    script: str = ""
    script_span: Span | None = None
    shell: str = "bash"
    inputs: Mapping[str, Value] = field(default_factory=dict)
    env: Mapping[str, Value] = field(default_factory=dict)
    condition: str = ""
    disabled: bool = False
    soft: bool = False
    working_directory: str = ""
    identifier: str = ""
    lines: tuple[tuple[int, int, int], ...] = ()
    macros: tuple[Value, ...] = ()
    call: Route = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it will run: a reusable workflow or template called twice gives two.

    Attributes:
        pipeline: path of the file that starts it.
        path: path of the file that declares it.
        name: identifier within its file.
        span: its place.
        title: display name.
        triggers: the triggers of the pipeline that starts it.
        stage: the stage it belongs to (Azure Pipelines) or "".
        needs: names of jobs (in the same file and call) that it depends on.
        approvals: its own approvals (its environment, its manual validation).
        condition: text of its condition.
        disabled: literally ``if: false``.
        soft: its failure is ignored.
        steps: in order.
        inputs: values of the inputs or parameters that it was called with.
        env: environment variables, pipeline and job level.
        calls: how it was reached from ``pipeline``, outermost first.
        uses: a reusable workflow or template of another repository that it calls, if any.
        matrix: values of its matrix by name.
        address: unique in the repository: ``path::name``, for called jobs ``path::caller.name``.
        depends: addresses of all jobs that it waits for directly, through stages and calls too.
        outputs: texts of the outputs that it declares, by name (GitHub).
    """

    pipeline: str
    path: str
    name: str
    span: Span
    title: str = ""
    triggers: tuple[Trigger, ...] = ()
    stage: str = ""
    needs: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    condition: str = ""
    disabled: bool = False
    soft: bool = False
    steps: tuple[Step, ...] = ()
    inputs: Mapping[str, Value] = field(default_factory=dict)
    env: Mapping[str, Value] = field(default_factory=dict)
    calls: Route = ()
    uses: str = ""
    matrix: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    address: str = ""
    depends: tuple[str, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A file that a code host or Azure DevOps starts, or that others call.

    Attributes:
        path: its path.
        dialect: ``github`` or ``azure``.
        name: its name.
        triggers: what starts it; a file that is only called has kind ``call`` alone.
        jobs: its jobs, called workflows and templates expanded.
        span: the whole file.
        permissions: GitHub ``permissions``: scope to level, or None where undeclared.
        inputs: declared inputs or parameters with their defaults and options.
        files: files of this repository that it takes in: templates, variable files, workflows.
        groups: variable groups that it names.
    """

    path: str
    dialect: str
    name: str
    triggers: tuple[Trigger, ...]
    jobs: tuple[Job, ...]
    span: Span
    permissions: Mapping[str, str] | None = None
    inputs: Mapping[str, Value] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    groups: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command line that stands in a step, script, target, hook or Python ``subprocess`` call.

    Attributes:
        words: the words after expansion of what is known; ``words[0]`` is the program's base name.
        span: its place.
        source: ``pipeline``, ``script``, ``target``, ``hook``, ``code``, ``aml-job``, ``iac``
            (local-exec, deployment script), ``notebook``, ``dockerfile``.
        route: how a pipeline, schedule or hook reaches it; empty where nothing does.
        job: the job whose run reaches it, None where no pipeline does.
        soft: its failure is ignored (``|| true``, ``continue-on-error``, soft edge ...).
        text: the line as it stands.
        env: variables set for it.
        directory: working directory relative to the root.
        stdin: text of a here-document given to it.
    """

    words: tuple[Value, ...]
    span: Span
    source: str
    route: Route = ()
    job: Job | None = None
    soft: bool = False
    text: str = ""
    env: Mapping[str, Value] = field(default_factory=dict)
    directory: str = ""
    stdin: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something: one per command, action, task, SDK or REST call.

    Attributes:
        verb: what is done, from ``data/tools.toml``: ``lint``, ``format``, ``type-check``,
            ``test``, ``document``, ``package``, ``validate-iac``, ``deploy-iac``, ``create``,
            ``train`` (submits a training job), ``register-model``, ``deploy-model``,
            ``set-traffic``, ``delete``, ``scan-secrets``, ``scan-dependencies``, ``scan-policy``,
            ``assign-role``, ``create-principal``, ``login``, ``read-secret``, ...
        target: what it is done to: a kind (``workspace``, ``model`` ...) or a tool's name.
        span: its place.
        tool: the tool, action, task or function that does it: ``ruff``, ``az ml model create``.
        dialect: ``cli``, ``action``, ``task``, ``sdk2``, ``sdk1``, ``rest``, ``python``.
        arguments: options and positional arguments by name (``--file``, ``0``) as values.
        soft: its failure is ignored.
        source: as ``Command.source``.
        route: how it is reached; empty where nothing reaches it.
        job: the pipeline job that runs it, None where no pipeline does.
        function: address of the Python function that does it, if any.
    """

    verb: str
    target: str
    span: Span
    tool: str = ""
    dialect: str = "cli"
    arguments: Mapping[str, Value] = field(default_factory=dict)
    soft: bool = False
    source: str = "pipeline"
    route: Route = ()
    job: Job | None = None
    function: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """An Azure resource declared in Bicep, ARM JSON or Terraform; a module called twice gives two.

    Attributes:
        type: ARM type in lower case (``microsoft.storage/storageaccounts``), for Terraform too.
        name: its name.
        span: its place.
        api_version: ARM API version, "" for azurerm.
        properties: as ARM names them, by lower-case dotted path under ``properties`` (and
            ``sku.name`` ...); Terraform arguments are brought to the same names.
        tags: the tags that reach it, None where it declares none.
        identity: its identity block, None where it declares none.
        scope: ``resourceGroup``, ``subscription``, ``managementGroup`` or an address.
        parent: address of the parent resource.
        condition: text of its condition, ``count`` or ``for_each``.
        existing: it is only referred to.
        tree: folder or root file of the IaC tree it belongs to.
        dialect: ``bicep``, ``arm``, ``terraform``.
        call_chain: the module calls that lead to it, outermost first.
        address: unique within the repository: ``path::symbol`` with its calls.
        external: it stands for a module from outside that is not an Azure Verified Module.
        deployed: whether its condition or count holds at production values, None where unknown.
        absent: its condition is about the environment itself and production does not meet it.
        places: the places of its properties by lower-case dotted path, as far as they are written
            out in its own declaration.
    """

    type: str
    name: Value
    span: Span
    api_version: str = ""
    properties: Mapping[str, Value] = field(default_factory=dict)
    tags: Value | None = None
    identity: Value | None = None
    scope: str = "resourceGroup"
    parent: str = ""
    condition: str = ""
    existing: bool = False
    tree: str = ""
    dialect: str = "bicep"
    call_chain: tuple[Span, ...] = ()
    address: str = ""
    external: bool = False
    deployed: bool | None = True
    absent: bool = False
    places: Mapping[str, Span] = field(default_factory=dict)

    def place(self, path: str) -> Span:
        """Return the place of a property, of what holds it, or of the resource."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path.rpartition(".")[0]
        return self.span


@dataclass(frozen=True, slots=True)
class Link:
    """``source`` refers to ``target``.

    Attributes:
        source: address of the resource that refers.
        target: address of the resource referred to, "" where it could not be resolved.
        relation: ``private-endpoint``, ``subnet-nsg``, ``workspace-insights``,
            ``diagnostics-target``, ``parent``, ``scope``, ``role-scope``, ``refers`` ...
        span: the place of the reference.
        detail: e.g. the group id of a private endpoint.
    """

    source: str
    target: str
    relation: str
    span: Span
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """An Azure ML entity from YAML, SDK v2, ``az ml``, or SDK v1 where named.

    Attributes:
        kind: ``job``, ``pipeline``, ``component``, ``environment``, ``data``, ``model``,
            ``online-endpoint``, ``online-deployment``, ``batch-endpoint``, ``batch-deployment``,
            ``schedule``, ``monitor``, ``compute``, ``datastore``, ``registry``, ``workspace``,
            ``webservice`` (SDK v1).
        name: its name.
        span: its place.
        dialect: ``yaml``, ``sdk2``, ``cli``, ``sdk1``, ``iac``.
        version: its version, None where not given.
        fields: the specification by dotted path, as the YAML schema names it, whatever the dialect.
        code: folder of its code, relative to the root.
        source: ``spec``, ``code``, ``pipeline``, ``script``, ``notebook``.
        compute: ``managed``, ``kubernetes``, ``aci``, ``aks``, "" where unknown.
        applied: the place of the command or call that makes it; None for a spec that stands alone.
        function: address of the Python function that makes it, if any.
        job: the pipeline job that makes it, if one is known to.
        route: how a pipeline, schedule or hook reaches what makes it.
    """

    kind: str
    name: Value
    span: Span
    dialect: str = "yaml"
    version: Value | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    code: str = ""
    source: str = "spec"
    compute: str = ""
    applied: Span | None = None
    function: str = ""
    job: Job | None = None
    route: Route = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call in Python.

    Attributes:
        name: the callee as resolved through imports and assignments, dotted:
            ``azure.ai.ml.MLClient.models.create_or_update``, ``mlflow.log_metric``; a function of
            the repository is ``path::qualified.name``; what was not resolved starts with ``?``.
        span: its place.
        arguments: positional by ``0``, ``1`` ..., keyword by name; ``*`` and ``**`` for the rest.
        function: address of the enclosing function, ``path::`` for module level.
        guards: texts of the ``if`` tests that it stands under, outermost first.
        handled: it stands in a ``try`` whose handler swallows the error.
    """

    name: str
    span: Span
    arguments: Mapping[str, Value] = field(default_factory=dict)
    function: str = ""
    guards: tuple[str, ...] = ()
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A Python function, method or module body.

    Attributes:
        address: ``path::qualified.name``; ``path::`` is the module's body.
        span: its place.
        parameters: names in order.
        calls: in order of the text.
        decorators: resolved names.
        is_test: a test runner would run it.
        hollow: its body does nothing (``pass``, ``...``, a docstring, ``NotImplementedError``).
    """

    address: str
    span: Span
    parameters: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    decorators: tuple[str, ...] = ()
    is_test: bool = False
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A comparison that decides whether something happens, across functions, files and processes.

    Attributes:
        left: what is compared, with its origins.
        operator: ``<``, ``>=`` ...
        right: what it is compared with.
        span: the place of the comparison.
        controls: addresses and places of what runs only if it holds.
        by: ``branch``, ``exit-code``, ``output``, ``file``, ``cancelled-run``, ``exception``.
        left_kind: ``metric``, ``production-metric``, ``constant``, ``unknown``.
        right_kind: as ``left_kind``, or ``threshold``.
        undone_by: what makes it decide nothing, if anything does.
    """

    left: Value
    operator: str
    right: Value
    span: Span
    controls: tuple[Span, ...] = ()
    by: str = "branch"
    left_kind: str = "unknown"
    right_kind: str = "unknown"
    undone_by: Span | None = None


def walk_values(value: Value) -> Iterator[Value]:
    """Yield a value and everything inside it, iteratively (foreign data may nest deep)."""
    stack = [value]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.parts))
        if isinstance(current.data, tuple):
            stack.extend(v for v in current.data if isinstance(v, Value))
        elif isinstance(current.data, dict):
            stack.extend(v for v in current.data.values() if isinstance(v, Value))
