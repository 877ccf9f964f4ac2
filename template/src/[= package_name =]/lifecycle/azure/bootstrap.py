"""Prepares subscription and code host once: what the pipelines cannot do for themselves.

An administrator runs it: `az login` as an owner of the subscription, `gh auth login` as an
administrator of the repository. It says first what it will do, and running it again changes only
what has changed; after the infrastructure's first deployment a second run adds the connection
string of Application Insights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import BadInput, LifecycleError
from .client import DRY_RUN, az, gh, outcome
from .github import (
    known_reviewer,
    token_subject,
    write_environment,
    write_repository_variable,
    write_variable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = Path("infra/names.json")
SHARED_TEMPLATE = "infra/bootstrap-shared.bicep"
TEMPLATE = "infra/bootstrap.bicep"
ENVIRONMENTS = ("dev", "test", "prod")
PLAN = "plan"
"""The environment of pull requests: its identity may read and ask what would change."""
SHARED = "shared"
EVERY = (PLAN, SHARED, *ENVIRONMENTS)
CLIENT = "AZURE_CLIENT_ID"

OWN_NAMES = (
    "resourceGroup", "workspace", "deployerIdentity", "scoringIdentity", "computeCluster",
    "keyVault", "applicationInsights",
)  # fmt: skip
SHARED_NAMES = ("resourceGroup", "registry", "deployerIdentity", "planIdentity")

Names = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Bootstrap:
    """What is to be prepared.

    Attributes:
        repository: `owner/name` on GitHub.
        location: Azure region.
        reviewers: Who approves deployments to production and to what all environments share.
        runner: Label of the machines inside the network; empty for GitHub's own.
    """

    repository: str
    location: str
    reviewers: Sequence[str]
    runner: str = ""


def bootstrap(wanted: Bootstrap, confirmed: bool) -> None:
    """Say what will be done, and do it.

    Args:
        wanted: What is to be prepared.
        confirmed: Do not ask before the first change.

    Raises:
        BadInput: The names are missing, or nobody is named to approve production.
    """
    names = read_names()
    if not wanted.reviewers:
        raise BadInput(
            "--reviewer: name at least one user or organisation/team who approves production"
        )
    # All that may be wrong is asked before anything is made.
    account = az("account", "show")
    subjects = {environment: token_subject(wanted.repository, environment) for environment in EVERY}
    reviewers = [known_reviewer(name) for name in wanted.reviewers]
    values = {environment: variables(environment, names, account, wanted) for environment in EVERY}
    announce(wanted, names, account, subjects)
    for environment in EVERY:
        typer.echo(f"variables     {environment}: {', '.join(sorted(values[environment]))}")
    if not (confirmed or DRY_RUN.get()):
        typer.confirm("Do it?", abort=True)
    clients = _prepare_azure(wanted, str(account["id"]), subjects)
    for environment in EVERY:
        protected = environment in (SHARED, "prod")
        write_environment(wanted.repository, environment, reviewers if protected else ())
        for name, value in {**values[environment], CLIENT: clients[environment]}.items():
            write_variable(wanted.repository, environment, name, value)
    if wanted.runner:
        # Read before a job has an environment (`runs-on`), so that one of the repository is needed.
        write_repository_variable(wanted.repository, "AZURE_RUNNER", wanted.runner)
    outcome("done: deploy the infrastructure next (workflow infra), then run this once more")


def repository_here() -> str:
    """Return the GitHub repository of this checkout."""
    return str(gh("repo", "view", "--json", "nameWithOwner")["nameWithOwner"])


def read_names() -> Names:
    """Read the names of all environments.

    Raises:
        BadInput: There is no such file, or it is none of ours.
    """
    try:
        names: Names = json.loads(NAMES.read_text(encoding="utf-8"))
        _ = [names[environment][key] for environment in ENVIRONMENTS for key in OWN_NAMES]
        _ = [names[SHARED][key] for key in SHARED_NAMES]
    except FileNotFoundError:
        raise BadInput(
            f"{NAMES.as_posix()} is missing: run this from the repository's root; without infra/ "
            "set the variables by hand (docs/delivery.md, 'A workspace that is given to you')"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{NAMES.as_posix()}: {type(error).__name__} {error}") from None
    return names


def announce(
    wanted: Bootstrap, names: Names, account: dict[str, Any], subjects: dict[str, str]
) -> None:
    """Print what will be made, before anything is."""
    typer.echo(f"subscription  {account['name']} ({account['id']})")
    typer.echo(f"region        {wanted.location}")
    for environment in (SHARED, *ENVIRONMENTS):
        typer.echo(
            f"{environment:<13} resource group {names[environment]['resourceGroup']}, identity "
            f"{names[environment]['deployerIdentity']} for {subjects[environment]}"
        )
    typer.echo(
        f"{PLAN:<13} identity {names[SHARED]['planIdentity']} (reads only) for {subjects[PLAN]}"
    )
    typer.echo(f"GitHub        environments of {wanted.repository} with their variables;")
    typer.echo(f"              prod and shared need the approval of {', '.join(wanted.reviewers)}")


def _prepare_azure(
    wanted: Bootstrap, subscription: str, subjects: dict[str, str]
) -> dict[str, str]:
    """Make groups, identities, trust and roles; return client ids by environment."""
    shared = _outputs(
        az(
            "deployment", "sub", "create", "--name", "bootstrap-shared",
            "--location", wanted.location, "--template-file", SHARED_TEMPLATE,
            "--parameters", f"location={wanted.location}",
            f"deploySubject={subjects[SHARED]}", f"planSubject={subjects[PLAN]}",
            "--subscription", subscription, changes=True,
        )
    )  # fmt: skip
    clients = {SHARED: shared["deployerClientId"], PLAN: shared["planClientId"]}
    for environment in ENVIRONMENTS:
        made = _outputs(
            az(
                "deployment", "sub", "create", "--name", f"bootstrap-{environment}",
                "--location", wanted.location, "--template-file", TEMPLATE,
                "--parameters", f"environmentName={environment}", f"location={wanted.location}",
                f"deploySubject={subjects[environment]}", "--subscription", subscription,
                changes=True,
            )
        )  # fmt: skip
        clients[environment] = made["deployerClientId"]
    return clients


def _outputs(answer: Any) -> dict[str, str]:
    if DRY_RUN.get():
        return {"deployerClientId": "<client id>", "planClientId": "<client id>"}
    outputs = (answer or {}).get("properties", {}).get("outputs", {})
    if "deployerClientId" not in outputs:
        raise LifecycleError(
            "Azure made the identities and did not say their client ids: start this again"
        )
    return {name: str(output["value"]) for name, output in outputs.items()}


def variables(
    environment: str, names: Names, account: dict[str, Any], wanted: Bootstrap
) -> dict[str, str]:
    """Return the variables of a GitHub environment, by name; those without value are not set."""
    always = {
        "AZURE_TENANT_ID": str(account["tenantId"]),
        "AZURE_SUBSCRIPTION_ID": str(account["id"]),
        "AZURE_LOCATION": wanted.location,
        "AZURE_ML_REGISTRY": names[SHARED]["registry"],
        "AZURE_ML_REGISTRY_RESOURCE_GROUP": names[SHARED]["resourceGroup"],
    }
    if environment == SHARED:
        return always | {"AZURE_RESOURCE_GROUP": names[SHARED]["resourceGroup"]}
    if environment == PLAN:
        # Pull requests name the group that they ask about; the monitor reads production's jobs.
        own = names["prod"]
        return always | {
            "AZURE_RESOURCE_GROUP": own["resourceGroup"],
            "AZURE_ML_WORKSPACE": own["workspace"],
        }
    own_values = _workspace_variables(names[environment], str(account["id"]))
    return always | {name: value for name, value in own_values.items() if value}


def _workspace_variables(own: dict[str, str], subscription: str) -> dict[str, str]:
    group = f"/subscriptions/{subscription}/resourceGroups/{own['resourceGroup']}"
    identities = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    return {
        "AZURE_RESOURCE_GROUP": own["resourceGroup"],
        "AZURE_ML_WORKSPACE": own["workspace"],
        "AZURE_ML_ONLINE_ENDPOINT": own.get("onlineEndpoint", ""),
        "AZURE_ML_BATCH_ENDPOINT": own.get("batchEndpoint", ""),
        "AZURE_ML_COMPUTE": own["computeCluster"],
        "AZURE_ML_SCORING_IDENTITY": f"{identities}/{own['scoringIdentity']}",
        "AZURE_KEY_VAULT_URL": f"https://{own['keyVault']}.vault.azure.net",
        "APPLICATIONINSIGHTS_CONNECTION_STRING": _connection_string(own),
    }


def _connection_string(own: dict[str, str]) -> str:
    """Return the connection string of Application Insights; empty before it has been deployed."""
    found = az(
        "monitor", "app-insights", "component", "show", "--app", own["applicationInsights"],
        "--resource-group", own["resourceGroup"], missing_ok=True,
    )  # fmt: skip
    return str((found or {}).get("connectionString", ""))
