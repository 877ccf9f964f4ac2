"""SEC1: no secret stands in a file, and a Key Vault is there to hold them."""

from __future__ import annotations

from itertools import islice

from plomada.facts import Facts
from plomada.facts.secrets import Secret, find_secrets, vault_uses
from plomada.items import Settings, item
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed


@item("SEC1")
def secrets_in_key_vault(facts: Facts, settings: Settings) -> Verdict:
    """No file holds a hard-coded secret, and a Key Vault is declared or read."""
    secrets = find_secrets(facts.repository)
    advice = [
        Advice("local-secret", f"{_what(secret)} for local use", secret.span)
        for secret in secrets
        if secret.local
    ]
    real = [secret for secret in secrets if not secret.local]
    evidence = [
        Evidence("key-vault", use.message, use.span) for use in islice(vault_uses(facts), 10)
    ]
    if real:
        findings = [Finding("hard-coded-secret", _what(secret), secret.span) for secret in real]
        count = f"{len(real)} hard-coded secret{'s' if len(real) > 1 else ''}"
        return failed(count, findings, advice, evidence)
    if not evidence:
        return failed("no Key Vault is declared in IaC or read by pipeline or code", (), advice)
    return passed("no hard-coded secret was found and a Key Vault is used", evidence, advice)


def _what(secret: Secret) -> str:
    given = f" given to {secret.name}" if secret.name else ""
    return f"a hard-coded {secret.kind}{given}"
