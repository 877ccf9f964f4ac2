"""Which values a Terraform root module is judged at: production's, as CHECKLIST.md finds them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from plomada.facts.iac import stages
from plomada.facts.iac.build import PRODUCTION, Build, Lazy, about_environment
from plomada.facts.iac.parameters import Choice, distinct
from plomada.facts.iac.passed import PassedValues
from plomada.facts.model import Scope, Value
from plomada.facts.values import Argument, Budget, Evaluator, Step, known, unknown
from plomada.patterns import regex
from plomada.readers.templates import ParameterFile
from plomada.readers.terraform import read_tfvars

_FILE = regex(r"\.tfvars(\.json)?$|\.tfvars\.[\w-]+$")
_EXAMPLE = regex(r"example|sample|template|\.dist$", re.I)


class _Nothing:
    """Names of a variable file: it has none."""

    def resolve(self, _root: str, _path: Sequence[Step]) -> tuple[Value, int] | None:
        """Return that a name means nothing."""
        return None

    def call(self, function: str, _: Sequence[Argument]) -> Value:
        """Return that functions are not allowed."""
        return unknown(f"{function} in a variable file")


def chosen_values(build: Build, folder: str, passed: Sequence[PassedValues]) -> list[Choice]:
    """Return the values that a root module is judged at.

    Args:
        build: the estate under construction.
        folder: the module's folder.
        passed: what jobs and scripts pass to it.
    """
    files = variable_files(build, folder)
    always = [f for f in files if _is_automatic(f, folder)]
    base = _values(build, always)
    others = [f for f in files if f not in always and not _EXAMPLE.search(posixpath.basename(f))]
    by_job = [p for p in passed if p.production]
    if by_job:
        return distinct([_of_job(build, p, base) for p in by_job])
    production = [f for f in others if stages.names_production(stages.apart_from(f, folder))]
    if production:
        many = len(production) > 1
        return [
            Choice(
                {**base, **_values(build, [f])},
                Scope("production", {}, f, "named for production"),
                f if many else "",
            )
            for f in production
        ]
    if len(others) == 1 and not always:
        return [
            Choice(
                _values(build, others), Scope("default", {}, others[0], "the only variable file")
            )
        ]
    if len(passed) == 1:
        return [_of_job(build, passed[0], base)]
    source = always[0] if always else folder
    return [
        Choice(
            base,
            Scope(
                "default", {}, source, "variables that are always read" if always else "defaults"
            ),
        )
    ]


def variable_files(build: Build, folder: str) -> list[str]:
    """Return the variable files in a module's folder and the folders below or named beside it."""
    return [p for p in build.repository.paths if _FILE.search(p) and _belongs(p, folder)]


def _belongs(path: str, folder: str) -> bool:
    if not folder:
        return True
    parent = posixpath.dirname(folder)
    return path.startswith(f"{folder}/") or (bool(parent) and path.startswith(f"{parent}/"))


def _is_automatic(path: str, folder: str) -> bool:
    name = posixpath.basename(path)
    automatic = name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith(
        (".auto.tfvars", ".auto.tfvars.json")
    )
    return automatic and posixpath.dirname(path) == folder


def _of_job(build: Build, passed: PassedValues, base: dict[str, Lazy]) -> Choice:
    values = {**base, **_values(build, passed.files)}
    for name, passed_value in passed.values.items():
        chosen = passed.production and passed_value.kind != "known" and about_environment(name)
        value = known(PRODUCTION[0]) if chosen else passed_value
        values[name] = Lazy(lambda value=value: value)  # type: ignore[misc]
    source = passed.span.path if passed.span else ""
    stage = "production" if passed.production else "default"
    return Choice(values, Scope(stage, passed.values, source, "passed by the deploying job"), "")


def _values(build: Build, paths: Sequence[str]) -> dict[str, Lazy]:
    found: dict[str, Lazy] = {}
    for path in paths:
        text = build.repository.text(path)
        if text is None:
            continue
        file = _read(text, path)
        build.report(path, file.faults)
        evaluator = Evaluator(_Nothing(), Budget())
        for name, expression in file.values.items():
            value = evaluator.evaluate(expression)
            found[name] = Lazy(lambda value=value: value)  # type: ignore[misc]
    return found


def _read(text: str, path: str) -> ParameterFile:
    return read_tfvars(text, path)
