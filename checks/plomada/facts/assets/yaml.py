"""Azure ML YAML of every kind: which kind a document is, and its fields by dotted path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plomada.facts.code.pyvalues import one_of
from plomada.facts.configuration import value_of_node
from plomada.facts.model import Asset, Value
from plomada.records import replace

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.nodes import Node

# Last part of ``$schema`` without ``.schema.json``, in lower case.
SCHEMAS = {
    "managedonlineendpoint": ("online-endpoint", "managed"),
    "kubernetesonlineendpoint": ("online-endpoint", "kubernetes"),
    "managedonlinedeployment": ("online-deployment", "managed"),
    "kubernetesonlinedeployment": ("online-deployment", "kubernetes"),
    "onlineendpoint": ("online-endpoint", ""),
    "onlinedeployment": ("online-deployment", ""),
    "batchendpoint": ("batch-endpoint", ""),
    "batchdeployment": ("batch-deployment", ""),
    "modelbatchdeployment": ("batch-deployment", ""),
    "pipelinecomponentbatchdeployment": ("batch-deployment", ""),
    "commandjob": ("job", ""),
    "sweepjob": ("job", ""),
    "paralleljob": ("job", ""),
    "sparkjob": ("job", ""),
    "finetuningjob": ("job", ""),
    "pipelinejob": ("pipeline", ""),
    "commandcomponent": ("component", ""),
    "pipelinecomponent": ("component", ""),
    "parallelcomponent": ("component", ""),
    "sparkcomponent": ("component", ""),
    "component": ("component", ""),
    "environment": ("environment", ""),
    "data": ("data", ""),
    "model": ("model", ""),
    "schedule": ("schedule", ""),
    "monitorschedule": ("monitor", ""),
    "monitoringschedule": ("monitor", ""),
    "amlcompute": ("compute", ""),
    "computeinstance": ("compute", ""),
    "kubernetescompute": ("compute", "kubernetes"),
    "vmcompute": ("compute", ""),
    "workspace": ("workspace", ""),
    "registry": ("registry", ""),
    "azureblob": ("datastore", ""),
    "azurefile": ("datastore", ""),
    "azuredatalakegen2": ("datastore", ""),
    "azuredatalakegen1": ("datastore", ""),
}

# One of these stands in every document that is looked at.
NEEDLES = (
    "azuremlschemas", "azureml:", "azureml://", "endpoint_name", "auth_mode", "create_monitor",
    "create_job", "computetype", "code_configuration", "scoring_script", "model_path",
    "experiment_name", "azureml-",
)  # fmt: skip

MOST_FIELDS = 2000
_PIPELINE_KEYS = frozenset({"steps", "stages", "on", "pool", "runs"})


def read_specs(facts: Facts) -> Iterator[Asset]:
    """Yield the Azure ML entities that YAML and JSON files of the repository specify."""
    for path in facts.repository.with_suffix(".yml", ".yaml", ".json"):
        if not path.startswith(".github/") and facts.repository.mentions(path, *NEEDLES):
            yield from read_spec(facts, path)


def read_spec(facts: Facts, path: str) -> Iterator[Asset]:
    """Yield the entities of one file."""
    schema = facts.repository.mentions(path, "azuremlschemas")
    for document in facts.nodes(path):
        made = spec_of(document, path)
        if made is not None:
            yield made
        elif schema:
            yield from _nested(document, path)


def _nested(document: Node, path: str) -> Iterator[Asset]:
    """Yield entities that stand inside a document of another kind, each with its ``$schema``."""
    for node in document.walk():
        if node is not document and node.get("$schema") is not None:
            made = spec_of(node, path)
            if made is not None:
                yield made


def spec_of(document: Node, path: str) -> Asset | None:
    """Return the entity that a document specifies, None where it is none."""
    if document.kind != "mapping":
        return None
    kind, compute = kind_of(document)
    if not kind:
        return None
    fields = fields_of(document)
    code = fields.get("code_configuration.code") or fields.get("code")
    folder = path.rpartition("/")[0]
    return Asset(
        kind,
        fields.get("name", Value("unknown", reason="name")),
        document.span,
        version=fields.get("version"),
        fields=fields,
        code=joined(folder, code.text) if code is not None and code.text else "",
        compute=compute,
    )


def kind_of(document: Node) -> tuple[str, str]:
    """Return kind and compute of a document, by its ``$schema``, else by what it holds."""
    schema = document.get("$schema")
    if schema is not None and "azureml" in schema.string.lower():
        last = schema.string.rpartition("/")[2].lower().split(".")[0]
        if last in SCHEMAS:
            return SCHEMAS[last]
    if schema is not None and "schema.management.azure.com" in schema.string.lower():
        return "", ""
    return _by_content(document)


def _by_content(document: Node) -> tuple[str, str]:
    keys = {key for key, _ in document.items()}
    type_of = (document.get("type") or document).string.lower()
    if {"apiVersion", "kind"} <= keys or keys & _PIPELINE_KEYS:
        return "", ""
    if "computeType" in keys:
        compute = (document.get("computeType") or document).string.lower()
        return ("webservice", compute) if compute in {"aks", "aci"} else ("", "")
    if "create_monitor" in keys:
        return "monitor", ""
    if "create_job" in keys and "trigger" in keys:
        return "schedule", ""
    if "endpoint_name" in keys:
        return _deployment(keys, type_of)
    if "auth_mode" in keys and "name" in keys:
        return "online-endpoint", "kubernetes" if "compute" in keys else "managed"
    return _job(document, keys, type_of)


def _deployment(keys: set[str], type_of: str) -> tuple[str, str]:
    if keys & {"mini_batch_size", "output_action", "max_concurrency_per_instance"}:
        return "batch-deployment", ""
    if keys & {"model", "code_configuration", "instance_type", "environment"}:
        on_cluster = type_of == "kubernetes" or "compute" in keys
        return "online-deployment", "kubernetes" if on_cluster else "managed"
    return "", ""


def _job(document: Node, keys: set[str], type_of: str) -> tuple[str, str]:
    azure = "experiment_name" in keys or any("azureml:" in n.string for n in document.walk())
    if type_of == "pipeline" and "jobs" in keys and azure:
        return "pipeline", ""
    if type_of == "command" and "command" in keys:
        return ("component" if "version" in keys and "compute" not in keys else "job"), ""
    if type_of == "sweep" and "trial" in keys:
        return "job", ""
    if {"command", "environment", "compute"} <= keys and azure:
        return "job", ""
    if type_of in {"mlflow_model", "custom_model", "triton_model"} and "path" in keys:
        return "model", ""
    if type_of in {"uri_file", "uri_folder", "mltable"} and {"path", "name"} <= keys:
        return "data", ""
    return "", ""


def fields_of(document: Node) -> dict[str, Value]:
    """Return values by dotted path: each mapping as a whole, and what is in it."""
    return flattened(value_of_node(document))


def flattened(value: Value) -> dict[str, Value]:
    """Return what a dictionary holds by dotted path, iteratively."""
    found: dict[str, Value] = {}
    stack = [("", value)]
    while stack and len(found) < MOST_FIELDS:
        prefix, current = stack.pop()
        inner = []
        for key, item in _members(current).items():
            path = f"{prefix}.{key}" if prefix else str(key)
            found[path] = item
            inner.append((path, item))
        stack.extend(reversed(inner))
    return found


def _members(value: Value) -> dict[str, Value]:
    """Return what a dictionary holds; of a choice of dictionaries, the choices of each key."""
    if isinstance(value.data, dict):
        return value.data
    parts = [part.data for part in value.parts if isinstance(part.data, dict)]
    if value.kind != "one_of" or len(parts) < len(value.parts):
        return {}
    keys = dict.fromkeys(key for part in parts for key in part)
    return {key: one_of([part[key] for part in parts if key in part]) for key in keys}


def with_fields(asset: Asset, changes: dict[str, Value], **more: Any) -> Asset:  # noqa: ANN401
    """Return an asset with fields set over what it had, as ``--set`` does."""
    fields = {**asset.fields}
    for path, value in changes.items():
        for old in [p for p in fields if p == path or p.startswith(f"{path}.")]:
            del fields[old]
        fields[path] = value
        fields.update({f"{path}.{p}": v for p, v in flattened(value).items()})
        _put_into_holders(fields, path)
    name = fields.get("name", asset.name)
    return replace(asset, name=name, version=fields.get("version"), fields=fields, **more)


def _put_into_holders(fields: dict[str, Value], path: str) -> None:
    """Let the mappings that a dotted path leads through hold what it was set to."""
    while "." in path:
        holder, _, key = path.rpartition(".")
        before = fields.get(holder, Value("known", data={}, origins=fields[path].origins))
        if isinstance(before.data, dict):
            fields[holder] = replace(before, data={**before.data, key: fields[path]})
        path = holder if holder in fields else ""


def joined(folder: str, path: str) -> str:
    """Return a path from a folder, normalised; "" where it leaves the repository."""
    if "://" in path or path.startswith("azureml:"):
        return ""
    parts = folder.split("/") if folder else []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
