"""Calls in Python that lead on: to other functions, to processes, to submitted jobs."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from plomada.facts.code.code import Module
from plomada.facts.code.programs import commands_of
from plomada.facts.model import Command, Edge, Job, Route, Value
from plomada.facts.shell.commandline import program, split_words
from plomada.facts.strings import join, known, plain, shown
from plomada.patterns import regex
from plomada.readers import python
from plomada.readers.source import Source
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts.code.code import Code
    from plomada.facts.code.flow import Scope, Site
    from plomada.facts.shell.shells import Here

MOST_FUNCTIONS = 400
DEEPEST_WRAPPER = 3
_PROCESSES = frozenset(
    {
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.Popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "os.system",
        "os.popen",
        "asyncio.create_subprocess_exec",
        "asyncio.create_subprocess_shell",
        "IPython.get_ipython.system",
    }
)
_BARE_PROCESSES = frozenset(name.rpartition(".")[2] for name in _PROCESSES) | {
    "run_always",
    "run_install",
}
_DEFINITION = regex(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_SPREAD = frozenset({"asyncio.create_subprocess_exec"})
_SESSION = (
    "session.run",
    "session.run_always",
    "session.run_install",
    "c.run",
    "ctx.run",
    "context.run",
)
# Calls that name code to submit: name's tail to the arguments for the script and its folder.
_SUBMITTERS: Mapping[str, tuple[str, str]] = {
    "ScriptRunConfig": ("script", "source_directory"),
    "PythonScriptStep": ("script_name", "source_directory"),
    "ParallelRunConfig": ("entry_script", "source_directory"),
    "EstimatorStep": ("estimator", "source_directory"),
    "Estimator": ("entry_script", "source_directory"),
    "SKLearn": ("entry_script", "source_directory"),
    "TensorFlow": ("entry_script", "source_directory"),
    "PyTorch": ("entry_script", "source_directory"),
    "RScriptStep": ("script_name", "source_directory"),
}
_LOADERS = frozenset({"load_job", "load_component", "load_schedule"})
_SUBMITTING = frozenset({*_SUBMITTERS, *_LOADERS, "command"})


@dataclass(frozen=True, slots=True)
class Reached:
    """A function that runs.

    Attributes:
        address: ``path::qualified.name``.
        route: how it is reached, empty where nothing reaches it.
        job: the pipeline job that runs it.
        soft: a failure of it is ignored.
        source: as ``Command.source``.
        scope: the function's syntax, for those of inline scripts.
    """

    address: str
    route: Route
    job: Job | None
    soft: bool
    source: str
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job that a call submits: a file, or a command line with its code folder."""

    path: Value
    folder: str
    span: Span
    command: Value | None = None


def inline_module(code: Code, source: Source) -> Module | None:
    """Return a Python text inside another file as a module; its path carries the line."""
    text = source.text
    lines, offset = [], 0
    for row in text.split("\n"):
        lines.append(source.place(offset))
        offset += len(row) + 1
    path = f"{source.path}:{lines[0][0]}"
    read = python.read(text, source.path, tuple(lines))
    module = Module(path, read)
    code._modules[path] = module
    for scope in module.scopes:
        code._owner[id(scope)] = module
    return module


def inline_modules(code: Code) -> tuple[Module, ...]:
    """Return the Python inside other files that was read so far."""
    own = set(code.paths)
    return tuple(m for path, m in code._modules.items() if m is not None and path not in own)


def closure(code: Code, address: str, arguments: Sequence[str] = ()) -> tuple[Reached, ...]:
    """Return the functions that run when one does, each with the calls that lead to it."""
    key = ("closure", (address, tuple(arguments)))
    if key not in code.memo:
        code.memo[key] = tuple(_closure(code, address, arguments))
    found: tuple[Reached, ...] = code.memo[key]
    return found


