"""How production and the environments before it are told apart, and what selects them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.acts.tools import table
from plomada.facts.model import Act, Job, Pipeline, Value
from plomada.facts.pipelines.sections import sections
from plomada.facts.pipelines.stages import NOWHERE, PRODUCTION, stage_in, tokens
from plomada.facts.shell.commandline import unwrapped
from plomada.facts.shell.shells import Here, Run
from plomada.facts.strings import glob, shown, texts
from plomada.patterns import regex
from plomada.readers.source import Source
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

WORKING = (
    "deploy-iac", "train", "register-model", "deploy-model", "set-traffic", "create-endpoint",
    "share-model", "schedule", "create-asset",
)  # fmt: skip
CHECKING = ("lint", "format", "type-check", "test", "scan-policy", "scan-secrets", "validate-iac")
_SETTINGS = regex(
    r"\.(bicepparam|parameters\.jsonc?|tfvars(\.json)?|ya?ml|json|toml|env|ini|cfg|conf|properties)$|\.tfvars\.[\w\-]+$|(^|/)\.env\.[\w\-]+$",
    re.I,
)
_IAC = regex(r"\.(tf|bicep|bicepparam|tfvars)$", re.I)
_PARAMETERS = regex(
    r"\.(bicepparam|tfvars(\.json)?)$|(^|[./_-])parameters\.jsonc?$|\.tfvars\.[\w\-]+$", re.I
)
_SETTLED = regex(
    r"conf(ig|iguration)?s?([/._-]|$)|settings|env(ironment)?s?[/._-]|var(iable)?s", re.I
)
_ORDINARY = frozenset(
    {"test", "ci", "int", "local", "demo", "lab", "experiment"}
)  # other words too
_PARAMETER = regex(r"(variable|param)\s+\"?(env|environment|stage)(_?name|_?type)?\b", re.I)
_PLATFORMS = frozenset({"aci", "aks"})
_NOT_SETTINGS = regex(
    r"(^|/)(\.github/workflows|\.azuredevops|node_modules|tests?|docs?|\.vscode|\.devcontainer|\.claude|\.cursor|data)/|package(-lock)?\.json$|pyproject\.toml$|poetry\.lock$|requirements|conda|environment\.ya?ml$|codecov|mkdocs|docker-compose|\.pre-commit",
    re.I,
)


@dataclass(slots=True)
class Separation:
    """One way in which stages are told apart.

    Attributes:
        kind: ``environment``, ``files``, ``sections``, ``groups``, ``variables``.
        what: in words.
        stages: the stages, in the order of their names.
        spans: where.
        differ: their settings are not equal.
        selected: a pipeline or a documented command selects production and one before it.
        selected_at: the places that select some of them.
        missing: the stages that nothing selects, in words.
    """

    kind: str
    what: str
    stages: tuple[str, ...]
    spans: tuple[Span, ...]
    differ: bool = True
    selected: bool = True
    selected_at: tuple[Span, ...] = ()
    missing: str = ""

    @property
    def files(self) -> tuple[Span, ...]:
        """The places of the settings themselves, without those that select them."""
        return tuple(s for s in self.spans if s not in self.selected_at) or self.spans


def separations(facts: Facts) -> list[Separation]:
    """Return every way in which stages are told apart, complete ones first."""
    pipelines = _working_pipelines(facts)
    found = [
        *_pipeline_environments(pipelines),
        *_groups(pipelines),
        *_variables(pipelines),
        *_files(facts, pipelines),
        *_sections(facts, pipelines),
    ]
    return sorted(found, key=lambda s: not (s.selected and s.differ and PRODUCTION in s.stages))


def _working_pipelines(facts: Facts) -> list[Pipeline]:
    """Return the pipelines that deploy infrastructure or train, register or deploy the model."""
    at_work = {a.job.pipeline for a in acts_of(facts, *WORKING) if a.job is not None}
    return [p for p in facts.pipelines if p.path in at_work]


def _running(pipelines: Iterable[Pipeline]) -> Iterator[Job]:
    for pipeline in pipelines:
        yield from (job for job in pipeline.jobs if not job.disabled)


def _pipeline_environments(pipelines: list[Pipeline]) -> Iterator[Separation]:
    """Yield the environments that pipelines name, those of one that tells several apart first."""
    found: list[dict[str, Span]] = []
    for pipeline in pipelines:
        places: dict[str, Span] = {}
        for job in _running([pipeline]):
            for approval in job.approvals:
                for text in texts(approval.name) if approval.kind == "environment" else ():
                    if stage := stage_in(text):
                        places.setdefault(stage, approval.span)
        found.append(places)
    together: dict[str, Span] = {}
    for places in sorted(found, key=lambda p: (PRODUCTION not in p, -len(p))):
        together = {**places, **together}
    if together:
        yield Separation(
            "environment", "pipeline environments", tuple(together), tuple(together.values())
        )


def _groups(pipelines: list[Pipeline]) -> Iterator[Separation]:
    places: dict[str, Span] = {}
    for pipeline in pipelines:
        for group in pipeline.groups:
            for text in texts(group):
                if stage := stage_in(text):
                    places.setdefault(stage, group.origins[0] if group.origins else pipeline.span)
    if places:
        yield Separation("groups", "variable groups", tuple(places), tuple(places.values()))


def _variables(pipelines: list[Pipeline]) -> Iterator[Separation]:
    """Yield variables that are the same but for the stage in their name: ``WORKSPACE_PROD``."""
    found: dict[str, dict[str, tuple[str, Span]]] = {}
    for job in _running(pipelines):
        for name, value, span in _named_values(job):
            stage = stage_in(name)
            if not stage or len(tokens(name)) < 2:
                continue
            rest = " ".join(t for t in tokens(name) if not stage_in(t))
            found.setdefault(rest, {}).setdefault(stage, (shown(value), span))
    for stages in found.values():
        if PRODUCTION in stages and len(stages) > 1:
            values = {v for v, _ in stages.values()}
            spans = tuple(span for _, span in stages.values())
            yield Separation(
                "variables",
                "variables named by environment",
                tuple(stages),
                spans,
                differ=len(values) > 1,
            )
            return


def _named_values(job: Job) -> Iterator[tuple[str, Value, Span]]:
    for name, value in job.env.items():
        yield name, value, value.origins[0] if value.origins else job.span
    for step in job.steps:
        for value in (*step.inputs.values(), *step.env.values(), *step.macros):
            for part in (value, *value.parts):
                match = re.fullmatch(
                    r"\$?(?:\{\{)?\s*(?:secrets|vars|env|variables)?\.?([A-Za-z_][\w.]*)\s*(?:\}\})?",
                    part.reason,
                )
                if part.kind == "unknown" and match is not None:
                    yield match[1], part, step.span


# --- files


@dataclass(slots=True)
class _Group:
    """Files that are one but for the stage in their path."""

    files: dict[str, list[str]] = field(default_factory=dict)

    def stages(self) -> tuple[str, ...]:
        return tuple(self.files)


def _files(facts: Facts, pipelines: list[Pipeline]) -> Iterator[Separation]:
    groups = _grouped(facts)
    if not groups:
        return
    selections = _Selections(facts, pipelines)
    for group in groups:
        stages = group.stages()
        selected = {s: selections.of(paths) for s, paths in group.files.items()}
        chosen = [s for s, place in selected.items() if place is not None]
        spans = tuple(_own_line(facts, group, stage) for stage in stages)
        places = tuple(p for p in selected.values() if p is not None)
        whole = PRODUCTION in chosen and len(chosen) > 1
        missing = ", ".join(s for s in stages if s not in chosen)
        name = posixpath.basename(next(iter(group.files.values()))[0])
        yield Separation(
            "files",
            f"settings files such as {name}",
            stages,
            (*places, *spans) if whole else spans,
            differ=_differ(facts, group),
            selected=whole,
            selected_at=places,
            missing=missing,
        )


def _grouped(facts: Facts) -> list[_Group]:
    """Return groups of settings files with production and another stage, or one of them alone."""
    groups: dict[str, _Group] = {}
    running = {pipeline.path for pipeline in facts.pipelines}
    for path in facts.repository.paths:
        if not (_SETTINGS.search(path) or _IAC.search(path)) or _NOT_SETTINGS.search(path):
            continue
        if path in running:
            continue
        found = _key(path)
        if found is not None:
            key, stage = found
            groups.setdefault(key, _Group()).files.setdefault(stage, []).append(path)
    whole = [g for g in groups.values() if PRODUCTION in g.files and len(g.files) > 1]
    alone = [g for g in groups.values() if len(g.files) == 1]
    alone = [g for g in alone if not set(g.files) <= _ORDINARY]
    return whole or [g for g in alone if all(map(_is_settings, *g.files.values()))][:3]


def _is_settings(path: str) -> bool:
    """Tell whether a file that stands alone holds settings, so that a stage in its name says so."""
    return bool(_PARAMETERS.search(path) or _SETTLED.search(path) or _IAC.search(path))


@lru_cache(maxsize=4096)
def _key(path: str) -> tuple[str, str] | None:
    """Return a path with its stage left out, and the stage; None where it names none."""
    parts = path.split("/")
    for index in range(len(parts) - 1, -1, -1):
        stem = parts[index]
        words = re.split(r"([^A-Za-z0-9]+)", stem)
        for position, word in enumerate(words):
            stage = stage_in(word)
            last = index == len(parts) - 1
            if stage in NOWHERE or (
                last and position == len(words) - 1 and "tfvars" not in stem and ".env" not in stem
            ):
                continue
            before = words[position - 2].lower() if position > 1 else ""
            stage = "preprod" if stage == PRODUCTION and before in ("pre", "non") else stage
            if {w.lower() for w in words} & _PLATFORMS:
                return None
            words[position] = "*"
            return "/".join([*parts[:index], "".join(words), *parts[index + 1 :]]), stage
    return None


def _differ(facts: Facts, group: _Group) -> bool:
    """Tell whether the settings of production differ from those of another stage."""
    contents = {s: _content(facts, paths) for s, paths in group.files.items()}
    own = contents.get(PRODUCTION)
    return any(other != own for s, other in contents.items() if s != PRODUCTION)


def _own_line(facts: Facts, group: _Group, stage: str) -> Span:
    """Return the first line that one stage's settings have and another's have not."""
    path = group.files[stage][0]
    other = next((paths[0] for s, paths in group.files.items() if s != stage), path)
    theirs = {" ".join(line.split()) for line in (facts.repository.text(other) or "").split("\n")}
    for number, line in enumerate((facts.repository.text(path) or "").split("\n"), start=1):
        words = line.split()
        if words and words[0][0] not in "#/" and " ".join(words) not in theirs:
            column = len(line) - len(line.lstrip()) + 1
            return Span(path, number, column, number, len(line) + 1)
    return Span(path, 1, 1, 1, 1)


def _content(facts: Facts, paths: list[str]) -> tuple[str, ...]:
    return tuple(_plain(facts, path) for path in paths)


def _plain(facts: Facts, path: str) -> str:
    """Return a file's settings without comments and layout."""
    if path.lower().endswith((".yml", ".yaml", ".json", ".toml")):
        nodes = facts.nodes(path)
        if nodes:
            return "\n".join(n.text for root in nodes for n in root.walk() if n.kind == "scalar")
    text = facts.repository.text(path) or ""
    lines = [re.sub(r"(^|\s)(#|//).*$", "", line).split() for line in text.split("\n")]
    return "\n".join(" ".join(words) for words in lines if words)


