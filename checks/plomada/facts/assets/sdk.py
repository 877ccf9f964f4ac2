"""Azure ML entities that Python makes: SDK v2 operations and constructors, SDK v1 web services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.assets.yaml import flattened, joined, with_fields
from plomada.facts.code.calls import inline_modules
from plomada.facts.code.code import is_test_file
from plomada.facts.code.pyvalues import is_entity
from plomada.facts.configuration import locate
from plomada.facts.model import Asset, Value
from plomada.patterns import regex
from plomada.records import replace

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module
    from plomada.facts.code.flow import Site
    from plomada.spans import Span

KINDS = {
    "ManagedOnlineEndpoint": ("online-endpoint", "managed"),
    "KubernetesOnlineEndpoint": ("online-endpoint", "kubernetes"),
    "OnlineEndpoint": ("online-endpoint", ""),
    "ManagedOnlineDeployment": ("online-deployment", "managed"),
    "KubernetesOnlineDeployment": ("online-deployment", "kubernetes"),
    "OnlineDeployment": ("online-deployment", ""),
    "BatchEndpoint": ("batch-endpoint", ""),
    "BatchDeployment": ("batch-deployment", ""),
    "ModelBatchDeployment": ("batch-deployment", ""),
    "PipelineComponentBatchDeployment": ("batch-deployment", ""),
    "Model": ("model", ""),
    "Data": ("data", ""),
    "Environment": ("environment", ""),
    "AmlCompute": ("compute", ""),
    "ComputeInstance": ("compute", ""),
    "KubernetesCompute": ("compute", "kubernetes"),
    "JobSchedule": ("schedule", ""),
    "MonitorSchedule": ("monitor", ""),
    "Workspace": ("workspace", ""),
    "Registry": ("registry", ""),
    "command": ("job", ""),
    "spark": ("job", ""),
    "CommandJob": ("job", ""),
    "SweepJob": ("job", ""),
    "PipelineJob": ("pipeline", ""),
    "CommandComponent": ("component", ""),
    "parallel_run_function": ("component", ""),
}

# What a group of operations makes, where the entity's class is not known.
GROUPS = {
    "online_endpoints": "online-endpoint",
    "online_deployments": "online-deployment",
    "batch_endpoints": "batch-endpoint",
    "batch_deployments": "batch-deployment",
    "models": "model",
    "data": "data",
    "environments": "environment",
    "jobs": "job",
    "schedules": "schedule",
    "compute": "compute",
    "components": "component",
    "datastores": "datastore",
    "workspaces": "workspace",
    "registries": "registry",
}

# A class of the SDK stands for a ``type`` of the YAML schema.
TYPES = {
    "TargetUtilizationScaleSettings": "target_utilization",
    "DefaultScaleSettings": "default",
    "DataDriftSignal": "data_drift",
    "PredictionDriftSignal": "prediction_drift",
    "DataQualitySignal": "data_quality",
    "ModelPerformanceSignal": "model_performance",
    "FeatureAttributionDriftSignal": "feature_attribution_drift",
    "CustomMonitoringSignal": "custom",
    "ManagedIdentityConfiguration": "user_assigned",
}

# A module may operate on a client that another one makes.
_NEEDLES = ("azure.ai.ml", "azureml", "create_or_update(", "begin_update(")
_HOLDERS = (".yml", ".yaml", ".sh", ".bash", ".ps1")
_OPERATION = regex(r"\.(\w+)\.(begin_create_or_update|create_or_update|begin_update)$")
_FETCHED = regex(r"\.(\w+)\.(?:get|begin_create_or_update|create_or_update)\b")
_GENERIC = regex(r"MLClient\.(begin_)?create_or_update$")
_V1_CLUSTER = {"AksWebservice": "aks", "AciWebservice": "aci", "AksEndpoint": "aks"}


def made_by_code(facts: Facts, specs: Mapping[str, tuple[Asset, ...]]) -> tuple[Asset, ...]:
    """Return what Python code makes; tests make nothing."""
    found: list[Asset] = []
    for path in facts.code.paths:
        if is_test_file(path) or not facts.code.mentions(path, *_NEEDLES):
            continue
        module = facts.code.module(path)
        if module is not None:
            found.extend(_of_module(facts, module, specs))
    for module in _inline(facts):
        found.extend(_of_module(facts, module, specs))
    return tuple(_unique(found))


def _inline(facts: Facts) -> tuple[Module, ...]:
    """Return the Python inside steps and scripts (``python -c``); the walk over them finds it."""
    paths = facts.repository.with_suffix(*_HOLDERS)
    if any(facts.repository.mentions(path, "azure.ai.ml") for path in paths):
        return inline_modules(facts.code) if facts.reach.functions else ()
    return ()


def _unique(found: list[Asset]) -> Iterator[Asset]:
    """Leave out constructors that an operation was given."""
    taken = {asset.span for asset in found if asset.applied is not None}
    for asset in found:
        if asset.applied is not None or asset.span not in taken:
            yield asset


def _of_module(
    facts: Facts, module: Module, specs: Mapping[str, tuple[Asset, ...]]
) -> Iterator[Asset]:
    for site in module.sites:
        name = facts.code.name(site)
        operation = _OPERATION.search(name)
        last = name.rpartition(".")[2]
        if operation and operation[1] in GROUPS:
            yield from _operated(facts, module, site, GROUPS[operation[1]], specs)
        elif _GENERIC.search(name):
            made = _operated(facts, module, site, "", specs)
            yield from (asset for asset in made if asset.kind)
        elif is_entity(name) and last in KINDS:
            value = facts.code.value_of(site.node, site.scope)
            yield from _entities(facts, module, site, value, KINDS[last][0], None, specs)
        elif is_web_service(name):
            yield _web_service(facts, module, site, name)


def _operated(
    facts: Facts,
    module: Module,
    site: Site,
    kind: str,
    specs: Mapping[str, tuple[Asset, ...]],
) -> Iterator[Asset]:
    """Yield what an operation such as ``models.create_or_update`` is given.

    The client's own operation takes anything: the entity tells its kind, or where it came from.
    """
    argument = facts.code.argument(
        site, 0, "entity", "endpoint", "deployment", "model", "job", "schedule", "compute", "data"
    )
    if argument is None:
        return
    value = facts.code.value_of(argument, site.scope)
    fetched = _FETCHED.search(facts.code.names.resolve(argument, site.scope)) if not kind else None
    kind = kind or (GROUPS.get(fetched[1], "") if fetched else "")
    yield from _entities(facts, module, site, value, kind, module.span(site.node), specs)


def _entities(
    facts: Facts,
    module: Module,
    site: Site,
    value: Value,
    kind: str,
    applied: Span | None,
    specs: Mapping[str, tuple[Asset, ...]],
) -> Iterator[Asset]:
    for part in value.parts if value.kind == "one_of" else (value,):
        yield _entity(facts, module, site, part, kind, applied, specs)


def _entity(
    facts: Facts,
    module: Module,
    site: Site,
    value: Value,
    kind: str,
    applied: Span | None,
    specs: Mapping[str, tuple[Asset, ...]],
) -> Asset:
    source = "notebook" if module.is_notebook else "code"
    function = module.address(site.scope)
    fields = dict(value.data) if isinstance(value.data, dict) else {}
    made = fields.pop("$type", None)
    cls = (made.text or "").rpartition(".")[2] if made is not None else ""
    if cls.startswith("load_"):
        loaded = _loaded(facts, module, fields, specs)
        if loaded is not None:
            return with_fields(
                loaded, {}, applied=applied, function=function, source=source, dialect="sdk2"
            )
    if cls.endswith("Job") and kind == "job" and cls not in KINDS:
        kind = "job"
    kind, compute = KINDS.get(cls, (kind, ""))
    normal = {key: normalised(item) for key, item in fields.items()}
    flat = flattened(Value("known", data=normal))
    span = value.origins[0] if made is not None and value.origins else module.span(site.node)
    code = flat.get("code_configuration.code") or flat.get("code")
    return Asset(
        kind,
        flat.get("name", Value("unknown", reason="name")),
        span,
        "sdk2",
        version=_given(flat.get("version")),
        fields=flat,
        code=_folder(facts, module, code),
        source=source,
        compute=compute,
        applied=applied,
        function=function,
    )


def _given(value: Value | None) -> Value | None:
    """Return a version unless it is left to the service: ``version=None``."""
    return None if value is None or (value.kind == "known" and value.data is None) else value


def _folder(facts: Facts, module: Module, code: Value | None) -> str:
    """Return the code folder that an entity names, from the root or from the script's folder."""
    text = code.text if code is not None else None
    if not text:
        return ""
    for base in ("", module.path.rpartition("/")[0]):
        folder = joined(base, text)
        if folder and facts.repository.is_dir(folder):
            return folder
    return joined("", text)


