"""What refers to what: private endpoints, subnets, workspaces, diagnostics and roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from plomada.facts.model import Link, Resource, Value
from plomada.facts.values import Reference, canonical, is_null, references
from plomada.patterns import regex
from plomada.spans import Span

WORKSPACE = "microsoft.machinelearningservices/workspaces"
_ENDPOINT = regex(
    r"(?:manual)?privatelinkserviceconnections\.(\d+)\.(?:properties\.)?privatelinkserviceid"
)
_SUBNET_GROUP = regex(r"(?:subnets\.\d+\.(?:properties\.)?)?networksecuritygroup\.id")
_OUTBOUND = regex(
    r"(?:managednetwork\.outboundrules\.[^.]+\.|properties\.)?destination\.serviceresourceid"
)
_WORKSPACE_PARTS = {
    "applicationinsights": "workspace-insights",
    "storageaccount": "workspace-storage",
    "keyvault": "workspace-keyvault",
    "containerregistry": "workspace-registry",
}
_DESTINATIONS = frozenset({"workspaceid", "storageaccountid", "eventhubauthorizationruleid"})


class Resolver:
    """Finds the declared resource that a value means.

    Args:
        resources: all resources of the estate.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_address: dict[str, list[Resource]] = {}
        self._by_name: dict[tuple[str, str], list[Resource]] = {}
        for found in resources:
            if found.existing:
                continue
            self._by_address.setdefault(found.address, []).append(found)
            base = _without_key(found.address)
            if base != found.address:
                self._by_address.setdefault(base, []).append(found)
            key = (found.type, canonical(found.name).lower())
            self._by_name.setdefault(key, []).append(found)

    def find(self, value: Value, tree: str) -> list[Resource]:
        """Return the declared resources that a value refers to; several for a whole loop."""
        for reference in references(value):
            found = self._of_reference(reference, tree)
            if found:
                return found
        return self._of_text(value, tree)

    def _of_reference(self, reference: Reference, tree: str) -> list[Resource]:
        if reference.target:
            found = self._by_address.get(reference.target) or self._by_address.get(
                _without_key(reference.target), []
            )
            if found:
                return found
        if reference.name is None:
            return []
        found = self._by_name.get((reference.type, canonical(reference.name).lower()), [])
        return [r for r in found if r.tree == tree] or found

    def _of_text(self, value: Value, tree: str) -> list[Resource]:
        """Resolve an id written out: ``/subscriptions/.../providers/Type/name``."""
        text = value.text or ""
        _, marker, rest = text.lower().rpartition("/providers/")
        segments = rest.strip("/").split("/")
        if not marker or len(segments) < 3:
            return []
        kind = "/".join([segments[0], *segments[1::2]])
        name = repr("/".join(segments[2::2]))
        found = self._by_name.get((kind, name), [])
        return [r for r in found if r.tree == tree] or found


def _without_key(address: str) -> str:
    return address[: address.rindex("[")] if address.endswith("]") and "[" in address else address


def find_links(resources: tuple[Resource, ...]) -> Iterator[Link]:
    """Yield the links among an estate's resources, ``target`` empty where out of sight."""
    resolver = Resolver(resources)
    for resource in resources:
        if resource.existing or resource.external:
            continue
        for relation, value, detail, span in _referring(resource):
            targets = resolver.find(value, resource.tree)
            for target in targets:
                yield Link(resource.address, target.address, relation, span, detail)
            if not targets:
                yield Link(resource.address, "", relation, span, detail)


Referring = tuple[str, Value, str, Span]


def _referring(resource: Resource) -> Iterator[Referring]:
    finder = _FINDERS.get(resource.type)
    if finder is not None:
        yield from finder(resource)
    scope = resource.properties.get("@scope")
    if scope is not None and not is_null(scope):
        yield "scope", scope, "", resource.places.get("scope", resource.span)


def _endpoints(resource: Resource) -> Iterator[Referring]:
    for path, value in resource.properties.items():
        match = _ENDPOINT.fullmatch(path)
        if match:
            groups = path.rpartition(".")[0] + ".groupids"
            detail = _first_text(resource.properties, groups)
            yield "private-endpoint", value, detail, resource.place(path)


def _first_text(properties: Mapping[str, Value], path: str) -> str:
    first = properties.get(f"{path}.0")
    return (first.text or "") if first is not None else ""


def _subnets(resource: Resource) -> Iterator[Referring]:
    for path, value in resource.properties.items():
        if _SUBNET_GROUP.fullmatch(path) and not is_null(value) and value.text != "":
            yield "subnet-nsg", value, "", resource.place(path)


def _workspace(resource: Resource) -> Iterator[Referring]:
    for path, relation in _WORKSPACE_PARTS.items():
        value = resource.properties.get(path)
        if value is not None and not is_null(value):
            yield relation, value, "", resource.place(path)
    yield from _outbound(resource)


def _outbound(resource: Resource) -> Iterator[Referring]:
    for path, value in resource.properties.items():
        if _OUTBOUND.fullmatch(path):
            holder = path.rpartition(".")[0]
            kind = resource.properties.get(f"{holder}.subresourcetarget")
            detail = (kind.text or "") if kind is not None else ""
            yield "outbound-rule", value, detail, resource.place(path)


def _diagnostics(resource: Resource) -> Iterator[Referring]:
    for path in _DESTINATIONS:
        value = resource.properties.get(path)
        if value is not None and not is_null(value):
            yield "diagnostics-target", value, path, resource.place(path)


_FINDERS = {
    "microsoft.network/privateendpoints": _endpoints,
    "microsoft.network/virtualnetworks": _subnets,
    "microsoft.network/virtualnetworks/subnets": _subnets,
    WORKSPACE: _workspace,
    "microsoft.machinelearningservices/workspaces/outboundrules": _outbound,
    "microsoft.insights/diagnosticsettings": _diagnostics,
}