# --- sections of one file

_ORDINARY = frozenset(
    {"test", "ci", "int", "local", "demo", "lab", "experiment"}
)  # sections of all


def _sections(facts: Facts, pipelines: list[Pipeline]) -> Iterator[Separation]:
    found = list(sections(facts, _NOT_SETTINGS))
    whole = [(p, s) for p, s in found if PRODUCTION in s and len(s) > 1]
    chosen = _chosen_stages(facts, pipelines) if whole else {}
    alone = [(p, s) for p, s in found if set(s) - _ORDINARY]
    for path, stages in whole or alone[:3]:
        places = tuple(chosen[s] for s in stages if s in chosen)
        selected = PRODUCTION in chosen and sum(s in chosen for s in stages) > 1
        spans = tuple(span for _, span in stages.values())
        yield Separation(
            "sections",
            f"sections of {posixpath.basename(path)}",
            tuple(stages),
            (*spans, *places) if selected else spans,
            differ=len({text for text, _ in stages.values()}) > 1,
            selected=selected,
            selected_at=places,
            missing=", ".join(s for s in stages if s not in chosen),
        )


def _chosen_stages(facts: Facts, pipelines: list[Pipeline]) -> dict[str, Span]:
    """Return the stages that pipelines pass on by name, each with a place."""
    found: dict[str, Span] = {}
    names = {p.path for p in pipelines}
    values = [
        (value, step.span)
        for job in _running(pipelines)
        for step in job.steps
        for value in (*step.inputs.values(), *step.env.values())
    ]
    values += [(v, job.span) for job in _running(pipelines) for v in job.inputs.values()]
    values += [(v, job.span) for job in _running(pipelines) for v in job.env.values()]
    for command in facts.commands:
        if command.job is not None and command.job.pipeline in names:
            values += [(word, command.span) for word in command.words[1:]]
    for value, span in values:
        for text in texts(value):
            if len(tokens(text)) < 6 and "/" not in text and (stage := stage_in(text)):
                found.setdefault(stage, value.origins[0] if value.origins else span)
    return found


