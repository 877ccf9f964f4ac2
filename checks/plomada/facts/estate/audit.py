"""Diagnostic settings: whose logs go where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plomada.facts import Facts
from plomada.facts.acts.acts import told
from plomada.facts.estate.networks import VAULT
from plomada.facts.estate.resources import Estate
from plomada.facts.iac.links import WORKSPACE
from plomada.facts.model import Act, Resource
from plomada.facts.pipelines.running import declares
from plomada.facts.values import canonical, is_null, references, truth
from plomada.patterns import regex
from plomada.records import dataclass

SETTING = "microsoft.insights/diagnosticsettings"
AUDITED = {WORKSPACE: "the workspace", VAULT: "a key vault"}
_LOG = regex(r"(logs\.\d+)\.(category|categorygroup)")
_DESTINATIONS = (
    "workspaceid",
    "storageaccountid",
    "eventhubauthorizationruleid",
    "marketplacepartnerid",
)
_COMMAND_TARGET = regex(
    r"microsoft\.machinelearningservices/workspaces(?!/[^/\s\"']+/(?:online|batch)endpoints)"
    r"|microsoft\.keyvault/vaults"
    r"|\$\(az (?:ml workspace|keyvault) show\b|\bget-azkeyvault\b|\bget-azmlworkspace\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A diagnostic setting.

    Attributes:
        resource: its declaration.
        of: what it is a setting of, in words, "" where that is neither workspace nor vault.
        logs: it sends logs, not metrics alone.
        destination: it sends them somewhere.
    """

    resource: Resource
    of: str
    logs: bool
    destination: bool

    @property
    def complete(self) -> bool:
        """Whether it keeps logs of the workspace or a key vault."""
        return bool(self.of) and self.logs and self.destination


def diagnostic_settings(estate: Estate) -> Iterator[Setting]:
    """Yield the declared diagnostic settings."""
    for resource in estate.of_type(SETTING):
        yield Setting(
            resource, _audited(resource, estate), _has_logs(resource), _has_destination(resource)
        )


def _audited(resource: Resource, estate: Estate) -> str:
    for link in estate.links_from(resource, "scope"):
        target = estate.by_address.get(link.target)
        if target is not None and target.type in AUDITED:
            return AUDITED[target.type]
    scope = resource.properties.get("@scope")
    for reference in references(scope) if scope is not None else ():
        if reference.type in AUDITED:
            return AUDITED[reference.type]
    return ""


def _has_logs(resource: Resource) -> bool:
    for path, value in resource.properties.items():
        match = _LOG.fullmatch(path)
        if match and not is_null(value):
            enabled = resource.properties.get(f"{match.group(1)}.enabled")
            if enabled is None or truth(enabled) is not False:
                return True
    logs = resource.properties.get("logs")
    return logs is not None and logs.kind == "unknown"


def _has_destination(resource: Resource) -> bool:
    found = [resource.properties.get(name) for name in _DESTINATIONS]
    return any(v is not None and not is_null(v) and v.text != "" for v in found)


def audited_by_command(facts: Facts) -> Iterator[Act]:
    """Yield the commands that send logs of a workspace or a key vault."""
    for act in facts.acts:
        if act.verb != "create-diagnostics" or not declares(act):
            continue
        shown = {name.lower(): canonical(value) for name, value in act.arguments.items()}
        named = any(
            _COMMAND_TARGET.search(text) for name, text in shown.items() if "log" not in name
        )
        logs = any(name.strip("-") in ("logs", "log", "enablelog", "category") for name in shown)
        bodies = told(facts, act, "body", "parameters")
        logs = logs or any(re.search(r"\blogs\b", text) for text in bodies)
        if named and logs:
            yield act
