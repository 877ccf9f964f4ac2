"""The links from data to model to deployment, each with its place and whether it holds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.code.code import is_test_file
from plomada.facts.model import Asset, Value, walk_values
from plomada.facts.models.modelcode import reached_scopes, trains
from plomada.facts.models.modelnames import Names, asked_for, registered_as
from plomada.facts.strings import shown
from plomada.facts.words import Registration, ranked
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module
    from plomada.facts.code.flow import Site
    from plomada.spans import Span

DATA_TYPES = frozenset({"uri_file", "uri_folder", "mltable"})
_RUN_URI = regex(r"^(runs:/|azureml://jobs/|models:/m-|azureml:azureml_|mlflow-artifacts:)")
_ANY_JOB_URI = regex(r"azureml://(?:[\w\-${}.]+/)*jobs/|runs:/")
_NAMED_MODEL = regex(
    r"^(azureml:[^/]|azureml://|models:/|/subscriptions/|[\w\-.]+(?:@[\w\-]+|:\d+)$)"
)
_DATA_CALLS = regex(
    r"\.(as_named_input|as_input|as_mount|as_download|as_hdfs)$|DatasetConsumptionConfig$|^mlflow\.log_input$"
    r"|MlflowClient\.log_inputs$"
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain.

    Attributes:
        holds: it is there.
        message: what was found.
        span: its place.
        open: it holds only as far as can be seen.
    """

    holds: bool
    message: str
    span: Span
    open: bool = False


# --- data to training


def data_links(facts: Facts, registration: Registration) -> list[Link]:
    """Return how training that a registration belongs to takes its data.

    The registration of a notebook that trains itself belongs to that notebook; every other one to
    the repository's jobs, components and scripts; to its notebooks where none of those takes data.
    """
    path = registration.act.span.path
    module = facts.code.module(path) if registration.act.source == "notebook" else None
    itself = module is not None and any(trains(facts, scope) for scope in module.scopes)
    own = path if itself else ""
    found = [*_asset_inputs(facts, own), *_code_inputs(facts, own)]
    if not found and registration.act.source != "notebook":
        found = [*_asset_inputs(facts, "", cells=True), *_code_inputs(facts, "", cells=True)]
    return [Link(True, "training takes declared data", span) for span in dict.fromkeys(found)]


def _asset_inputs(facts: Facts, notebook: str, *, cells: bool = False) -> Iterator[Span]:
    for asset in facts.assets.of_kind("pipeline", "job", "component"):
        in_cells = asset.source == "notebook"
        outside = asset.span.path != notebook if notebook else in_cells is not cells
        if outside or not _is_training(facts, asset):
            continue
        yield from _inputs_of(asset)


def _inputs_of(asset: Asset) -> Iterator[Span]:
    """Yield the places of the inputs of a job that are data."""
    for path, value in asset.fields.items():
        holder = path.split(".")[:-1]
        if "inputs" not in holder and path.rpartition(".")[0].rpartition(".")[2] != "inputs":
            continue
        last = path.rpartition(".")[2]
        text = value.text or ""
        typed = last == "type" and text.lower() in DATA_TYPES
        named = last == "path" and bool(re.match(r"azureml:", text))
        direct = (
            holder and holder[-1] == "inputs" and re.match(r"azureml:|azureml://datastores", text)
        )
        if typed or named or direct:
            yield value.origins[-1] if value.origins else asset.span


def _is_training(facts: Facts, asset: Asset) -> bool:
    """Tell whether a job trains: its scripts fit a model, or are out of sight."""
    from plomada.facts.decisions.processes import of_asset

    scripts = [
        path for path in of_asset(facts, asset) if (facts.repository.text(path) or "").strip()
    ]
    if not scripts:
        text = f"{shown(asset.name)} {asset.span.path} {shown(asset.fields.get('experiment_name'))}"
        return not re.search(r"drift|monitor|batch.?scor|inference|export", text.lower())
    modules = [facts.code.module(path) for path in scripts]
    for module in modules:
        if module is None:
            continue
        for scope in reached_scopes(facts, module.scopes):
            if trains(facts, scope) is not None:
                return True
    return False


def _code_inputs(facts: Facts, notebook: str, *, cells: bool = False) -> Iterator[Span]:
    for path in facts.code.paths:
        outside = path != notebook if notebook else path.endswith(".ipynb") is not cells
        if is_test_file(path) or outside:
            continue
        if not facts.code.mentions(path, "azureml", "log_input", "azure.ai.ml"):
            continue
        module = facts.code.module(path)
        for site in module.sites if module is not None else ():
            if _is_data_input(facts, site):
                yield facts.code.owner(site.scope).span(site.node)
        if module is not None and facts.code.mentions(path, "input_datasets"):
            yield from _attributes(module, "input_datasets")


def _attributes(module: Module, name: str) -> Iterator[Span]:
    for part in ast.walk(module.body.node):
        if isinstance(part, ast.Attribute) and part.attr == name:
            yield module.span(part)


def _is_data_input(facts: Facts, site: Site) -> bool:
    name = facts.code.name(site)
    if _DATA_CALLS.search(name):
        return name.startswith(("azureml", "mlflow")) or name.endswith("as_named_input")
    if name != "azure.ai.ml.Input":
        return False
    kind = facts.code.argument(site, None, "type")
    text = facts.code.value_of(kind, site.scope) if kind is not None else None
    shown_type = (text.text or shown(text)).lower() if text is not None else ""
    return any(t in shown_type for t in DATA_TYPES) or shown_type.endswith(
        ("assettypes.uri_file", "assettypes.uri_folder", "assettypes.mltable")
    )


