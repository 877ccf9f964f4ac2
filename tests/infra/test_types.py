"""Every resource against Microsoft's type data: version, scope, properties, required, enums."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from plomada.readers.bicep import read_bicep
from plomada.readers.expressions import (
    ArrayOf,
    Conditional,
    Expression,
    Literal,
    Loop,
    Name,
    ObjectOf,
)
from plomada.readers.templates import Declaration

from tests.infra.extract_types import DATA, used_types
from tests.infra.sources import Source, literal

TABLE = json.loads(DATA.read_text(encoding="utf-8"))
TYPES: dict[str, Any] = TABLE["types"]
MADE = date.fromisoformat(TABLE["source"].split(", ")[1])
OLDEST_DAYS = 730
SCOPE_BITS = {"tenant": 1, "managementGroup": 2, "subscription": 4, "resourceGroup": 8}
EXTENSION = 16
NOT_PROPERTIES = {"parent", "scope", "dependsOn"}
ALWAYS_THERE = {"id", "type", "apiVersion"}

# The newest stable version of diagnostic settings (2016-09-01) knows no category groups and no
# dedicated tables; Microsoft's own modules use this preview.
PREVIEWS = {"Microsoft.Insights/diagnosticSettings": "2021-05-01-preview"}

Problem = tuple[int, str]


def declared(sources: dict[str, Source]) -> Iterator[tuple[Source, Declaration, str]]:
    for source in sources.values():
        for resource in source.resources:
            if "/" in resource.type and "." in resource.type:
                yield source, resource, resource.type


def test_the_table_has_what_is_used() -> None:
    assert {(name, v) for name, versions in TYPES.items() for v in versions} == used_types()


@pytest.mark.parametrize(("name", "version"), sorted(used_types()))
def test_versions_are_stable_and_recent(name: str, version: str) -> None:
    versions = TYPES[name][version]["versions"]
    if name in PREVIEWS:
        assert version == PREVIEWS[name] and version == versions[-1]
        return
    assert "preview" not in version
    newer = [v for v in versions if v > version and "preview" not in v]
    age = (MADE - date.fromisoformat(version)).days
    assert not newer or age <= OLDEST_DAYS, newer


def test_resources_stand_at_a_scope_they_know(sources: dict[str, Source]) -> None:
    for source, resource, name in declared(sources):
        if resource.existing:
            continue
        scope = resource.body.get("scope")
        bit = SCOPE_BITS[source.syntax.scope] if scope is None else EXTENSION
        scopes = TYPES[name][resource.api_version]["scopes"]
        assert scopes & bit or scopes & EXTENSION, (source.path, resource.symbol, scopes)


def test_bodies(sources: dict[str, Source]) -> None:
    problems, seen = [], 0
    for source, resource, name in declared(sources):
        if resource.existing:
            continue
        seen += 1
        body = TYPES[name][resource.api_version]["body"]
        found = Check(source).object_of(resource.body, body, "")
        problems += [f"{source.path}:{line}: {name}: {what}" for line, what in found]
    assert not problems
    assert seen > 60


class Check:
    """Walks a body beside its type.

    Args:
        source: the file, whose variables are looked into.
    """

    def __init__(self, source: Source) -> None:
        self.source = source

    def object_of(self, given: Expression, wanted: dict[str, Any], path: str) -> Iterator[Problem]:
        given = self.followed(given)
        if not isinstance(given, ObjectOf) or "properties" not in wanted:
            return
        properties = self.properties_for(given, wanted)
        names = {str(literal(key)) for key, _ in given.entries}
        for key, value in given.entries:
            name, line = str(literal(key)), given.span.line if key is None else key.span.line
            if name in NOT_PROPERTIES and not path:
                continue
            if name not in properties:
                if not wanted.get("free"):
                    yield line, f"unknown {path}{name}"
            elif properties[name].get("readOnly"):
                yield line, f"read-only {path}{name}"
            else:
                yield from self.value_of(value, properties[name], f"{path}{name}")
        for name, one in properties.items():
            if one.get("required") and name not in names and name not in ALWAYS_THERE:
                yield given.span.line, f"missing {path}{name}"

    def properties_for(self, given: ObjectOf, wanted: dict[str, Any]) -> dict[str, Any]:
        if "by" not in wanted:
            return dict(wanted["properties"])
        case = literal(given.get(wanted["by"]))
        assert case in wanted["cases"], (case, list(wanted["cases"]))
        return {**wanted["properties"], **wanted["cases"][case]}

    def value_of(self, value: Expression, wanted: dict[str, Any], path: str) -> Iterator[Problem]:
        value = self.followed(value)
        if isinstance(value, Conditional):
            yield from self.value_of(value.then, wanted, path)
            yield from self.value_of(value.other, wanted, path)
            return
        yield from self.kind_of(value, wanted, path)
        if wanted.get("type") == "object":
            yield from self.object_of(value, wanted, f"{path}.")
        for element in self.elements(value) if "items" in wanted else []:
            yield from self.value_of(element, wanted["items"], f"{path}[]")

    def kind_of(self, value: Expression, wanted: dict[str, Any], path: str) -> Iterator[Problem]:
        kinds = {ObjectOf: "object", ArrayOf: "array", Loop: "array"}
        kind = kinds.get(type(value), "")
        if isinstance(value, Literal):
            kind = {bool: "bool", int: "int", str: "string"}.get(type(value.value), "")
        if kind and wanted.get("type") and kind != wanted["type"]:
            yield value.span.line, f"{path} is {kind}, wanted {wanted['type']}"
        allowed = wanted.get("literals")
        if kind == "string" and allowed and literal(value) not in allowed:
            yield value.span.line, f"{path} = {literal(value)} is none of {allowed}"

    def elements(self, value: Expression) -> list[Expression]:
        if isinstance(value, ArrayOf):
            return value.elements
        return [value.body] if isinstance(value, Loop) else []

    def followed(self, value: Expression) -> Expression:
        while isinstance(value, Name) and value.name in self.source.syntax.variables:
            value = self.source.syntax.variables[value.name]
        return value


STORAGE = "resource a 'Microsoft.Storage/storageAccounts@2026-04-01' = {{\n{}\n}}\n"
NEEDED = "name: 'a'\nlocation: 'b'\nkind: 'StorageV2'\nsku: {{ name: 'Standard_LRS' }}\n"
PLAIN = NEEDED + "properties: {{ {} }}"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (PLAIN.format("minimumTlsVersion: 'TLS1_2'"), ""),
        (PLAIN.format("minimumTLSVersion: 'TLS1_2'"), "unknown properties.minimumTLSVersion"),
        (PLAIN.format("minimumTlsVersion: 'TLS12'"), "TLS12"),
        (PLAIN.format("minimumTlsVersion: true"), "is bool, wanted string"),
        (PLAIN.format("provisioningState: 'x'"), "read-only"),
        (PLAIN.format("networkAcls: { bypass: 'None' }"), "missing properties.networkAcls.default"),
        (PLAIN.format("accessTier: true ? 'Hot' : 'Tepid'"), "Tepid"),
        (PLAIN.format("networkAcls: acls") + "\n}\nvar acls = { defaultAction: 'No'", "= No is"),
    ],
)
def test_the_check_finds(body: str, problem: str) -> None:
    text = STORAGE.format(body)
    source = Source(Path("a.bicep"), text, read_bicep(text, "a.bicep"))
    [resource] = source.resources
    wanted = TYPES[resource.type][resource.api_version]["body"]
    found = [what for _, what in Check(source).object_of(resource.body, wanted, "")]
    assert problem in "".join(found)
    assert len(found) == bool(problem)
