"""What jobs and scripts pass to the infrastructure that they deploy."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from plomada.facts.iac import stages
from plomada.facts.iac.build import PRODUCTION, about_environment
from plomada.facts.iac.functions import lifted
from plomada.facts.model import Act, Command, Job, Value
from plomada.facts.values import alternatives, known, unknown
from plomada.patterns import regex
from plomada.records import dataclass
from plomada.repository import Repository
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

_DEPLOYMENTS = ("az deployment", "az group deployment", "az stack")
_CMDLETS = regex(r"(?:new|set)-az\w*deployment(?:stack)?$", re.I)
_FILES = (".json", ".bicepparam", ".jsonc")
_PAIR = regex(r"^([A-Za-z_][\w-]*)=(.*)$", re.S)
_OVERRIDE = regex(r"-(\w+)\s+(\"[^\"]*\"|'[^']*'|\S+)")
_IGNORED = frozenset({"notebook", "dockerfile"})
_SWITCHES = frozenset({
    "-auto-approve", "-input", "-out", "-refresh", "-lock", "-no-color", "-compact-warnings",
    "-parallelism", "-target", "-detailed-exitcode", "-backend-config", "-reconfigure",
})  # fmt: skip


@dataclass(slots=True)
class PassedValues:
    """The parameters of one deploying command.

    Attributes:
        root: path of the template or Terraform folder.
        values: single values by name.
        files: parameter files in order.
        production: the command deploys to production.
        span: its place.
    """

    root: str
    values: Mapping[str, Value] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    production: bool = False
    span: Span | None = None


def read_passed(facts: Facts) -> list[PassedValues]:
    """Return what every deploying command, action and task of the repository passes."""
    found = [p for c in facts.commands if c.source not in _IGNORED for p in _of_command(facts, c)]
    for act in facts.acts:
        if act.verb == "deploy-iac" and act.dialect in ("action", "task"):
            found += _of_act(facts, act)
    return found


def _of_command(facts: Facts, command: Command) -> Iterator[PassedValues]:
    words = [_shown(w) for w in command.words]
    line = " ".join(words[:4]).lower()
    if line.startswith(_DEPLOYMENTS) and "create" in words[:5]:
        yield from _az(facts.repository, command, words)
    elif words and _CMDLETS.match(words[0]):
        yield from _cmdlet(facts.repository, command, words)
    elif words[:1] in (["terraform"], ["tofu"]) and {"apply", "plan"} & set(words[1:4]):
        yield from _terraform(facts.repository, command, words)


def _shown(value: Value) -> str:
    """Return a word with ``*`` for what is out of sight."""
    if value.kind == "known":
        return str(value.data)
    return "".join(_shown(p) for p in value.parts) if value.kind == "template" else "*"


def _options(words: Sequence[str], names: frozenset[str]) -> Iterator[int]:
    """Yield the positions of the words that belong to the named options, several to each."""
    inside = False
    for number, word in enumerate(words):
        if word.startswith("-") and not _PAIR.match(word.lstrip("-")):
            inside = word.lower() in names
        elif word.startswith("--") and "=" in word:
            inside = False
        elif inside:
            yield number


def _az(repository: Repository, command: Command, words: Sequence[str]) -> Iterator[PassedValues]:
    values: dict[str, Value] = {}
    files: list[str] = []
    for number in _options(words, frozenset({"--parameters", "-p"})):
        _take(repository, command, words[number], command.words[number], values, files)
    templates = [
        words[n] for n in _options(words, frozenset({"--template-file", "-f", "--template"}))
    ]
    template = _located(repository, command, templates[0]) if templates else ""
    if not template and files and files[-1].endswith(".bicepparam"):
        template = _used_by(repository, files[-1])
    if template:
        yield _passed(template, values, files, command.job, command.span, words)


def _take(
    repository: Repository,
    command: Command,
    word: str,
    value: Value,
    values: dict[str, Value],
    files: list[str],
) -> None:
    """Note one word behind ``--parameters``: a file or ``name=value``."""
    pair = _PAIR.match(word.strip("'\""))
    if pair and not word.startswith("@"):
        named = pair.group(2).strip("'\"")
        source = _located(repository, command, named[1:]) if named.startswith("@") else ""
        content = _content(repository.text(source) or "") if source else None
        values[pair.group(1)] = content if content is not None else _right_side(value, pair)
        return
    name = word.lstrip("@").strip("'\"")
    if name.endswith(_FILES):
        found = _located(repository, command, name)
        if found:
            files.append(found)


def _right_side(value: Value, pair: re.Match[str]) -> Value:
    """Return the value behind ``name=``."""
    if value.kind == "known":
        return _typed(pair.group(2).strip("'\""))
    choices = [p for part in value.parts for p in alternatives(part) if p.text is not None]
    named = [p for p in choices if (p.text or "").lower() in PRODUCTION]
    return named[0] if named else unknown(f"{pair.group(1)} is passed as {pair.group(2)}")


def _typed(text: str) -> Value:
    found = _content(text) if text.startswith(("{", "[")) else None
    if found is not None:
        return found
    lowered = text.lower()
    if lowered in ("true", "false"):
        return known(lowered == "true")
    return known(int(text)) if re.fullmatch(r"\d{1,9}", text) else known(text)


def _content(text: str) -> Value | None:
    """Return the data of a JSON text, None where it does not parse."""
    try:
        return lifted(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _cmdlet(
    repository: Repository, command: Command, words: Sequence[str]
) -> Iterator[PassedValues]:
    given = dict(zip([w.lower() for w in words[1:-1]], range(2, len(words)), strict=False))
    template = next((words[n] for k, n in given.items() if k == "-templatefile"), "")
    found = _located(repository, command, template) if template else ""
    if not found:
        return
    files = [words[n] for k, n in given.items() if k == "-templateparameterfile"]
    located = [p for f in files if (p := _located(repository, command, f))]
    values = {
        words[n - 1].lstrip("-"): _typed(words[n])
        for k, n in given.items()
        if k.startswith("-") and "*" not in words[n] and not words[n].startswith(("-", "$"))
    }
    yield _passed(found, values, located, command.job, command.span, words)


def _terraform(
    repository: Repository, command: Command, words: Sequence[str]
) -> Iterator[PassedValues]:
    folder = command.directory
    values: dict[str, Value] = {}
    files: list[str] = []
    for number, word in enumerate(words):
        name, sign, rest = word.partition("=")
        bare = name.lstrip("-")
        if bare == "chdir" and sign:
            folder = posixpath.normpath(posixpath.join(folder, rest))
        elif bare in ("var-file", "var"):
            text = rest if sign else (words[number + 1] if number + 1 < len(words) else "")
            if bare == "var-file":
                files.append(posixpath.normpath(posixpath.join(folder, text.strip("'\""))))
            elif pair := _PAIR.match(text.strip("'\"")):
                source = command.words[number if sign else number + 1]
                values[pair.group(1)] = _right_side(source, pair)
    values |= _from_environment(command)
    folder = "" if folder == "." else folder
    present = [f for f in files if repository.exists(f)]
    if repository.is_dir(folder) and (values or present or command.job is not None):
        yield _passed(folder, values, present, command.job, command.span, words)


def _from_environment(command: Command) -> dict[str, Value]:
    settings = {**(command.job.env if command.job else {}), **command.env}
    found: dict[str, Value] = {}
    for name, value in settings.items():
        if name.upper().startswith("TF_VAR_"):
            found[name[7:]] = _typed(value.text) if value.text is not None else value
    return found


def _of_act(facts: Facts, act: Act) -> Iterator[PassedValues]:
    repository = facts.repository
    inputs = {k.lower().replace("-", ""): v for k, v in act.arguments.items()}
    template = _input(inputs, "template", "templatefile", "csmfile", "file")
    path = _in_repository(repository, template)
    if not path:
        return
    values: dict[str, Value] = {}
    files = [
        p
        for n in ("csmparametersfile", "parametersfile")
        if (p := _in_repository(repository, _input(inputs, n)))
    ]
    for word in _input(inputs, "parameters").split():
        pair = _PAIR.match(word)
        located = _in_repository(repository, word.lstrip("@"))
        if located:
            files.append(located)
        elif pair and "*" not in pair.group(2):
            values[pair.group(1)] = _typed(pair.group(2).strip("'\""))
    for name, text in _OVERRIDE.findall(_input(inputs, "overrideparameters")):
        if "*" not in text:
            values[name] = _typed(text.strip("'\""))
    yield _passed(path, values, files, act.job, act.span, [])


def _input(inputs: Mapping[str, Value], *names: str) -> str:
    found = next((inputs[n] for n in names if n in inputs), None)
    return _shown(found) if found is not None else ""


def _located(repository: Repository, command: Command, word: str) -> str:
    """Return the repository's path that a word of a command means, "" for none."""
    folders = [command.directory, "", posixpath.dirname(command.span.path)]
    for folder in folders:
        path = _in_repository(repository, posixpath.join(folder, word))
        if path:
            return path
    return ""


