"""How traffic moves between deployments of one endpoint, whatever serves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.model import Asset, Route, Value
from plomada.facts.pipelines.stages import stage_in, tokens
from plomada.facts.serving.appfiles import described_traffic
from plomada.facts.serving.apps import AppTraffic, app_traffic
from plomada.facts.serving.parts import EVERYTHING, is_part, percent
from plomada.facts.serving.progressive import Release, releases
from plomada.facts.serving.routing import Split, splits
from plomada.facts.serving.serving import APP_KINDS, workloads
from plomada.facts.serving.settings import takes_share
from plomada.facts.serving.shares import given_shares
from plomada.facts.serving.slots import is_new_each_time
from plomada.facts.strings import shown, texts
from plomada.facts.words import Traffic, online_deployments, traffic_settings
from plomada.patterns import regex
from plomada.records import dataclass, replace

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span


@dataclass(frozen=True, slots=True)
class Rollout:
    """One endpoint with its deployments and traffic.

    Attributes:
        name: the endpoint's name.
        deployments: the places of its deployments.
        traffic: the places of its traffic settings.
        side_by_side: two deployments can stand at the same time.
        divides: a traffic setting can give two deployments a part each, or mirrors.
        switches: traffic settings move traffic from one deployment to another.
        partial: the place where a pipeline or script gives a part of the traffic, before all of it.
    """

    name: str
    deployments: tuple[Span, ...]
    traffic: tuple[Span, ...]
    side_by_side: bool
    divides: bool
    switches: bool
    partial: Span | None


@remembered
def rollouts(facts: Facts) -> tuple[Rollout, ...]:
    """Return what serves online, an endpoint each."""
    return (
        *_endpoints(facts),
        *(_of_split(facts, s) for s in splits(facts)),
        *(_of_release(release) for release in releases(facts)),
        *_of_apps(facts),
    )


def _endpoints(facts: Facts) -> Iterator[Rollout]:
    deployments = [d for d in online_deployments(facts)[0] if d.kind == "online-deployment"]
    groups: dict[str, tuple[list[Asset], list[Traffic]]] = {}
    for deployment in deployments:
        groups.setdefault(_endpoint_of(deployment), ([], []))[0].append(deployment)
    for setting in traffic_settings(facts):
        for _, traffic in _groups_of(setting, groups):
            traffic.append(setting)
    for name, (mine, traffic) in groups.items():
        yield _rollout(facts, name, mine, traffic)


_Group = tuple[list[Asset], list[Traffic]]


def _groups_of(setting: Traffic, groups: dict[str, _Group]) -> list[_Group]:
    """Return the endpoints that a setting may be of: by name, else those of its file, else all."""
    own = setting.asset.kind == "online-deployment"
    name = _endpoint_of(setting.asset) if own else _text(setting.asset.fields.get("name"))
    if name in groups:
        return [groups[name]]
    path = _place(setting.asset).path
    near = [g for g in groups.values() if any(_place(d).path == path for d in g[0])]
    if near and (not name or len(near) == 1):
        return near
    if setting.asset.source != "notebook" and groups and not name:
        return list(groups.values())
    return [groups.setdefault(name or path, ([], []))]


def _text(value: Value | None) -> str:
    return "" if value is None or shown(value) in {"", "${name}"} else shown(value)


def _endpoint_of(deployment: Asset) -> str:
    """Return the endpoint's name, or a stand-in that only deployments of the same place share."""
    value = deployment.fields.get("endpoint_name")
    text = _text(value)
    known = value is not None and value.kind != "unknown"
    return text if known else f"{_place(deployment).path}?{text}"


def _place(asset: Asset) -> Span:
    return asset.applied or asset.span


def _rollout(facts: Facts, name: str, deployments: list[Asset], traffic: list[Traffic]) -> Rollout:
    slots = _slots(deployments)
    named = {n for t in traffic for n in together(t.names, t.asset.fields.get("name"))}
    taken = any(takes_share(facts, t) for t in traffic)
    divides = taken or any(t.divides for t in traffic)
    several = len(slots) > 1 or (len(named) > 1 and (divides or bool(deployments)))
    chosen = several and any(len(t.names) > 1 for t in traffic)
    fresh = any(is_new_each_time(facts, deployment) for deployment in deployments)
    side_by_side = len(slots) > 1 or chosen or fresh
    return Rollout(
        name,
        tuple(dict.fromkeys(d.applied or d.span for d in deployments)),
        tuple(dict.fromkeys(place for t in traffic for place in t.places)),
        side_by_side,
        divides and (side_by_side or taken or len(named) != 1 or any(t.open for t in traffic)),
        side_by_side and bool(traffic),
        next(_partial(facts, traffic), None) if side_by_side or divides else None,
    )


