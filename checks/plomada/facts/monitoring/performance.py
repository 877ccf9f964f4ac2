"""Code that scores what production predicted against what turned out to be true."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.models.modelcode import reached_scopes
from plomada.facts.monitoring.monitoring import Found, computations, sites_naming
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module
    from plomada.facts.code.flow import Scope, Site
    from plomada.facts.code.slices import Slice

_SCORES = regex(
    r"^sklearn\.metrics\.|^torchmetrics\.|^evidently\..*(Regression|Classification)\w*Preset$"
    r"|^nannyml\..*Performance(Calculator)$"
)
_SCORING_WORDS = (
    "sklearn.metrics", "sklearn import metrics", "torchmetrics", "evidently", "nannyml",
)  # fmt: skip
_TRUTH = regex(r"truth|actual|outcome|label|observed|target|y_true|real")
_PREDICTED = regex(r"pred|score|inference|forecast|y_hat|output")
_PREDICTS = frozenset({"predict", "predict_proba", "forward", "transform", "score", "fit"})
_NAMED = frozenset({"key", "option", "parameter", "file", "constant"})
# How far a helper that measures is followed into the functions that it calls.
_MOST_SCOPES = 20


@remembered
def scoring_jobs(facts: Facts) -> tuple[Found, ...]:
    """Return the places where code scores stored predictions against ground truth."""
    sites = (site for site in _measurements(facts) if _is_of_production(facts, site))
    return tuple(computations(facts, sites))


def _measurements(facts: Facts) -> Iterator[Site]:
    """Yield the calls of metrics, and those of the repository's own functions that measure."""
    modules: dict[str, Module] = {}
    for site in sites_naming(facts, *_SCORING_WORDS):
        if _SCORES.search(facts.code.name(site)):
            yield site
        module = facts.code.owner(site.scope)
        modules[module.path] = module
    for module in modules.values():
        for scope in module.scopes:
            if scope.is_function and _measures(facts, scope):
                yield from facts.code.callers(module.address(scope))


def _measures(facts: Facts, scope: Scope) -> bool:
    """Tell whether a function calls metrics or looks them up in a table of its module."""
    return any(
        any(_SCORES.search(facts.code.name(site)) for site in inner.sites)
        or any(_holds_metrics(facts, table, inner) for table in _tables(facts, inner))
        for inner in reached_scopes(facts, [scope], _MOST_SCOPES)
    )


def _tables(facts: Facts, scope: Scope) -> Iterator[ast.expr]:
    """Yield the values of the module's names that a function reads."""
    body = facts.code.owner(scope).body
    read = {part.id for part in ast.walk(scope.node) if isinstance(part, ast.Name)}
    for name in sorted(read - scope.everything.keys()):
        for definition in body.everything.get(name, ()):
            if definition.value is not None:
                yield definition.value


def _holds_metrics(facts: Facts, table: ast.expr, scope: Scope) -> bool:
    """Tell whether a value names metrics without calling them: ``{"f1": metrics.f1_score}``."""
    module = facts.code.owner(scope).body
    return any(
        _SCORES.search(facts.code.names.resolve(part, module))
        for part in ast.walk(table)
        if isinstance(part, ast.Attribute | ast.Name)
    )


def _is_of_production(facts: Facts, site: Site) -> bool:
    """Tell whether stored predictions are compared with ground truth; nothing is predicted here."""
    slicer = facts.decisions.slicer
    arguments = (*site.node.args, *(k.value for k in site.node.keywords))
    rests = [slicer.of(argument, site.scope) for argument in arguments]
    calls = {name for found in rests for name in found.calls()}
    if any(name.rpartition(".")[2] in _PREDICTS for name in calls):
        return False
    if any("train_test_split" in name for name in calls):
        return False
    names = " ".join(_names(rests, arguments))
    return bool(_TRUTH.search(names) and _PREDICTED.search(names))


def _names(rests: list[Slice], arguments: tuple[ast.expr, ...]) -> Iterator[str]:
    for found in rests:
        for source in found.sources:
            if source.kind in _NAMED:
                yield source.name.lower()
    for argument in arguments:
        for part in ast.walk(argument):
            if isinstance(part, ast.Name):
                yield part.id.lower()
