"""Networks: managed ones, private endpoints whose target is out of sight, security groups."""

from __future__ import annotations

from plomada.facts.estate.resources import Estate
from plomada.facts.iac.links import WORKSPACE
from plomada.facts.model import Link, Resource

STORAGE = "microsoft.storage/storageaccounts"
VAULT = "microsoft.keyvault/vaults"
REGISTRY = "microsoft.containerregistry/registries"
PRIVATE_KINDS = (WORKSPACE, STORAGE, VAULT, REGISTRY)
_GROUPS = {
    "amlworkspace": WORKSPACE,
    "vault": VAULT,
    "registry": REGISTRY,
    **dict.fromkeys(("blob", "file", "queue", "table", "dfs", "web"), STORAGE),
}


def is_project(workspace: Resource) -> bool:
    """Tell whether a workspace is a project, which lives in its hub's network."""
    kind = workspace.properties.get("kind")
    hub = workspace.properties.get("hubresourceid")
    return (kind is not None and (kind.text or "").lower() == "project") or (
        hub is not None and bool((hub.text != "" and hub.data is not None) or hub.kind != "known")
    )


def managed_network(workspace: Resource) -> bool:
    """Tell whether a workspace is known to use a managed virtual network."""
    mode = workspace.properties.get("managednetwork.isolationmode")
    if mode is None:
        return False
    found = [p.text for p in (mode.parts if mode.kind == "one_of" else (mode,))]
    return all(text is not None and text.lower() != "disabled" for text in found)


def is_public(workspace: Resource) -> bool:
    """Tell whether public network access of a workspace is not known to be disabled."""
    value = workspace.properties.get("publicnetworkaccess")
    return value is None or (value.text or "").lower() != "disabled"


def attachments(estate: Estate) -> list[Link]:
    """Return the links from subnets to security groups, those out of sight included."""
    found = []
    for link in estate.links_of("subnet-nsg"):
        target = estate.by_address.get(link.target)
        if target is None or not target.absent:
            found.append(link)
    return found


class Spare:
    """Private endpoints whose target is out of sight; each covers one resource of its kind."""

    def __init__(self, links: list[Link]) -> None:
        self._links = links

    def take(self, resource: Resource) -> Link | None:
        """Return an endpoint for a resource, and use it up."""
        for number, link in enumerate(self._links):
            if _GROUPS.get(link.detail.lower()) == resource.type:
                return self._links.pop(number)
        return None


def unresolved_endpoints(estate: Estate) -> Spare:
    """Return the declared private endpoints whose target is out of sight."""
    links = estate.links_of("private-endpoint", "outbound-rule")
    return Spare([link for link in links if not link.target])