def _slots(deployments: list[Asset]) -> set[str]:
    """Return the names that the deployments of an endpoint may have.

    A chosen slot gives several; what cannot be told is none beside one that can.
    """
    found: set[str] = set()
    for deployment in deployments:
        value = deployment.name
        if value.kind == "one_of":
            told = [part for part in value.parts if part.kind != "unknown"] or value.parts
            names = [shown(part) for part in told]
            found.update(together(names, deployment.fields.get("endpoint_name")))
        elif value.kind == "known" and value.data:
            found.add(str(value.data))
        else:
            found.add(shown(value))
    return found


def together(names: Iterable[str], endpoint: Value | None) -> list[str]:
    """Return those of the names that may be chosen that can stand at one endpoint.

    A parameter that chooses the endpoint, or the environment that it stands in, chooses the
    deployment's name along with it: ``churn-$ENV`` at ``endpoint-$ENV`` is one deployment in each.

    Args:
        names: the alternatives of a deployment's name.
        endpoint: the endpoint's name, itself a choice perhaps.
    """
    found = list(dict.fromkeys(names))
    parted = _by_endpoint(found, texts(endpoint))
    by_stage: dict[tuple[str, ...], str] = {}
    for name in max(parted, key=len, default=found):
        words = tokens(name)
        rest = tuple(w for w in words if not stage_in(w))
        by_stage.setdefault(rest if rest else tuple(words), name)
    return list(by_stage.values())


def _by_endpoint(names: list[str], endpoints: tuple[str, ...]) -> list[list[str]]:
    """Part names by the words that tell the endpoints apart; nothing where these do not."""
    words = [set(tokens(e)) for e in endpoints]
    common = set.intersection(*words) if words else set()
    own = [w - common for w in words]
    if len(own) < 2 or not all(own):
        return []
    groups = [[n for n in names if mine <= set(tokens(n))] for mine in own]
    return groups if sum(map(len, groups)) == len(names) and all(groups) else []


def _partial(facts: Facts, traffic: list[Traffic]) -> Iterator[Span]:
    """Yield where a pipeline or script gives a part of the traffic.

    1 to 99 %, mirrored, or a parameter for which nothing here says how much it is.
    """
    for setting in traffic:
        acted = setting.asset.source in {"pipeline", "script", "code", "notebook"}
        from_spec = setting.asset.dialect in {"yaml", "iac"}
        spec_only = (
            setting.span.path.endswith((".yml", ".yaml"))
            and setting.asset.span == setting.asset.applied
        )
        if not acted or from_spec:
            continue
        static = setting.asset.applied is not None and _in_spec(setting) and not spec_only
        if not static:
            yield from _part_places(facts, setting)


def _part_places(facts: Facts, setting: Traffic) -> Iterator[Span]:
    """Yield the maps that give a part first, else the setting's place."""
    field = "mirror_traffic" if setting.mirrored else "traffic"
    given = given_shares(facts, setting.asset, field)
    if given is not None:
        yield from (share.span for share in given if is_part(share.percent))
        return
    value = setting.asset.fields.get(field)
    for part in value.parts if value is not None and value.kind == "one_of" else ():
        shares = [v.data for v in part.data.values()] if isinstance(part.data, dict) else []
        if part.origins and any(isinstance(s, int) and is_part(s) for s in shares):
            yield part.origins[-1]
    if setting.gives_part:
        yield setting.span


def all_at_once(facts: Facts) -> Iterator[tuple[Traffic, Span]]:
    """Yield the traffic settings with the places of the maps that give everything."""
    for setting in traffic_settings(facts):
        field = "mirror_traffic" if setting.mirrored else "traffic"
        given = given_shares(facts, setting.asset, field)
        whole = [share.span for share in given or () if share.percent >= EVERYTHING]
        for span in whole or [setting.span]:
            yield setting, span


