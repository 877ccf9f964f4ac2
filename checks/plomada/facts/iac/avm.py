"""Azure Verified Modules: the resource that each creates, and what it makes beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from plomada.facts.iac.functions import lifted
from plomada.facts.model import Resource, Value
from plomada.facts.values import (
    NULL,
    Reference,
    as_text,
    elements,
    entries,
    flattened,
    is_null,
    known,
    member,
    one_of,
    truth,
    unknown,
)
from plomada.patterns import regex
from plomada.records import replace

_BICEP = regex(r"^br(?:/public:|:mcr\.microsoft\.com/bicep/)avm/res/([^:@]+)", re.I)
_TERRAFORM = regex(
    r"^(?:registry\.terraform\.io/)?azure/avm-res-([a-z0-9]+)-([a-z0-9-]+)/azurerm", re.I
)
_BESIDE = frozenset({
    "tags", "name", "managedidentities", "privateendpoints", "roleassignments",
    "diagnosticsettings", "savedsearches", "location", "lock", "enabletelemetry",
    "resourcegroupname",
})  # fmt: skip


@cache
def _data() -> dict[str, Any]:
    text = (files("plomada") / "data" / "avm.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def bicep_type(reference: str) -> str | None:
    """Return the resource type, in lower case, that a Bicep registry module creates."""
    match = _BICEP.match(reference)
    if match is None:
        return None
    return _type_of(match.group(1).lower())


def _type_of(module: str) -> str | None:
    found = _data()["modules"].get(module)
    return str(found).lower() if found is not None else None


def terraform_type(source: str) -> str | None:
    """Return the resource type, in lower case, that a Terraform registry module creates."""
    match = _TERRAFORM.match(source)
    if match is None:
        return None
    joined = f"{match.group(1)}{match.group(2)}".replace("-", "").lower()
    return _terraform_modules().get(joined)


@cache
def _terraform_modules() -> dict[str, str]:
    names = _data()["modules"].items()
    return {re.sub(r"[^a-z0-9]", "", module): kind.lower() for module, kind in names}


def resource(kind: str, params: Value, base: Resource) -> Resource:
    """Return the resource that a module makes of its parameters.

    Args:
        kind: resource type.
        params: the parameters, as an object.
        base: the resource with place and address, to be filled.
    """
    given = _normalised(params)
    properties = dict(_defaults(kind, given))
    for name, value in given.items():
        path = _data()["renamed"].get(name, name)
        if name in _BESIDE:
            properties[f"@{name}"] = value
        else:
            properties.update(flattened(known({path: _brought(name, value)})))
    _bring_subnets(properties)
    return replace(
        base,
        name=given.get("name", NULL),
        tags=given.get("tags"),
        identity=_identity(given.get("managedidentities")),
        properties=_nested_paths(properties),
    )


def _normalised(params: Value) -> dict[str, Value]:
    return {k.lower().replace("_", ""): v for k, v in entries(params).items()}


def _brought(name: str, value: Value) -> Value:
    """Bring Terraform's truth values to ARM's words."""
    if name == "publicnetworkaccessenabled":
        decided = truth(value)
        return value if decided is None else known("Enabled" if decided else "Disabled")
    return value


def _nested_paths(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {path.replace("..", "."): value for path, value in properties.items()}


def _defaults(kind: str, given: Mapping[str, Value]) -> dict[str, Value]:
    found = {k: lifted(v) for k, v in _data()["defaults"].get(kind, {}).items()}
    endpoints = given.get("privateendpoints")
    if endpoints is not None and _items(endpoints) and is_null(given.get("networkacls")):
        found["publicnetworkaccess"] = known("Disabled")
    return found


def _bring_subnets(properties: dict[str, Value]) -> None:
    for number, subnet in enumerate(_items(properties.get("subnets", NULL))):
        inner = _normalised(subnet)
        group = inner.get("networksecuritygroupresourceid")
        if group is None:
            group = _normalised(inner.get("networksecuritygroup", NULL)).get("id")
        if group is not None:
            properties[f"subnets.{number}.properties.networksecuritygroup.id"] = group


def _identity(value: Value | None) -> Value | None:
    if value is None or is_null(value):
        return None
    given = _normalised(value)
    system = truth(given.get("systemassigned", NULL)) is not False and "systemassigned" in given
    users = given.get("userassignedresourceids")
    words = ["SystemAssigned"] * system + ["UserAssigned"] * (
        users is not None and not is_null(users)
    )
    return known({"type": known(",".join(words))}) if words else value


def _items(value: Value) -> tuple[Value, ...]:
    """Return the elements of an array (Bicep) or the values of a map (Terraform)."""
    listed = elements(value)
    if listed or is_null(value):
        return listed
    return tuple(entries(value).values())


def output(made: Resource, name: str) -> Value:
    """Return an output of a module, in either dialect's spelling."""
    lowered = name.lower().replace("_", "")
    if lowered == "name":
        return made.name
    attribute = {"resourceid": "id", "id": "id", "resource": ""}.get(lowered, name)
    return Reference(
        "unknown", reason=made.type, target=made.address, type=made.type, name=made.name,
        attribute=attribute,
    )  # fmt: skip


