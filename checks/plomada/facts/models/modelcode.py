"""Python that trains and Python that scores."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from plomada.facts import remembered
from plomada.facts.assets.yaml import joined
from plomada.facts.code.code import is_test_file
from plomada.facts.code.flow import Scope, Site
from plomada.facts.configuration import locate
from plomada.facts.model import Asset
from plomada.patterns import regex
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module

_DEPLOYMENTS = ("online-deployment", "webservice", "batch-deployment")
_FIT = frozenset(
    {"fit", "fit_generator", "partial_fit", "train", "fit_transform", "fit_predict", "cv"}
)
_TRAINERS = regex(
    r"^(sklearn|xgboost|lightgbm|catboost|torch|keras|tensorflow|statsmodels|prophet|pyspark\.ml"
    r"|transformers|pytorch_lightning|lightning|flaml|autogluon|pmdarima)\b"
)
_RUNS = frozenset({"run", "mini_batch_run"})
WEB = ("fastapi", "flask", "starlette", "azure.functions", "streamlit", "bentoml", "litserve")
_LOADS = ("predict", "load_model", "load_flow", "inferencesession", "pipeline(", "joblib.load")
_LOADERS = regex(
    r"mlflow\..*load_model$|(?:tensorflow\.)?keras\..*load_model$|onnxruntime\.InferenceSession$"
    r"|transformers\..*pipeline$|joblib\.load$|promptflow\..*load_flow$"
)


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


@remembered
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


@remembered
def trained_at(facts: Facts) -> tuple[Span, ...]:
    """Return the first call of each training module that fits a model."""
    found = []
    for module in training_modules(facts):
        fits = (site for scope in module.scopes if (site := trains(facts, scope)) is not None)
        found += [module.span(site.node) for site in fits][:1]
    return tuple(found)


def predicting(module: Module) -> tuple[Span, ...]:
    """Return the functions of a scoring module that score; the module where none is told."""
    found = _predicting(module)
    return tuple(module.span(f.node) for f in found) or (module.span(module.body.node),)


def _predicting(module: Module) -> list[Scope]:
    named = [f for name, f in module.by_name.items() if name in _RUNS]
    return named or [
        f for f in module.by_name.values() if any(_calls_predict(site) for site in f.sites)
    ]


_LOGS = frozenset({"info", "debug", "warning", "log"})


def log_lines(module: Module) -> Iterator[Span]:
    """Yield the first log line with a value of each function of a scoring module that scores."""
    for function in _predicting(module):
        lines = (site.node for site in function.sites if _logs(site.node))
        yield from [module.span(node) for node in lines][:1]


def _logs(call: ast.Call) -> bool:
    """Tell whether a call prints or logs something besides a literal text."""
    function = call.func
    if isinstance(function, ast.Attribute):
        holder = ast.unparse(function.value).lower()
        named = function.attr in _LOGS and "log" in holder
    else:
        named = isinstance(function, ast.Name) and function.id == "print"
    given = [*call.args, *(k.value for k in call.keywords)]
    return named and any(not isinstance(value, ast.Constant) for value in given)


@remembered
def scoring_modules(facts: Facts) -> tuple[Module, ...]:
    """Return the modules that score.

    Named by a deployment, with the shape of a scoring script, or a web app around such a module.
    """
    paths: dict[str, None] = {}
    for asset in facts.assets.of_kind(*_DEPLOYMENTS):
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


def _calls_predict(site: Site) -> bool:
    function = site.node.func
    return isinstance(function, ast.Attribute) and function.attr.startswith("predict")


def _predicts(facts: Facts, scope: Scope) -> bool:
    """Tell whether a scope predicts, or loads what will: a model, session, pipeline or flow."""
    return any(
        _calls_predict(site) or _LOADERS.match(facts.code.name(site)) for site in scope.sites
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
