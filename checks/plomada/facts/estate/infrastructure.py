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
    """Tell whether all that is deployed is templates and roots that none of the resources is in.

    What cannot be seen (a folder, a name that is made up on the way) may be theirs.
    """
    every = list(acts)
    return bool(every) and not any(_may_deploy(act, resources) for act in every)


def _may_deploy(act: Act, resources: Sequence[Resource]) -> bool:
    terraform = [r for r in resources if r.dialect == "terraform"]
    if terraform:
        root = _root(act) if act.target == "terraform" else ""
        return not root or root in _roots(terraform)
    own = {_stem(path) for r in resources for path in (r.tree, r.span.path)}
    own |= {_stem(span.path) for r in resources for span in r.call_chain}
    stem = _template(act)
    return not stem or stem in own


def _roots(resources: Iterable[Resource]) -> set[str]:
    """Return the folders of Terraform that resources stand in, or that call theirs."""
    paths = {r.span.path for r in resources}
    paths |= {span.path for r in resources for span in r.call_chain}
    return {posixpath.dirname(path) for path in paths}


def _root(act: Act) -> str:
    """Return the folder that Terraform is told to work in, "" where it cannot be seen."""
    text = shown(act.arguments.get("-chdir"))
    return "" if "$" in text else posixpath.normpath(text) if text else ""


def _template(act: Act) -> str:
    """Return the name of the template that an act deploys, "" where it cannot be seen."""
    given = {name.lower(): shown(value) for name, value in act.arguments.items()}
    text = next((given[name] for name in _TEMPLATE if name in given), "")
    return "" if "$" in text or "{" in text or text.startswith("http") else _stem(text)


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path.replace("\\", "/")))[0].lower()