def with_children(made: Resource) -> Iterator[Resource]:
    """Yield a module's resource and those that it makes beside it."""
    beside = {k[1:]: v for k, v in made.properties.items() if k.startswith("@")}
    properties = {k: v for k, v in made.properties.items() if not k.startswith("@")}
    yield replace(made, properties=properties)
    for name, builder in _CHILDREN.items():
        for number, value in enumerate(_items(beside.get(name, NULL))):
            child = builder(made, _normalised(value))
            yield replace(child, address=f"{made.address}>{name}[{number}]")


def _child(made: Resource, kind: str, properties: dict[str, Value], **changes: Any) -> Resource:  # noqa: ANN401
    plain: dict[str, Any] = {"tags": None, "identity": None, "parent": "", **changes}
    return replace(made, type=kind, properties=properties, api_version="", **plain)


def _self(made: Resource) -> Reference:
    return Reference(
        "unknown",
        reason=made.type,
        target=made.address,
        type=made.type,
        name=made.name,
        attribute="id",
    )


def _private_endpoint(made: Resource, given: Mapping[str, Value]) -> Resource:
    group = (
        given.get("service")
        or given.get("subresourcename")
        or known(_data()["groups"].get(made.type, ""))
    )
    path = "privatelinkserviceconnections.0.properties."
    properties = {
        f"{path}privatelinkserviceid": _self(made),
        f"{path}groupids.0": group,
        "subnet.id": given.get("subnetresourceid", unknown("a subnet")),
    }
    tags = given.get("tags", made.tags)
    if tags is not None and is_null(tags):
        tags = made.tags
    return _child(
        made,
        "microsoft.network/privateendpoints",
        properties,
        tags=tags,
        name=given.get("name", NULL),
    )


def _role_assignment(made: Resource, given: Mapping[str, Value]) -> Resource:
    role = given.get("roledefinitionidorname", unknown("a role"))
    properties = {
        "roledefinitionid": role,
        "principalid": given.get("principalid", unknown("a principal")),
        "@scope": _self(made),
    }
    scope = "resourceGroup" if made.type == "microsoft.resources/resourcegroups" else made.address
    return _child(made, "microsoft.authorization/roleassignments", properties, scope=scope)


def _diagnostic_setting(made: Resource, given: Mapping[str, Value]) -> Resource:
    properties: dict[str, Value] = {"@scope": _self(made)}
    for name, path in _DESTINATIONS.items():
        if name in given and not is_null(given[name]):
            properties[path] = given[name]
    listed = (
        given.get("logcategoriesandgroups") or given.get("loggroups") or given.get("logcategories")
    )
    if listed is None or is_null(listed):
        properties["logs.0.categorygroup"] = known("allLogs")
    for number, entry in enumerate(elements(listed) if listed is not None else ()):
        properties.update(flattened(known({f"logs.{number}": _log(entry)})))
    return _child(made, "microsoft.insights/diagnosticsettings", properties, scope=made.address)


def _saved_search(made: Resource, given: Mapping[str, Value]) -> Resource:
    kind = "microsoft.operationalinsights/workspaces/savedsearches"
    return _child(made, kind, {"query": given.get("query", NULL)}, name=given.get("name", NULL))


_DESTINATIONS = {
    "workspaceresourceid": "workspaceid",
    "storageaccountresourceid": "storageaccountid",
    "eventhubauthorizationruleresourceid": "eventhubauthorizationruleid",
    "eventhubname": "eventhubname",
}


def _log(entry: Value) -> Value:
    return known({"category": entry}) if as_text(entry) is not None else entry


_CHILDREN = {
    "privateendpoints": _private_endpoint,
    "roleassignments": _role_assignment,
    "diagnosticsettings": _diagnostic_setting,
    "savedsearches": _saved_search,
}

__all__ = [
    "bicep_type",
    "member",
    "one_of",
    "output",
    "resource",
    "terraform_type",
    "with_children",
]
