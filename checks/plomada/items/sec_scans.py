"""SEC6 and SEC7: scans for secrets and for vulnerable dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.acts.acts import acts_of
from plomada.facts.pipelines.running import by_pipelines, hidden, once, related, runs_in_hook
from plomada.facts.quality.updates import update_bots
from plomada.items import Settings, item
from plomada.items.common import by_hand, left_out
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown


@item("SEC6")
def secret_scanning(facts: Facts, settings: Settings) -> Verdict:
    """A pipeline scans for secrets, itself or through the hooks that it runs."""
    scans = once(by_pipelines(facts, "scan-secrets"))
    evidence = [Evidence("scan", f"{a.target} runs", a.span, a.tool, related(a)) for a in scans[:3]]
    local = [a for a in acts_of(facts, "scan-secrets") if a.job is None and runs_in_hook(a)]
    evidence += _by_service(facts)
    if evidence:
        soft = [Advice("soft", "what it finds is ignored", a.span) for a in scans if a.soft]
        return passed("a pipeline scans for secrets", evidence, soft)
    if local:
        reason = f"{local[0].tool} runs as a local hook only; no pipeline runs the hooks"
        return failed(reason, [Finding("local-hook", reason, local[0].span)])
    if unread := hidden(facts, "scan-secrets"):
        return unknown(f"{unread[0].path} could not be read whole and may run a scanner")
    scans = once(by_pipelines(facts, "scan-code", "scan-policy", "scan-dependencies"))
    reason = "no secret scanner runs in a pipeline"
    others = [Finding("other-scan", f"{a.tool} looks for no secrets", a.span) for a in scans[:3]]
    near = [*left_out(facts, "scan-secrets"), *by_hand(facts, "scan-secrets")[:3]]
    return failed(reason, near or others)


def _by_service(facts: Facts) -> Iterator[Evidence]:
    """Yield the hooks that pre-commit.ci runs."""
    skipped = {f.path: f.skipped for f in facts.reach.hook_files if f.service is not None}
    for act in acts_of(facts, "scan-secrets"):
        run = runs_in_hook(act) and act.tool not in skipped.get(act.span.path, (act.tool,))
        if run:
            yield Evidence("service", f"pre-commit.ci runs {act.tool}", act.span)


@item("SEC7")
def dependency_scanning(facts: Facts, settings: Settings) -> Verdict:
    """Dependencies are watched by Dependabot or Renovate, or scanned in a pipeline."""
    bots = update_bots(facts)
    useful = [b for b in bots if b.useful]
    scans = once(by_pipelines(facts, "scan-dependencies"))
    evidence = [Evidence("bot", f"{b.name} watches {b.ecosystem}", b.span) for b in useful[:1]]
    evidence += [
        Evidence("scan", f"{a.target} runs", a.span, a.tool, related(a)) for a in scans[:3]
    ]
    if evidence:
        soft = [Advice("soft", "what it finds is ignored", a.span) for a in scans if a.soft]
        return passed("dependencies are watched or scanned", evidence, soft)
    if bots:
        reason = f"{bots[0].name} watches {bots[0].ecosystem} alone, not the language in use"
        return failed(reason, [Finding("other-ecosystem", reason, bots[0].span)])
    if unread := hidden(facts, "scan-dependencies"):
        return unknown(f"{unread[0].path} could not be read whole and may run a scanner")
    near = once(by_pipelines(facts, "scan-code", "scan-policy"))
    reason = "no Dependabot, Renovate or dependency scanner was found"
    others = [Finding("other-scan", f"{a.tool} scans no dependencies", a.span) for a in near[:3]]
    return failed(reason, by_hand(facts, "scan-dependencies")[:3] or others)
