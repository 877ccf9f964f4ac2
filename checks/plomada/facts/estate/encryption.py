"""Encryption in transit and at rest: what storage, databases and ingresses leave open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plomada.facts import Facts
from plomada.facts.estate.resources import Estate
from plomada.facts.model import Resource, Value
from plomada.facts.serving.kubernetes import Manifest, manifests
from plomada.facts.values import alternatives, truth
from plomada.patterns import regex
from plomada.records import dataclass
from plomada.spans import Span

_STRONG = frozenset({"tls1_2", "tls1_3"})
_SERVICE = regex(r"encryption\.services\.\w+\.enabled")
_PORT = regex(r"ipaddress\.ports\.\d+(?:\.port)?")


@dataclass(frozen=True, slots=True)
class Weakness:
    """Something that leaves data unencrypted.

    Attributes:
        code: short stable name.
        message: one sentence.
        span: its place.
        subject: what it speaks of.
    """

    code: str
    message: str
    span: Span
    subject: str


def storage_weaknesses(accounts: Iterable[Resource]) -> Iterator[Weakness]:
    """Yield what storage accounts leave open in transit."""
    for account in accounts:
        tls = account.properties.get("minimumtlsversion")
        if tls is None or not _all(tls, _STRONG):
            message = "the storage account does not require TLS 1.2"
            yield _weakness("old-tls", message, account, "minimumtlsversion" if tls else "")
        https = account.properties.get("supportshttpstrafficonly")
        if not _https_only(account, https):
            message = "the storage account admits plain HTTP"
            yield _weakness("plain-http", message, account, "supportshttpstrafficonly")


def _https_only(account: Resource, value: Value | None) -> bool:
    """HTTPS only is the default everywhere but in azurerm before 2.0, which sets it explicitly."""
    if value is None or (value.kind == "known" and value.data is None):
        return account.dialect != "terraform" or bool(account.api_version) or not account.places
    return truth(value) is True


def _all(value: Value, wanted: frozenset[str]) -> bool:
    return all((part.text or "").lower() in wanted for part in alternatives(value))


def _weakness(code: str, message: str, resource: Resource, path: str) -> Weakness:
    return Weakness(code, message, resource.places.get(path, resource.span), resource.address)


def switches(estate: Estate) -> Iterator[Weakness]:
    """Yield what switches encryption off; a missing customer-managed key is no such thing."""
    for resource in estate.declared:
        for path, value in resource.properties.items():
            if _is_off(resource, path, value):
                yield _weakness("not-encrypted", "encryption is switched off", resource, path)
        if resource.type == "microsoft.containerinstance/containergroups":
            yield from _container_ports(resource)


_OFF = {
    ("transparentdataencryption", "state"): "disabled",
    ("transparentdataencryption", "status"): "disabled",
    ("servers", "sslenforcement"): "disabled",
    ("servers", "sslenforcementenabled"): "false",
    ("redis", "enablenonsslport"): "true",
    ("redis", "nonsslportenabled"): "true",
    ("databases", "transparentdataencryptionenabled"): "false",
}


def _is_off(resource: Resource, path: str, value: Value) -> bool:
    if _SERVICE.fullmatch(path):
        return truth(value) is False
    wanted = _OFF.get((resource.type.rpartition("/")[2], path))
    return wanted is not None and value.kind == "known" and str(value.data).lower() == wanted


def _container_ports(group: Resource) -> Iterator[Weakness]:
    kind = group.properties.get("ipaddress.type")
    if kind is not None and (kind.text or "").lower() not in ("public", ""):
        return
    for path, value in group.properties.items():
        if _PORT.fullmatch(path) and value.data == 80:
            yield _weakness(
                "plain-http", "the container group serves plain HTTP in public", group, path
            )
            return


def plain_ingresses(facts: Facts) -> Iterator[Weakness]:
    """Yield the ingresses, gateways and services that serve plain HTTP."""
    for manifest in manifests(facts):
        reason = plain_http(manifest)
        if reason:
            yield Weakness("plain-http", reason[0], reason[1], manifest.name)


def plain_http(manifest: Manifest) -> tuple[str, Span] | None:
    """Return why an object serves plain HTTP, and where; None where it does not."""
    if manifest.kind == "Ingress":
        return _ingress(manifest)
    if manifest.kind == "Gateway":
        return _gateway(manifest)
    return _service(manifest) if manifest.kind == "Service" else None


def _ingress(manifest: Manifest) -> tuple[str, Span] | None:
    tls = manifest.find("spec.tls")
    if tls is not None and (tls.elements or tls.entries):
        return None
    return "the ingress has no tls", manifest.span


def _gateway(manifest: Manifest) -> tuple[str, Span] | None:
    """Gateway API lists listeners, Istio servers with a port."""
    listed = manifest.find("spec.listeners") or manifest.find("spec.servers")
    if listed is None or not listed.elements:
        return None
    protocols = [(e.find("protocol") or e.find("port.protocol")) for e in listed.elements]
    if all(p is not None and p.string.upper() in ("HTTP", "HTTP2", "GRPC") for p in protocols):
        return "all listeners of the gateway are plain HTTP", listed.elements[0].span
    return None


def _service(manifest: Manifest) -> tuple[str, Span] | None:
    if manifest.text("spec.type") not in ("LoadBalancer", "NodePort") or _is_internal(manifest):
        return None
    ports = manifest.find("spec.ports")
    for entry in ports.elements if ports is not None else []:
        port = entry.get("port")
        if port is not None and port.string == "80":
            return "the service serves plain HTTP on port 80 in public", port.span
    return None


def _is_internal(manifest: Manifest) -> bool:
    annotations = manifest.find("metadata.annotations")
    for key, value in annotations.items() if annotations is not None else ():
        if "load-balancer-internal" in key and value.string.lower() == "true":
            return True
    return False
