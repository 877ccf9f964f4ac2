"""GOV5: automated compliance checks."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.pipelines.running import by_pipelines, hidden, once, related
from plomada.items import Settings, item
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown

ASSIGNMENTS = ("microsoft.authorization/policyassignments",)


@item("GOV5")
def compliance_checks(facts: Facts, settings: Settings) -> Verdict:
    """A pipeline runs policy as code, or policy assignments are declared."""
    scans = once(by_pipelines(facts, "scan-policy"))
    evidence = [
        Evidence("scan", f"{a.target} checks policies", a.span, a.tool, related(a))
        for a in scans[:3]
    ]
    evidence += [
        Evidence("assignment", "a policy is assigned", resource.span, resource.address)
        for resource in facts.estate.of_type(*ASSIGNMENTS)
        if not resource.existing
    ]
    made = [a for a in acts_of(facts, "assign-policy") if a.source != "notebook"]
    evidence += [Evidence("assignment", "a script assigns a policy", a.span) for a in made[:1]]
    if evidence:
        soft = [Advice("soft", "what it finds is ignored", a.span) for a in scans if a.soft]
        return passed("policies are checked as code", evidence, soft)
    if unread := (*hidden(facts, "scan-policy"), *facts.hiding("resources")):
        return unknown(f"{unread[0].path} could not be read whole and may hold it")
    local = acts_of(facts, "scan-policy")
    reason = "no pipeline runs policy as code, and no policy assignment is declared"
    found = [Finding("not-in-pipeline", f"{a.tool} runs in no pipeline", a.span) for a in local[:1]]
    found += [
        Finding("form-only", f"{a.tool} checks form, no policy", a.span, related=related(a))
        for a in once(by_pipelines(facts, "lint"))
        if a.target == "iac"
    ]
    return failed(reason, found)
