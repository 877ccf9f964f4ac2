"""Python: modules, functions, calls with resolved names, tests; nothing is imported or run.

A module is parsed when it is asked for. ``Code.calls`` looks only into modules that mention
something that can matter to a checklist (Azure, MLflow, a process, a web call), or that such a
module calls.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from plomada.facts.code import flow
from plomada.facts.code.flow import Scope, Site
from plomada.facts.code.names import Names
from plomada.facts.code.pyvalues import Values
from plomada.facts.model import Call, Function, Problem, Value
from plomada.patterns import regex
from plomada.readers import notebook, python
from plomada.repository import holds_any

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.readers.notebook import Notebook
    from plomada.spans import Span

PYTHON = (".py", ".ipynb", ".pyw")

# A module that holds none of these says nothing that a fact is made of, unless one that does
# imports it.
NEEDLES = (
    "azure", "mlflow", "subprocess", "os.system", "popen", "requests", "httpx", "urllib",
    "evidently", "nannyml", "alibi", "deepchecks", "whylogs", "opencensus", "opentelemetry",
    "prometheus", "sklearn", "xgboost", "lightgbm", "torch", "tensorflow", "keras", "kubernetes",
    "applicationinsights", "subparsers", "metric", "dbutils", "invoke", "nox",
)  # fmt: skip


class Module:
    """One Python file or notebook.

    Args:
        path: its path.
        source: its tree and places.
        cells: the notebook, if it is one.
    """

    def __init__(self, path: str, source: python.Source, cells: Notebook | None = None) -> None:
        self.path = path
        self.source = source
        self.cells = cells
        self.is_notebook = cells is not None

    @cached_property
    def scopes(self) -> list[Scope]:
        """Scopes of the module, its body first."""
        return flow.read_module(self.source.tree)

    @cached_property
    def by_name(self) -> dict[str, Scope]:
        """Scopes by qualified name; of two with one name the last, as Python has it."""
        return {scope.name: scope for scope in self.scopes}

    @property
    def body(self) -> Scope:
        """The module's own body."""
        return self.scopes[0]

    @cached_property
    def sites(self) -> list[Site]:
        """Every call of the module."""
        return [site for scope in self.scopes for site in scope.sites]

    @cached_property
    def sites_by_name(self) -> dict[str, list[Site]]:
        """The calls by the last part of what they call."""
        found: dict[str, list[Site]] = {}
        for site in self.sites:
            found.setdefault(_bare(site.node.func), []).append(site)
        return found

    def address(self, scope: Scope) -> str:
        """Return ``path::qualified.name`` of a scope."""
        return f"{self.path}::{scope.name}"

    def span(self, node: ast.AST) -> Span:
        """Return the place of a node."""
        return self.source.span(node)


_CALLED = regex(r"(?<!\w)([A-Za-z_]\w{0,99})\s*\(")


