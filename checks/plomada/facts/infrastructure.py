"""What counts as infrastructure made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plomada.facts.model import Act
from plomada.facts.strings import shown

if TYPE_CHECKING:
    from plomada.facts import Facts

HAND_MADE = frozenset(
    {
        "workspace", "storage-account", "key-vault", "container-registry", "aks-cluster",
        "application-insights", "log-analytics", "network",
    }
)  # fmt: skip
_STATE = (
    "tfstate",
    "terraform-state",
    "terraform_state",
    "terraform state",
    "backend-config",
    "backend_config",
    "tf-state",
    "tf_state",
    "state backend",
    "terraform backend",
    "remote state",
)


def is_state_backend(facts: Facts, act: Act) -> bool:
    """Tell whether a storage account is made for Terraform's state: the one exception."""
    if act.target != "storage-account":
        return False
    names = " ".join(shown(v).lower() for v in act.arguments.values())
    if any(word.replace(" ", "") in names for word in ("tfstate", "terraform", "tfbackend")):
        return True
    return facts.repository.mentions(act.span.path, *_STATE)
