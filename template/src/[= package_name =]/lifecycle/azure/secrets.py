"""Reads secrets from Key Vault: the example to follow.

A secret is never a setting, an argument or an output. Code that needs one names it and reads it
when it needs it, as whoever it runs as: the deployment's managed identity on Azure, the pipeline's
federated login, a person's `az login`. Its role is Key Vault Secrets User.
"""

from __future__ import annotations

from ..errors import BadInput
from .settings import setting


def read_secret(name: str) -> str:
    """Return the current value of a secret.

    Args:
        name: The secret's name in the project's Key Vault.

    Raises:
        BadInput: The vault has no such secret, or does not let this identity read it.
    """
    from azure.core.exceptions import HttpResponseError, ServiceRequestError
    from azure.identity import CredentialUnavailableError, DefaultAzureCredential
    from azure.keyvault.secrets import SecretClient

    client = SecretClient(
        vault_url=setting("AZURE_KEY_VAULT_URL"), credential=DefaultAzureCredential()
    )
    try:
        return client.get_secret(name).value or ""
    except (HttpResponseError, ServiceRequestError, CredentialUnavailableError) as error:
        raise BadInput(
            f"the secret {name} cannot be read from {setting('AZURE_KEY_VAULT_URL')} "
            f"({type(error).__name__}): docs/runbooks/rotate-a-secret.md"
        ) from None
