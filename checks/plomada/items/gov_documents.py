"""GOV1 and GOV6: what documents say, and whether their links lead anywhere."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.facts.documents.documents import Documents, Resolution
from plomada.facts.documents.guides import first, linked_documents, told
from plomada.facts.documents.naming import naming_patterns, near_misses
from plomada.items import Settings, item
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed


@item("GOV1")
def naming_conventions(facts: Facts, settings: Settings) -> Verdict:
    """A document states the pattern by which Azure resources or assets are named."""
    patterns = naming_patterns(facts.documents)
    if not patterns:
        reason = "no document states a naming pattern of two or more parts for Azure resources"
        nearly = [
            Finding("no-pattern", "this states no pattern of two or more parts", miss.span)
            for miss in near_misses(facts.documents)
        ]
        return failed(reason, nearly[:10])
    evidence = [
        Evidence("naming-pattern", f"the names follow {found.text}", found.span)
        for found in patterns[:10]
    ]
    return passed("a document states how resources are named", evidence)


@item("GOV6")
def documentation_up_to_date(facts: Facts, settings: Settings) -> Verdict:
    """A README explains set-up and use, and every relative link in the Markdown resolves."""
    documents = facts.documents
    evidence, findings = _readme(documents)
    broken, advice = _links(documents)
    findings += broken
    if findings:
        return failed(_summary(findings), findings, advice, evidence)
    return passed("the README explains set-up and use, and every link resolves", evidence, advice)


def _summary(findings: list[Finding]) -> str:
    broken = sum(finding.code == "broken-link" for finding in findings)
    links = f"{broken} broken link{'s' if broken != 1 else ''}" if broken else ""
    readme = next((f.message for f in findings if f.code != "broken-link"), "")
    return "; ".join(part for part in (readme, links) if part)


def _readme(documents: Documents) -> tuple[list[Evidence], list[Finding]]:
    """Look for set-up, use and commands in a README and what it links to.

    Of several (one of a folder that is about something else may come first) one has to hold.
    """
    looked = [_explained(documents, path) for path in documents.readmes]
    if not looked:
        return [], [Finding("no-readme", "there is no README in the root, docs/ or .github/")]
    return min(looked, key=lambda found: len(found[1]))


def _explained(documents: Documents, readme: str) -> tuple[list[Evidence], list[Finding]]:
    things = [thing for doc in linked_documents(documents, readme) for thing in told(doc)]
    found = {
        "set-up": first(things, setup=True),
        "use": first(things, use=True),
        "commands": first(things, command=True),
    }
    missing = [what for what, thing in found.items() if thing is None]
    if missing:
        message = f"the README does not explain {' and '.join(missing)}"
        return [], [Finding("thin-readme", message, _start(documents, readme), readme)]
    spans = {thing.span: what for what, thing in found.items() if thing is not None}
    return [Evidence("readme", f"explains {what}", span) for span, what in spans.items()], []


def _start(documents: Documents, readme: str) -> Span:
    """Return the place where the README's text begins, behind its title."""
    document = documents.read(readme)
    blocks = document.blocks if document is not None else ()
    return blocks[0].span if blocks else Span(readme, 1, 1, 1, 1)


def _links(documents: Documents) -> tuple[list[Finding], list[Advice]]:
    """Return the broken links as findings, and as advice what is not held against anyone."""
    findings: list[Finding] = []
    advice: list[Advice] = []
    for document in documents.all:
        for link in document.links:
            resolution = documents.resolve(link, document.path)
            remark = Finding("broken-link", _broken(resolution), link.span, link.target)
            if link.kind == "html" and resolution.outcome == "missing":
                advice.append(remark)
            elif resolution.outcome in ("missing", "empty") and link.kind != "html":
                findings.append(remark)
            elif resolution.outcome == "outside":
                text = "the link leaves the repository"
                advice.append(Advice("link-outside", text, link.span, link.target))
    return findings, advice


def _broken(resolution: Resolution) -> str:
    if resolution.outcome == "empty":
        return "the link has no target"
    return f"the link leads nowhere: {resolution.reason}"
