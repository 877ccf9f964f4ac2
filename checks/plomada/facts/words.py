"""CHECKLIST's phrases as functions: what serves, what is applied, what registers and promotes.

Ranks: what a pipeline, script or IaC does comes first; notebooks and specs that nothing applies
count only where
nothing of the first rank does the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.acts.acts import acts_of
from plomada.facts.code.code import is_test_file
from plomada.facts.code.flow import Site
from plomada.facts.model import Act, Asset, Value
from plomada.facts.serving.parts import EVERYTHING, is_part
from plomada.facts.serving.serving import workloads
from plomada.facts.strings import shown
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span

ONLINE_DEPLOYMENTS = ("online-deployment", "webservice")
ONLINE = ("online-endpoint", *ONLINE_DEPLOYMENTS)


def place_of(value: Value | None, asset: Asset) -> Span:
    """Return where a field of an asset is set: in its own files, else the asset's place."""
    own = {asset.span.path, asset.applied.path if asset.applied is not None else ""}
    for origin in value.origins if value is not None else ():
        if origin.path in own:
            return origin
    return asset.span


# --- ranks


def ranked(assets: Iterable[Asset]) -> tuple[tuple[Asset, ...], tuple[Asset, ...]]:
    """Return the assets that are judged and those that are only advice."""
    every = tuple(assets)
    first = tuple(a for a in every if a.applied is not None and a.source != "notebook")
    first = first or tuple(a for a in every if a.source == "code")
    if not first:
        return every, ()
    chosen = {id(a) for a in first}
    return first, tuple(a for a in every if id(a) not in chosen)


@remembered
def online_deployments(facts: Facts) -> tuple[tuple[Asset, ...], tuple[Asset, ...]]:
    """Return the online deployments that are judged, and the others."""
    return ranked(facts.assets.of_kind(*ONLINE_DEPLOYMENTS))


@remembered
def online_endpoints(facts: Facts) -> tuple[tuple[Asset, ...], tuple[Asset, ...]]:
    """Return the online endpoints that are judged, and the others."""
    return ranked(facts.assets.of_kind("online-endpoint"))


def serves_online(facts: Facts) -> bool:
    """Tell whether anything is served online."""
    return bool(facts.assets.of_kind(*ONLINE)) or bool(workloads(facts))


# --- registrations


@dataclass(frozen=True, slots=True)
class Registration:
    """A model is registered.

    Attributes:
        act: who does it.
        site: the Python call, if it is one.
        asset: the model that is registered, as far as it is an asset.
        named: the place of ``registered_model_name``.
    """

    act: Act
    site: Site | None
    asset: Asset | None
    named: Span | None = None

    @property
    def automatic(self) -> bool:
        """Whether a pipeline, or a job that one submits, does it."""
        return bool(self.act.route) and self.act.source not in {"notebook", "hook"}


@remembered
def registrations(facts: Facts) -> tuple[Registration, ...]:
    """Return every registration outside tests, those of notebooks only where no other is."""
    models = {a.applied: a for a in facts.assets.of_kind("model") if a.applied is not None}
    found = []
    seen: set[tuple[Span, bool]] = set()
    for act in acts_of(facts, "register-model"):
        mark = (act.span, bool(act.route))
        if is_test_file(act.span.path) or mark in seen:
            continue
        seen.add(mark)
        site = site_of(facts, act)
        if site is not None and _registers_nothing(facts, site):
            continue
        found.append(Registration(act, site, models.get(act.span), _named(facts, site)))
    reached = {r.act.span for r in found if r.act.route}
    found = [r for r in found if r.act.route or r.act.span not in reached]
    own = [r for r in found if r.act.source != "notebook"]
    return tuple(own or found)


_PROMOTIONS = regex(
    r"\.(transition_model_version_stage|set_registered_model_alias|copy_model_version)$"
    r"|MLClient\.models\.share$"
)


@remembered
def promotions(facts: Facts) -> tuple[Act, ...]:
    """Return what promotes a model.

    Registration, deployment, a stage, an alias, a registry, traffic.
    """
    verbs = ("register-model", "deploy-model", "share-model", "set-traffic", "promote-model")
    found = [a for a in acts_of(facts, *verbs) if not is_test_file(a.span.path)]
    known = {act.span for act in found}
    for reached in facts.reach.functions:
        scope = reached.scope or facts.code.scope(reached.address)
        for site in scope.sites if scope is not None else ():
            name = facts.code.name(site)
            if not (_PROMOTIONS.search(name) or _marks_production(facts, site, name)):
                continue
            span = facts.code.owner(site.scope).span(site.node)
            if span not in known and not is_test_file(span.path):
                found.append(
                    Act(
                        "promote-model", "model", span, name, "python", route=reached.route,
                        job=reached.job, source=reached.source, function=reached.address,
                    )
                )  # fmt: skip
    own = [a for a in found if a.source != "notebook"]
    return tuple(own or found)


_TAGGING = regex(r"\.(set_model_version_tag|add_tags|set_tag|add_properties)$")
_MARK = regex(r"^(prod|production|champion|live|stage|status|deployed|current)$", re.IGNORECASE)


def _marks_production(facts: Facts, site: Site, name: str) -> bool:
    """Tell whether a call tags a model as the one in production."""
    if not _TAGGING.search(name) or "run" in name.rpartition(".")[0].lower().split("."):
        return False
    for node in (*site.node.args, *(k.value for k in site.node.keywords)):
        value = facts.code.value_of(node, site.scope)
        texts = [value.text] if value.text else []
        if isinstance(value.data, dict):
            texts += [str(key) for key in value.data]
        if any(_MARK.match(text) for text in texts if text):
            return True
    return False


