"""SEC2: managed identities."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.code.code import is_test_file
from plomada.facts.model import Resource, Value
from plomada.facts.strings import shown
from plomada.items import Settings, item
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown

_CREDENTIALS = ("azure.identity.", "azureml.core.authentication.MsiAuthentication")
_CLASSES = frozenset({"DefaultAzureCredential", "ManagedIdentityCredential", "MsiAuthentication"})
_LIBRARIES = ("azure.identity.", "azureml.core.authentication.")
_OTHERS = frozenset(
    {
        "ClientSecretCredential", "CertificateCredential", "ClientCertificateCredential",
        "UsernamePasswordCredential", "EnvironmentCredential", "AzureCliCredential",
        "InteractiveBrowserCredential", "DeviceCodeCredential",
        "ServicePrincipalAuthentication", "InteractiveLoginAuthentication",
        "AzureCliAuthentication",
    }
)  # fmt: skip
_ML = "microsoft.machinelearningservices/"


@item("SEC2")
def managed_identities(facts: Facts, settings: Settings) -> Verdict:
    """A managed identity is declared on workspace, compute or endpoint.

    Or code authenticates by one.
    """
    evidence = [*_declared(facts), *_specified(facts), *_coded(facts)]
    if evidence:
        return passed("managed identities are used", evidence, _advice(facts))
    if facts.hiding("resources") or facts.hiding("code"):
        return unknown("no managed identity was found, but not everything could be read")
    reason = "no managed identity is declared, and no code authenticates by one"
    others = [Finding("other-credential", reason, e.span) for e in _coded(facts, otherwise=True)]
    return failed(reason, others[:4], _advice(facts))


def _declared(facts: Facts) -> Iterator[Evidence]:
    for resource in facts.estate.resources:
        if resource.existing or not _counts(resource) or resource.identity is None:
            continue
        if _type(resource.identity) != "none":
            span = resource.places.get("identity", resource.span)
            yield Evidence("declared", "an identity is declared", span, resource.address)


def _type(identity: Value) -> str:
    """Return an identity block's type in lower case, "" where it is open."""
    if isinstance(identity.data, dict):
        found = next((v for k, v in identity.data.items() if str(k).lower() == "type"), None)
        return shown(found).lower() if isinstance(found, Value) else ""
    return shown(identity).lower()


def _counts(resource: Resource) -> bool:
    if resource.type.startswith(_ML):
        return True
    return resource.type in {
        "microsoft.containerservice/managedclusters", "microsoft.compute/virtualmachines",
        "microsoft.containerinstance/containergroups", "microsoft.app/containerapps",
        "microsoft.web/sites",
    }  # fmt: skip


def _specified(facts: Facts) -> Iterator[Evidence]:
    for asset in facts.assets.of_kind("compute", "online-endpoint", "workspace", "job", "pipeline"):
        value = asset.fields.get("identity")
        if value is not None and not (value.kind == "known" and not value.data):
            kind = asset.fields.get("identity.type")
            if kind is None or shown(kind).lower() not in {"none", "user_identity"}:
                span = value.origins[-1] if value.origins else asset.span
                yield Evidence("specified", f"the {asset.kind} has an identity", span)


def _coded(facts: Facts, *, otherwise: bool = False) -> Iterator[Evidence]:
    """Yield where code authenticates by a managed identity, or otherwise."""
    for path in facts.code.paths:
        if is_test_file(path) or not facts.code.mentions(
            path, "credential", "msiauthentication", *(("authentication",) if otherwise else ())
        ):
            continue
        module = facts.code.module(path)
        for site in module.sites if module is not None else ():
            name = facts.code.name(site)
            last = name.rpartition(".")[2]
            if otherwise:
                fits = last in _OTHERS and name.startswith(_LIBRARIES)
            else:
                fits = last in _CLASSES and name.startswith(_CREDENTIALS)
            if fits:
                yield Evidence(
                    "coded",
                    f"authenticates by {name}",
                    facts.code.owner(site.scope).span(site.node),
                )


def _advice(facts: Facts) -> Iterator[Advice]:
    for act in acts_of(facts, "login"):
        inputs = {key.lower() for key in act.arguments}
        if act.tool == "azure/login" and "creds" in inputs:
            yield Advice(
                "client-secret", "logs in with a stored secret; OpenID Connect needs none", act.span
            )
