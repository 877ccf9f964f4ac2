"""INF3 to INF7: tags, roles, security groups and private endpoints of the declared estate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plomada.facts import Facts
from plomada.facts.estate import tags
from plomada.facts.estate.networks import (
    PRIVATE_KINDS,
    attachments,
    is_project,
    managed_network,
    unresolved_endpoints,
)
from plomada.facts.estate.roles import ASSIGNMENT
from plomada.facts.iac.links import WORKSPACE
from plomada.facts.model import Link, Resource
from plomada.items import Settings, item
from plomada.items.common import (
    absent,
    access_policies,
    at,
    declared,
    done,
    first_line,
    once,
    switched_off,
)
from plomada.verdicts import (
    Advice,
    Evidence,
    Finding,
    Remark,
    Verdict,
    failed,
    not_applicable,
    passed,
)

NETWORK = "microsoft.network/virtualnetworks"
SUBNET = "microsoft.network/virtualnetworks/subnets"
GROUP = "microsoft.network/networksecuritygroups"


@item("INF3")
def tagging(facts: Facts, settings: Settings) -> Verdict:
    """Every taggable resource that is declared carries tags."""
    judged = [r for r in facts.estate.declared if tags.is_taggable(r)]
    advice = list(_outside(facts))
    if not judged:
        return absent(facts, "no taggable resource is declared", advice)
    untagged = [r for r in judged if tags.state(r) == "untagged"]
    advice += once(_unresolved_tags(judged))
    if untagged:
        findings = once(_untagged(untagged))
        return failed(f"{len(findings)} declared resources carry no tags", findings, advice)
    evidence = once(at("tags", f"{r.type} carries tags", r, tags.place(r)) for r in judged)
    evidence += once(at("defined", "these tags reach it", r, tags.origin(r)) for r in judged)
    return passed("every taggable resource carries tags", evidence, advice)


def _untagged(resources: Iterable[Resource]) -> Iterator[Finding]:
    for resource in resources:
        empty = "its tags come to nothing" if "tags" in resource.places else "it has no tags"
        yield at("untagged", f"{resource.type}: {empty}", resource)


def _unresolved_tags(resources: Iterable[Resource]) -> Iterator[Advice]:
    for resource in resources:
        if tags.state(resource) == "unresolved":
            message = "these tags cannot be resolved; make sure that they are not empty"
            yield at("unresolved-tags", message, resource, tags.place(resource))


def _outside(facts: Facts) -> Iterator[Advice]:
    for resource in facts.estate.external:
        yield at("outside-module", "what this module declares is out of sight", resource)


@item("INF4")
def cost_tags(facts: Facts, settings: Settings) -> Verdict:
    """The tags that reach at least one taggable resource include a cost key."""
    judged = [
        r for r in facts.estate.declared if tags.is_taggable(r) and tags.state(r) != "untagged"
    ]
    evidence = []
    for resource in judged:
        found = tags.cost_key(resource)
        if found is not None:
            evidence.append(
                at("cost-key", f"the tags have the cost key {found[0]}", resource, found[1])
            )
    if evidence:
        return passed("the tags include a cost key", once(evidence))
    if not judged:
        bare = [
            at("no-tags", "this resource has no tags", r)
            for r in facts.estate.declared
            if tags.is_taggable(r)
        ]
        reason = "no tags reach a declared resource, so no cost key does"
        return absent(facts, reason, findings=once(bare)[:6])
    findings = once(
        at("no-cost-key", "these tags have no cost key", r, tags.written(r)) for r in judged
    )
    return failed("no tag is a cost key such as cost-center", findings)


@item("INF5")
def roles_defined(facts: Facts, settings: Settings) -> Verdict:
    """At least one role assignment is declared, or created by a pipeline or script."""
    assignments = facts.estate.of_type(ASSIGNMENT)
    evidence = [*declared(assignments, "declared", "a role assignment")]
    evidence = evidence or [*done(facts, "created", "a role assignment", "assign-role")]
    if not evidence:
        near = access_policies(facts)
        return absent(facts, "no role assignment is declared or created", findings=near)
    return passed("role assignments are declared", once(evidence), switched_off(assignments))


@item("INF6")
def security_groups(facts: Facts, settings: Settings) -> Verdict:
    """A network security group is declared and attached to a subnet."""
    estate = facts.estate
    groups = estate.of_type(GROUP)
    links = attachments(estate) if groups else []
    if links:
        return passed("a security group is attached to a subnet", _attached(groups, links))
    networks = estate.of_type(NETWORK, SUBNET)
    managed = [r for r in estate.of_type(WORKSPACE) if managed_network(r)]
    if managed and not networks:
        return not_applicable("no virtual network is declared; the workspace has a managed one")
    if not groups and not networks:
        return absent(facts, "no network security group is declared")
    findings = [
        at("not-attached", "this security group is attached to no subnet", g) for g in groups
    ]
    findings = findings or [
        at("no-group", "this network has no security group", n) for n in networks
    ]
    return failed("no network security group is attached to a subnet", once(findings))


def _attached(groups: Iterable[Resource], links: Iterable[Link]) -> list[Evidence]:
    found = [at("group", "a security group is declared", g) for g in groups]
    found += [
        Remark("attached", "it is attached to a subnet", first_line(k.span), k.source)
        for k in links
    ]
    return once(found)


@item("INF7")
def private_endpoints(facts: Facts, settings: Settings) -> Verdict:
    """Each declared workspace, storage account, key vault and registry has a private endpoint."""
    estate = facts.estate
    judged = [r for r in estate.of_type(*PRIVATE_KINDS) if not is_project(r)]
    if not judged:
        return absent(facts, "no workspace, storage account, key vault or registry is declared")
    spare = unresolved_endpoints(estate)
    findings: list[Finding] = []
    evidence: list[Evidence] = []
    for resource in judged:
        links = estate.links_to(resource, "private-endpoint", "outbound-rule")
        link = links[0] if links else spare.take(resource)
        if link is None:
            findings.append(at("no-endpoint", f"{resource.type} has no private endpoint", resource))
        else:
            evidence += _endpoint_places(estate.by_address[link.source], resource, link)
    endpoints = estate.of_type("microsoft.network/privateendpoints")
    advice = once(switched_off(endpoints))
    if findings:
        return failed("a private endpoint is missing", once(findings), advice, once(evidence))
    return passed("each of them has a private endpoint", once(evidence), advice)


def _endpoint_places(endpoint: Resource, covered: Resource, link: Link) -> list[Evidence]:
    message = f"{covered.type} has a private endpoint"
    found = [at("endpoint", message, endpoint)]
    found += [at("endpoint-module", message, endpoint, s) for s in endpoint.call_chain[-1:]]
    return [*found, Remark("endpoint-target", message, first_line(link.span), covered.address)]