def _closure(code: Code, address: str, arguments: Sequence[str]) -> Iterator[Reached]:
    queue: deque[tuple[str, Scope, Route, bool]] = deque()
    for entry in _entries(code, address, arguments):
        scope = scope_at(code, entry)
        if scope is not None:
            first: Route = ()
            if entry != address:
                first = (Edge(address, entry, "call", _span(code, scope), certain=False),)
            queue.append((entry, scope, first, False))
    seen = {entry for entry, *_ in queue}
    while queue and len(seen) <= MOST_FUNCTIONS:
        at, scope, route, soft = queue.popleft()
        yield Reached(at, route, None, soft, "code", scope)
        for site, target in _targets(code, scope):
            inner = scope_at(code, target)
            if inner is None or target in seen or inner.is_class:
                continue
            seen.add(target)
            guards = " and ".join(code.owner(scope).source.text(g.test) for g in site.guards)
            handled = site.handled
            edge = Edge(at, target, "call", code.owner(scope).span(site.node), (), guards, handled)
            queue.append((target, inner, (*route, edge), soft or handled))


def scope_at(code: Code, address: str) -> Scope | None:
    """Return the scope at an address, those of inline scripts included."""
    path, _, name = address.partition("::")
    module = code._modules.get(path)
    if module is not None:
        return module.by_name.get(name)
    return code.scope(address)


def _span(code: Code, scope: Scope) -> Span:
    module = code.owner(scope)
    return module.span(scope.node) if scope.name else module.source.places.whole()


def _entries(code: Code, address: str, arguments: Sequence[str]) -> list[str]:
    """Return an entry and, of a click or typer program, the subcommands that it may run."""
    path, _, name = address.partition("::")
    module = code._modules.get(path) or code.module(path)
    if module is None:
        return []
    entries = [address] if module.by_name.get(name) is not None else [f"{path}::"]
    return list(dict.fromkeys([*entries, *commands_of(code, module, name, arguments)]))


def bare_name(node: ast.expr) -> str:
    """Return the last part of a name as it stands, before it is resolved."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _defined(code: Code) -> frozenset[str]:
    """Return the names of all functions and classes of the repository.

    Resolving a name may search the whole repository for callers, so names that nothing here
    defines are passed over by a scan of the text.
    """
    key = ("defined", ())
    if key not in code.memo:
        names: set[str] = set()
        for path in code.repository.with_suffix(".py"):
            names.update(_DEFINITION.findall(code.repository.text(path) or ""))
        code.memo[key] = frozenset(names)
    found: frozenset[str] = code.memo[key]
    return found


def _starters(code: Code) -> frozenset[str]:
    """Return the names of functions in files that start processes: what may wrap one."""
    key = ("starters", ())
    if key not in code.memo:
        names: set[str] = set()
        for path in code.repository.with_suffix(".py"):
            if code.repository.mentions(path, "subprocess", "os.system", "popen"):
                names.update(_DEFINITION.findall(code.repository.text(path) or ""))
        code.memo[key] = frozenset(names)
    found: frozenset[str] = code.memo[key]
    return found


def _targets(code: Code, scope: Scope) -> tuple[tuple[Site, str], ...]:
    """Return the functions of the repository that a scope calls or hands on."""
    key = ("targets", id(scope))
    if key not in code.memo:
        code.memo[key] = tuple(_find_targets(code, scope))
    found: tuple[tuple[Site, str], ...] = code.memo[key]
    return found


def _find_targets(code: Code, scope: Scope) -> Iterator[tuple[Site, str]]:
    defined = _defined(code) | _own_names(code, scope)
    for site in scope.sites:
        called = bare_name(site.node.func)
        if called in defined or not called or _is_alias(called, scope):
            yield from ((site, t) for t in _as_functions(code, code.name(site)))
        handed = [*site.node.args, *(k.value for k in site.node.keywords)]
        for argument in handed:
            if isinstance(argument, ast.Name | ast.Attribute) and bare_name(argument) in defined:
                name = code.names.resolve(argument, scope)
                yield from ((site, t) for t in _as_functions(code, name, handed=True))


def _own_names(code: Code, scope: Scope) -> frozenset[str]:
    """Return what the scope's own module defines or imports under another name."""
    module = code.owner(scope)
    key = ("own", (id(module),))
    if key not in code.memo:
        names = {s.name.rpartition(".")[2] for s in module.scopes}
        for node in module.source.tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names.update(
                    a.asname for a in node.names if a.asname and isinstance(node, ast.ImportFrom)
                )
        code.memo[key] = frozenset(names)
    found: frozenset[str] = code.memo[key]
    return found


