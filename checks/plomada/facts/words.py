"""CHECKLIST's phrases as functions: what serves, what is applied, what registers and scores.

Ranks: what a pipeline, script or IaC does comes first; notebooks and specs that nothing applies
count only where
nothing of the first rank does the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plomada.facts.acts import acts_of
from plomada.facts.assets_yaml import joined
from plomada.facts.code import is_test_file
from plomada.facts.configuration import locate
from plomada.facts.flow import Scope, Site
from plomada.facts.model import Act, Asset, Value
from plomada.facts.strings import shown

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code import Module
    from plomada.spans import Span

ONLINE_DEPLOYMENTS = ("online-deployment", "webservice")
ONLINE = ("online-endpoint", *ONLINE_DEPLOYMENTS)

_FIT = frozenset(
    {"fit", "fit_generator", "partial_fit", "train", "fit_transform", "fit_predict", "cv"}
)
_TRAINERS = re.compile(
    r"^(sklearn|xgboost|lightgbm|catboost|torch|keras|tensorflow|statsmodels|prophet|pyspark\.ml"
    r"|transformers|pytorch_lightning|lightning|flaml|autogluon|pmdarima)\b"
)
WEB = ("fastapi", "flask", "starlette", "azure.functions", "streamlit", "bentoml", "litserve")
_LOADS = ("predict", "load_model", "load_flow", "inferencesession", "pipeline(", "joblib.load")
_LOADERS = re.compile(
    r"mlflow\..*load_model$|(?:tensorflow\.)?keras\..*load_model$|onnxruntime\.InferenceSession$"
    r"|transformers\..*pipeline$|joblib\.load$|promptflow\..*load_flow$"
)


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


def online_deployments(facts: Facts) -> tuple[tuple[Asset, ...], tuple[Asset, ...]]:
    """Return the online deployments that are judged, and the others."""
    return ranked(facts.assets.of_kind(*ONLINE_DEPLOYMENTS))


def online_endpoints(facts: Facts) -> tuple[tuple[Asset, ...], tuple[Asset, ...]]:
    """Return the online endpoints that are judged, and the others."""
    return ranked(facts.assets.of_kind("online-endpoint"))


def serves_online(facts: Facts) -> bool:
    """Tell whether anything is served online."""
    return bool(facts.assets.of_kind(*ONLINE)) or bool(workloads(facts))


def workloads(facts: Facts) -> tuple[Workload, ...]:
    """Return what serves outside Azure ML's endpoints: Kubernetes, container groups, apps."""
    from plomada.facts.serving import read_workloads

    return read_workloads(facts)


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that serves the scoring image or code outside Azure ML's endpoints.

    Attributes:
        kind: ``kubernetes``, ``aci``, ``containerapp``, ``webapp``, ``function``.
        name: its name.
        span: its place.
        applied: a pipeline or script applies it.
        identity: the place where it declares a managed identity.
        probes: the place of a liveness or readiness probe or HEALTHCHECK.
        scales: the place of what scales it.
        pod: the place of what it runs: a pod's specification.
        size: the place of its fixed number of replicas.
    """

    kind: str
    name: str
    span: Span
    applied: bool = False
    identity: Span | None = None
    probes: Span | None = None
    scales: Span | None = None
    pod: Span | None = None
    size: Span | None = None


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


_PROMOTIONS = re.compile(
    r"\.(transition_model_version_stage|set_registered_model_alias|copy_model_version)$"
    r"|MLClient\.models\.share$"
)


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


_TAGGING = re.compile(r"\.(set_model_version_tag|add_tags|set_tag|add_properties)$")
_MARK = re.compile(
    r"^(prod|production|champion|live|stage|status|deployed|current)$", re.IGNORECASE
)


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


# --- what code does


def reached_scopes(facts: Facts, start: Iterable[Scope], most: int = 300) -> list[Scope]:
    """Return scopes and the functions of the repository that they call, in order of discovery."""
    found: list[Scope] = []
    waiting = list(start)
    seen: set[int] = set()
    while waiting and len(found) < most:
        scope = waiting.pop(0)
        if id(scope) in seen:
            continue
        seen.add(id(scope))
        found.append(scope)
        for site in scope.sites:
            inner = called_scope(facts, site)
            if inner is not None:
                waiting.append(inner)
    return found


def called_scope(facts: Facts, site: Site) -> Scope | None:
    """Return the function of the repository that a call runs, None for another."""
    name = facts.code.name(site)
    if "::" not in name or name.startswith("?"):
        return None
    scope = facts.code.scope(name)
    if scope is not None and scope.is_class:
        return scope.children.get("__init__")
    return scope


def trains(facts: Facts, scope: Scope) -> Site | None:
    """Return the call by which a scope fits a model, None where it fits none."""
    for site in scope.sites:
        function = site.node.func
        last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if last not in _FIT:
            continue
        name = facts.code.name(site)
        if last in {"train", "cv"} and not _TRAINERS.match(name):
            continue
        if last == "fit_transform" or _is_preprocessing(name):
            continue
        return site
    return None


def _is_preprocessing(name: str) -> bool:
    return ".preprocessing." in name or "feature_extraction" in name or ".impute." in name


def training_modules(facts: Facts) -> tuple[Module, ...]:
    """Return the modules that train: scripts, or notebooks where no script does."""
    found = []
    for path in facts.code.paths:
        if is_test_file(path) or not facts.code.mentions(
            path, ".fit(", ".train(", "autolog", ".fit ("
        ):
            continue
        module = facts.code.module(path)
        if module is not None and any(trains(facts, scope) for scope in module.scopes):
            found.append(module)
    own = tuple(m for m in found if not m.is_notebook)
    return own or tuple(found)


def scoring_modules(facts: Facts) -> tuple[Module, ...]:
    """Return the modules that score.

    Named by a deployment, with the shape of a scoring script, or a web app around such a module.
    """
    paths: dict[str, None] = {}
    for asset in facts.assets.of_kind(*ONLINE_DEPLOYMENTS, "batch-deployment"):
        for path in _scripts_of(facts, asset):
            paths[path] = None
    for path in facts.code.paths:
        if path not in paths and not is_test_file(path) and _scores(facts, path):
            paths[path] = None
    for path in _web_apps(facts, paths):
        paths[path] = None
    modules = [facts.code.module(path) for path in paths]
    return tuple(module for module in modules if module is not None)


def _web_apps(facts: Facts, scoring: Iterable[str]) -> list[str]:
    """Return the web apps whose routes stand in, or call, a module that scores or predicts."""
    known = set(scoring)
    found = []
    for path in facts.code.paths:
        if path in known or path.endswith(".ipynb") or is_test_file(path):
            continue
        if not is_web(facts, path):
            continue
        module = facts.code.module(path)
        if module is not None and (
            not known.isdisjoint(_imports(facts, module))
            or any(_predicts(facts, s) for s in reached_scopes(facts, module.scopes))
        ):
            found.append(path)
    return found


def _imports(facts: Facts, module: Module) -> Iterator[str]:
    """Yield the files of the repository that a module imports, or imports something from."""
    for bindings in module.body.everything.values():
        for binding in bindings:
            if binding.kind != "import":
                continue
            head = binding.detail.rpartition(".")[0]
            head = head if head.strip(".") else f"{head}."
            for dotted in (binding.detail, head):
                path = facts.code.module_path(dotted, module.path) if dotted.strip(".") else None
                if path is not None:
                    yield path


def is_web(facts: Facts, path: str) -> bool:
    """Tell whether a module is a web app or function."""
    return facts.repository.mentions(path, *WEB)


def _predicts(facts: Facts, scope: Scope) -> bool:
    """Tell whether a scope predicts, or loads what will: a model, session, pipeline or flow."""
    return any(
        (isinstance(site.node.func, ast.Attribute) and site.node.func.attr.startswith("predict"))
        or _LOADERS.match(facts.code.name(site))
        for site in scope.sites
    )


def _scripts_of(facts: Facts, asset: Asset) -> Iterator[str]:
    """Yield the scripts that a deployment names."""
    for field in ("code_configuration.scoring_script", "scoring_script", "entry_script"):
        value = asset.fields.get(field)
        if value is None or not value.text:
            continue
        folder = asset.code or asset.span.path.rpartition("/")[0]
        direct = joined(folder, value.text)
        path = direct if facts.repository.exists(direct) else None
        path = path or locate(facts.repository, value.text, asset.span.path)
        if path is not None and path.endswith(".py"):
            yield path


def _produces(facts: Facts, module: Module) -> bool:
    """Tell whether a module fits or registers models: parallel training has ``init`` and ``run`` too."""  # noqa: E501
    if any(trains(facts, scope) for scope in module.scopes):
        return True
    return any(getattr(site.node.func, "attr", "") == "register_model" for site in module.sites)


def _scores(facts: Facts, path: str) -> bool:
    """Tell whether a module is a scoring script (``init`` and ``run``) or a web app that predicts."""  # noqa: E501
    if path.endswith(".ipynb"):
        return False
    shaped = facts.repository.mentions(path, "def init(") and facts.repository.mentions(
        path, "def run("
    )
    web = is_web(facts, path) and facts.repository.mentions(path, *_LOADS)
    if not shaped and not web:
        return False
    module = facts.code.module(path)
    if module is None:
        return False
    functions = module.body.children
    if shaped:
        return "init" in functions and "run" in functions and not _produces(facts, module)
    return any(_predicts(facts, scope) for scope in module.scopes)


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
    """

    asset: Asset
    names: tuple[str, ...]
    percentages: tuple[int, ...]
    open: bool
    mirrored: bool
    span: Span
    places: tuple[Span, ...] = ()
    most: int = 0

    @property
    def divides(self) -> bool:
        """Whether it can give two deployments a part each."""
        return self.most > 1 or self.open or self.mirrored


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
    is_open = False
    most = 0
    for part in value.parts if value.kind == "one_of" else (value,):
        pairs = list(_pairs(part))
        most = max(most, len({name for name, _ in pairs if name}))
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
    return Traffic(asset, tuple(names), tuple(shares), is_open, mirrored, place, places, most)


_PAIR = re.compile(
    r"""["']?([^\s"'=:,{}]+(?:\{[^{}]*\}[^\s"'=:,{}]*)*)["']?\s*[=:]\s*["']?([^\s"',}]+)"""
)


def _pairs(value: Value) -> Iterator[tuple[str, int | None]]:
    """Yield the deployments and shares of a traffic map, ``("".

    None)`` for one that is a parameter.
    """
    if isinstance(value.data, dict):
        for name, share in value.data.items():
            if not str(name).startswith("$"):
                yield str(name), _share(share)
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