class Code:
    """The Python of a repository.

    Args:
        facts: gives the files and takes problems.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.repository = facts.repository
        self._modules: dict[str, Module | None] = {}
        self._notebooks: dict[str, Notebook | None] = {}
        self._lowered: dict[str, str] = {}
        self.names = Names(self)
        self.values = Values(self)
        self._owner: dict[int, Module] = {}
        self._callers: dict[str, tuple[Site, ...]] = {}
        # What modules beside this one derive from functions alone and would otherwise derive again
        # for each of the many steps that reach the same function: purpose and key to the result.
        self.memo: dict[tuple[str, object], Any] = {}

    # --- modules

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Python files and notebooks."""
        return self.repository.with_suffix(*PYTHON)

    @property
    def modules(self) -> Mapping[str, Module]:
        """Modules by path, parsed on access."""
        return _Modules(self)

    def module(self, path: str) -> Module | None:
        """Return the module at a path, None where there is none."""
        if path not in self._modules:
            self._modules[path] = self._read(path)
        return self._modules[path]

    def text(self, path: str) -> str:
        """Return the Python of a file, of a notebook that of its cells; "" where there is none."""
        if path.endswith(".ipynb"):
            cells = self._notebook(path)
            return cells.text if cells is not None else ""
        return self.repository.text(path) or ""

    def mentions(self, path: str, *needles: str) -> bool:
        """Tell whether the Python of a file contains one of the lower-case needles, in any case."""
        if not path.endswith(".ipynb"):
            return self.repository.mentions(path, *needles)
        text = self._lowered.get(path)
        if text is None:
            text = self._lowered[path] = self.text(path).lower()
        return holds_any(text, needles)

    def _notebook(self, path: str) -> Notebook | None:
        if path not in self._notebooks:
            text = self.repository.text(path)
            self._notebooks[path] = notebook.read(text, path) if text is not None else None
        return self._notebooks[path]

    def _read(self, path: str) -> Module | None:
        text = self.repository.text(path)
        if text is None:
            return None
        cells = self._notebook(path) if path.endswith(".ipynb") else None
        if cells is not None:
            source = python.read(cells.text, path, cells.lines, cells.cells)
        else:
            source = python.read(text, path)
        for unread in (*source.unread, *(cells.unread if cells else ())):
            hidden = frozenset({"code", "assets"} if unread.rest else ())
            if cells is None:  # what a notebook does counts for little; its cells mix languages
                self._facts.report(Problem(path, unread.reason, unread.span, hidden))
        made = Module(path, source, cells)
        for scope in made.scopes:
            self._owner[id(scope)] = made
        return made

    def owner(self, scope: Scope) -> Module:
        """Return the module that a scope stands in."""
        return self._owner[id(scope)]

    def telling(self) -> Iterator[Module]:
        """Yield the modules that mention what facts are made of, in the order of paths."""
        for path in self.paths:
            if self.mentions(path, *NEEDLES):
                module = self.module(path)
                if module is not None:
                    yield module

    # --- functions and calls

    def scope(self, address: str) -> Scope | None:
        """Return the scope at ``path::qualified.name``."""
        path, _, name = address.partition("::")
        module = self.module(path) if path.endswith(PYTHON) else None
        return module.by_name.get(name) if module else None

    @property
    def functions(self) -> Mapping[str, Function]:
        """Functions by address (``path::`` is a module's body); parsed on access."""
        return _Functions(self)

    def function(self, address: str) -> Function | None:
        """Return the function at an address, None where there is none."""
        scope = self.scope(address)
        return self.function_of(scope) if scope is not None and not scope.is_class else None

    def function_of(self, scope: Scope) -> Function:
        """Return a scope as the model's function."""
        module = self.owner(scope)
        decorators = getattr(scope.node, "decorator_list", [])
        enclosing = scope.parent or scope
        return Function(
            address=module.address(scope),
            span=module.span(scope.node) if scope.name else module.source.places.whole(),
            parameters=scope.parameters,
            calls=tuple(self.call(site) for site in scope.sites),
            decorators=tuple(
                self.names.resolve(d.func if isinstance(d, ast.Call) else d, enclosing)
                for d in decorators
            ),
            is_test=is_test(module.path, scope),
            hollow=is_hollow(scope.node),
        )

    def call(self, site: Site) -> Call:
        """Return a call as the model has it; its arguments are evaluated when asked for."""
        module = self.owner(site.scope)
        return Call(
            name=self.name(site),
            span=module.span(site.node),
            arguments=_Arguments(self, site),
            function=module.address(site.scope),
            guards=tuple(module.source.text(guard.test) for guard in site.guards),
            handled=site.handled,
        )

    def name(self, site: Site) -> str:
        """Return the resolved name of what is called."""
        if not site.name:
            name = self.names.resolve(site.node.func, site.scope)
            if not self.names.is_settled(site.node.func, site.scope):
                return name
            site.name = name
        return site.name

    def name_of(self, node: ast.Call, scope: Scope) -> str:
        """Return the resolved name of what a call expression calls."""
        return self.names.resolve(node.func, scope)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call of the modules that can matter, in the order of paths and text."""
        return tuple(self.call(site) for module in self.telling() for site in module.sites)

    @cached_property
    def tests(self) -> tuple[Function, ...]:
        """Test functions that a test runner would run."""
        modules = (self.module(path) for path in self.paths if is_test_file(path))
        return tuple(
            self.function_of(scope)
            for module in modules
            for scope in (module.scopes if module else ())
            if module and is_test(module.path, scope)
        )

    def value_of(self, node: ast.expr | None, scope: Scope) -> Value:
        """Return what an expression comes to."""
        return self.values.of(node, scope)

    def argument(self, site: Site, position: int | None, *names: str) -> ast.expr | None:
        """Return an argument's expression by keyword or position; ``**{...}`` is looked into."""
        for keyword in site.node.keywords:
            if keyword.arg in names:
                return keyword.value
        for keyword in site.node.keywords:
            if keyword.arg is None and isinstance(keyword.value, ast.Dict):
                for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in names:
                        return value
        arguments = site.node.args
        if position is None or position >= len(arguments):
            return None
        if any(isinstance(argument, ast.Starred) for argument in arguments[: position + 1]):
            return None
        return arguments[position]

    def module_path(self, dotted: str, importer: str = "") -> str | None:
        """Return the file that a dotted module name stands for, as ``importer`` would find it."""
        return self.names.module_path(dotted, importer)

    def variable(self, name: str) -> Value | None:
        """Return what pipelines and ``.env`` files set an environment variable to, if one value."""
        return self._environment.get(name)

    @cached_property
    def _environment(self) -> dict[str, Value]:
        """Environment variables that have one value; Azure Pipelines upper-cases its variables."""
        found: dict[str, list[Value]] = {}
        for pipeline in self._facts.pipelines:
            for job in pipeline.jobs:
                for name, value in job.env.items():
                    found.setdefault(name.upper().replace(".", "_"), []).append(value)
        for path in self.repository.paths:
            if path.rpartition("/")[2].startswith(".env"):
                for name, text in _env_lines(self.repository.text(path) or ""):
                    found.setdefault(name, []).append(Value("known", data=text))
        agreed = ((name, _single(values)) for name, values in found.items())
        return {name: value for name, value in agreed if value is not None}

    def callers(self, address: str) -> tuple[Site, ...]:
        """Return the calls of a function from code that is no test."""
        if address not in self._callers:
            self._callers[address] = tuple(self._find_callers(address))
        return self._callers[address]

    def _find_callers(self, address: str) -> Iterator[Site]:
        _, _, qualified = address.partition("::")
        name = qualified.rpartition(".")[2]
        if name in {"__init__", "__call__", "__new__"}:
            name = qualified.split(".")[-2] if "." in qualified else name
        if not name:
            return
        for other in self._paths_calling.get(name, ()):
            module = self.module(other)
            for site in module.sites_by_name.get(name, ()) if module else ():
                if self._calls(site, address):
                    yield site

    @cached_property
    def _paths_calling(self) -> dict[str, list[str]]:
        """The names that stand before a bracket, with the paths (no tests) that they stand in."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            if not is_test_file(path):
                for name in set(_CALLED.findall(self.text(path))):
                    found.setdefault(name, []).append(path)
        return found

    def _calls(self, site: Site, address: str) -> bool:
        found = self.name(site)
        return found == address or f"{found}.__init__" == address


def _env_lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield the settings of a ``.env`` file."""
    for line in text.split("\n"):
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and name.strip().isidentifier() and value.strip():
            yield name.strip(), value.strip().strip("\"'")