def _is_alias(name: str, scope: Scope) -> bool:
    """Tell whether a name is assigned in the scope: it may hold a function of the repository."""
    return name in scope.everything


def _as_functions(code: Code, name: str, *, handed: bool = False) -> list[str]:
    if "::" not in name:
        return []
    scope = scope_at(code, name)
    if scope is None:
        return []
    if not scope.is_class:
        return [name]
    return [] if handed else [f"{name}.__init__", f"{name}.__post_init__"]


# --- processes


def process_calls(code: Code, address: str, here: Here) -> Iterator[Command | tuple[str, Span]]:
    """Yield the processes that a function starts: argument lists as commands, texts with places.

    A call of a function of the repository that starts a process with its parameters counts as that
    process, with the literals of the call.
    """
    for words, text, span, soft in _started(code, address):
        if words is None:
            yield text, span
        else:
            yield Command(
                words=words,
                span=span,
                source=here.source,
                route=here.route,
                job=here.job,
                soft=here.soft or soft,
                text=text,
                directory=here.directory,
            )


_Started = tuple[tuple[Value, ...] | None, str, Span, bool]


def _started(code: Code, address: str) -> tuple[_Started, ...]:
    """Return the processes of a function whoever runs it: words (None for a text), text, place.

    And whether a failure is ignored.
    """
    scope = scope_at(code, address)
    key = ("started", id(scope))
    if scope is not None and key not in code.memo:
        code.memo[key] = tuple(_find_started(code, scope))
    found: tuple[_Started, ...] = code.memo.get(key, ())
    return found


def _find_started(code: Code, scope: Scope) -> Iterator[_Started]:
    for site in scope.sites:
        if not _may_start(code, site):
            continue
        for found in _processes(code, site, {}, 0):
            span = code.owner(site.scope).span(site.node)
            soft = site.handled or code.name(site) == "os.system"
            if isinstance(found, list):
                text = " ".join(shown(v) for v in found)
                yield tuple(_with_program(found)), text, span, soft
            else:
                yield None, shown(found), span, soft


def _may_start(code: Code, site: Site) -> bool:
    name = bare_name(site.node.func)
    return name in _BARE_PROCESSES or name in _starters(code)


def _with_program(words: list[Value]) -> list[Value]:
    if not words:
        return words
    first = shown(words[0])
    if first in ("${sys.executable}", "${executable}") or first.endswith("sys.executable}"):
        return [known("python"), *words[1:]]
    return [
        known(program(first)) if not first.endswith((".sh", ".ps1", ".py")) else words[0],
        *words[1:],
    ]


def _is_process(name: str) -> bool:
    return (
        name in _PROCESSES
        or (name.startswith("?") and name.lstrip("?").endswith(_SESSION))
        or (name.rpartition(".")[2] == "run" and ("nox" in name or "invoke" in name))
    )


Bindings = Mapping[str, list[Value]]


def _processes(
    code: Code, site: Site, bindings: Bindings, depth: int
) -> Iterator[list[Value] | Value]:
    name = code.name(site)
    if _is_process(name):
        if name in _SPREAD or "session" in name or "nox" in name:
            yield _list(code, list(site.node.args), site.scope, bindings)
        elif site.node.args or site.node.keywords:
            first = code.argument(site, 0, "args", "cmd", "command")
            if first is not None:
                yield _argv(code, first, site.scope, bindings, 0)
        return
    target = scope_at(code, name) if "::" in name else None
    if target is None or target.is_class or depth >= DEEPEST_WRAPPER or not _wraps(code, target, 0):
        return
    bound = _bound(code, site.node, site.scope, target, bindings)
    for inner in target.sites:
        if _may_start(code, inner):
            yield from _processes(code, inner, bound, depth + 1)


