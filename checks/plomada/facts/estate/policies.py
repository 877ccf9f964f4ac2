"""Policies about tags: definitions, assignments and the checks of pipelines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of, told
from plomada.facts.model import Act, Resource, Value
from plomada.facts.pipelines.running import declares
from plomada.facts.values import canonical, references
from plomada.patterns import regex

DEFINITIONS = (
    "microsoft.authorization/policydefinitions",
    "microsoft.authorization/policysetdefinitions",
)
ASSIGNMENT = "microsoft.authorization/policyassignments"
_FIELD = regex(r"tags(?:\[|\.|'|\"|$)|'tags'|tagname", re.I)
# Options of commands, and parts of bodies, that hold a rule, its parameters or a policy's id.
_SAYING = (
    "rules", "policy", "policy-set-definition", "params", "definitions", "body", "parameters",
    "policydefinition", "policyparameter", "policyparameterobject",
)  # fmt: skip
_GUID = regex(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)


@cache
def _built_in() -> frozenset[str]:
    text = (files("plomada") / "data" / "tag_policies.json").read_text("utf-8")
    return frozenset(json.loads(text)["definitions"])


def tag_policies(facts: Facts) -> list[Resource]:
    """Return the declared policy definitions and assignments that are about tags."""
    estate = facts.estate
    definitions = [r for r in estate.of_type(*DEFINITIONS) if _rule_on_tags(r) or _built_in_in(r)]
    addresses = {r.address for r in definitions}
    assignments = [
        r
        for r in estate.of_type(ASSIGNMENT)
        if _assigns(r, addresses) or _built_in_in(r) or _sets_tag_name(r)
    ]
    return [*definitions, *assignments]


def tag_policies_made(facts: Facts) -> Iterator[Act]:
    """Yield the commands that define or assign a policy about tags."""
    for act in acts_of(facts, "assign-policy", "define-policy"):
        if declares(act) and any(_on_tags(text) for text in told(facts, act, *_SAYING)):
            yield act


def _on_tags(text: str) -> bool:
    known = _built_in() & {g.lower() for g in _GUID.findall(text)}
    return bool(known) or _FIELD.search(text) is not None


def _rule_on_tags(resource: Resource) -> bool:
    """Tell whether a definition's rule looks at or writes tags."""
    for path, value in resource.properties.items():
        if not path.startswith("policyrule") and "policydefinitions" not in path:
            continue
        last = path.rpartition(".")[2]
        if last in ("field", "value", "count", "policyrule") and _FIELD.search(canonical(value)):
            return True
        if last == "policydefinitionid" and _GUID.search(canonical(value)):
            return bool(_built_in() & {g.lower() for g in _GUID.findall(canonical(value))})
    return False


def _built_in_in(resource: Resource) -> bool:
    for path, value in resource.properties.items():
        named = path.rpartition(".")[2] == "policydefinitionid"
        if named and _built_in() & {g.lower() for g in _GUID.findall(_id_text(value))}:
            return True
    return False


def _id_text(value: Value) -> str:
    names = [canonical(r.name) for r in references(value) if r.name is not None]
    return " ".join([canonical(value), *names])


def _assigns(resource: Resource, addresses: set[str]) -> bool:
    value = resource.properties.get("policydefinitionid")
    return value is not None and any(r.target in addresses for r in references(value))


def _sets_tag_name(resource: Resource) -> bool:
    return any(
        re.fullmatch(r"parameters\.tag(name|value)s?\d*(\..*)?", path)
        for path in resource.properties
    )


def tag_scans(facts: Facts) -> Iterator[tuple[Act, str]]:
    """Yield the checks of pipelines that refuse untagged resources, with the reason."""
    for act in facts.acts:
        if act.verb == "scan-policy" and act.job is not None:
            why = _refuses_untagged(facts, act)
            if why:
                yield act, why


def _refuses_untagged(facts: Facts, act: Act) -> str:
    if act.target == "psrule":
        return "PSRule for Azure asks for tags on every resource"
    if act.target == "plomada" and not _leaves_out_tags(act):
        return "this checker asks for tags on every resource"
    if act.target == "conftest" and _mentions_tags(facts, ".rego"):
        return "a policy about tags is checked by conftest"
    if act.target == "checkov" and _checkov_tags(facts):
        return "a checkov rule about tags is checked"
    return ""


def _leaves_out_tags(act: Act) -> bool:
    chosen = " ".join(canonical(v) for k, v in act.arguments.items() if k in ("--select", "-s"))
    return bool(chosen) and not re.search(r"INF(3|4)?\b", chosen, re.I)


def _mentions_tags(facts: Facts, suffix: str) -> bool:
    repository = facts.repository
    return any(repository.mentions(p, "tags") for p in repository.with_suffix(suffix))


def _checkov_tags(facts: Facts) -> bool:
    """Tell whether the repository keeps a checkov rule of its own that asks for tags."""
    repository = facts.repository
    for path in repository.with_suffix(".yml", ".yaml"):
        if repository.mentions(path, "cond_type:") and repository.mentions(path, "tags"):
            return True
    return any(
        repository.mentions(p, "checkov.") and repository.mentions(p, "tags")
        for p in repository.with_suffix(".py")
        if repository.mentions(p, "baseresourcecheck", "basecheck")
    )
