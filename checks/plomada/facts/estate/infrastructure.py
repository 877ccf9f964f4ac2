"""What counts as infrastructure made by hand, and which of it pipelines deploy."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from plomada.facts.model import Act, Resource
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


_TEMPLATE = ("--template-file", "-f", "--template", "template", "csmfile", "templatefile")


def deploy_others(acts: Iterable[Act], resources: Sequence[Resource]) -> bool:
    """Tell whether all that is deployed is templates that none of the resources stands in.

    What cannot be seen (a folder, a name that is made up on the way) may be theirs.
    """
    if any(r.dialect == "terraform" for r in resources):
        return False
    own = {_stem(path) for r in resources for path in (r.tree, r.span.path)}
    own |= {_stem(span.path) for r in resources for span in r.call_chain}
    named = [_template(act) for act in acts]
    return bool(named) and all(stem and stem not in own for stem in named)


def _template(act: Act) -> str:
    """Return the name of the template that an act deploys, "" where it cannot be seen."""
    given = {name.lower(): shown(value) for name, value in act.arguments.items()}
    text = next((given[name] for name in _TEMPLATE if name in given), "")
    return "" if "$" in text or "{" in text or text.startswith("http") else _stem(text)


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path.replace("\\", "/")))[0].lower()
