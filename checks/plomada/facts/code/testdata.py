"""Data that tests make themselves, and whether tested code consumes it.

Made data is followed through assignments, fixtures and helpers of the tests to a call of the
repository's own code (or of a model). Generators count when any such code takes them; literal
frames, arrays, rows and payloads only when that code reaches fit, predict, transform, score or run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from plomada.facts.code.calls import closure, scope_at
from plomada.facts.code.code import is_test_file
from plomada.facts.code.testfiles import ARGV, is_table, writes
from plomada.facts.models.modelcode import WEB, scoring_modules
from plomada.patterns import regex
from plomada.records import dataclass, replace
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.code.code import Module
    from plomada.facts.code.flow import Scope, Site

MOST_TESTS = 600
_GENERATORS = regex(
    r"^(sklearn\.datasets\.(?:\w+\.)?make_\w+|numpy\.random\.(?!seed$)\w+.*|random\.(?:random|uniform|gauss|randint|"
    r"choice|choices|sample|normalvariate).*|torch\.(?:rand|randn|randint|rand_like)|tensorflow\.random\.\w+|"
    r"faker\..*|mimesis\..*|scipy\.sparse\.random.*|pandas\.(?:_testing|util\.testing)\.make\w+|sdv\..*|"
    r"hypothesis\.strategies\..*|hypothesis\.extra\..*)$"
)
_FRAMES = regex(
    r"^(pandas\.(?:\w+\.)*(?:DataFrame|Series)(?:\.from_dict|\.from_records)?|numpy\.(?:array|asarray|arange|linspace|ones|"
    r"zeros|full|eye|column_stack)|polars\.DataFrame|torch\.(?:tensor|ones|zeros)|tensorflow\.constant|"
    r"scipy\.sparse\.\w+|pyspark\..*createDataFrame)$"
)
_MODEL_CALLS = frozenset(
    {
        "fit",
        "predict",
        "predict_proba",
        "transform",
        "fit_transform",
        "score",
        "run",
        "train",
        "fit_predict",
        "forward",
    }
)
_TAKES_ROWS = regex(r"predict|score|run|infer|transform|fit|train|preprocess|feature", re.I)
_METRICS = frozenset(
    {
        "accuracy",
        "f1",
        "f1_score",
        "precision",
        "recall",
        "auc",
        "roc_auc",
        "rmse",
        "mse",
        "mae",
        "r2",
        "loss",
        "metrics",
    }
)
_CLIENT = regex(r"(?:^|\.)(?:(?P<whole>TestClient|test_client)|httpx\.(?:Async)?Client)$")
_PAYLOAD_KEYS = frozenset(
    {
        "data",
        "input_data",
        "inputs",
        "instances",
        "dataframe_split",
        "columns",
        "features",
        "records",
    }
)


@dataclass(frozen=True, slots=True)
class MadeData:
    """Data that a test makes: how, where, and the test that feeds it on."""

    how: str
    span: Span
    test: str


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a name's data came from: a generator or a literal."""

    kind: str
    span: Span
    what: str


def made_data(facts: Facts) -> tuple[MadeData, ...]:
    """Return the data that tests make and feed to the tested code, a place each once."""
    finder = _Finder(facts)
    found: dict[Span, MadeData] = {}
    for test in facts.code.tests[:MOST_TESTS]:
        scope = facts.code.scope(test.address)
        for data in finder.of_test(scope, test.address) if scope is not None else ():
            found.setdefault(data.span, data)
        if len(found) >= 3:
            break
    return tuple(found.values())


