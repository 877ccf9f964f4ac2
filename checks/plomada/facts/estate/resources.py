"""The estate: every resource that the repository declares, and what refers to what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from plomada.facts.iac import stages
from plomada.facts.iac.build import Build, Given, Tree, relative
from plomada.facts.iac.deployments import Deployment
from plomada.facts.iac.links import find_links
from plomada.facts.iac.parameters import Choice, ParameterFiles
from plomada.facts.iac.passed import PassedValues, read_passed
from plomada.facts.iac.terraform import add_terraform
from plomada.facts.model import Link, Resource, Scope
from plomada.facts.values import references
from plomada.patterns import regex
from plomada.readers.arm import generated_by_bicep, is_template, read_template
from plomada.readers.templates import TemplateFile
from plomada.records import replace

if TYPE_CHECKING:
    from plomada.facts import Facts

T = TypeVar("T")
# Most compiled templates say so at their head, which spares reading them whole.
_GENERATED = regex(r'"_generator"\s*:\s*\{\s*"name"\s*:\s*"bicep"', re.I)


class Estate:
    """Resources and links of all trees.

    Attributes:
        resources: all, existing and external ones included, in the order of their trees.
        links: what refers to what.
        trees: the roots with the values that they are judged at.

    Args:
        resources: see above.
        links: see above.
        trees: see above.
    """

    def __init__(
        self, resources: Sequence[Resource], links: Sequence[Link], trees: Sequence[Tree]
    ) -> None:
        self.resources = tuple(resources)
        self.links = tuple(links)
        self.trees = tuple(trees)

    @cached_property
    def by_address(self) -> dict[str, Resource]:
        """Resources by address."""
        return {r.address: r for r in self.resources}

    @cached_property
    def declared(self) -> tuple[Resource, ...]:
        """What the repository declares for production: not existing, external or absent there."""
        return tuple(r for r in self.resources if not (r.existing or r.external or r.absent))

    @cached_property
    def external(self) -> tuple[Resource, ...]:
        """Modules from outside that are no Azure Verified Modules."""
        return tuple(r for r in self.resources if r.external)

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.declared:
            found.setdefault(resource.type, []).append(resource)
        return found

    @cached_property
    def _links_from(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for link in self.links:
            found.setdefault(link.source, []).append(link)
        return found

    @cached_property
    def _links_to(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for link in self.links:
            if link.target:
                found.setdefault(link.target, []).append(link)
        return found

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Return the declared resources of the types, given in lower case."""
        return tuple(r for kind in types for r in self._by_type.get(kind, ()))

    def links_of(self, *relations: str) -> Iterator[Link]:
        """Yield the links of some relations between resources that are declared."""
        for link in self.links:
            source = self.by_address.get(link.source)
            if link.relation in relations and source is not None and not source.absent:
                yield link

    def links_from(self, resource: Resource, *relations: str) -> list[Link]:
        """Return a resource's links to others."""
        return [k for k in self._links_from.get(resource.address, ()) if k.relation in relations]

    def links_to(self, resource: Resource, *relations: str) -> list[Link]:
        """Return the links to a resource of others that production has."""
        return [
            k
            for k in self._links_to.get(resource.address, ())
            if k.relation in relations and not self.by_address[k.source].absent
        ]


def read_estate(facts: Facts) -> Estate:
    """Return the estate of a repository."""
    build = Build(facts)
    passed = read_passed(facts) if _has_iac(build) else []
    _add_templates(build, passed)
    add_terraform(build, passed)
    resources = _updated(build.resources)
    return Estate(resources, [*build.links, *find_links(resources)], build.trees)


def _updated(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """Return the resources with what ``azapi_update_resource`` sets on those declared beside it."""
    places = {resource.address: number for number, resource in enumerate(resources)}
    found = list(resources)
    for update in resources:
        changed = update.properties.get("@updates")
        named = next(references(changed), None) if changed is not None else None
        number = places.get(named.target) if named is not None else None
        if number is None or update.absent or found[number].type != update.type:
            continue
        target = found[number]
        found[number] = replace(
            target,
            properties={**target.properties, **_own(update.properties)},
            places={**target.places, **_own(update.places)},
        )
    return tuple(found)


def _own(entries: Mapping[str, T]) -> dict[str, T]:
    return {path: entry for path, entry in entries.items() if not path.startswith("@")}


def _has_iac(build: Build) -> bool:
    """Whether there is anything that values could be passed to."""
    repository = build.repository
    if repository.with_suffix(".bicep", ".tf", ".bicepparam"):
        return True
    return any(
        repository.mentions(p, "deploymenttemplate.json") for p in repository.with_suffix(".json")
    )


def _add_templates(build: Build, passed: Sequence[PassedValues]) -> None:
    files = [*_bicep_files(build), *_arm_files(build)]
    if not files:
        return
    parameter_files = ParameterFiles(build)
    roots = {f.path: f for f in _roots(files, parameter_files, passed)}
    for path in stages.judged(roots):
        root = roots[path]
        mine = [p for p in passed if p.root == path and (p.values or p.files)]
        for choice in parameter_files.choices(root, mine):
            name = f"{path}@{choice.label}" if choice.label else path
            build.trees.append(Tree(name, path, root.dialect, choice.scope))
            Deployment(build, root, _given(choice, name)).emit()


def _given(choice: Choice, name: str) -> Given:
    production = choice.scope.stage == "production"
    return Given(choice.values, f"{name}::", tree=name, production=production)


def _bicep_files(build: Build) -> Iterator[TemplateFile]:
    for path in build.repository.with_suffix(".bicep"):
        file = build.bicep(path)
        if file is not None:
            yield file


def _arm_files(build: Build) -> Iterator[TemplateFile]:
    repository = build.repository
    for path in repository.with_suffix(".json", ".jsonc"):
        if not repository.mentions(path, "deploymenttemplate.json", '"contentversion"'):
            continue
        if build.has_bicep and _GENERATED.search((repository.text(path) or "")[:4000]):
            continue
        node = build.json(path)
        if node is None or not is_template(node):
            continue
        if not (build.has_bicep and generated_by_bicep(node)):
            yield read_template(node, path)


def _roots(
    files: Sequence[TemplateFile], parameters: ParameterFiles, passed: Sequence[PassedValues]
) -> list[TemplateFile]:
    """Return the files that no other calls, or that a parameter file or command names."""
    called = {relative(f.path, d.module) for f in files for d in f.declarations if d.module}
    named = {parameters.used(f) for f in parameters.files} | {p.root for p in passed}
    return [f for f in files if f.path in named or f.path not in called]


__all__ = ["Estate", "Scope", "read_estate"]