def _single(values: list[Value]) -> Value | None:
    """Return the known value that all agree on."""
    texts = {value.text for value in values}
    text = texts.pop() if len(texts) == 1 else None
    return Value("known", data=text, origins=values[0].origins) if text else None


def _bare(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


@lru_cache(maxsize=1 << 14)  # every pass over the modules asks
def is_test_file(path: str) -> bool:
    """Tell whether pytest or unittest would collect a file.

    Or it serves those (conftest, a tests folder).
    """
    folders, _, name = path.rpartition("/")
    if name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py":
        return path.endswith(".py")
    return not {"tests", "test"}.isdisjoint(folders.lower().split("/"))


def is_collected(path: str) -> bool:
    """Tell whether a test runner's default pattern takes a file."""
    name = path.rpartition("/")[2]
    return path.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def is_test(path: str, scope: Scope) -> bool:
    """Tell whether a scope is a test function.

    ``test*`` in a collected file, alone or in a class.
    """
    own = scope.name.rpartition(".")[2]
    if not scope.is_function or not own.startswith("test") or not is_collected(path):
        return False
    parent = scope.parent
    if parent is None or not parent.name:
        return True
    if not parent.is_class:
        return False
    bases = getattr(parent.node, "bases", [])
    return parent.name.startswith("Test") or any("TestCase" in ast.unparse(b) for b in bases)


def is_hollow(node: ast.AST) -> bool:
    """Tell whether a body does nothing."""
    return all(_does_nothing(statement) for statement in getattr(node, "body", []))


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Pass):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Constant) and bool(node.test.value)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and not node.test.value:
        return all(_does_nothing(statement) for statement in node.orelse)
    if isinstance(node, ast.Raise) and node.exc is not None:
        return "NotImplementedError" in ast.unparse(node.exc)
    return isinstance(node, ast.Return) and node.value is None


class _Modules(Mapping[str, Module]):
    def __init__(self, code: Code) -> None:
        self._code = code

    def __getitem__(self, path: str) -> Module:
        module = self._code.module(path) if path in self._paths else None
        if module is None:
            raise KeyError(path)
        return module

    @property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._code.paths)

    def __iter__(self) -> Iterator[str]:
        return iter(self._code.paths)

    def __len__(self) -> int:
        return len(self._code.paths)


class _Functions(Mapping[str, Function]):
    def __init__(self, code: Code) -> None:
        self._code = code

    def __getitem__(self, address: str) -> Function:
        found = self._code.function(address)
        if found is None:
            raise KeyError(address)
        return found

    def __iter__(self) -> Iterator[str]:
        for module in self._code.telling():
            for scope in module.scopes:
                if not scope.is_class:
                    yield module.address(scope)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Arguments(Mapping[str, Value]):
    """Arguments of a call: positional by number, keyword by name; evaluated on access."""

    def __init__(self, code: Code, site: Site) -> None:
        self._code = code
        self._site = site
        self._nodes: dict[str, ast.expr] = {}
        for number, argument in enumerate(site.node.args):
            starred = isinstance(argument, ast.Starred)
            key = "*" if starred else str(number)
            self._nodes[key] = argument.value if isinstance(argument, ast.Starred) else argument
        for keyword in site.node.keywords:
            self._nodes[keyword.arg or "**"] = keyword.value

    def __getitem__(self, key: str) -> Value:
        return self._code.value_of(self._nodes[key], self._site.scope)

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)