def _wraps(code: Code, scope: Scope, depth: int) -> bool:
    """Tell whether a function starts a process with what it is given."""
    if not scope.parameters or depth > 2:
        return False
    key = ("wraps", (id(scope), depth))
    if key not in code.memo:
        code.memo[key] = _passes_on(code, scope, depth)
    return bool(code.memo[key])


def _passes_on(code: Code, scope: Scope, depth: int) -> bool:
    for site in scope.sites:
        if not _may_start(code, site):
            continue
        name = code.name(site)
        uses = {
            n.id
            for a in [*site.node.args, *(k.value for k in site.node.keywords)]
            for n in ast.walk(a)
            if isinstance(n, ast.Name)
        }
        if not uses:
            continue
        if _is_process(name):
            return True
        inner = scope_at(code, name) if "::" in name else None
        if (
            inner is not None
            and not inner.is_class
            and inner is not scope
            and _wraps(code, inner, depth + 1)
        ):
            return True
    return False


def _bound(
    code: Code, call: ast.Call, scope: Scope, target: Scope, outer: Bindings
) -> dict[str, list[Value]]:
    """Return what a call that stands in a scope gives to each parameter of a function."""
    node = target.node
    arguments = getattr(node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return {}
    names = [a.arg for a in [*arguments.posonlyargs, *arguments.args]]
    if names[:1] in (["self"], ["cls"]) and "." in target.name:
        names = names[1:]
    bound: dict[str, list[Value]] = {}
    rest: list[Value] = []
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            rest += _as_list(_argv(code, argument.value, scope, outer, 0))
        elif index < len(names):
            bound[names[index]] = _as_list(_argv(code, argument, scope, outer, 0))
        else:
            rest += _as_list(_argv(code, argument, scope, outer, 0))
    if arguments.vararg is not None:
        bound[arguments.vararg.arg] = rest
    for keyword in call.keywords:
        if keyword.arg is not None:
            bound[keyword.arg] = _as_list(_argv(code, keyword.value, scope, outer, 0))
    return bound


def _as_list(found: list[Value] | Value) -> list[Value]:
    return found if isinstance(found, list) else [found]


def _argv(
    code: Code, node: ast.expr, scope: Scope, bindings: Bindings, depth: int
) -> list[Value] | Value:
    """Return an argument list, or one value for a text."""
    if depth > 8:
        return Value("unknown", reason="deep")
    if isinstance(node, ast.List | ast.Tuple):
        return _list(code, node.elts, scope, bindings, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = _argv(code, node.left, scope, bindings, depth + 1)
        right = _argv(code, node.right, scope, bindings, depth + 1)
        if isinstance(left, list) or isinstance(right, list):
            return [*_as_list(left), *_as_list(right)]
        return join([left, right])
    if isinstance(node, ast.Name):
        return _name(code, node, scope, bindings, depth)
    if isinstance(node, ast.Call):
        return _called(code, node, scope, bindings, depth)
    if isinstance(node, ast.JoinedStr):
        return join(_pieces(code, node, scope, bindings, depth))
    value = code.value_of(node, scope)
    if value.kind == "known" and isinstance(value.data, tuple):
        return [v if isinstance(v, Value) else known(plain(v)) for v in value.data]
    return value


def _list(
    code: Code, nodes: Sequence[ast.expr], scope: Scope, bindings: Bindings, depth: int = 0
) -> list[Value]:
    found: list[Value] = []
    for node in nodes:
        inner = node.value if isinstance(node, ast.Starred) else node
        value = _argv(code, inner, scope, bindings, depth + 1)
        if isinstance(node, ast.Starred):
            found += _as_list(value)
        elif isinstance(value, list) and len(value) == 1:
            found += value
        else:
            found.append(value if isinstance(value, Value) else Value("unknown", reason="list"))
    return found


def _name(
    code: Code, node: ast.Name, scope: Scope, bindings: Bindings, depth: int
) -> list[Value] | Value:
    if node.id in bindings:
        held = bindings[node.id]
        return held[0] if len(held) == 1 and _arity(scope, node.id) else held
    if not _arity(scope, node.id):
        # What callers pass on counts at their calls.
        return Value("unknown", reason=f"*{node.id}")
    definitions = [
        d
        for d in code.names.definitions(node, scope)
        if isinstance(getattr(d, "value", None), ast.expr)
    ]
    lists = [
        d.value
        for d in definitions
        if isinstance(d.value, ast.List | ast.Tuple | ast.BinOp | ast.Call | ast.JoinedStr)
    ]
    if lists and isinstance(lists[-1], ast.expr):
        first = lists[0]
        found = (
            _argv(code, first, scope, bindings, depth + 1) if isinstance(first, ast.expr) else []
        )
        return (
            [*found, *_grown(code, node.id, scope, bindings, depth)]
            if isinstance(found, list)
            else found
        )
    value = code.value_of(node, scope)
    if value.kind == "known" and isinstance(value.data, tuple):
        return [v if isinstance(v, Value) else known(plain(v)) for v in value.data]
    return value


def _arity(scope: Scope, name: str) -> bool:
    """Tell whether a parameter holds one value: it is no ``*args``."""
    arguments = getattr(scope.node, "args", None)
    vararg = arguments.vararg if isinstance(arguments, ast.arguments) else None
    return vararg is None or vararg.arg != name


def _grown(code: Code, name: str, scope: Scope, bindings: Bindings, depth: int) -> list[Value]:
    """Return what ``append`` and ``extend`` add to a list by name."""
    found: list[Value] = []
    for site in scope.sites:
        target = site.node.func
        if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
            continue
        if target.value.id == name and site.node.args and target.attr in ("append", "extend"):
            found += _as_list(_argv(code, site.node.args[0], scope, bindings, depth + 1))
    return found


def _called(
    code: Code, node: ast.Call, scope: Scope, bindings: Bindings, depth: int
) -> list[Value] | Value:
    function = node.func
    last = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    path = _path(code, node, scope, bindings, depth)
    if path is not None:
        return path
    if last in ("list", "tuple", "str", "join", "quote", "strip") and node.args:
        inner = _argv(code, node.args[0], scope, bindings, depth + 1)
        if last == "join" and isinstance(inner, list):
            parts: list[Value] = []
            for value in inner:
                parts += [known(" "), value] if parts else [value]
            return join(parts)
        return inner
    if last == "split" and (node.args or isinstance(function, ast.Attribute)):
        text = (
            node.args[0]
            if last == "split"
            and isinstance(function, ast.Attribute)
            and getattr(function.value, "id", "") == "shlex"
            and node.args
            else getattr(function, "value", None)
        )
        if isinstance(text, ast.expr):
            held = _argv(code, text, scope, bindings, depth + 1)
            if isinstance(held, Value):
                return [known(w) for w in split_words(shown(held))]
    value = code.value_of(node, scope)
    if value.kind == "known":
        return value
    returned = _returned(code, node, scope, bindings, depth)
    return value if returned is None else returned


def _path(
    code: Code, node: ast.Call, scope: Scope, bindings: Bindings, depth: int
) -> list[Value] | Value | None:
    """Return the path that a call puts together, None for another call."""
    function = node.func
    if not isinstance(function, ast.Attribute):
        return None
    if function.attr == "as_posix":
        return _argv(code, function.value, scope, bindings, depth + 1)
    if function.attr == "joinpath":
        return _joined(_list(code, [function.value, *node.args], scope, bindings, depth + 1))
    if function.attr == "join" and code.names.resolve(function, scope) == "os.path.join":
        return _joined(_list(code, node.args, scope, bindings, depth + 1))
    return None


def _joined(parts: list[Value]) -> Value:
    """Return the path of folders and a name."""
    pieces = [piece for part in parts for piece in (known("/"), part)]
    return join(pieces[1:])


def _returned(
    code: Code, node: ast.Call, scope: Scope, bindings: Bindings, depth: int
) -> list[Value] | Value | None:
    """Return what a function of the repository makes of the arguments of this very call.

    None where it takes none, has several ways out, or is not the repository's.
    """
    name = code.names.resolve(node.func, scope)
    target = scope_at(code, name) if "::" in name and (node.args or node.keywords) else None
    if target is None or target.is_class:
        return None
    left = [e for e in target.exits if e.kind == "return" and e.value is not None]
    if len(left) != 1 or left[0].value is None:
        return None
    bound = _bound(code, node, scope, target, bindings)
    found = _argv(code, left[0].value, target, bound, depth + 1)
    return None if isinstance(found, Value) and found.kind == "unknown" else found


def _pieces(
    code: Code, node: ast.JoinedStr, scope: Scope, bindings: Bindings, depth: int
) -> Iterator[Value]:
    for part in node.values:
        if isinstance(part, ast.Constant):
            yield known(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            found = _argv(code, part.value, scope, bindings, depth + 1)
            if isinstance(found, list):
                yield known(" ".join(shown(v) for v in found))
            elif found.kind == "unknown":
                yield Value("unknown", reason=ast.unparse(part.value)[:60])
            else:
                yield found


# --- submitted jobs


def submissions(code: Code, address: str) -> tuple[Submitted, ...]:
    """Return the scripts, specs and commands that a function's calls submit to Azure ML."""
    scope = scope_at(code, address)
    key = ("submissions", id(scope))
    if scope is not None and key not in code.memo:
        code.memo[key] = tuple(_find_submissions(code, scope))
    found: tuple[Submitted, ...] = code.memo.get(key, ())
    return found


def _find_submissions(code: Code, scope: Scope) -> Iterator[Submitted]:
    for site in scope.sites:
        if bare_name(site.node.func) not in _SUBMITTING:
            continue
        name = code.name(site)
        last = name.rpartition(".")[2]
        if not name.startswith(("azure", "?")) or last not in (*_SUBMITTERS, *_LOADERS, "command"):
            continue
        span = code.owner(site.scope).span(site.node)
        if last in _LOADERS:
            node = code.argument(site, 0, "source", "path", "yaml_file")
            if node is not None:
                yield Submitted(code.value_of(node, site.scope), _folder(site, code), span)
        elif last == "command" and name.startswith("azure.ai.ml"):
            yield from _command(code, site, span)
        elif last in _SUBMITTERS:
            yield from _script(code, site, span, *_SUBMITTERS[last])


def _folder(site: Site, code: Code) -> str:
    return posixpath.dirname(code.owner(site.scope).path)


def _command(code: Code, site: Site, span: Span) -> Iterator[Submitted]:
    text, folder = code.argument(site, None, "command"), code.argument(site, None, "code")
    if text is None:
        return
    where = shown(code.value_of(folder, site.scope)) if folder is not None else ""
    where = posixpath.normpath(where) if where and "$" not in where else ""
    yield Submitted(
        known(""), "" if where == "." else where.lstrip("./"), span, code.value_of(text, site.scope)
    )


def _script(code: Code, site: Site, span: Span, script: str, folder: str) -> Iterator[Submitted]:
    node, where = code.argument(site, None, script), code.argument(site, None, folder)
    if node is None:
        return
    base = shown(code.value_of(where, site.scope)) if where is not None else ""
    base = "" if "$" in base or base in (".", "./") else posixpath.normpath(base) if base else ""
    yield Submitted(code.value_of(node, site.scope), base, span)
