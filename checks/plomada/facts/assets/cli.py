"""Azure ML entities that commands, tasks and foreign workflows make: ``az ml``, v2 and v1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.assets.yaml import joined, with_fields
from plomada.facts.configuration import locate
from plomada.facts.model import Asset, Command, Job, Value
from plomada.facts.shell.commandline import arguments
from plomada.patterns import regex
from plomada.records import replace

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span

Specs = Mapping[str, tuple[Asset, ...]]

GROUPS = {
    "online-endpoint": "online-endpoint",
    "online-deployment": "online-deployment",
    "batch-endpoint": "batch-endpoint",
    "batch-deployment": "batch-deployment",
    "model": "model",
    "data": "data",
    "environment": "environment",
    "job": "job",
    "schedule": "schedule",
    "component": "component",
    "compute": "compute",
    "datastore": "datastore",
    "workspace": "workspace",
    "registry": "registry",
}
MAKES = frozenset({"create", "update"})

# Options of ``az ml`` to fields of the YAML schema.
OPTIONS = {
    "--name": "name",
    "-n": "name",
    "--endpoint-name": "endpoint_name",
    "-e": "endpoint_name",
    "--version": "version",
    "-v": "version",
    "--path": "path",
    "-p": "path",
    "--type": "type",
    "-t": "type",
    "--model": "model",
    "--instance-count": "instance_count",
    "--instance-type": "instance_type",
    "--auth-mode": "auth_mode",
    "--app-insights-enabled": "app_insights_enabled",
    "--identity-type": "identity.type",
    "--traffic": "traffic",
    "-r": "traffic",
    "--mirror-traffic": "mirror_traffic",
}


def made_by_commands(facts: Facts, specs: Iterable[Asset], by_path: Specs) -> tuple[Asset, ...]:
    """Return what ``az ml`` commands make, wherever they stand."""
    every = tuple(specs)
    found: list[Asset] = []
    rewritten = _rewritten(facts)
    for command in facts.commands:
        words = [word.text or "" for word in command.words[:4]]
        if words[:2] == ["az", "ml"] and len(words) > 3:
            found.extend(_made(facts, command, words, every, by_path, rewritten))
        elif command.source == "pipeline" and words and words[0].startswith("amlmodeldeploy"):
            continue
    return tuple(found)


def _made(
    facts: Facts,
    command: Command,
    words: list[str],
    every: tuple[Asset, ...],
    by_path: Specs,
    rewritten: dict[str, dict[str, Value]],
) -> Iterator[Asset]:
    given = arguments(command.words)
    group, operation = words[2], words[3]
    if (group, operation) == ("model", "deploy"):
        yield _web_service(facts, command, given, by_path)
    if group == "endpoint":  # the preview's form: az ml endpoint create --type batch
        group = "batch-endpoint" if _text(given.get("--type")) == "batch" else "online-endpoint"
    kind = GROUPS.get(group)
    if kind is None or operation not in MAKES:
        return
    file = given.get("--file") or given.get("-f")
    changes = _changes(given, group)
    bases = _bases(facts, command, file, kind, every, by_path)
    for base in bases:
        edits = {**rewritten.get(base.span.path, {}), **changes}
        yield _applied(with_fields(base, edits, dialect="cli"), command)
    if not bases:
        yield _applied(_from_options(kind, changes, command), command)


def _text(value: Value | None) -> str:
    return (value.text or "") if value is not None else ""


def _bases(
    facts: Facts,
    command: Command,
    file: Value | None,
    kind: str,
    every: tuple[Asset, ...],
    by_path: Specs,
) -> list[Asset]:
    """Return the specs that a command applies; all of its kind where the name stays open."""
    if file is None:
        return []
    kinds = (
        {kind, "pipeline"} if kind == "job" else {kind, "monitor"} if kind == "schedule" else {kind}
    )
    found: list[Asset] = []
    texts = [part.text for part in (file.parts if file.kind == "one_of" else (file,))]
    for text in texts:
        path = _path(facts, command, text) if text else None
        found += [spec for spec in by_path.get(path or "", ()) if spec.kind in kinds]
    if not found and not any(texts):
        ending = _ending(file)
        found = [s for s in every if s.kind in kinds and s.span.path.endswith(ending)]
    return found


def _ending(file: Value) -> str:
    """Return the literal end of a name that is otherwise open: ``/deployment.yml``."""
    last = file.parts[-1] if file.kind == "template" and file.parts else file
    return (last.text or "").lstrip(".") if last.kind == "known" else ""


def _path(facts: Facts, command: Command, text: str) -> str | None:
    direct = joined(command.directory, text)
    if direct and facts.repository.exists(direct):
        return direct
    return locate(facts.repository, text, f"{command.directory}/x" if command.directory else "x")


def _changes(given: Mapping[str, Value], group: str) -> dict[str, Value]:
    changes: dict[str, Value] = {}
    for option, value in given.items():
        field = OPTIONS.get(option)
        if field == "traffic" and group.endswith("deployment"):
            continue
        if field is not None:
            changes[field] = value
    if "--all-traffic" in given:
        name = changes.get("name", Value("unknown", reason="the deployment"))
        changes["traffic"] = Value(
            "known", data={_shown(name): Value("known", data=100)}, origins=name.origins
        )
    for item in _words(given.get("--set")):
        path, value = _assignment(item)
        if path:
            changes[path] = value
    return changes


def _words(value: Value | None) -> tuple[Value, ...]:
    if value is None:
        return ()
    if isinstance(value.data, tuple):
        return tuple(item for item in value.data if isinstance(item, Value))
    return (value,)


def _assignment(item: Value) -> tuple[str, Value]:
    """Split ``a.b=value``; the value may be open."""
    if item.text is not None:
        path, sign, rest = item.text.partition("=")
        return (
            (path, Value("known", data=_typed(rest), origins=item.origins)) if sign else ("", item)
        )
    if item.kind == "template" and item.parts and item.parts[0].text:
        path, sign, rest = item.parts[0].text.partition("=")
        if sign:
            head = (Value("known", data=rest),) if rest else ()
            parts = (*head, *item.parts[1:])
            value = parts[0] if len(parts) == 1 else Value("template", parts=parts)
            return path, value
    return "", item


def _typed(text: str) -> object:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return int(text) if text.isdigit() else text


def _from_options(kind: str, changes: dict[str, Value], command: Command) -> Asset:
    compute = _text(changes.get("compute"))
    bare = Asset(
        kind,
        Value("unknown", reason="name"),
        command.span,
        "cli",
        compute="kubernetes" if compute else ("managed" if "online" in kind else ""),
    )
    return with_fields(bare, changes)


SOURCES = {"pipeline": "pipeline", "notebook": "notebook"}


def _applied(asset: Asset, command: Command) -> Asset:
    return replace(
        asset,
        source=SOURCES.get(command.source, "script"),
        applied=command.span,
        job=command.job,
        route=command.route,
    )


def _web_service(
    facts: Facts, command: Command, given: Mapping[str, Value], by_path: Specs
) -> Asset:
    """Return what ``az ml model deploy`` of CLI v1 makes, with its configuration file."""
    file = given.get("--dc") or given.get("--deploy-config-file")
    path = _path(facts, command, file.text) if file is not None and file.text else None
    found = [spec for spec in by_path.get(path or "", ()) if spec.kind == "webservice"]
    base = found[0] if found else _from_options("webservice", {}, command)
    names = {"--ic": "inference_config", "--model": "model", "-m": "model"}
    changes = {names[key]: value for key, value in given.items() if key in names}
    return _applied(with_fields(base, changes, dialect="cli"), command)


# --- edits of a spec before it is applied


_YQ = regex(r"^\s*\.([\w.\-]+)\s*=\s*\"?(.*?)\"?\s*$", re.DOTALL)


def _rewritten(facts: Facts) -> dict[str, dict[str, Value]]:
    """Return what ``yq -i '.model = "..."' file`` sets in tracked specs, by path."""
    found: dict[str, dict[str, Value]] = {}
    for command in facts.commands:
        words = command.words
        if len(words) < 4 or words[0].text != "yq":
            continue
        texts = [word.text for word in words[1:]]
        if not {"-i", "--inplace", "-yi"} & {t for t in texts if t}:
            continue
        file = texts[-1]
        path = _path(facts, command, file) if file else None
        for word in words[1:-1]:
            edit = _edit(word)
            if path and edit is not None:
                found.setdefault(path, {})[edit[0]] = edit[1]
    return found


def _edit(word: Value) -> tuple[str, Value] | None:
    text = word.text
    if text is not None:
        match = _YQ.match(text)
        return (match[1], Value("known", data=match[2], origins=word.origins)) if match else None
    if word.kind != "template" or not word.parts or not word.parts[0].text:
        return None
    match = re.match(r"^\s*\.([\w.\-]+)\s*=\s*\"?(.*)$", word.parts[0].text, re.DOTALL)
    if match is None:
        return None
    parts = [Value("known", data=match[2])] if match[2] else []
    rest = [
        Value("known", data=part.text.rstrip('" ')) if part.text is not None else part
        for part in word.parts[1:]
    ]
    return match[1], Value("template", parts=tuple(p for p in (*parts, *rest) if p.data != ""))


# --- tasks, actions and workflows of other repositories


def made_by_workflows(facts: Facts, by_path: Specs) -> tuple[Asset, ...]:
    """Return what actions, tasks and foreign workflows make of the specs they are given."""
    found: list[Asset] = []
    for pipeline in facts.pipelines:
        for job in pipeline.jobs:
            if job.uses and not job.disabled:
                found.extend(_by_inputs(facts, job, job.inputs, job.span, by_path, job.uses))
            for step in job.steps:
                foreign = step.kind == "uses" and not step.uses.startswith(".")
                if foreign and not step.disabled and not step.script:
                    found.extend(_by_inputs(facts, job, step.inputs, step.span, by_path, step.uses))
    return tuple(found)


def _by_inputs(
    facts: Facts, job: Job, inputs: Mapping[str, Value], span: Span, by_path: Specs, uses: str
) -> Iterator[Asset]:
    if not any(word in uses.lower() for word in _TELLING):
        return
    given = {key.lower().replace("-", "_"): value for key, value in inputs.items()}
    for value in given.values():
        path = locate(facts.repository, _plain(value.text), "x") if value.text else None
        for spec in by_path.get(path or "", ()):
            changes = {}
            if spec.kind.endswith("deployment") and "deployment_name" in given:
                changes["name"] = given["deployment_name"]
            if spec.kind.endswith("endpoint") and "endpoint_name" in given:
                changes["name"] = given["endpoint_name"]
            yield replace(
                with_fields(spec, changes, dialect="cli"), source="pipeline", applied=span, job=job
            )
    for key, value in given.items():
        if "traffic" in key and value.kind != "unknown":
            fields = {"name": given.get("endpoint_name", Value("unknown")), "traffic": value}
            place = value.origins[-1] if value.origins else span
            yield Asset(
                "online-endpoint", fields["name"], place, "cli", fields=fields,
                source="pipeline", compute="managed", applied=place, job=job,
            )  # fmt: skip


_TELLING = (
    "deploy", "endpoint", "traffic", "aml", "azureml", "machine-learning", "mlops", "run-pipeline",
    "model", "register",
)  # fmt: skip


def _plain(text: str) -> str:
    """Return a path without the macro of the sources' folder."""
    return re.sub(r"^\$[({]+[\w.]+[)}]+/", "", text)


def _shown(value: Value) -> str:
    from plomada.facts.strings import shown

    return value.text or shown(value)
