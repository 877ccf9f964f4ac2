"""The inventory of docs/infrastructure.md, drawn from the checker's own model of the resources.

python -m tests.infra.inventory REPOSITORY prints the table of a rendered repository.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from plomada.facts import Facts
from plomada.facts.estate.resources import Estate
from plomada.facts.model import Resource, Value
from plomada.facts.values import Reference
from plomada.repository import Repository

from tests.infra.extract_types import used_types

TREES = ("shared", "main")
HEADER = "| Resource | Name | Tags | Identity | Private endpoint | Roles on it | Logs | Lock |"
ACCESS = "microsoft.authorization/roleassignments"
DIAGNOSTICS = "microsoft.insights/diagnosticsettings"
LOCK = "microsoft.authorization/locks"
LEFT_OUT = {ACCESS, DIAGNOSTICS, LOCK, "microsoft.network/privateendpoints/privatednszonegroups"}
WRITTEN = {name.lower(): name for name, _ in used_types()}


class Inventory:
    """Draws the table.

    Args:
        repository: a rendered repository.
    """

    def __init__(self, repository: Path) -> None:
        self.estate: Estate = Facts(Repository(repository)).estate
        infra = repository / "infra"
        self.roles = self._role_names(infra)
        self.tokens = self._tokens(infra)

    @staticmethod
    def _role_names(infra: Path) -> dict[str, str]:
        roles = json.loads((infra / "roles.json").read_text(encoding="utf-8"))
        return {guid: name for group in roles.values() for name, guid in group.items()}

    @staticmethod
    def _tokens(infra: Path) -> list[tuple[str, str]]:
        names = json.loads((infra / "names.json").read_text(encoding="utf-8"))
        _, slug, _, suffix = names["prod"]["resourceGroup"].split("-")
        joined = (f"{slug}prod{suffix}", "<project><environment><suffix>")
        apart = [(slug, "<project>"), ("prod", "<environment>"), (suffix, "<suffix>")]
        return [joined, *((f"-{token}", f"-{placeholder}") for token, placeholder in apart)]

    def lines(self) -> Iterator[str]:
        """Yield the table's lines."""
        yield HEADER
        yield "|" + " --- |" * HEADER.count(" |")
        for tree in TREES:
            rows: dict[tuple[str, ...], list[str]] = {}
            for resource in self.estate.declared:
                if resource.tree == f"infra/{tree}.bicep" and resource.type not in LEFT_OUT:
                    row = self.row(resource)
                    rows.setdefault(row, []).append(self.name_of(resource.name))
            for (kind, *rest), names in sorted(rows.items()):
                shown = "<br>".join(f"`{name}`" for name in dict.fromkeys(names))
                yield " | ".join([f"| {kind}", shown, *rest]) + " |"

    def row(self, resource: Resource) -> tuple[str, ...]:
        """Return what the table says of a resource, its name aside."""
        kind = WRITTEN.get(resource.type, resource.type).removeprefix("Microsoft.")
        tags = "yes" if isinstance(known(resource.tags), dict) else ""
        endpoints = {link.detail for link in self.estate.links_to(resource, "private-endpoint")}
        return (
            kind,
            tags,
            self.identity_of(resource),
            ", ".join(sorted(endpoints)),
            "<br>".join(sorted(set(self.roles_on(resource)))),
            "yes" if self.attached(resource, DIAGNOSTICS) else "",
            "yes" if self.attached(resource, LOCK) else "",
        )

    def attached(self, resource: Resource, kind: str) -> list[Resource]:
        """Return the extension resources of a type whose scope is the resource."""
        sources = (link.source for link in self.estate.links_to(resource, "scope"))
        found = (self.estate.by_address[source] for source in sources)
        return [one for one in found if one.type == kind and not one.absent]

    def roles_on(self, resource: Resource) -> Iterator[str]:
        """Yield who is given which role on a resource."""
        for one in self.attached(resource, ACCESS):
            role = one.properties.get("roledefinitionid")
            guid = role.name.text if isinstance(role, Reference) and role.name else None
            if guid is not None:
                yield f"{self.principal_of(one)}: `{self.roles[guid]}`"

    def principal_of(self, assignment: Resource) -> str:
        """Return the purpose of the identity that a role is given to."""
        principal = assignment.properties.get("principalid")
        if isinstance(principal, Reference):
            name = principal.name.text if principal.name else None
            target = self.estate.by_address.get(principal.target)
            name = name or (target.name.text if target else None)
            if name:
                return name.split("-")[2]
        return "data scientists"

    def identity_of(self, resource: Resource) -> str:
        """Return the identities that a resource has."""
        identity = known(resource.identity)
        if not isinstance(identity, dict):
            return ""
        users = known(identity.get("userAssignedIdentities"))
        found = re.findall(r"id-\w+-(\w+)-", " ".join(users) if isinstance(users, dict) else "")
        return ", ".join(found) or str(known(identity["type"]))

    def name_of(self, name: Value) -> str:
        """Return a name with placeholders for what differs between repositories."""
        if name.kind == "template":
            return "".join(self.name_of(part) for part in name.parts)
        text = name.text
        if text is None:
            return "<GUID>" if "guid(" in name.reason else "<suffix of Azure Storage>"
        for token, placeholder in self.tokens:
            text = text.replace(token, placeholder)
        return text


def known(value: Value | None) -> object:
    """Return what a value holds, None where it is not known."""
    return value.data if value is not None and value.kind == "known" else None


if __name__ == "__main__":
    print("\n".join(Inventory(Path(sys.argv[1])).lines()))  # noqa: T201 - the tool's outcome