def _in_repository(repository: Repository, word: str) -> str:
    """Return a path that exists; of one known in part, production's or the only that fits."""
    cleaned = word.strip("'\"").replace("\\", "/")
    if not cleaned:
        return ""
    if "*" not in cleaned:
        path = posixpath.normpath(cleaned).lstrip("/")
        return path if repository.exists(path) else ""
    pattern = re.compile("(?:.*/)?" + re.escape(cleaned.removeprefix("./")).replace(r"\*", ".*"))
    fitting = [p for p in repository.paths if pattern.fullmatch(p)] if len(cleaned) > 4 else []
    named = [p for p in fitting if stages.names_production(p)]
    chosen = named if len(named) == 1 else fitting
    return chosen[0] if len(chosen) == 1 else ""


def _used_by(repository: Repository, path: str) -> str:
    match = re.search(r"^\s*using\s+'([^']+)'", repository.text(path) or "", re.M)
    return (
        posixpath.normpath(posixpath.join(posixpath.dirname(path), match.group(1))) if match else ""
    )


def _passed(
    root: str,
    values: Mapping[str, Value],
    files: Sequence[str],
    job: Job | None,
    span: Span,
    words: Sequence[str],
) -> PassedValues:
    production = _to_production(values, files, job, words)
    return PassedValues(root, values, tuple(files), production, span)


def _to_production(
    values: Mapping[str, Value], files: Sequence[str], job: Job | None, words: Sequence[str]
) -> bool:
    """Tell whether a command deploys to production: by what it passes, else by its job's stage."""
    for name, value in values.items():
        if about_environment(name) and value.text is not None:
            return stages.names_production(value.text)
    for path in files:
        if stages.names_production(path) or stages.names_other_stage(path):
            return stages.names_production(path)
    if job is None:
        return False
    named = [a.name.text or "" for a in job.approvals] + [job.stage, job.name, job.title]
    for text in (n for n in named if n):
        if stages.names_production(text) or stages.names_other_stage(text):
            return stages.names_production(text)
    return bool(values or files) and not any(stages.names_other_stage(w) for w in words)
