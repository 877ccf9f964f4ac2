"""Keeps the login fresh in jobs that last longer than a token.

GitHub's identity token lives for minutes and the access token that Azure gives for it about an
hour; `az` cannot renew the latter once the former is over (error AADSTS700024). A job that may ask
for identity tokens asks for another one and logs in again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess  # nosec B404  # the words are literal, no shell is involved

import requests

from ..errors import LifecycleError

AUDIENCE = "api://AzureADTokenExchange"
"""What Microsoft Entra expects as audience of a federated token."""

TIMEOUT_SECONDS = 30

EXPIRED = re.compile(r"AADSTS700024|AADSTS70043|AADSTS700082|ExpiredAuthenticationToken|az login")


def has_expired(answer: str) -> bool:
    """Tell whether a command failed because the login is over."""
    return EXPIRED.search(answer) is not None


def renew() -> None:
    """Log in again with a new identity token of the pipeline.

    Raises:
        LifecycleError: This is no pipeline with identity tokens, or the login was refused.
    """
    client, tenant = os.environ.get("AZURE_CLIENT_ID"), os.environ.get("AZURE_TENANT_ID")
    address, bearer = (
        os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"),
        os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    )
    if not (client and tenant and address and bearer):
        raise LifecycleError("the login to Azure is over: run `az login` and start this again")
    _log_in(client, tenant, _identity_token(address, bearer))


def _identity_token(address: str, bearer: str) -> str:
    """Ask the code host for an identity token; address and bearer are what it gave to the job."""
    try:
        answer = requests.get(
            address,
            params={"audience": AUDIENCE},
            headers={"Authorization": f"Bearer {bearer}"},
            timeout=TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        return str(answer.json()["value"])
    except requests.HTTPError as error:
        problem = str(error.response.status_code)
    except (requests.RequestException, KeyError, ValueError, TypeError) as error:
        # Its text may hold the address, which is as good as the bearer.
        problem = type(error).__name__
    raise LifecycleError(
        f"the code host gives no identity token ({problem}): the job needs `id-token: write`"
    )


def _log_in(client: str, tenant: str, token: str) -> None:
    done = subprocess.run(  # nosec B603 B607
        [
            "az", "login", "--service-principal", "--username", client, "--tenant", tenant,
            "--federated-token", token, "--output", "none",
        ],
        executable=shutil.which("az"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        answer = done.stderr.replace(token, "***").strip()
        raise LifecycleError(f"the login to Azure could not be renewed: {answer[-300:]}")
