"""Settings of apps that serve: scale rules, probes and traffic, as resources and commands say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Act, Resource, Value
from plomada.facts.serving.parts import EVERYTHING, is_part, percent
from plomada.facts.strings import shown, texts
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span

APP_TYPES = ("microsoft.app/containerapps", "microsoft.web/sites")
_RULES = regex(r"(^|\.)(scale\.rules|(http|tcp|custom|azurequeue)scalerule)$")
_PROBES = regex(r"(^|\.)(probes|(liveness|readiness)probe|healthcheckpath)$")
_SHARE = regex(r"(^|\.)(traffic|trafficweight)(\.\d+)?$")
_NAMES = ("revisionname", "revisionsuffix", "label", "latestrevision")
_PERCENTS = ("weight", "percentage")
_WEIGHTS = ("--revision-weight", "--label-weight", "--traffic-weight")
_RULE_OPTIONS = regex(r"--scale-rule-|--sr(n|t|hc|tc|m|a)$")
PRODUCTION_SLOT = "production"


@dataclass(frozen=True, slots=True)
class AppTraffic:
    """One setting of an app's traffic.

    Attributes:
        app: the app's name.
        shares: percent by revision, label or slot; None where a parameter gives it.
        span: its place.
        acted: a command or task sets it; a resource declares it otherwise.
        beside: a slot that stands beside, without a part.
    """

    app: str
    shares: Mapping[str, int | None]
    span: Span
    acted: bool
    beside: str = ""

    @property
    def divides(self) -> bool:
        """Whether it names two, or a parameter says how much one has."""
        return len(self.shares) > 1 or None in self.shares.values()

    @property
    def gives_part(self) -> bool:
        """Whether one has 1 to 99 %, or as much as a parameter says."""
        return any(is_part(share) for share in self.shares.values())


def scales(resource: Resource) -> Span | None:
    """Return the place of an app's scale rules, or of limits that leave it room."""
    rules = _first(resource, _RULES)
    if rules is not None:
        return rules
    limits = {
        _flat(key).rpartition(".")[2]: value
        for key, value in resource.properties.items()
        if _flat(key).endswith(("minreplicas", "maxreplicas"))
    }
    return resource.place("template") if _leave_room(limits, "minreplicas", "maxreplicas") else None


def scales_by_option(act: Act) -> Span | None:
    """Return the place of a command that gives an app scale rules or room."""
    options = act.arguments
    rules = any(_RULE_OPTIONS.match(name) for name in options)
    return act.span if rules or _leave_room(options, "--min-replicas", "--max-replicas") else None


def _leave_room(limits: Mapping[str, Value], least: str, most: str) -> bool:
    low, high = shown(limits.get(least)), shown(limits.get(most))
    return high.isdigit() and int(high) > max(1, int(low) if low.isdigit() else 1)


def probes(resource: Resource) -> Span | None:
    """Return the place of an app's probe or health check."""
    return _first(resource, _PROBES)


def _first(resource: Resource, wanted: re.Pattern[str]) -> Span | None:
    for key, value in resource.properties.items():
        empty = value.kind == "known" and value.data in (None, "", (), {})
        if wanted.search(_flat(key)) and not empty:
            return resource.place(key)
    return None


def _flat(key: str) -> str:
    """Return a property's path as every dialect spells it: no underscores, lower case."""
    return re.sub(r"\.\d+(?=\.|$)", "", key).replace("_", "").lower()


def app_traffic(facts: Facts) -> Iterator[AppTraffic]:
    """Yield every setting of an app's traffic, declared ones first."""
    for kind in APP_TYPES:
        for resource in facts.estate.of_type(kind):
            yield from _declared(resource)
    for act in acts_of(facts, "set-traffic", target="app"):
        if act.source != "notebook":
            yield from _set(act)


def _declared(resource: Resource) -> Iterator[AppTraffic]:
    shares: dict[str, int | None] = {}
    first: Span | None = None
    for key, value in resource.properties.items():
        if _SHARE.search(re.sub(r"_", "", key).lower()) and isinstance(value.data, dict):
            held = {k.replace("_", "").lower(): v for k, v in value.data.items()}
            name = next((shown(held[k]) for k in _NAMES if k in held), "")
            weight = next((held[k] for k in _PERCENTS if k in held), None)
            if name and weight is not None:
                shares[name] = percent(shown(weight))
                first = first or resource.place(key)
    if shares and first is not None:
        yield AppTraffic(shown(resource.name).lower(), shares, first, acted=False)


def _set(act: Act) -> Iterator[AppTraffic]:
    app = _option(act, "--name", "-n", "webappname", "appname")
    if act.tool.startswith("az containerapp"):
        pairs = [one for name in _WEIGHTS for one in _each(act.arguments.get(name))]
        for shares in _together(pairs):
            yield AppTraffic(app, shares, act.span, acted=True)
    elif act.tool.startswith("az webapp deployment slot") or act.dialect == "task":
        slot = _option(act, "--slot", "-s", "sourceslot") or "slot"
        target = _option(act, "--target-slot", "targetslot") or PRODUCTION_SLOT
        yield AppTraffic(app, {target: EVERYTHING}, act.span, acted=True, beside=slot)
    elif act.tool.startswith("az webapp"):
        for shares in _together(list(_each(act.arguments.get("--distribution")))):
            yield AppTraffic(app, {**shares, PRODUCTION_SLOT: _rest(shares)}, act.span, acted=True)


def _rest(shares: Mapping[str, int | None]) -> int | None:
    given = [share for share in shares.values() if share is not None]
    return EVERYTHING - sum(given) if len(given) == len(shares) else None


def _option(act: Act, *names: str) -> str:
    return next((shown(act.arguments[n]).lower() for n in names if n in act.arguments), "")


def _each(value: Value | None) -> Iterator[Value]:
    held = value.data if value is not None and value.kind == "known" else None
    if isinstance(held, tuple):
        yield from (one for one in held if isinstance(one, Value))
    elif value is not None:
        yield value


def _together(pairs: list[Value]) -> Iterator[dict[str, int | None]]:
    """Yield what a map of ``name=percent`` comes to; a loop over percentages gives several."""
    read = [_pair(value) for value in pairs]
    for number in range(max((len(percents) for _, percents in read), default=0)):
        yield {name: percents[min(number, len(percents) - 1)] for name, percents in read}


def _pair(value: Value) -> tuple[str, list[int | None]]:
    """Return a name and the percentages that it may have."""
    told = texts(value)
    name = (told[0] if told else shown(value)).partition("=")[0]
    last = value.parts[-1] if value.kind == "template" and not told else None
    spelled = told or (texts(last) if last is not None else ()) or (shown(value),)
    return name, [percent(text.rpartition("=")[2].strip("\"'")) for text in spelled]
