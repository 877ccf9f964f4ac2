"""Roles: which one an assignment gives, where, and whether it is a broad one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plomada.facts.estate.resources import Estate
from plomada.facts.iac.build import scope_of
from plomada.facts.model import Act, Resource, Value, walk_values
from plomada.facts.strings import shown
from plomada.facts.values import Reference, as_text, is_null, joined, known, references
from plomada.patterns import regex
from plomada.readers.text import Places
from plomada.repository import Repository
from plomada.spans import Span

ASSIGNMENT = "microsoft.authorization/roleassignments"
DEFINITION = "microsoft.authorization/roledefinitions"
# Azure's built-in roles, by id: the same in every tenant.
BROAD = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}
ADMINISTRATORS = {
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "b78c5d69-af96-48a3-bf8d-a8b4d589de94": "Azure AI Administrator",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
}
WIDE = frozenset({"resourceGroup", "subscription", "managementGroup", "tenant"})
_GUID = regex(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_ROLE = regex(r"role_?definition_?id", re.I)
_IN_DOCUMENT = regex(
    r"az (?:ad sp create-for-rbac|role assignment create)\b[^\n`]*?--role[= ]+[\"']?"
    r"(?:owner|contributor|user access administrator)\b",
    re.I,
)
_BROAD_NAMES = {name.lower().replace(" ", ""): name for name in BROAD.values()}


def broad_role(assignment: Resource, estate: Estate) -> str | None:
    """Return the broad role that a declared assignment gives, None where it is another's.

    A role that cannot be resolved is none: it violates no prohibition.
    """
    value = assignment.properties.get("roledefinitionid")
    if value is None or value.kind == "one_of":
        return None
    return broad_name(value) or _custom(value, estate)


def broad_name(value: Value) -> str | None:
    """Return which of the broad built-in roles a name or id is."""
    for text in _texts(value):
        letters = text.strip("/ ").rpartition("/")[2].lower().replace(" ", "").strip("'\"")
        if letters in _BROAD_NAMES:
            return _BROAD_NAMES[letters]
        found = [BROAD[g.lower()] for g in _GUID.findall(text) if g.lower() in BROAD]
        if found:
            return found[0]
    return None


def administrator_name(value: Value) -> str | None:
    """Return the name of another role that administers."""
    for text in _texts(value):
        for guid, name in ADMINISTRATORS.items():
            if guid in text.lower() or text.lower() == name.lower():
                return name
    return None


def _texts(value: Value) -> Iterator[str]:
    for part in walk_values(value):
        if part.text:
            yield part.text
        if isinstance(part, Reference) and part.name is not None:
            yield from _texts(part.name)


def _custom(value: Value, estate: Estate) -> str | None:
    """Return the name of a declared custom role that allows every action."""
    for reference in references(value):
        definition = _definition(reference, estate)
        if definition is not None and allows_everything(definition):
            return f"a custom role with action * ({as_text(definition.name) or definition.address})"
    return None


def _definition(reference: Reference, estate: Estate) -> Resource | None:
    found = estate.by_address.get(reference.target)
    if found is not None and found.type == DEFINITION:
        return found
    return None


def allows_everything(definition: Resource) -> bool:
    """Tell whether a role definition has the action ``*``."""
    pattern = re.compile(r"permissions(?:\.\d+)?\.actions(?:\.\d+)?")
    return any(
        pattern.fullmatch(path) and value.text == "*"
        for path, value in definition.properties.items()
    )


def broad_commands_in_documents(repository: Repository) -> Iterator[Span]:
    """Yield the commands of documents that give a broad role, continued lines joined."""
    for path in repository.with_suffix(".md", ".rst", ".txt"):
        if not repository.mentions(path, "create-for-rbac", "role assignment create"):
            continue
        text = (repository.text(path) or "").replace("\\\n", "  ")
        places = Places(path, repository.text(path) or "")
        for match in _IN_DOCUMENT.finditer(text):
            yield places.span(match.start(), match.start() + 2)


def given_by(act: Act) -> tuple[str | None, str, Value | None]:
    """Return the broad role that a command gives, its scope, and the role as written.

    Returns:
        The broad role's name or None; ``resourceGroup``, ``subscription`` ..., ``resource`` or
        ``unknown``; the role's value.
    """
    role = _argument(act, "--role", "-RoleDefinitionName", "-RoleDefinitionId", "-Role")
    if role is None and (body := _argument(act, "--body", "parameters")) is not None:
        role = known(next(iter(_GUID.findall(_ROLE.split(shown(body))[-1])), ""))
    broad = broad_name(role) if role is not None and role.kind != "one_of" else None
    return broad, _scope(act), role


def _argument(act: Act, *names: str) -> Value | None:
    lowered = {k.lower(): v for k, v in act.arguments.items()}
    for name in names:
        for spelling in (name.lower(), name.lower().lstrip("-")):
            if spelling in lowered:
                return lowered[spelling]
    return None


def _scope(act: Act) -> str:
    scope = _argument(act, "--scope", "--scopes", "-Scope")
    if scope is not None and not is_null(scope):
        return scope_of(_cleaned(scope), "unknown")
    if _argument(act, "--resource-group", "-g", "-ResourceGroupName") is not None:
        narrow = _argument(act, "-ResourceName", "--resource-name")
        return "resource" if narrow is not None else "resourceGroup"
    return "subscription"


def _cleaned(value: Value) -> Value:
    if value.kind == "template":
        return joined(p if p.text is not None else known("x") for p in value.parts)
    text = value.text
    return known(text.strip("\"' ")) if text is not None else value
