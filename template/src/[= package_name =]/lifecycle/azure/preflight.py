"""Says within a minute which host cannot be reached, before a job finds out after an hour.

Workspaces are closed to the internet: what speaks to their data has to run inside. A pipeline's
hosted machine reaches Azure's management but not the workspace's storage and vault. Those two have
a public address that answers everybody and refuses strangers, so that a connection proves nothing:
they are asked a question.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import typer

from ..errors import Refused
from .client import AzureError, az
from .settings import setting, workspace

TIMEOUT_SECONDS = 10.0
RECIPE = "run this inside the network, docs/delivery.md, 'A private runner' (AZURE_RUNNER)"

CLOSED = re.compile(
    r"blocked by network rules|AuthorizationFailure|ForbiddenByFirewall|ForbiddenByConnection"
    r"|public network access is disabled|client address is not authorized",
    re.IGNORECASE,
)
"""How storage and vault refuse a machine outside the network, whoever it runs as."""


@dataclass(frozen=True)
class Finding:
    """What was found out about one host.

    Attributes:
        host: Its name, with the port where it is not 443.
        problem: Why it cannot be reached; empty where it can.
    """

    host: str
    problem: str


def preflight(secret: str | None = None) -> None:
    """Try login, workspace and every host that a delivery needs.

    Args:
        secret: Name of a Key Vault secret that must be readable; None for none.

    Raises:
        Refused: A host cannot be reached: the message has the host and the recipe.
    """
    require_reached(public_hosts())
    az("account", "show")
    hosts = private_hosts()
    require_reached(hosts)
    for host in hosts:
        require_admitted(host)
    az("ml", "model", "list", "--max-results", "1", *workspace())
    if secret:
        _require_readable(secret)
    typer.echo("ready")


def public_hosts() -> list[str]:
    """Hosts that every delivery speaks to: login, management, the region's Azure ML service.

    Source: Azure Machine Learning, "Configure inbound and outbound network traffic".
    """
    return [
        "login.microsoftonline.com",
        "management.azure.com",
        f"{setting('AZURE_LOCATION')}.api.azureml.ms",
    ]


def private_hosts() -> list[str]:
    """Hosts that may answer inside the network alone: the workspace, its storage, the vault."""
    shown = (
        az(
            "ml", "workspace", "show", "--name", setting("AZURE_ML_WORKSPACE"),
            "--resource-group", setting("AZURE_RESOURCE_GROUP"),
        )
        or {}
    )  # fmt: skip
    own = urlsplit(str(shown.get("discovery_url", ""))).netloc
    storage = str(shown.get("storage_account", "")).rpartition("/")[2]
    blobs = f"{storage}.blob.core.windows.net" if storage else ""
    vault = urlsplit(os.environ.get("AZURE_KEY_VAULT_URL", "")).netloc
    return [host for host in (own, blobs, vault) if host and host not in public_hosts()]


def require_admitted(host: str) -> None:
    """Ask storage or vault a question that only a machine inside the network gets answered.

    Args:
        host: One of `private_hosts`.

    Raises:
        Refused: It refuses this machine, or whoever this runs as.
    """
    name = host.partition(".")[0]
    if host.endswith(".blob.core.windows.net"):
        _ask(
            host, "storage", "container", "list", "--account-name", name,
            "--auth-mode", "login", "--num-results", "1",
        )  # fmt: skip
    elif ".vault." in host:
        _ask(host, "keyvault", "secret", "list", "--vault-name", name, "--maxresults", "1")


def _ask(host: str, *words: str) -> None:
    try:
        az(*words)
    except AzureError as error:
        if CLOSED.search(error.answer):
            raise Refused(f"{host} refuses this machine: {RECIPE}") from None
        raise Refused(
            f"{host} refuses whoever this runs as: the roles are in infra/modules/access.bicep, "
            f"or whoever gave you the workspace gives them. {error}"
        ) from None


def require_reached(hosts: list[str]) -> None:
    """Try hosts and print what was found out about each.

    Raises:
        Refused: One cannot be reached.
    """
    findings = reach(hosts)
    for finding in findings:
        typer.echo(
            f"{'NO' if finding.problem else 'ok'}  {finding.host}  {finding.problem}".rstrip()
        )
    unreached = [finding.host for finding in findings if finding.problem]
    if unreached:
        raise Refused(f"cannot reach {', '.join(unreached)}: {RECIPE}")


def reach(hosts: list[str]) -> list[Finding]:
    """Try all hosts at once, so that ten dead ones cost as long as one."""
    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        return list(pool.map(_try, hosts))


def _try(host: str) -> Finding:
    """Open a TLS connection: a name that resolves to a closed address fails here, not later."""
    name, _, port = host.partition(":")
    try:
        with (
            socket.create_connection((name, int(port or 443)), TIMEOUT_SECONDS) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=name),
        ):
            return Finding(host, "")
    except OSError as error:
        return Finding(host, str(error) or type(error).__name__)


def _require_readable(secret: str) -> None:
    from .secrets import read_secret

    read_secret(secret)
    typer.echo(f"ok  secret {secret} can be read")
