"""Says whether Azure can take an environment, before its infrastructure is deployed.

A deployment finds a taken name after minutes and a missing quota after hours. Everything here is
asked of Azure's management and changes nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import BadInput, Refused
from .bootstrap import NAMES, read_names
from .client import az
from .settings import SPECS, content, setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .settings import Environment

API_VERSION = "2025-12-01"
"""Version of Azure ML's management interface, the one that azure-ai-ml asks for."""

RESERVED = 1.2
"""Managed endpoints keep 20 % more instances than asked for, to upgrade without an outage.

Source: Azure Machine Learning, "Manage and increase quotas": the quota of a deployment is
ceil(1.2 * instances) * cores.
"""

ENDPOINT, CLUSTER = "MIR", "AmlCompute"
"""How Azure ML's list of sizes calls managed online endpoints and clusters."""

DEDICATED, LOW = "dedicatedCores", "lowPriorityCores"
"""Quotas of a whole region, by the type that Azure ML gives them."""

PLACEHOLDER = "00000000-0000-0000-0000-000000000000"
"""The subscription of examples."""

LITERAL = re.compile(r"^param (\w+) = (?:'([^']*)'|(\d+))\s*$", re.MULTILINE)
MORE = "ask for more (portal, 'Quotas', provider 'Machine learning') or take another size"
NAME_COMMANDS = {
    "storageAccount": ("storage", "account"),
    "keyVault": ("keyvault",),
    "containerRegistry": ("acr",),
}


@dataclass(frozen=True)
class Demand:
    """Machines that an environment needs at the same time.

    Attributes:
        purpose: What they are for.
        size: Their size, as Azure names it.
        count: How many.
        kind: `ENDPOINT` or `CLUSTER`.
        file: Where the size is written.
        low_priority: Whether they may be taken away, which has a quota of its own.
    """

    purpose: str
    size: str
    count: int
    kind: str
    file: str
    low_priority: bool = False


@dataclass(frozen=True)
class Answer:
    """What was found out about one thing.

    Attributes:
        subject: What was asked for.
        problem: What is wrong and the way out; empty where nothing is.
    """

    subject: str
    problem: str = ""


def require_ready(environment: Environment) -> None:
    """Ask for sizes, quota, names and soft-deleted vaults; print each answer.

    Args:
        environment: The environment that is to be deployed.

    Raises:
        Refused: Something stands in the way; each line says what to do about it.
    """
    names = read_names()[environment]
    parameters = read_parameters(environment)
    deleted = _deleted_vault(names["keyVault"])
    answers = [
        *_placeholders(environment),
        *_vault(names, deleted, parameters, environment),
        *_names(names, deleted is not None),
        *_quota(names, environment),
    ]
    for answer in answers:
        line = f"{'NO' if answer.problem else 'ok'}  {answer.subject}  {answer.problem}"
        typer.echo(line.rstrip())
    wrong = [answer for answer in answers if answer.problem]
    if wrong:
        raise Refused(f"{environment} cannot be deployed yet: {len(wrong)} of the lines above")
    typer.echo(f"Azure can take {environment}")


def parameter_file(environment: Environment) -> str:
    """Return the path of an environment's parameter file."""
    return f"infra/{environment}.bicepparam"


def read_parameters(environment: Environment) -> dict[str, str]:
    """Read the plain texts and numbers of an environment's parameter file.

    Raises:
        BadInput: There is no such file.
    """
    path = Path(parameter_file(environment))
    if not path.is_file():
        raise BadInput(f"{path.as_posix()} is missing: run this from the repository's root")
    found = LITERAL.findall(path.read_text(encoding="utf-8"))
    return {name: text or number for name, text, number in found}


def demands(environment: Environment) -> list[Demand]:
    """List the machines of an environment: two slots of the endpoint, and its clusters.

    Raises:
        BadInput: The parameter file does not say how large the clusters are.
    """
    found = []
    for path in sorted((SPECS / "deployments").glob("online-*.yml")):
        spec = content(path)
        count = math.ceil(RESERVED * int(spec["instance_count"]))
        found.append(
            Demand(f"slot {spec['name']}", spec["instance_type"], count, ENDPOINT, path.as_posix())
        )
    given, file = read_parameters(environment), parameter_file(environment)
    size, nodes = given.get("clusterVmSize"), given.get("clusterMaxNodes")
    if not size or not nodes:
        raise BadInput(f"{file}: give clusterVmSize and clusterMaxNodes there, as plain values")
    low = given.get("clusterPriority") == "LowPriority"
    found.append(Demand("cluster", size, int(nodes), CLUSTER, file, low))
    return [*found, Demand("image building", size, 1, CLUSTER, file)]


def _quota(names: dict[str, str], environment: Environment) -> Iterator[Answer]:
    sizes = {str(size["name"]).lower(): size for size in _listed("vmSizes")}
    wanted: Counter[str] = Counter()
    for demand in demands(environment):
        size = sizes.get(demand.size.lower())
        if size is None or demand.kind not in size.get("supportedComputeTypes", [demand.kind]):
            place = f"{setting('AZURE_LOCATION')} does not offer it for {demand.purpose}"
            yield Answer(f"size {demand.size}", f"{place}: take another one in {demand.file}")
            continue
        cores = demand.count * int(size["vCPUs"])
        for pool in [LOW] if demand.low_priority else [DEDICATED, str(size["family"])]:
            wanted[pool] += cores
    usages, there = list(_listed("usages")), _workspace_exists(names)
    for pool, cores in sorted(wanted.items()):
        yield _enough(pool, cores, _usage(usages, pool), there)