def can_start(facts: Facts, act: Act) -> bool:
    """Tell whether a pipeline or script can start an act: a chain of calls leads to it."""
    if act.route or not act.function:
        return True
    waiting = [act.function]
    seen: set[str] = set()
    while waiting and len(seen) < 60:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        if address.endswith("::"):
            return True
        callers = (caller.scope for caller in facts.code.callers(address))
        waiting.extend(facts.code.owner(scope).address(scope) for scope in callers)
        if facts.reach.route_to(address):
            return True
    return False


def _named(facts: Facts, site: Site | None) -> Span | None:
    node = facts.code.argument(site, None, "registered_model_name") if site is not None else None
    return (
        facts.code.owner(site.scope).span(node) if node is not None and site is not None else None
    )


def _registers_nothing(facts: Facts, site: Site) -> bool:
    """Tell whether ``log_model`` is given no name to register under."""
    node = facts.code.argument(site, None, "registered_model_name")
    if node is None:
        return False
    value = facts.code.value_of(node, site.scope)
    return value.kind == "known" and not value.data


def site_of(facts: Facts, act: Act) -> Site | None:
    """Return the Python call that an act is, None where it is none."""
    if not act.function:
        return None
    scope = facts.code.scope(act.function)
    if scope is None:
        return None
    module = facts.code.owner(scope)
    return next((site for site in scope.sites if module.span(site.node) == act.span), None)


# --- traffic


@dataclass(frozen=True, slots=True)
class Traffic:
    """A traffic setting of an endpoint.

    Attributes:
        asset: the endpoint with the setting.
        names: deployments that it names, one or another where its map is chosen.
        most: how many it names at once.
        percentages: the percentages that are known.
        open: the whole map or a percentage is a parameter.
        mirrored: it mirrors traffic.
        span: its place.
        places: where its maps are written.
        gives_part: a map of it gives 1 to 99 %, or a share that is a parameter.
    """

    asset: Asset
    names: tuple[str, ...]
    percentages: tuple[int, ...]
    open: bool
    mirrored: bool
    span: Span
    places: tuple[Span, ...] = ()
    most: int = 0
    gives_part: bool = False

    @property
    def divides(self) -> bool:
        """Whether it can give two deployments a part each."""
        return self.most > 1 or self.open or self.mirrored


@remembered
def traffic_settings(facts: Facts) -> tuple[Traffic, ...]:
    """Return the traffic settings that are judged, in the order of what makes them."""
    endpoints, _ = ranked(
        a for a in facts.assets.all if "traffic" in a.fields or "mirror_traffic" in a.fields
    )
    found = []
    for asset in endpoints:
        for field in ("traffic", "mirror_traffic"):
            value = asset.fields.get(field)
            if value is not None and not _is_nothing(value):
                found.append(_traffic(asset, value, field == "mirror_traffic"))
    return tuple(found)


def _is_nothing(value: Value) -> bool:
    return value.kind == "known" and value.data in (None, {}, "")


def _traffic(asset: Asset, value: Value, mirrored: bool) -> Traffic:
    names: dict[str, None] = {}
    shares: list[int] = []
    is_open = gives_part = False
    most = 0
    for part in value.parts if value.kind == "one_of" else (value,):
        pairs = list(_pairs(part))
        most = max(most, len({name for name, _ in pairs if name}))
        gives_part |= _is_part([share for _, share in pairs]) if pairs else mirrored
        for name, share in pairs:
            if name:
                names[name] = None
            if share is None:
                is_open = True
            else:
                shares.append(share)
    parts = value.parts if value.kind == "one_of" else (value,)
    written = [part.origins[-1] for part in parts if part.origins and isinstance(part.data, dict)]
    place = asset.applied or asset.span
    if written and asset.dialect in {"yaml", "sdk2", "iac"}:
        place = written[0]
    places = tuple(dict.fromkeys((place, *written, *value.origins[:1])))
    return Traffic(
        asset, tuple(names), tuple(shares), is_open, mirrored, place, places, most, gives_part
    )


def _is_part(shares: list[int | None]) -> bool:
    """Tell whether a map gives a part; beside one that takes everything an open share is none."""
    return any(s is not None and is_part(s) for s in shares) or (
        None in shares and EVERYTHING not in shares
    )


_PAIR = regex(
    r"""["']?([^\s"'=:,{}]+(?:\{[^{}]*\}[^\s"'=:,{}]*)*)["']?\s*[=:]\s*["']?([^\s"',}]+)"""
)


def _pairs(value: Value) -> Iterator[tuple[str, int | None]]:
    """Yield the deployments and shares of a traffic map, ``("", None)`` for a parameter.

    What the map had before, ``**``, leaves nothing beside one that takes everything.
    """
    if isinstance(value.data, dict):
        shares = {str(name): _share(share) for name, share in value.data.items()}
        for name, share in shares.items():
            if not name.startswith("$") and (name != "**" or EVERYTHING not in shares.values()):
                yield name, share
        return
    if isinstance(value.data, tuple):
        for item in value.data:
            if isinstance(item, Value):
                yield from _pairs(item)
        return
    text = value.text if value.text is not None else shown(value)
    if value.kind == "unknown":
        yield "", None
        return
    for name, share in _PAIR.findall(_braces(text)):
        yield name, int(share) if share.isdigit() else None


def _braces(text: str) -> str:
    """Return a text with ``${NAME}`` and ``{NAME}`` placeholders made plain names."""
    return re.sub(r"\$\{\{?\s*([\w.\-]+)\s*\}?\}", r"$\1", text)


def _share(value: object) -> int | None:
    if isinstance(value, Value):
        data = value.data if value.kind == "known" else None
        if isinstance(data, str) and data.isdigit():
            return int(data)
        return int(data) if isinstance(data, int | float) else None
    return None