def _loaded(
    facts: Facts,
    module: Module,
    fields: dict[str, Value],
    specs: Mapping[str, tuple[Asset, ...]],
) -> Asset | None:
    """Return the spec that ``load_*(source=...)`` reads, its overrides applied."""
    source = fields.get("source") or fields.get("0")
    text = source.text if source is not None else None
    path = locate(facts.repository, text, module.path) if text else None
    found = specs.get(path or "", ())
    if not found:
        return None
    changes: dict[str, Value] = {}
    overrides = fields.get("params_override")
    if overrides is not None and isinstance(overrides.data, tuple):
        for item in overrides.data:
            if isinstance(item, Value) and isinstance(item.data, dict):
                changes.update(item.data)
    return with_fields(found[0], changes)


def normalised(value: Value, depth: int = 0) -> Value:
    """Return a value with the SDK's classes written as the YAML schema has them."""
    if depth > 12:
        return value
    if value.kind == "one_of":
        parts = tuple(normalised(part, depth + 1) for part in value.parts)
        return replace(value, parts=parts)
    if isinstance(value.data, tuple):
        items = tuple(normalised(i, depth + 1) if isinstance(i, Value) else i for i in value.data)
        return Value("known", data=items, origins=value.origins)
    if not isinstance(value.data, dict):
        return value
    inner = {
        key: normalised(item, depth + 1)
        for key, item in value.data.items()
        if isinstance(item, Value) and key != "$type"
    }
    made = value.data.get("$type")
    cls = (made.text or "").rpartition(".")[2] if isinstance(made, Value) else ""
    if cls in TYPES and "type" not in inner:
        inner["type"] = Value("known", data=TYPES[cls], origins=value.origins)
    return Value("known", data=inner, origins=value.origins)


# --- SDK v1


def is_web_service(name: str) -> bool:
    """Tell whether a call configures or makes a web service of SDK v1."""
    if not name.startswith("azureml."):
        return False
    parts = name.split(".")
    if parts[-1] in {"deploy_configuration", "update_deployment_configuration"}:
        return parts[-2] in _V1_CLUSTER
    if parts[-1] in {"deploy", "deploy_from_model", "deploy_from_image"}:
        return parts[-2] in {"Model", "Webservice", "AksWebservice", "AciWebservice"}
    return False


def _web_service(facts: Facts, module: Module, site: Site, name: str) -> Asset:
    """Return a web service of SDK v1, or its configuration."""
    fields = {
        keyword.arg: facts.code.value_of(keyword.value, site.scope)
        for keyword in site.node.keywords
        if keyword.arg
    }
    owner = name.split(".")[-2]
    span = module.span(site.node)
    return Asset(
        "webservice",
        fields.get("name", Value("unknown", reason="name")),
        span,
        "sdk1",
        fields=flattened(Value("known", data=fields)),
        source="notebook" if module.is_notebook else "code",
        compute=_V1_CLUSTER.get(owner, ""),
        applied=span,
        function=module.address(site.scope),
    )
