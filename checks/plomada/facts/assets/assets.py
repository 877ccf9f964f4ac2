"""Azure ML entities of every dialect as one model: specs, SDK v2, ``az ml``, SDK and CLI v1, IaC.

A tracked spec and the act that applies it are two things: ``Assets.specs`` holds what is tracked,
``Assets.made`` what a pipeline, script or notebook makes (a spec that is applied appears there too,
with the options of the command set over it).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.assets.cli import made_by_commands, made_by_workflows
from plomada.facts.assets.sdk import made_by_code
from plomada.facts.assets.yaml import read_specs
from plomada.facts.model import Asset, Value

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span

_ONLINE = "microsoft.machinelearningservices/workspaces/onlineendpoints"
_BATCH = "microsoft.machinelearningservices/workspaces/batchendpoints"
_IAC_KINDS = {
    _ONLINE: "online-endpoint",
    f"{_ONLINE}/deployments": "online-deployment",
    _BATCH: "batch-endpoint",
    f"{_BATCH}/deployments": "batch-deployment",
    "microsoft.machinelearningservices/workspaces/schedules": "schedule",
}
# ARM's names to the YAML schema's, where they are not the same in another case.
_IAC_FIELDS = {
    "appinsightsenabled": "app_insights_enabled",
    "livenessprobe": "liveness_probe",
    "readinessprobe": "readiness_probe",
    "scalesettings": "scale_settings",
    "scalesettings.scaletype": "scale_settings.type",
    "mirrortraffic": "mirror_traffic",
    "authmode": "auth_mode",
    "instancetype": "instance_type",
    "datacollector": "data_collector",
    "endpointcomputetype": "type",
}


class Assets:
    """The Azure ML entities of a repository.

    Args:
        facts: gives files, code, commands, jobs and resources.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.scripts: dict[tuple[Span, str], tuple[str, ...]] = {}

    @cached_property
    def specs(self) -> tuple[Asset, ...]:
        """Tracked YAML specs, applied or not, in the order of paths."""
        return tuple(read_specs(self._facts))

    @cached_property
    def specs_by_path(self) -> dict[str, tuple[Asset, ...]]:
        """Specs by their file."""
        found: dict[str, tuple[Asset, ...]] = {}
        for spec in self.specs:
            found[spec.span.path] = (*found.get(spec.span.path, ()), spec)
        return found

    @cached_property
    def specs_by_name(self) -> dict[str, tuple[Asset, ...]]:
        """Specs by the name that they register under."""
        found: dict[str, tuple[Asset, ...]] = {}
        for spec in self.specs:
            if spec.name.text:
                found[spec.name.text] = (*found.get(spec.name.text, ()), spec)
        return found

    @cached_property
    def made(self) -> tuple[Asset, ...]:
        """What pipelines, scripts, notebooks and IaC make."""
        coded = made_by_code(self._facts, self.specs_by_path)
        commanded = made_by_commands(self._facts, self.specs, self.specs_by_path)
        called = made_by_workflows(self._facts, self.specs_by_path)
        return (*coded, *commanded, *called, *self._declared())

    @cached_property
    def all(self) -> tuple[Asset, ...]:
        """Everything: what is made, then the specs that nothing applies."""
        applied = {asset.span for asset in self.made}
        return (*self.made, *(spec for spec in self.specs if spec.span not in applied))

    def of_kind(self, *kinds: str) -> tuple[Asset, ...]:
        """Return the entities of some kinds, made ones first."""
        return tuple(asset for asset in self.all if asset.kind in kinds)

    def _declared(self) -> Iterator[Asset]:
        """Yield the entities that IaC declares."""
        for resource in self._facts.estate.resources:
            kind = _IAC_KINDS.get(resource.type.lower())
            if kind is None or resource.existing:
                continue
            fields: dict[str, Value] = {"name": resource.name}
            for path, value in resource.properties.items():
                fields[_IAC_FIELDS.get(path.lower(), path.lower())] = value
            if resource.identity is not None:
                fields["identity"] = resource.identity
                inner = resource.identity.data
                kinds = inner.get("type") if isinstance(inner, dict) else None
                fields |= {"identity.type": kinds} if isinstance(kinds, Value) else {}
            compute = str((fields.get("type") or Value("unknown")).data or "").lower()
            yield Asset(
                kind,
                resource.name,
                resource.span,
                "iac",
                fields=fields,
                source="iac",
                compute="kubernetes" if compute == "kubernetes" else "managed",
                applied=resource.span,
            )
