"""GOV2, GOV3 and GOV4: tag policy, cost allocation and audit logs."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.estate.audit import AUDITED, Setting, audited_by_command, diagnostic_settings
from plomada.facts.estate.policies import tag_policies, tag_policies_made, tag_scans
from plomada.facts.pipelines.running import declares
from plomada.items import Settings, item
from plomada.items.common import absent, at, declared, done, first_line, once, switched_off
from plomada.verdicts import Evidence, Finding, Remark, Verdict, failed, passed

_LOGS = "microsoft.operationalinsights/workspaces"
COST = (
    "microsoft.consumption/budgets",
    "microsoft.costmanagement/budgets",
    "microsoft.costmanagement/exports",
    "microsoft.costmanagement/costallocationrules",
)


@item("GOV2")
def tag_policy(facts: Facts, settings: Settings) -> Verdict:
    """A policy about tags is declared, or a pipeline refuses untagged resources."""
    policies = tag_policies(facts)
    evidence: list[Evidence] = [
        at("policy", "a policy about tags is declared", p) for p in policies
    ]
    for act in tag_policies_made(facts):
        what = f"a policy about tags is made by {act.tool}"
        evidence.append(Remark("policy", what, first_line(act.span), act.tool))
    for act, why in tag_scans(facts):
        evidence.append(Remark("check", why, first_line(act.span), act.tool))
    if not evidence:
        return absent(facts, "no policy about tags is declared and no pipeline checks tags")
    return passed("tags are enforced", once(evidence), switched_off(policies))


@item("GOV3")
def cost_allocation(facts: Facts, settings: Settings) -> Verdict:
    """A budget, cost export or cost allocation rule is declared or created."""
    resources = facts.estate.of_type(*COST)
    evidence = [*declared(resources, "cost", "a budget, export or allocation rule")]
    evidence += done(facts, "cost", "a budget or export", "create-budget")
    if not evidence:
        return absent(facts, "no budget, cost export or cost allocation rule is declared")
    return passed("costs are allocated", once(evidence), switched_off(resources))


@item("GOV4")
def audit_logging(facts: Facts, settings: Settings) -> Verdict:
    """The logs of the workspace or its key vault go to Log Analytics, storage or Event Hubs."""
    found = [*diagnostic_settings(facts.estate)]
    evidence = [_evidence(s) for s in found if s.complete]
    evidence += [
        Remark("setting", f"logs are sent by {act.tool}", first_line(act.span), act.tool)
        for act in audited_by_command(facts)
    ]
    if evidence:
        return passed("logs of the workspace or its key vault are kept", once(evidence))
    findings = [*_incomplete(found), *_of_others(facts, found)]
    if findings:
        return failed(
            "no diagnostic setting keeps the workspace's or its key vault's logs", once(findings)
        )
    reason = "no diagnostic setting of the workspace or its key vault is declared"
    silent = [at("no-setting", reason, r) for r in facts.estate.of_type(*AUDITED, _LOGS)]
    return absent(facts, reason, findings=once(silent)[:6])


def _evidence(setting: Setting) -> Evidence:
    return at("setting", f"logs of {setting.of} are sent", setting.resource)


def _of_others(facts: Facts, settings: list[Setting]) -> Iterator[Finding]:
    message = "this setting is not of the workspace or its key vault"
    for setting in settings:
        if not setting.of:
            yield at("other", message, setting.resource)
    for act in acts_of(facts, "create-diagnostics"):
        if declares(act):
            yield Remark("other", message, first_line(act.span), act.tool)


def _incomplete(settings: list[Setting]) -> Iterator[Finding]:
    for setting in settings:
        if setting.of and not setting.logs:
            yield at("no-logs", "this setting sends no logs", setting.resource)
        elif setting.of and not setting.destination:
            yield at("no-destination", "this setting sends its logs nowhere", setting.resource)
