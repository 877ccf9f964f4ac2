"""The part of the fake that is about infrastructure: names, quota, the vault, deployment stacks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .commands import Command, Rejected

PROVIDER = "/subscriptions/sub/providers/Microsoft.MachineLearningServices/locations/westeurope/"
NETWORK = "The request may be blocked by network rules of storage account."
VAULT_NETWORK = (
    "(Forbidden) Public network access is disabled and request is not from a trusted service nor "
    'via an approved private link. Inner error: {"code": "ForbiddenByConnection"}'
)
NO_ROLE = "You do not have the required permissions needed to perform this operation."


def size(name: str, family: str, cores: int, *kinds: str) -> dict[str, Any]:
    """Return a machine size as Azure ML lists it."""
    return {"name": name, "family": family, "vCPUs": cores, "supportedComputeTypes": list(kinds)}


def usage(name: str, kind: str, used: int, limit: int) -> dict[str, Any]:
    """Return a quota as Azure ML lists it."""
    return {
        "type": f"Microsoft.MachineLearningServices/{kind}/usages", "currentValue": used,
        "limit": limit, "name": {"value": name, "localizedValue": name},
    }  # fmt: skip


@dataclass
class FakeInfrastructure:
    """What a subscription has and what it lets one have.

    Attributes:
        taken: Names that somebody in the world has.
        ours: Names of resources in the environment's group.
        deleted_vaults: Soft-deleted vaults: their region by name.
        refusals: What storage and vault answer whoever asks them; by command.
        sizes: Machine sizes of the region.
        usages: Quotas of the region.
        stacks: Slots that a deployment stack holds settings for, by its name.
    """

    taken: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    deleted_vaults: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    sizes: list[dict[str, Any]] = field(default_factory=list)
    usages: list[dict[str, Any]] = field(default_factory=list)
    stacks: dict[str, set[str]] = field(default_factory=dict)

    def _check_name(self, command: Command) -> Any:
        taken = command.one("--name") in self.taken | self.ours | set(self.deleted_vaults)
        return {"nameAvailable": not taken, "message": "already taken" if taken else None}

    def _show_ours(self, command: Command) -> Any:
        if command.one("--name") not in self.ours:
            raise Rejected("(ResourceNotFound) was not found.", 3)
        return {"name": command.one("--name")}

    def storage_account_check_name(self, command: Command, folder: Path) -> Any:
        return self._check_name(command)

    def keyvault_check_name(self, command: Command, folder: Path) -> Any:
        return self._check_name(command)

    def acr_check_name(self, command: Command, folder: Path) -> Any:
        return self._check_name(command)

    def storage_account_show(self, command: Command, folder: Path) -> Any:
        return self._show_ours(command)

    def keyvault_show(self, command: Command, folder: Path) -> Any:
        return self._show_ours(command)

    def acr_show(self, command: Command, folder: Path) -> Any:
        return self._show_ours(command)

    def keyvault_list_deleted(self, command: Command, folder: Path) -> Any:
        return [
            {
                "name": name,
                "properties": {"location": region, "scheduledPurgeDate": "2027-01-31T00:00:00Z"},
            }
            for name, region in self.deleted_vaults.items()
        ]

    def storage_container_list(self, command: Command, folder: Path) -> Any:
        return self._answered("storage container list")

    def keyvault_secret_list(self, command: Command, folder: Path) -> Any:
        return self._answered("keyvault secret list")

    def _answered(self, command: str) -> Any:
        if command in self.refusals:
            raise Rejected(self.refusals[command])
        return []

    def rest(self, command: Command, folder: Path) -> Any:
        address = urlsplit(command.one("--url"))
        listed = {PROVIDER + "vmSizes": self.sizes, PROVIDER + "usages": self.usages}
        asked = parse_qs(address.query)
        if address.path not in listed or "api-version" not in asked:
            raise Rejected(f"(InvalidResourceType) {command.one('--url')}")
        first = int(asked.get("skip", ["0"])[-1])
        rest = listed[address.path][first:]
        following = f"{command.one('--url')}&skip={first + 2}" if len(rest) > 2 else None
        return {"value": rest[:2], "nextLink": following}

    def stack_group_show(self, command: Command, folder: Path) -> Any:
        if command.one("--name") not in self.stacks:
            raise Rejected("(DeploymentStackNotFound) The deployment stack could not be found.", 3)
        return {"name": command.one("--name")}

    def stack_group_create(self, command: Command, folder: Path) -> Any:
        template = command.one("--template-file")
        if not (folder / template).is_file():
            raise Rejected(f"{template} does not exist")
        given = dict(pair.split("=", 1) for pair in command.options["--parameters"])
        slots = set(json.loads(given["slots"]))
        endpoint = self.__dict__["endpoints"].get(given["endpointName"])
        if endpoint is None or not slots <= set(endpoint["slots"]):
            raise Rejected("(ResourceNotFound) what a setting refers to was not found.", 3)
        self.stacks[command.one("--name")] = slots

    def stack_group_delete(self, command: Command, folder: Path) -> Any:
        self.stack_group_show(command, folder)
        del self.stacks[command.one("--name")]
