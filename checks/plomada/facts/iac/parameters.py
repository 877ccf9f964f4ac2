"""Which values a template is judged at: production's, as CHECKLIST.md finds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plomada.facts.iac import stages
from plomada.facts.iac.build import (
    Build,
    Given,
    Lazy,
    about_environment,
    production_words,
    relative,
)
from plomada.facts.iac.deployments import Deployment
from plomada.facts.iac.passed import PassedValues
from plomada.facts.model import Scope, Value
from plomada.facts.values import canonical, known, unknown
from plomada.patterns import regex
from plomada.readers.arm import is_parameter_file, read_parameter_file
from plomada.readers.bicep import read_bicepparam
from plomada.readers.expressions import Literal
from plomada.readers.templates import ParameterFile, TemplateFile
from plomada.records import dataclass

_AZD = regex(r"\$\{(\w+)(?:=([^}]*))?\}")


@dataclass(slots=True)
class Choice:
    """A set of values for a root.

    Attributes:
        values: by parameter name.
        scope: where they come from and why.
        label: what tells this choice from others in addresses.
    """

    values: dict[str, Lazy]
    scope: Scope
    label: str = ""


class ParameterFiles:
    """The repository's parameter files for Bicep and ARM.

    Args:
        build: the estate under construction.
    """

    def __init__(self, build: Build) -> None:
        self._build = build
        self.files = [*self._bicepparams(), *self._json_files()]

    def _bicepparams(self) -> Iterator[ParameterFile]:
        for path in self._build.repository.with_suffix(".bicepparam"):
            text = self._build.repository.text(path)
            if text is not None:
                file = read_bicepparam(text, path)
                self._build.report(path, file.faults)
                yield file

    def _json_files(self) -> Iterator[ParameterFile]:
        repository = self._build.repository
        for path in repository.with_suffix(".json"):
            named = "param" in path.rpartition("/")[2].lower()
            if not named and not repository.mentions(path, "deploymentparameters.json"):
                continue
            node = self._build.json(path)
            if node is not None and is_parameter_file(node):
                yield read_parameter_file(node, path)

    def used(self, file: ParameterFile) -> str:
        """Return the path of the template that a parameter file names, "" for none."""
        return relative(file.path, file.using) if file.using else ""

    def for_root(self, root: TemplateFile) -> list[ParameterFile]:
        """Return the parameter files that fit a root template."""
        return [f for f in self.files if self._fits(f, root)]

    def _fits(self, file: ParameterFile, root: TemplateFile) -> bool:
        if file.path.endswith(".bicepparam"):
            return self.used(file) == root.path
        names = {n.lower() for n in root.parameters}
        given = {n.lower() for n in file.values}
        if len(given & names) * 2 <= len(given):
            return False
        required = {
            n.lower() for n, p in root.parameters.items() if p.default is None and not p.nullable
        }
        named = "param" in file.path.rpartition("/")[2].lower()
        return required <= given or named or _stem(file.path) == _stem(root.path)

    def choices(self, root: TemplateFile, passed: Sequence[PassedValues]) -> list[Choice]:
        """Return the values that a root is judged at, production's."""
        candidates = self.for_root(root)
        by_job = [p for p in passed if p.production]
        if by_job:
            return distinct([self._of_job(p, root) for p in by_job])
        production = [
            f for f in candidates if stages.names_production(stages.apart_from(f.path, root.path))
        ]
        if production:
            return [
                self._of_file(f, "named for production", root, many=len(production) > 1)
                for f in production
            ]
        named = {path for p in passed for path in p.files}
        used = [f for f in candidates if f.path in named] or candidates
        if len(used) == 1:
            choice = self._of_file(used[0], "the only parameter file", root, many=False)
            return [choice]
        if len(passed) == 1 and passed[0].values:
            return [self._of_job(passed[0], root)]
        return [Choice({}, Scope("default", {}, root.path, "defaults"))]

    def _of_job(self, passed: PassedValues, root: TemplateFile) -> Choice:
        values: dict[str, Lazy] = {}
        sources = []
        for path in passed.files:
            file = next((f for f in self.files if f.path == path), None)
            if file is not None:
                values |= self._values(file)
                sources.append(path)
        for name, value in _for_production(passed, root).items():
            values[name] = values[name.lower()] = Lazy(lambda value=value: value)  # type: ignore[misc]
        source = passed.span.path if passed.span else root.path
        label = ",".join(sources)
        return Choice(
            values, Scope("production", passed.values, source, "passed by the deploying job"), label
        )

    def _of_file(self, file: ParameterFile, why: str, root: TemplateFile, *, many: bool) -> Choice:
        named = stages.names_production(stages.apart_from(file.path, root.path))
        stage = "production" if named else "default"
        label = file.path if many else ""
        return Choice(self._values(file), Scope(stage, {}, file.path, why), label)

    def _values(self, file: ParameterFile, depth: int = 0) -> dict[str, Lazy]:
        values: dict[str, Lazy] = {}
        if file.extends and depth < 4:
            base = next(
                (f for f in self.files if f.path == relative(file.path, file.extends)), None
            )
            values |= self._values(base, depth + 1) if base is not None else {}
        holder = Deployment(
            self._build, TemplateFile(file.path, "bicep", variables=file.variables), Given()
        )
        for name, expression in file.values.items():
            if isinstance(expression, Literal) and isinstance(expression.value, str):
                value = _azd(expression.value, expression)
                values[name] = Lazy(lambda value=value: value)  # type: ignore[misc]
            else:
                values[name] = holder.lazily(expression)
        return values


def _for_production(passed: PassedValues, root: TemplateFile) -> dict[str, Value]:
    """Return what is passed; an environment that a run chooses is production's name."""
    found = dict(passed.values)
    for name, value in passed.values.items():
        open_choice = passed.production and value.kind != "known" and about_environment(name)
        parameter = root.parameters.get(name) or root.parameters.get(name.lower())
        if open_choice and parameter is not None:
            read = [e for e in (parameter.allowed, parameter.default) if e is not None]
            found[name] = known(production_words(read)[0])
    return found


def distinct(choices: list[Choice]) -> list[Choice]:
    """Return the choices without those that pass the same."""
    found: dict[str, Choice] = {}
    for choice in choices:
        shown = {k: canonical(v.get(k)) for k, v in choice.values.items()}
        found.setdefault(repr(sorted(shown.items())), choice)
    listed = list(found.values())
    for number, choice in enumerate(listed):
        choice.label = (choice.label or str(number)) if len(listed) > 1 else ""
    return listed


def _azd(text: str, expression: Literal) -> Value:
    """Return a text with the environment variables of ``azd`` left open."""
    match = _AZD.fullmatch(text)
    if match is None:
        if _AZD.search(text):
            return unknown(f"the environment decides {text}")
        return Value("known", text, origins=(expression.span,))
    default = match.group(2)
    return known(default) if default else unknown(f"environment variable {match.group(1)}")


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0].lower()
