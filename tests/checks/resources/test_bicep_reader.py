"""The Bicep reader: the whole language, places, and what is broken costs its own statement."""

from __future__ import annotations

import time

import pytest
from plomada.readers.bicep import read_bicep, read_bicepparam, read_expression
from plomada.readers.expressions import (
    ArrayOf,
    Call,
    Conditional,
    Lambda,
    Literal,
    Loop,
    ObjectOf,
    Unreadable,
)

MODERN = """\
targetScope = 'subscription'
import { shared as common, other } from './shared.bicep'
import * as all from 'all.bicep'
@description('it\\'s here')
@secure()
param password string
param tags object?
param kind 'a' | 'b'
param many resourceInput<'Microsoft.Storage/storageAccounts@2023-05-01'>.properties?
type settings = {
  name: string
  size: int?
}[]
var merged = { ...tags, a: [1, ...many] }
var asserted = many!.first.?second ?? 'none'
var chosen = kind == 'a'
  ? 'first'
  : 'second'
var text = '''raw ${not}'''
func greet(name string) string => 'hello ${toUpper(name)}'
resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = [for (n, i) in many: if (i > 0) {
  name: n
  properties: { 'odd-key': true }

  @batchSize(1)
  resource blobs 'blobServices' = { name: 'default' }
}]
module vault './vault.bicep' = if (chosen == 'first' && !empty(merged)) { name: 'v', params: {} }
output ids array = [for i in range(0, 2): account[i].id]
output names array = map(many, (m, i) => m.name)
"""


def test_modern_syntax_is_read_whole() -> None:
    file = read_bicep(MODERN, "main.bicep")
    assert file.faults == []
    assert file.scope == "subscription"
    assert file.imports["common"] == ("./shared.bicep", "shared")
    assert file.imports["all"] == ("all.bicep", "*")
    assert set(file.parameters) == {"password", "tags", "kind", "many"}
    assert file.parameters["password"].secure
    assert file.parameters["tags"].nullable
    assert isinstance(file.variables["chosen"], Conditional)
    assert isinstance(file.variables["text"], Literal)
    assert [d.symbol for d in file.declarations] == ["account", "blobs", "vault"]
    account, blobs, vault = file.declarations
    assert account.loop is not None
    assert account.condition is not None
    assert blobs.parent == "account"
    assert vault.module == "./vault.bicep"
    assert isinstance(file.outputs["ids"], Loop)
    called = file.outputs["names"]
    assert isinstance(called, Call)
    assert isinstance(called.arguments[1], Lambda)


def test_places_are_code_points_from_one() -> None:
    file = read_bicep("var ü = 'ñ'\nresource x 'A/b@1' = {\n  name: 'ö', tags: {}\n}\n", "a.bicep")
    resource = file.declarations[0]
    assert (resource.span.line, resource.span.column) == (2, 1)
    tags = resource.body.entries[1][0]
    assert tags is not None
    assert (tags.span.line, tags.span.column) == (3, 14)


def test_a_broken_statement_costs_itself_alone() -> None:
    text = "var = 3\nresource x 'A/b@1' = {\n  name: ???\n  kind: 'k'\n}\nvar z = 1\n"
    file = read_bicep(text, "a.bicep")
    assert file.faults
    assert "z" in file.variables
    assert file.declarations[0].body.get("kind") is not None
    assert all(fault.span.path == "a.bicep" for fault in file.faults)


def test_template_lines_of_jinja_are_passed_over() -> None:
    file = read_bicep("{% if private %}\nparam a string = '{{ name }}'\n{% endif %}\n", "a.bicep")
    assert file.faults == []
    assert list(file.parameters) == ["a"]


def test_a_parameter_file_gives_its_values() -> None:
    file = read_bicepparam(
        "using './main.bicep'\nextends 'base.bicepparam'\nparam a = 'x'\nvar b = 1\n", "p"
    )
    assert (file.using, file.extends) == ("./main.bicep", "base.bicepparam")
    assert isinstance(file.values["a"], Literal)


@pytest.mark.parametrize(
    "text",
    [
        "var x = " + "[" * 50_000,
        "var x = " + "(" * 50_000,
        "var x = " + "!" * 50_000 + "a",
        "var x = '" + "${'" * 20_000,
        "resource x 'A/b@1' = " + "{ a: " * 20_000,
        "var x = " + "a ? b : " * 20_000,
        "{" * 100_000,
        "param a " + "{" * 100_000,
    ],
    ids=["arrays", "groups", "not", "strings", "objects", "ternaries", "braces", "types"],
)
def test_hostile_nesting_costs_a_fault_and_no_time(text: str) -> None:
    start = time.perf_counter()
    file = read_bicep(text, "a.bicep")
    assert file.faults
    assert time.perf_counter() - start < 3


def test_what_is_no_expression_says_so() -> None:
    assert isinstance(read_expression("][", "a"), Unreadable)


def test_a_semicolon_between_properties_loses_nothing() -> None:
    text = "resource x 'A/b@1' = {\n  env: [\n    { name: 'a'; value: 'b' }\n  ]\n  kind: 'k'\n}\n"
    file = read_bicep(text, "a.bicep")
    assert [(fault.span.line, fault.rest) for fault in file.faults] == [(3, False)]
    assert file.declarations[0].body.get("kind") is not None


@pytest.mark.parametrize("broken", ["name: ?? ", "name: 'a' 'b'", "name: f(a b)", "name = 'a'"])
def test_a_broken_property_costs_itself_alone(broken: str) -> None:
    text = (
        f"resource x 'A/b@1' = {{\n  env: [\n    {{ {broken}, tier: 'b' }}\n  ]\n"
        "  kind: 'k'\n}\nvar z = 1\n"
    )
    file = read_bicep(text, "a.bicep")
    assert [fault.span.line for fault in file.faults] == [3]
    env = file.declarations[0].body.get("env")
    assert isinstance(env, ArrayOf)
    assert isinstance(env.elements[0], ObjectOf)
    assert env.elements[0].get("tier") is not None
    assert file.declarations[0].body.get("kind") is not None
    assert "z" in file.variables