# --- training run to registered model


def run_links(facts: Facts, registration: Registration) -> list[Link]:
    """Return whether a registration takes the model from its run."""
    act, site, asset = registration.act, registration.site, registration.asset
    if site is not None:
        name = facts.code.name(site)
        if name.startswith("azureml.") and name.endswith(".register_model"):
            return [Link(True, "registered from the run (run.register_model)", act.span)]
        if name.endswith(("log_model", "save_model", ".autolog")):
            return [Link(True, "registered as it is logged (registered_model_name)", act.span)]
        if name.startswith("mlflow"):
            node = facts.code.argument(site, 0, "model_uri", "source")
            if name.endswith("create_model_version"):
                node = facts.code.argument(site, 1, "source")
            return [_from_uri(facts, node, site, act.span)]
        if name.startswith("azureml."):
            return [Link(False, "registered from a path, not from its run", act.span)]
    value = _path_of(asset, act.arguments)
    return [_from_value(value, _span_of(value, act.span))]


def _path_of(asset: Asset | None, arguments: Mapping[str, Value]) -> Value | None:
    if asset is not None:
        return asset.fields.get("path") or asset.fields.get("path.path")
    found = (arguments.get(name) for name in ("--path", "-p", "--asset-path"))
    return next((value for value in found if value is not None), None)


def _span_of(value: Value | None, otherwise: Span) -> Span:
    return value.origins[0] if value is not None and value.origins else otherwise


def _from_uri(facts: Facts, node: ast.expr | None, site: Site, span: Span) -> Link:
    """Judge what ``mlflow.register_model`` is given.

    A run's URI, or one that ``log_model`` returned.
    """
    if node is None:
        return Link(False, "registered without a run's URI", span)
    rests = facts.decisions.slicer.of(node, site.scope)
    logged = any(s.kind == "call" and s.name.endswith(".log_model") for s in rests.sources)
    texts = [s.name for s in rests.sources if s.kind == "constant"]
    if logged or any(_ANY_JOB_URI.search(t) or _RUN_URI.match(t) for t in texts):
        return Link(True, "registered from its run (runs:/)", span)
    if any(s.name.endswith("get_artifact_uri") for s in rests.sources if s.kind == "call"):
        return Link(True, "registered from its run's artifacts", span)
    value = facts.code.value_of(node, site.scope)
    return _from_value(value, span)


def _from_value(value: Value | None, span: Span) -> Link:
    if value is None:
        return Link(True, "the model's path cannot be seen", span, open=True)
    parts = list(walk_values(value))
    texts = [part.text for part in parts if part.text is not None]
    if any(_ANY_JOB_URI.search(t) or _RUN_URI.match(t) for t in texts):
        return Link(True, "registered from its job's output", span)
    if "${{parent" in shown(value) or ".outputs." in shown(value):
        return Link(True, "registered from a job's output", span, open=True)
    if value.kind == "unknown" and value.reason.startswith("$"):
        return Link(True, "the model's path is a variable that cannot be resolved", span, open=True)
    return Link(False, "registered from a local or mounted path, not from its run", span)


# --- registered model to deployment


def deployment_links(facts: Facts, registration: Registration) -> list[Link]:
    """Return which model each judged deployment names; empty where nothing is deployed.

    Args:
        facts: the repository.
        registration: what registers the model that they have to name.
    """
    deployments, _ = ranked(
        facts.assets.of_kind("online-deployment", "batch-deployment", "webservice")
    )
    named = [d for d in deployments if "model" in d.fields or d.kind != "webservice"]
    registered = registered_as(facts, registration)
    links = [(_of_deployment(d), d) for d in named if not _is_update(d)]
    judged = (_of_name(link, d, registered) if link.holds else link for link, d in links)
    return list(dict.fromkeys(judged))


def _of_name(link: Link, deployment: Asset, registered: Names) -> Link:
    """Judge a deployment's model by its name: another literal is another model."""
    asked = asked_for(deployment.fields.get("model"))
    if asked is None or registered is None:
        return Link(
            True, f"{link.message}, by a name that cannot be resolved", link.span, open=True
        )
    if asked & registered:
        return link
    names, others = ", ".join(sorted(asked)), ", ".join(sorted(registered))
    message = f"the deployment names {names}, the model is registered as {others}"
    return Link(False, message, link.span)


def _is_update(deployment: Asset) -> bool:
    """Tell an update of something else (``az ml online-deployment update --set ...``)."""
    made_here = deployment.span == deployment.applied
    return made_here and "model" not in deployment.fields and deployment.dialect == "cli"


def _of_deployment(deployment: Asset) -> Link:
    value = deployment.fields.get("model")
    span = _span_of(value, deployment.span)
    if value is None:
        return Link(True, "the deployment's model cannot be seen", deployment.span, open=True)
    if isinstance(value.data, dict):
        inner = value.data.get("path")
        name = value.data.get("name")
        if isinstance(inner, Value) or not isinstance(name, Value):
            return Link(
                False, "the deployment takes a model from a path, not a registered one", span
            )
        return Link(True, "the deployment names a registered model", span)
    text = value.text if value.text is not None else shown(value)
    if _NAMED_MODEL.match(text):
        return Link(True, f"the deployment names {text}", span)
    if value.kind in {"unknown", "template", "one_of"} and not re.match(r"^\.{0,2}/", text):
        return Link(True, "the deployment's model cannot be resolved", span, open=True)
    return Link(False, f"the deployment takes {text}, not a registered model", span)