class _Finder:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.code = facts.code
        self._reaches: dict[str, bool] = {}
        self._makes: dict[str, _Origin | None] = {}
        self._fixtures: dict[tuple[str, str, int], _Origin | None] = {}
        self._constants: dict[str, dict[str, _Origin]] = {}

    def of_test(self, scope: Scope, address: str) -> Iterator[MadeData]:
        """Yield the data that one test makes and feeds on."""
        module = self.code.owner(scope)
        names = self._outside(scope, module)
        names.update(self._given_by_decorators(scope, module))
        calls = {id(site.node): site for site in scope.sites}
        self._propagate(scope.node, names, calls, module)
        for site in scope.sites:
            origin = self._fed(site, names, calls, module)
            if origin is not None:
                yield MadeData(
                    f"the test feeds {origin.what} to the tested code", origin.span, address
                )

    # --- where data comes from

    def _outside(self, scope: Scope, module: Module) -> dict[str, _Origin]:
        """Return data that a test is given: fixtures, ``setUp`` and module constants."""
        names: dict[str, _Origin] = {}
        for parameter in scope.parameters:
            origin = self._fixture(parameter, module, 0)
            if origin is not None:
                names[parameter] = origin
        parent = scope.parent
        if parent is not None and parent.is_class:
            for method in ("setUp", "setUpClass", "setup_method", "setup_class", "setup"):
                inner = parent.children.get(method)
                if inner is not None:
                    calls = {id(site.node): site for site in inner.sites}
                    self._propagate(inner.node, names, calls, module)
        held = self._held(module)
        if held:
            used = {n.id for n in ast.walk(scope.node) if isinstance(n, ast.Name)}
            names.update({k: v for k, v in held.items() if k in used and k not in names})
        return names

    def _held(self, module: Module) -> dict[str, _Origin]:
        """Return the data that a module's constants hold."""
        held = self._constants.get(module.path)
        if held is None:
            held = self._constants[module.path] = {}
            calls = {id(site.node): site for site in module.body.sites}
            for statement in getattr(module.body.node, "body", []):
                if isinstance(statement, ast.Assign | ast.AnnAssign):
                    self._assign(statement, held, calls, module)
        return held

    def _fixture(self, name: str, module: Module, depth: int) -> _Origin | None:
        """Return the data that a fixture makes, as tests of one module see it."""
        key = (name, module.path, depth)
        if key not in self._fixtures:
            self._fixtures[key] = self._find_fixture(name, module, depth)
        return self._fixtures[key]

    def _find_fixture(self, name: str, module: Module, depth: int) -> _Origin | None:
        """Return the data that a fixture makes, found in the module or a conftest above it."""
        if (
            name in ("self", "cls", "monkeypatch", "tmp_path", "mocker", "capsys", "request")
            or depth > 4
        ):
            return None
        scope, owner = self._fixture_scope(name, module)
        if scope is None or owner is None or not scope.is_function:
            return None
        names = {}
        for parameter in scope.parameters:
            inner = self._fixture(parameter, owner, depth + 1) if parameter != name else None
            if inner is not None:
                names[parameter] = inner
        calls = {id(site.node): site for site in scope.sites}
        self._propagate(scope.node, names, calls, owner)
        values = [e.value for e in scope.exits if e.kind == "return" and e.value is not None]
        for value in [*values, *scope.yields]:
            origin = self._data(value, names, calls, owner)
            if origin is not None:
                return origin
        return None

    def _fixture_scope(self, name: str, module: Module) -> tuple[Scope | None, Module | None]:
        scope = module.by_name.get(name)
        if scope is not None:
            return scope, module
        folder = module.path.rpartition("/")[0]
        while True:
            path = f"{folder}/conftest.py" if folder else "conftest.py"
            found = self.code.module(path)
            if found is not None and name in found.by_name:
                return found.by_name[name], found
            if not folder:
                return None, None
            folder = folder.rpartition("/")[0]

    def _given_by_decorators(self, scope: Scope, module: Module) -> dict[str, _Origin]:
        """Return parameters that Hypothesis or ``parametrize`` fills."""
        found: dict[str, _Origin] = {}
        for mark in getattr(scope.node, "decorator_list", []):
            if not isinstance(mark, ast.Call):
                continue
            name = self.code.names.resolve(mark.func, scope.parent or scope)
            if name.startswith("hypothesis.") and name.endswith("given"):
                origin = _Origin("generator", module.span(mark), "data that Hypothesis draws")
                found.update(dict.fromkeys([p for p in scope.parameters if p != "self"], origin))
            elif name.endswith("parametrize") and len(mark.args) > 1:
                first = mark.args[0]
                names = (
                    re.findall(r"\w+", str(first.value)) if isinstance(first, ast.Constant) else []
                )
                if _rows(mark.args[1]):
                    origin = _Origin("rows", module.span(mark), "rows written in the test")
                    found.update(dict.fromkeys(names, origin))
        return found

    # --- how it moves

    def _propagate(
        self, node: ast.AST, names: dict[str, _Origin], calls: dict[int, Site], module: Module
    ) -> None:
        assignments = [
            statement
            for statement in ast.walk(node)
            if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign)
        ]
        written = [*writes(node)]
        for _ in range(2):
            for statement in assignments:
                self._assign(statement, names, calls, module)
            for data, places in written:
                self._write(data, places, names, calls, module)

    def _write(
        self,
        data: ast.expr,
        places: list[str],
        names: dict[str, _Origin],
        calls: dict[int, Site],
        module: Module,
    ) -> None:
        """Give the names of files to the data that they hold; a model has to come of it."""
        origin = self._data(data, names, calls, module)
        if origin is None and is_table(data):
            origin = _Origin("frame", module.span(data), "rows written in the test")
        if origin is not None and origin.kind != "record":
            held = replace(origin, kind="frame")
            names.update({name: held for name in places if name not in names})

    def _assign(
        self,
        statement: ast.Assign | ast.AnnAssign | ast.AugAssign,
        names: dict[str, _Origin],
        calls: dict[int, Site],
        module: Module,
    ) -> None:
        if statement.value is None:
            return
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(
            isinstance(t, ast.Attribute) and t.attr in ("return_value", "side_effect")
            for t in targets
        ):
            return
        origin = self._data(statement.value, names, calls, module)
        if origin is None:
            return
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    names[part.id] = origin
                elif isinstance(part, ast.Attribute):
                    names[ast.unparse(part)] = origin
                elif isinstance(part, ast.Subscript):
                    names[ast.unparse(part.value)] = origin

    def _data(
        self, node: ast.expr, names: dict[str, _Origin], calls: dict[int, Site], module: Module
    ) -> _Origin | None:
        """Return the made data that an expression holds."""
        best: _Origin | None = None
        for part in ast.walk(node):
            found: _Origin | None = None
            if isinstance(part, ast.Call):
                found = self._made(part, calls, module)
            elif isinstance(part, ast.Name):
                found = names.get(part.id)
            elif isinstance(part, ast.Attribute):
                found = names.get(ast.unparse(part))
            if found is not None and found.kind == "generator":
                return found
            best = best or found
        if best is None and _rows(node):
            best = _Origin("rows", module.span(node), "rows written in the test")
        if best is None and _record(node):
            best = _Origin("record", module.span(node), "a record written in the test")
        return best

    def _made(self, call: ast.Call, calls: dict[int, Site], module: Module) -> _Origin | None:
        site = calls.get(id(call))
        if site is None:
            return None
        name = self.code.name(site)
        if _GENERATORS.match(name):
            return _Origin("generator", module.span(call), f"data of {name.rpartition('.')[2]}")
        if _FRAMES.match(name) and any(not isinstance(a, ast.Name) for a in _given(call)):
            return _Origin("frame", module.span(call), f"a literal {name.rpartition('.')[2]}")
        if "::" in name and is_test_file(name.partition("::")[0]):
            return self._helper(name)
        if "::" in name and re.search(
            r"generat|synth|make_|fake|sample|dummy|create_.*data", name, re.I
        ):
            return self._helper(name)
        return None

    def _helper(self, address: str) -> _Origin | None:
        """Return what a helper function of the repository makes, if it does."""
        if address not in self._makes:
            self._makes[address] = None
            scope = scope_at(self.code, address)
            for inner in (
                closure(self.code, address) if scope is not None and not scope.is_class else ()
            ):
                for site in inner.scope.sites if inner.scope is not None else ():
                    name = self.code.name(site)
                    if _GENERATORS.match(name) or _FRAMES.match(name):
                        kind = "generator" if _GENERATORS.match(name) else "frame"
                        span = self.code.owner(site.scope).span(site.node)
                        self._makes[address] = self._makes[address] or _Origin(
                            kind, span, f"data of {name.rpartition('.')[2]}"
                        )
        return self._makes[address]

    # --- where it ends

    def _fed(
        self, site: Site, names: dict[str, _Origin], calls: dict[int, Site], module: Module
    ) -> _Origin | None:
        """Return the data that a call takes, where the call is of tested code or of a model."""
        name = self.code.name(site)
        if "mock" in name.lower() or "assert" in name.lower():
            return None
        started = self._started(site, name, names)
        if started:
            made = [*self._given_data(site, names, calls, module), names.get(ARGV)]
            return made[0] if self._reaches_model(started) else None
        last = name.rpartition(".")[2].rpartition("::")[2]
        own = "::" in name and not is_test_file(name.partition("::")[0])
        posts = (
            last in {"post", "put"}
            and self._is_client(name.rpartition(".")[0], site, module)
            and self._serves
        )
        if not own and last not in _MODEL_CALLS and not posts:
            return None
        if name.startswith(("pandas.", "numpy.", "subprocess.", "os.")):
            return None
        for origin in self._given_data(site, names, calls, module):
            if posts or origin.kind == "generator":
                return origin
            if not own and last in _MODEL_CALLS and origin.kind != "record":
                return origin
            if origin.kind == "frame" and self._reaches_model(name):
                return origin
            if origin.kind == "rows" and self._reaches_model(name) and _TAKES_ROWS.search(last):
                return origin
        return None

    def _given_data(
        self, site: Site, names: dict[str, _Origin], calls: dict[int, Site], module: Module
    ) -> list[_Origin]:
        """Return the made data among what a call is given."""
        found = (self._data(argument, names, calls, module) for argument in _given(site.node))
        return [origin for origin in found if origin is not None]

    def _started(self, site: Site, name: str, names: dict[str, _Origin]) -> str:
        """Return the program of the repository that a test starts, which takes words, no data."""
        given = site.node.args[:1]
        if "::" in name and ARGV in names and not _given(site.node):
            return "" if is_test_file(name.partition("::")[0]) else name
        if given and name.endswith("CliRunner.invoke"):
            named = self.code.names.resolve(given[0], site.scope)
            return named if "::" in named else ""
        if not name.startswith(("subprocess.", "os.system", "runpy.run_path")):
            return ""
        parts = (p for a in given for p in ast.walk(a) if isinstance(p, ast.Constant))
        words = [word for part in parts for word in str(part.value).split()]
        module = dict(pairwise(words)).get("-m", "").replace(".", "/")
        path = next((w.removeprefix("./") for w in words if w.endswith(".py")), f"{module}.py")
        exists = self.facts.repository.exists(path)
        found = [path] if exists else self.facts.repository.ending(path)
        return f"{found[0]}::" if found else ""

    @cached_property
    def _serves(self) -> bool:
        """Whether the repository has an app that predicts, which a test client can call."""
        return any(
            self.facts.repository.mentions(m.path, *WEB) for m in scoring_modules(self.facts)
        )

    def _is_client(self, receiver: str, site: Site, module: Module) -> bool:
        """Tell whether a test client of the app in this process receives a call.

        A client for a deployed endpoint is made with nothing but its address.
        """
        if not receiver.startswith("?"):
            return _CLIENT.search(receiver) is not None and self._in_process(site.scope)
        name = receiver[1:].partition(".")[0]
        scope, _ = self._fixture_scope(name, module)
        if scope is None:
            return "client" in name.lower()
        return self._in_process(scope)

    def _in_process(self, scope: Scope) -> bool:
        """Tell whether a scope, or the module around it, makes a test client with its app."""
        outer: Scope | None = scope
        while outer is not None:
            for site in outer.sites:
                name = self.code.name(site)
                found = _CLIENT.search(name)
                given = {keyword.arg for keyword in site.node.keywords}
                if found and (found["whole"] or {"app", "transport"} & given):
                    return True
            outer = outer.parent
        return False

    def _reaches_model(self, address: str) -> bool:
        if address not in self._reaches:
            self._reaches[address] = self._find_model(address)
        return self._reaches[address]

    def _find_model(self, address: str) -> bool:
        last = address.rpartition("::")[2].rpartition(".")[2]
        if last in _MODEL_CALLS:
            return True
        for reached in closure(self.code, address):
            for site in reached.scope.sites if reached.scope is not None else ():
                name = self.code.name(site)
                if name.rpartition(".")[2] in _MODEL_CALLS and not name.startswith("subprocess"):
                    return True
        return False


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(k.value for k in call.keywords)]


