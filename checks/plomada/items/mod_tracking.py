"""MOD3, MOD4: what training tracks, and the links from data to model to deployment."""

from __future__ import annotations

from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.models.lineage import Link, data_links, deployment_links, run_links
from plomada.facts.models.tracking import mlflow_logging, v1_logging
from plomada.facts.words import registrations
from plomada.items import Settings, item
from plomada.patterns import regex
from plomada.spans import Span
from plomada.verdicts import Advice, Evidence, Finding, Verdict, failed, passed, unknown

_LOADS = regex(r"^sklearn\.datasets\.load_|^pandas\.read_|\.read\.(csv|parquet|table|format)")


@item("MOD3")
def metadata_tracking(facts: Facts, settings: Settings) -> Verdict:
    """Training code logs with MLflow: log_*, autolog or an MLflow logger."""
    evidence = [
        Evidence("logged", f"training logs with {name}", span)
        for name, span in mlflow_logging(facts)
    ]
    if evidence:
        return passed("training code logs with MLflow", evidence)
    findings = [
        Finding(
            "run-log",
            f"{name} is SDK v1; log with mlflow.log_metric, which Azure ML shows too",
            span,
        )
        for name, span in v1_logging(facts)
    ]
    if findings:
        return failed("training logs with SDK v1's Run only", findings)
    hidden = facts.hiding("code")
    if hidden:
        return unknown(f"no MLflow logging was found, but {hidden[0].path} could not be read")
    return failed("no training code that logs with MLflow was found", _untracked(facts))


@item("MOD4")
def lineage(facts: Facts, settings: Settings) -> Verdict:
    """Training takes declared data, its run registers the model, the deployment names it."""
    found = registrations(facts)
    if not found:
        return failed(
            "no model is registered, so no link leads from data to deployment", _trained(facts)
        )
    best: list[Finding] | None = None
    for registration in found:
        deployed = deployment_links(facts, registration)
        broken_deployments = [link for link in deployed if not link.holds]
        data = data_links(facts, registration)
        run = run_links(facts, registration)
        findings = [*_missing_data(facts, data, registration.act.span.path), *_broken(run)]
        if deployed and len(broken_deployments) == len(deployed):
            findings += _broken(broken_deployments)
        if not findings:
            evidence = [*_kept(data), *_kept(run), *_kept(deployed)]
            advice = [
                Advice("open", link.message, link.span) for link in (*run, *deployed) if link.open
            ]
            advice += [Advice("broken", link.message, link.span) for link in broken_deployments]
            return passed("data, model and deployment are linked", evidence, advice)
        if best is None or len(findings) < len(best):
            best = findings
    return failed("a link from data to model to deployment is missing", best or ())


def _kept(links: list[Link]) -> list[Evidence]:
    return [Evidence("linked", link.message, link.span) for link in links if link.holds]


def _broken(links: list[Link]) -> list[Finding]:
    return [Finding("broken-link", link.message, link.span) for link in links if not link.holds]


def _missing_data(facts: Facts, links: list[Link], path: str) -> Iterator[Finding]:
    if any(link.holds for link in links):
        return
    place = next(iter(_training_places(facts)), None)
    message = "training takes no declared data input and logs none (mlflow.log_input)"
    yield Finding("no-data-input", message, place, path)


def _trained(facts: Facts) -> Iterator[Finding]:
    for place in _training_places(facts):
        yield Finding("not-registered", "trains a model that nothing registers", place)


def _untracked(facts: Facts) -> Iterator[Finding]:
    for place in _training_places(facts, data=False):
        yield Finding("not-tracked", "trains a model and logs nothing of it with MLflow", place)


def _training_places(facts: Facts, *, data: bool = True) -> Iterator[Span]:
    from plomada.facts.models.modelcode import training_modules, trains

    for module in training_modules(facts):
        loads = [s for s in module.sites if data and _LOADS.search(facts.code.name(s))]
        fits = [s for scope in module.scopes if (s := trains(facts, scope)) is not None]
        for site in (*loads, *fits):
            yield module.span(site.node)
