"""What training code logs: with MLflow, or with SDK v1's Run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.code.code import is_test_file
from plomada.facts.models.modelcode import reached_scopes, training_modules
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module
    from plomada.spans import Span

_MLFLOW = regex(
    r"^(mlflow\.(\w+\.)?(log_\w+|autolog)|mlflow\.(tracking\.)?(client\.)?MlflowClient\.log_\w+)$"
    r"|\bMLFlowLogger$|\bMLflowCallback$|\bMlflowLogger$"
)
_V1 = regex(
    r"^azureml\..*\b(Run(\.(parent|child_run|get_context))*|Experiment\.start_logging)"
    r"\.log(_list|_row|_table|_image)?$"
)


def mlflow_logging(facts: Facts) -> Iterator[tuple[str, Span]]:
    """Yield what training code logs with MLflow: the call's name and place."""
    yield from _calls(facts, _MLFLOW)


def v1_logging(facts: Facts) -> Iterator[tuple[str, Span]]:
    """Yield what training code logs with SDK v1's Run."""
    yield from _calls(facts, _V1)


def _calls(facts: Facts, wanted: re.Pattern[str]) -> Iterator[tuple[str, Span]]:
    """Yield the calls of training code and of what it calls; then of what calls it."""
    seen: set[Span] = set()
    for module in (*training_modules(facts), *_callers(facts), *_named(facts)):
        for scope in reached_scopes(facts, module.scopes):
            owner = facts.code.owner(scope)
            if is_test_file(owner.path):
                continue
            for site in scope.sites:
                name = facts.code.name(site)
                if not wanted.search(name):
                    continue
                span = owner.span(site.node)
                if span not in seen:
                    seen.add(span)
                    yield name, span


def _callers(facts: Facts) -> Iterator[Module]:
    """Yield the modules whose code calls into a training module."""
    for module in training_modules(facts):
        for scope in module.scopes:
            if scope.is_function:
                for caller in facts.code.callers(module.address(scope)):
                    yield facts.code.owner(caller.scope)


def _named(facts: Facts) -> Iterator[Module]:
    """Yield scripts of training jobs that fit through a library of their own.

    Named for training.
    """
    if training_modules(facts):
        return
    for path in facts.code.paths:
        name = path.rpartition("/")[2].lower()
        if "train" in name and path.endswith(".py") and not is_test_file(path):
            module = facts.code.module(path)
            if module is not None:
                yield module