def _rows(node: ast.expr) -> bool:
    """Tell whether a literal holds rows or a payload: nested lists, records, or known keys."""
    if isinstance(node, ast.Call):
        return any(_rows(a) for a in node.args) and ast.unparse(node.func).endswith(
            ("dumps", "loads")
        )
    if isinstance(node, ast.List | ast.Tuple) and node.elts:
        return all(
            isinstance(e, ast.List | ast.Tuple | ast.Dict) and _numbers(e) for e in node.elts
        )
    if isinstance(node, ast.Dict) and node.keys:
        keys = {k.value for k in node.keys if isinstance(k, ast.Constant)}
        if keys & _METRICS:
            return False
        nested = any(isinstance(v, ast.List | ast.Dict) for v in node.values)
        return bool(keys & _PAYLOAD_KEYS and nested) or all(
            isinstance(v, ast.List) and v.elts for v in node.values
        )
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(
            re.match(r'\s*\{\s*"(data|input_data|inputs|instances)"\s*:\s*[\[{]', node.value)
        )
    return False


def _record(node: ast.expr) -> bool:
    """Tell whether a literal is one record: a payload for an app, elsewhere mere settings."""
    if isinstance(node, ast.Call):
        return any(_record(a) for a in node.args) and ast.unparse(node.func).endswith("dumps")
    if not isinstance(node, ast.Dict):
        return False
    keys = {k.value for k in node.keys if isinstance(k, ast.Constant)}
    numbers = [v for v in node.values if isinstance(v, ast.Constant | ast.UnaryOp) and _numbers(v)]
    return not keys & _METRICS and len(numbers) > 1


def _numbers(node: ast.expr) -> bool:
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, int | float) for n in ast.walk(node)
    )