def written_at(facts: Facts, setting: Traffic) -> tuple[Span, ...]:
    """Return where a setting's map and its shares are written, else the option or the setting."""
    value = setting.asset.fields.get("mirror_traffic" if setting.mirrored else "traffic")
    found = list(value.origins[:1]) if value is not None else []
    shares = value.data.values() if value is not None and isinstance(value.data, dict) else ()
    found += [v.origins[-1] for v in shares if isinstance(v, Value) and v.origins]
    lines = {(span.path, span.line): span for span in reversed(found)}
    return tuple(reversed(lines.values())) or (_option(facts, setting.span),)


_OPTION = regex(r"(?<!\S)--(all|mirror)?-?traffic\b")


def _option(facts: Facts, span: Span) -> Span:
    """Return the line of a long command that has the option for traffic, else the command."""
    lines = (facts.repository.text(span.path) or "").split("\n")
    for number in range(span.line, min(span.end_line, len(lines)) + 1):
        found = _OPTION.search(lines[number - 1]) if span.line < span.end_line else None
        if found:
            column, end = found.start() + 1, found.end() + 1
            return replace(span, line=number, column=column, end_line=number, end_column=end)
    return span


def _in_spec(setting: Traffic) -> bool:
    """Tell whether the traffic map stands in a spec that a command applies."""
    value = setting.asset.fields.get("mirror_traffic" if setting.mirrored else "traffic")
    places = list(value.origins if value is not None else ())
    return any(p.path == setting.asset.span.path for p in places) and (
        setting.asset.applied is not None and setting.asset.applied.path != setting.asset.span.path
    )


# --- Kubernetes


def _of_split(facts: Facts, split: Split) -> Rollout:
    partial = next(iter(_weights(facts, split)), None)
    two = len(split.names) > 1
    return Rollout(
        split.span.path,
        (),
        (split.span, *split.weights[1:2], *((split.headers,) if split.headers else ())),
        two,
        two,
        two,
        partial,
    )


def _of_release(release: Release) -> Rollout:
    return Rollout(
        release.name,
        (),
        release.spans,
        side_by_side=True,
        divides=release.divides,
        switches=True,
        partial=release.partial,
    )


def _weights(facts: Facts, split: Split) -> Iterator[Span]:
    """Yield where a pipeline or script sets a weight of 1 to 99.

    A Helm value, ``--set``, a patch.
    """
    paths = [p.removeprefix(".") for p in split.values]
    for command in facts.commands:
        if command.words and command.words[0].text in {"helm", "kubectl"}:
            for word in command.words[1:]:
                if _sets_part(shown(word), paths):
                    yield _caller(command.route) or command.span
    for pipeline in facts.pipelines:
        for job in pipeline.jobs:
            for step in job.steps:
                for value in step.inputs.values():
                    if not step.disabled and _sets_part(shown(value), paths):
                        yield _caller(step.call) or step.span


def _caller(route: Route) -> Span | None:
    """Return where a template is called that holds the step: the percentage stands there."""
    return next((edge.span for edge in reversed(route) if edge.how == "template"), None)


def _sets_part(text: str, paths: list[str]) -> bool:
    for path in paths:
        for share in re.findall(rf"\b{re.escape(path)}=(\d+|\$)", text):
            if is_part(percent(share)):
                return True
    found = re.search(r"canary-weight[\"']?\s*[:=]\s*[\"']?(\d+)", text)
    return found is not None and is_part(int(found[1]))


# --- apps


def _of_apps(facts: Facts) -> Iterator[Rollout]:
    """Yield the apps that serve a model with the traffic among their revisions or slots."""
    if not any(w.kind in APP_KINDS for w in workloads(facts)):
        return
    groups: dict[str, list[AppTraffic]] = {}
    for setting in (*described_traffic(facts), *app_traffic(facts)):
        groups.setdefault(setting.app, []).append(setting)
    for name, settings in groups.items():
        several = len({n for s in settings for n in (*s.shares, s.beside) if n}) > 1
        parts = [s.span for s in settings if s.acted and s.gives_part]
        divides = any(s.divides for s in settings)
        yield Rollout(
            name,
            (),
            tuple(dict.fromkeys(s.span for s in settings)),
            several or divides,
            divides,
            several,
            parts[0] if parts else None,
        )