def _enough(pool: str, cores: int, usage: dict[str, Any] | None, there: bool) -> Answer:
    """Compare with what is left; once the workspace is there, what is used may be its own."""
    subject = f"quota of {pool}"
    if usage is None:
        return Answer(subject, f"Azure names none for {setting('AZURE_LOCATION')}: {MORE}")
    limit, used = int(usage["limit"]), 0 if there else int(usage["currentValue"])
    if 0 <= limit < used + cores:
        free = f"{limit - used} of {limit} are free"
        return Answer(subject, f"{cores} cores are needed, {free}: {MORE}")
    return Answer(f"{subject}: {cores} cores of {limit}")


def _usage(usages: list[dict[str, Any]], pool: str) -> dict[str, Any] | None:
    """Find the subscription's quota among those of its workspaces and clusters.

    Azure calls a family `standardDASv4Family` and its quota `Standard DASv4 Family Cluster
    Dedicated vCPUs`; the totals are told apart by their type.
    """
    for usage in usages:
        kind = str(usage.get("type"))
        name = re.sub(r"[ _]", "", str(usage["name"]["value"])).lower()
        is_family = name.startswith(pool.lower()) and "lowpriority" not in name
        if f"/{pool}/" in kind or (is_family and "/workspace" not in kind):
            return usage
    return None


def _listed(what: str) -> Iterator[dict[str, Any]]:
    """Yield what Azure ML lists for the region; a workspace need not be there yet."""
    path = f"/subscriptions/{setting('AZURE_SUBSCRIPTION_ID')}/providers"
    path += f"/Microsoft.MachineLearningServices/locations/{setting('AZURE_LOCATION')}/{what}"
    page = az("rest", "--method", "get", "--url", f"{path}?api-version={API_VERSION}")
    while page:
        yield from page.get("value", [])
        following = page.get("nextLink")
        page = az("rest", "--method", "get", "--url", following) if following else None


def _workspace_exists(names: dict[str, str]) -> bool:
    found = az(
        "ml", "workspace", "show", "--name", names["workspace"],
        "--resource-group", names["resourceGroup"], missing_ok=True,
    )  # fmt: skip
    return found is not None


def _placeholders(environment: Environment) -> Iterator[Answer]:
    """What a person has to write before the first deployment, as in a network of their own."""
    file = parameter_file(environment)
    for name, text in read_parameters(environment).items():
        if PLACEHOLDER in text:
            yield Answer(f"parameter {name}", f"has the example's value: write yours in {file}")


def _deleted_vault(name: str) -> dict[str, Any] | None:
    """Return what Azure keeps of a vault of this name that was deleted, or None."""
    deleted = az("keyvault", "list-deleted", "--resource-type", "vault") or []
    return next((one["properties"] for one in deleted if one["name"] == name), None)


def _vault(
    names: dict[str, str],
    deleted: dict[str, Any] | None,
    parameters: dict[str, str],
    environment: Environment,
) -> Iterator[Answer]:
    """A vault that was deleted keeps its name for 90 days and can be brought back meanwhile."""
    file = parameter_file(environment)
    recovers = parameters.get("keyVaultCreateMode") == "recover"
    subject = f"soft-deleted vault {names['keyVault']}"
    if deleted is None and recovers:
        yield Answer(subject, f"there is none: take keyVaultCreateMode out of {file}")
    if deleted is not None:
        yield Answer(subject, "" if recovers else _way_back(deleted, file))


def _way_back(deleted: dict[str, Any], file: str) -> str:
    until = f"its name is kept until {str(deleted.get('scheduledPurgeDate', 'its purge'))[:10]}"
    if str(deleted.get("location", "")).lower() != setting("AZURE_LOCATION").lower():
        return f"{until} in {deleted.get('location')}: change keyVault in {NAMES.as_posix()}"
    return f"{until}: set keyVaultCreateMode = 'recover' in {file} for one deployment"


def _names(names: dict[str, str], vault_is_deleted: bool) -> Iterator[Answer]:
    """Names that are one in the world; taken by what stands in the own group is not taken."""
    for key, command in NAME_COMMANDS.items():
        name = names[key]
        if key == "keyVault" and vault_is_deleted:
            continue
        asked = az(*command, "check-name", "--name", name)
        problem = ""
        if not asked["nameAvailable"] and not _is_ours(command, name, names["resourceGroup"]):
            problem = f"{asked.get('message') or 'taken'}: change {key} in {NAMES.as_posix()}"
        yield Answer(f"name {name}", problem)


def _is_ours(command: tuple[str, ...], name: str, group: str) -> bool:
    shown = az(*command, "show", "--name", name, "--resource-group", group, missing_ok=True)
    return shown is not None
