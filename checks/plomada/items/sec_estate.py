"""SEC3, SEC4 and SEC5: privileges, isolation and encryption of the declared estate."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.estate.encryption import Weakness, plain_ingresses, storage_weaknesses, switches
from plomada.facts.estate.networks import STORAGE, is_project, is_public, managed_network
from plomada.facts.estate.resources import Estate
from plomada.facts.estate.roles import (
    ASSIGNMENT,
    WIDE,
    administrator_name,
    broad_commands_in_documents,
    broad_role,
    given_by,
)
from plomada.facts.iac.links import WORKSPACE
from plomada.facts.model import Link, Resource
from plomada.items import Settings, item
from plomada.items.common import absent, access_policies, acts, at, declared, done, first_line, once
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Remark, Verdict, failed, passed


@item("SEC3")
def least_privilege(facts: Facts, settings: Settings) -> Verdict:
    """Roles are assigned, and none is Owner, Contributor or the like on a group or wider."""
    assignments = facts.estate.of_type(ASSIGNMENT)
    evidence = [*declared(assignments, "assignment", "a role assignment")]
    evidence += [*done(facts, "created", "a role assignment", "assign-role")]
    findings = [*_broad_assignments(facts.estate, assignments), *_broad_commands(facts)]
    advice = once([*_administrators(facts, assignments), *_documented(facts)])
    if findings:
        return failed("a broad role is given on a resource group or wider", once(findings), advice)
    if not evidence:
        near = access_policies(facts)
        return absent(facts, "no role assignment is declared", advice, near)
    return passed("roles are assigned narrowly", once(evidence), advice)


def _broad_assignments(estate: Estate, assignments: tuple[Resource, ...]) -> Iterator[Finding]:
    for assignment in assignments:
        role = broad_role(assignment, estate)
        if role is not None and assignment.scope in WIDE:
            place = assignment.places.get("roledefinitionid", assignment.span)
            yield at(
                "broad-role", f"{role} is given at {assignment.scope} scope", assignment, place
            )


def _broad_commands(facts: Facts) -> Iterator[Finding]:
    for act in acts(facts, "assign-role", "create-principal"):
        role, scope, _ = given_by(act)
        if role is not None and scope in WIDE:
            yield Remark(
                "broad-role", f"{role} is given at {scope} scope", first_line(act.span), act.tool
            )


def _administrators(facts: Facts, assignments: tuple[Resource, ...]) -> Iterator[Advice]:
    for assignment in assignments:
        value = assignment.properties.get("roledefinitionid")
        name = administrator_name(value) if value is not None else None
        if name is not None and assignment.scope == "subscription":
            yield at("administrator", f"{name} is given on the whole subscription", assignment)
    for act in acts(facts, "assign-role"):
        _, scope, role = given_by(act)
        name = administrator_name(role) if role is not None else None
        if name is not None and scope == "subscription":
            yield Remark(
                "administrator", f"{name} is given on the whole subscription", first_line(act.span)
            )


def _documented(facts: Facts) -> Iterator[Advice]:
    for span in broad_commands_in_documents(facts.repository):
        yield Remark("document", "this document asks for a broad role", span, span.path)


@item("SEC4")
def isolation(facts: Facts, settings: Settings) -> Verdict:
    """Each declared workspace is private, has a managed network or a private endpoint."""
    judged = [r for r in facts.estate.of_type(WORKSPACE) if not is_project(r)]
    if not judged:
        return absent(facts, "no Azure ML workspace is declared")
    findings: list[Finding] = []
    evidence: list[Evidence] = []
    for workspace in judged:
        found = _isolated(facts.estate, workspace)
        if not found:
            findings.append(
                at(
                    "public",
                    "this workspace is open to the public network",
                    workspace,
                    _access(workspace),
                )
            )
        else:
            evidence += found
    if findings:
        return failed(
            "a workspace is open to the public network", once(findings), evidence=once(evidence)
        )
    return passed(
        "each workspace is isolated", once(evidence), once(_still_public(facts.estate, judged))
    )


def _access(workspace: Resource) -> Span:
    """Return what opens a workspace where it is written, else the workspace's head."""
    return workspace.places.get("publicnetworkaccess", workspace.span)


def _isolated(estate: Estate, workspace: Resource) -> list[Evidence]:
    if not is_public(workspace):
        place = workspace.places.get("publicnetworkaccess", workspace.span)
        return [at("private", "public network access is disabled", workspace, place)]
    if managed_network(workspace):
        place = workspace.places.get("managednetwork", workspace.span)
        return [at("managed-network", "it has a managed virtual network", workspace, place)]
    link = _endpoint(estate, workspace)
    if link is None:
        return []
    message = "it sits behind a private endpoint"
    target = Remark("endpoint-target", message, first_line(link.span), workspace.address)
    return [at("endpoint", message, estate.by_address[link.source]), target]


def _endpoint(estate: Estate, workspace: Resource) -> Link | None:
    """Return the private endpoint that is deployed at the values that the workspace has."""
    for link in estate.links_to(workspace, "private-endpoint"):
        if estate.by_address[link.source].deployed is not False:
            return link
    return None


def _still_public(estate: Estate, workspaces: list[Resource]) -> Iterator[Advice]:
    for workspace in workspaces:
        value = workspace.properties.get("publicnetworkaccess")
        if value is not None and (value.text or "").lower() == "enabled":
            place = workspace.places.get("publicnetworkaccess", workspace.span)
            yield at("still-public", "public network access stays enabled", workspace, place)


@item("SEC5")
def encryption(facts: Facts, settings: Settings) -> Verdict:
    """Storage requires TLS 1.2 and HTTPS, nothing is left unencrypted, no ingress is plain HTTP."""
    accounts = facts.estate.of_type(STORAGE)
    weak = [*storage_weaknesses(accounts), *switches(facts.estate), *plain_ingresses(facts)]
    findings = [_finding(w) for w in weak]
    if findings:
        return failed("encryption is weaker than asked for", once(findings))
    if not accounts:
        return absent(facts, "no storage account is declared")
    evidence = []
    for account in accounts:
        place = account.places.get("minimumtlsversion", account.span)
        evidence.append(at("tls", "TLS 1.2 and HTTPS are required", account, place))
    return passed("every storage account requires TLS 1.2 and HTTPS", once(evidence))


def _finding(weakness: Weakness) -> Finding:
    return Remark(weakness.code, weakness.message, first_line(weakness.span), weakness.subject)