def shared_settings(facts: Facts) -> tuple[Span, ...]:
    """Return the settings that are the same everywhere: variable groups of pipelines at work."""
    groups = [g for p in _working_pipelines(facts) for g in p.groups]
    return tuple(dict.fromkeys(g.origins[0] for g in groups if g.origins))


def environment_parameters(facts: Facts) -> tuple[Span, ...]:
    """Return the parameters of templates by which one environment would be told from another."""
    found = []
    for path in facts.repository.with_suffix(".tf", ".bicep"):
        for number, line in enumerate((facts.repository.text(path) or "").split("\n"), start=1):
            if _PARAMETER.match(line):
                found.append(Span(path, number, 1, number, len(line) + 1))
    return tuple(found)


def parameter_files(facts: Facts) -> tuple[Span, ...]:
    """Return the files that hold parameters of the infrastructure, for any environment."""
    paths = [p for p in facts.repository.paths if _PARAMETERS.search(p)]
    return tuple(Span(path, 1, 1, 1, 1) for path in paths)


_SEPARATORS = regex(r"[\s=@,;]+")


def _only_reads(act: Act) -> bool:
    """Tell whether an act looks at files without a target: a plan or a what-if has one."""
    return act.verb != "validate-iac" or act.target == "bicep"


class _Selections:
    """What pipelines and documented deployment commands name.

    Args:
        facts: gives commands and documents.
        pipelines: those that count.
    """

    def __init__(self, facts: Facts, pipelines: list[Pipeline]) -> None:
        self.patterns: list[tuple[str, Span]] = []
        names = {p.path for p in pipelines}
        working = {act.span for act in acts_of(facts, *WORKING)}
        checking = {act.span for act in acts_of(facts, *CHECKING) if _only_reads(act)} - working
        for pipeline in pipelines:
            self.patterns += [(path, pipeline.span) for path in pipeline.files]
        for command in facts.commands:
            running = command.job is not None and command.job.pipeline in names
            if running and command.span not in checking:
                self._command(command.words, command.directory, command.span)
        for job in _running(pipelines):
            for step in job.steps:
                if step.span not in checking:
                    self._inputs(step.inputs, step.span)
                    self._value(Value("known", step.working_directory), step.span)
            self._inputs(job.inputs, job.span)
        self.patterns.sort(key=lambda pattern: pattern[1] not in working)
        self._documented(facts)

    def _inputs(self, inputs: Mapping[str, Value], span: Span) -> None:
        for value in inputs.values():
            self._value(value, span)

    def _command(self, words: Iterable[Value], directory: str, span: Span) -> None:
        if directory:
            self.patterns.append((directory, span))
        for word in words:
            self._value(word, span)

    def _value(self, value: Value, span: Span) -> None:
        for text in glob(value):
            for piece in _SEPARATORS.split(text):
                piece = piece.strip("\"'()").removeprefix("./")
                if (
                    ("/" in piece or "." in piece or "*" in piece)
                    and len(piece) > 3
                    and "://" not in piece
                ):
                    self.patterns.append((piece, span))

    def _documented(self, facts: Facts) -> None:
        """Take in the deployment commands of documents; ``<env>`` in one stands for any."""
        for document in facts.documents.all:
            for section in document.sections:
                for block in section.blocks:
                    if block.kind == "code":
                        self._block(block.text, block.span, document.path)

    def _block(self, text: str, span: Span, path: str) -> None:
        if not re.search(r"deployment|terraform|azd|az ml|New-Az", text):
            return
        cleaned = re.sub(r"<[\w\- |]+>", "*", re.sub(r"(?m)^\s*\$ ", "", text))
        run = Run(Source(path, cleaned, ((0, 1, 1),)), Here(path, "document", file=path))
        for command in run.commands():
            words = unwrapped(command.words)
            if any(tool.verb in (*WORKING, "validate-iac") for tool in table().for_command(words)):
                line = span.line + cleaned.count("\n", 0, command.span.column - 1)
                self._command(command.words, command.directory, Span(path, line, 1, line, 2))

    def of(self, paths: list[str]) -> Span | None:
        """Return a place that selects one of some files, None where nothing does."""
        for pattern, span in self.patterns:
            if any(_selects(pattern, path) for path in paths):
                return span
        return None


def _selects(pattern: str, path: str) -> bool:
    """Tell whether what a pipeline names is a file, its folder, or a tail of its path."""
    expression = _compiled(pattern)
    return expression is not None and expression.search(f"/{path}") is not None


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    pattern = posixpath.normpath(pattern.replace("\\", "/")).lstrip("/")
    while pattern.startswith("../"):
        pattern = pattern[3:]
    literal = pattern.replace("*", "")
    if len(literal.strip("./-_")) < 3 or pattern in (".", ".."):
        return None
    body = re.escape(pattern).replace(r"\*", "[^/]*")
    return re.compile(rf"/{body}(/|$)" if "/" in pattern or "." in pattern else rf"/{body}$", re.I)
