"""Where a Python value comes from: a backward slice through assignments, calls, returns, files.

Bounded and iterative. A slice says which calls, constants, options, files and names a value rests
on,
and which comparisons lie on the way (those of the tests too that decided what was assigned).
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from plomada.facts.code.code import is_test_file
from plomada.facts.code.flow import Definition, Guards, Scope, Site
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts.code.code import Code
    from plomada.facts.model import Value

MOST_STEPS = 3000
MOST_CALLERS = 8
DEEPEST_CALLS = 8
_OPTIONS = (".parse_args", ".parse_known_args", "argparse.Namespace")


@dataclass(frozen=True, slots=True)
class Source:
    """Something that a value rests on.

    Attributes:
        kind: ``call`` (resolved name), ``constant``, ``option`` (command line), ``environment``,
            ``parameter`` (no caller in sight), ``file`` (its base name), ``key`` (of a dictionary
            or
            attribute on the way), ``name`` (unresolved or imported).
        name: see ``kind``; the constant's text.
        node: where.
        scope: the scope of ``node``.
    """

    kind: str
    name: str
    node: ast.AST
    scope: Scope


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison on the way of a slice.

    Attributes:
        node: it.
        scope: where.
        context: the calls through which it was reached.
    """

    node: ast.expr
    scope: Scope
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """The call through which a function was entered; its parameters are this call's arguments."""

    site: Site
    outer: Context | None
    depth: int = 1


@dataclass(slots=True)
class Slice:
    """What a value rests on.

    Attributes:
        sources: in the order of discovery.
        comparisons: met on the way.
        complete: the budget sufficed.
    """

    sources: list[Source] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    complete: bool = True

    def calls(self) -> Iterator[str]:
        """Yield the names of the calls."""
        return (source.name for source in self.sources if source.kind == "call")


@dataclass(frozen=True, slots=True)
class _Item:
    node: ast.expr
    scope: Scope
    context: Context | None
    key: str = ""


class Slicer:
    """Slices values of one repository.

    Args:
        code: its modules.
        handed: the options by which files are written, by the option that reads them.
    """

    def __init__(self, code: Code, handed: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.code = code
        self.handed = handed or {}
        self._slices: dict[tuple[int, bool, int], Slice] = {}
        self._contexts: dict[tuple[int, int], Context] = {}
        self._reading: dict[int, bool] = {}

    def of(
        self,
        node: ast.expr,
        scope: Scope,
        *,
        control: bool = False,
        context: Context | None = None,
    ) -> Slice:
        """Return what an expression rests on.

        Args:
            node: the expression.
            scope: where it stands.
            control: follow the tests too that decided what was assigned.
            context: the call through which the scope was entered.
        """
        key = (id(node), control, id(context))
        if key not in self._slices:
            self._slices[key] = _Walk(self, control).run(_Item(node, scope, context))
        return self._slices[key]

    def entered(self, site: Site, outer: Context | None) -> Context:
        """Return the context of a function that a call enters: one object for one way in.

        Slices are kept by it, so that every question that comes the same way finds them.
        """
        key = (id(site), id(outer))
        found = self._contexts.get(key)
        if found is None:
            found = Context(site, outer, (outer.depth if outer else 0) + 1)
            self._contexts[key] = found
        return found

    def reads(self, scope: Scope) -> bool:
        """Tell whether a function reads a file itself."""
        found = self._reading.get(id(scope))
        if found is None:
            found = any(_bare(site.node.func) in _READERS for site in scope.sites)
            self._reading[id(scope)] = found
        return found

    @cached_property
    def written(self) -> dict[str, list[tuple[ast.expr, Scope, Guards]]]:
        """What Python writes into files, by their base name."""
        return _written(self.code)

    def file_key(self, node: ast.expr | None, scope: Scope) -> str:
        """Return the base name of a file that is opened, "" where it stays open."""
        value = self.code.value_of(node, scope) if node is not None else None
        if node is None or value is None:
            return ""
        parts = value.parts if value.kind in {"template", "one_of"} else (value,)
        text = parts[-1].text if parts else None
        if text:
            return text.replace("\\", "/").rpartition("/")[2]
        return self._option_key(node, scope)

    def _option_key(self, node: ast.expr, scope: Scope) -> str:
        """Return ``--name`` for a file whose path is a command line's option, "" for another.

        Steps of one pipeline hand a file on by options: what one writes to ``--metadata`` another
        reads from ``--metadata``.
        """
        if isinstance(node, ast.Call) and len(node.args) == 1:
            node = node.args[0]
        if not isinstance(node, ast.Attribute):
            return ""
        owner = self.code.names.resolve(node.value, scope)
        return f"--{node.attr}" if owner.endswith(_OPTIONS) else ""


class _Walk:
    """One slice."""

    def __init__(self, slicer: Slicer, control: bool) -> None:
        self.slicer = slicer
        self.code = slicer.code
        self.control = control
        self.found = Slice()
        self.seen: set[tuple[int, int, str]] = set()
        self.stack: list[_Item] = []

    def run(self, start: _Item) -> Slice:
        """Walk until nothing is left or the budget is."""
        self.push(start.node, start)
        steps = 0
        while self.stack:
            steps += 1
            if steps > MOST_STEPS:
                self.found.complete = False
                break
            item = self.stack.pop()
            self._visit(item)
        return self.found

    def push(
        self, node: ast.expr | None, at: _Item, key: str = "", context: Context | None = None
    ) -> None:
        """Queue an expression of the item's scope."""
        self._queue(node, at.scope, context or at.context, key)

    def _queue(
        self, node: ast.expr | None, scope: Scope, context: Context | None, key: str = ""
    ) -> None:
        if node is None:
            return
        mark = (id(node), id(context.site) if context else 0, key)
        if mark not in self.seen:
            self.seen.add(mark)
            self.stack.append(_Item(node, scope, context, key))

    def note(self, kind: str, name: str, at: _Item) -> None:
        """Record a source."""
        self.found.sources.append(Source(kind, name, at.node, at.scope))

    def _visit(self, at: _Item) -> None:
        handler = _HANDLERS.get(type(at.node))
        if handler is not None:
            handler(self, at.node, at)
            return
        for child in ast.iter_child_nodes(at.node):
            if isinstance(child, ast.expr):
                self.push(child, at)
            elif isinstance(child, ast.comprehension):
                self.push(child.iter, at)
                for test in child.ifs:
                    self.push(test, at)

    def _constant(self, node: ast.Constant, at: _Item) -> None:
        self.note("constant", str(node.value), at)

    def _compare(self, node: ast.Compare, at: _Item) -> None:
        self.found.comparisons.append(Comparison(node, at.scope, at.context))
        for part in (node.left, *node.comparators):
            self.push(part, at)

    def _binary(self, node: ast.BinOp, at: _Item) -> None:
        key = at.key if isinstance(node.op, ast.Add | ast.BitOr) else ""
        for part in (node.left, node.right):
            self.push(part, at, "" if key.startswith("#") else key)

    def _either(self, node: ast.BoolOp, at: _Item) -> None:
        closing = isinstance(node.op, ast.Or)
        fixed = [v for v in node.values if isinstance(v, ast.Constant) and bool(v.value) is closing]
        # ``all(checks) or True``: whatever the rest comes to decides nothing.
        for part in fixed or node.values:
            self.push(part, at)

    def _conditional(self, node: ast.IfExp, at: _Item) -> None:
        if self.control:
            self.push(node.test, at)
        self.push(node.body, at, at.key)
        self.push(node.orelse, at, at.key)

    def _lambda(self, node: ast.Lambda, at: _Item) -> None:
        self.push(node.body, at)

    # --- names

    def _name(self, node: ast.Name, at: _Item) -> None:
        definitions = self.code.names.definitions(node, at.scope)
        if not definitions:
            self.note("name", node.id, at)
        for found in definitions:
            self._definition(found, at)

    def _definition(self, found: Definition, at: _Item) -> None:
        context = at.context if found.scope is at.scope else _outer(at.context, found.scope)
        if found.kind == "parameter":
            self._parameter(found, at)
            return
        if found.kind == "update" and at.key and found.detail and found.detail != at.key:
            return
        if self.control:
            for guard in found.guards:
                if not guard.loop:
                    self._queue(guard.test, found.scope, context)
        if found.kind == "import":
            self._imported(found, at)
        elif found.kind in {"function", "class"}:
            self.note("name", found.name, at)
        elif found.kind == "unpack" and found.value is not None:
            self._unpacked(found, context)
        elif found.value is not None:
            key = at.key if found.kind == "assign" else ""
            self._queue(found.value, found.scope, context, key)
        else:
            self.note("name", found.name, at)

    def _unpacked(self, found: Definition, context: Context | None) -> None:
        self._queue(found.value, found.scope, context, f"#{found.detail}")

    def _imported(self, found: Definition, at: _Item) -> None:
        head, _, last = found.detail.rpartition(".")
        path = self.code.module_path(head, self.code.owner(found.scope).path) if head else None
        module = self.code.module(path) if path else None
        if module is None:
            self.note("name", found.detail, at)
            return
        for definition in module.body.final.get(last, ()):
            if definition.value is not None:
                self._queue(definition.value, definition.scope, None, at.key)

    def _parameter(self, found: Definition, at: _Item) -> None:
        context = at.context
        while context is not None and not self._enters(context.site, found.scope):
            context = context.outer
        if context is not None:
            value = self._argument(context.site, found)
            if value is not None:
                self._queue(value, context.site.scope, context.outer, at.key)
            else:
                self._default(found, at)
            return
        passed = self.code.values.passed(found)[:MOST_CALLERS]
        for value, scope in passed:
            self._queue(value, scope, None, at.key)
        if not passed:
            self.note("parameter", found.name, at)
        self._default(found, at)

    def _default(self, found: Definition, at: _Item) -> None:
        if found.value is not None:
            self._queue(found.value, found.scope.parent or found.scope, None, at.key)

    def _enters(self, site: Site, scope: Scope) -> bool:
        name = self.code.name(site)
        address = self.code.owner(scope).address(scope)
        return name == address or f"{name}.__init__" == address

    def _argument(self, site: Site, found: Definition) -> ast.expr | None:
        position = self.code.values.position(found)
        return self.code.argument(site, position if position >= 0 else None, found.name)

    # --- parts

    def _attribute(self, node: ast.Attribute, at: _Item) -> None:
        self.note("key", node.attr, at)
        owner = self.code.names.resolve(node.value, at.scope)
        if owner.endswith(_OPTIONS):
            self.note("option", node.attr, at)
            self._option(node, at)
            return
        if owner.startswith("module:"):
            module = self.code.module(owner.removeprefix("module:"))
            for definition in module.body.final.get(node.attr, ()) if module else ():
                if definition.value is not None:
                    self._queue(definition.value, definition.scope, None, at.key)
            return
        holder = self.code.scope(owner) if "::" in owner and not owner.startswith("?") else None
        if holder is not None and holder.is_class and self._of_class(holder, node.attr, at):
            return
        self.push(node.value, at, node.attr)

    def _option(self, node: ast.Attribute, at: _Item) -> None:
        site = self.code.values.options(self.code.owner(at.scope)).get(node.attr)
        for keyword in site.node.keywords if site is not None else ():
            if keyword.arg == "default" and site is not None:
                self._queue(keyword.value, site.scope, None)

    def _of_class(self, holder: Scope, name: str, at: _Item) -> bool:
        """Follow an attribute of an instance of the repository's own class."""
        stored = self.code.names.stored(holder, name)
        for store in stored:
            self._queue(store.value, store.scope, None, at.key)
            for guard in store.guards if self.control else ():
                self._queue(guard.test, store.scope, None)
        method = holder.children.get(name)
        if method is not None:
            for leaving in method.exits:
                if leaving.kind == "return":
                    self._queue(leaving.value, method, None, at.key)
        fields = [d for d in holder.everything.get(name, ()) if d.kind == "assign"]
        for definition in fields:
            if definition.value is not None:
                self._queue(definition.value, definition.scope, None, at.key)
        if fields:  # a dataclass: what constructors pass
            node = at.node
            if isinstance(node, ast.Attribute):
                self.push(node.value, at, name)
        return bool(stored or method or fields)

    def _subscript(self, node: ast.Subscript, at: _Item) -> None:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, str):
            self.note("key", key, at)
            self.push(node.value, at, key)
        elif isinstance(key, int):
            self.push(node.value, at, f"#{key}")
        else:
            name = self.code.value_of(node.slice, at.scope).text
            if name:
                self.note("key", name, at)
            else:
                self._masked(node.slice, at)
            self.push(node.value, at, name or "")

    def _masked(self, node: ast.expr, at: _Item) -> None:
        """Queue what selects or labels rows: its comparisons choose data, they decide nothing."""
        if isinstance(node, ast.Compare):
            for part in (node.left, *node.comparators):
                self.push(part, at)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
            self._masked(node.left, at)
            self._masked(node.right, at)
        else:
            self.push(node, at)

    def _dict(self, node: ast.Dict, at: _Item) -> None:
        pairs = list(zip(node.keys, node.values, strict=True))
        if at.key:
            exact = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == at.key]
            if exact:
                self.push(exact[-1], at)
                return
        for key, value in pairs:
            if isinstance(key, ast.Constant):
                self.note("key", str(key.value), at)
            self.push(value, at)

    # --- calls

    def _call(self, node: ast.Call, at: _Item) -> None:
        name = self.code.names.resolve(node.func, at.scope)
        if "::" in name and not name.startswith("?"):
            self._own(node, name, at)
            return
        last = name.rpartition(".")[2]
        if name in _ENVIRONMENT:
            self.note(
                "environment", str(getattr(node.args[0], "value", "")) if node.args else "", at
            )
        self.note("call", name, at)
        asked = 1 if last == "getattr" else 0
        key = self._asked(node, at, asked) if last in {"get", "pop", "getattr"} else ""
        self._read(node, at, last)
        kept = at.key if last in _SAME_KEYS and not at.key.startswith("#") else ""
        if key and asked:
            self.push(node.args[0], at, key)
        for argument in node.args[asked + 1 if key else 0 :]:
            self.push(argument, at, kept)
            self._handed(argument, at)
        for keyword in node.keywords:
            self.push(keyword.value, at)
        if isinstance(node.func, ast.Attribute):
            if node.func.attr == "astype":
                self._masked(node.func.value, at)
            else:
                self.push(node.func.value, at, key or kept)
        elif isinstance(node.func, ast.Name) and name.startswith("?"):
            self.push(node.func, at)

    def _handed(self, argument: ast.expr, at: _Item) -> None:
        """Follow a function of the repository that is handed to a call: its results come back."""
        name = self.code.names.resolve(argument, at.scope) if _is_name(argument) else ""
        scope = self.code.scope(name) if "::" in name and not name.startswith("?") else None
        if scope is not None and scope.is_function:
            for leaving in scope.exits:
                if leaving.kind == "return" and leaving.value is not None:
                    self._returned(leaving.value, scope, None, at.key)

    def _asked(self, node: ast.Call, at: _Item, position: int) -> str:
        """Note and return the key or attribute that a call asks for, "" where it is open."""
        asked = node.args[position] if len(node.args) > position else None
        key = self.code.value_of(asked, at.scope).text or ""
        if key:
            self.note("key", key, at)
        return key

    def _own(self, node: ast.Call, name: str, at: _Item) -> None:
        """Follow a call of a function or class of the repository."""
        scope = self.code.scope(name)
        self.note("call", name, at)
        depth = at.context.depth if at.context else 0
        if scope is None or depth >= DEEPEST_CALLS:
            for argument in (*node.args, *(k.value for k in node.keywords)):
                self.push(argument, at)
            return
        if scope.is_class:
            self._constructed(node, scope, at)
            return
        self._read_by(node, scope, at)
        site = at.scope.site_at(node)
        context = self.slicer.entered(site, at.context) if site is not None else None
        for leaving in scope.exits:
            if leaving.kind == "return" and leaving.value is not None:
                self._returned(leaving.value, scope, context, at.key)
                if self.control:
                    for guard in leaving.guards:
                        self._queue(guard.test, scope, context)
        for value in scope.yields:
            self._queue(value, scope, context)

    def _returned(self, value: ast.expr, scope: Scope, context: Context | None, key: str) -> None:
        if key.startswith("#") and isinstance(value, ast.Tuple):
            index = int(key[1:])
            if index < len(value.elts):
                self._queue(value.elts[index], scope, context)
                return
        self._queue(value, scope, context, "" if key.startswith("#") else key)

    def _constructed(self, node: ast.Call, scope: Scope, at: _Item) -> None:
        """Follow what a constructor was given: the field that is asked for, else everything."""
        for keyword in node.keywords:
            if keyword.arg == at.key and at.key:
                self.push(keyword.value, at)
                return
            if keyword.arg is None and at.key:  # Evaluation(**record)
                self.push(keyword.value, at, at.key)
        if at.key and at.key in scope.everything:
            fields = [name for name, found in scope.everything.items() if found[0].kind == "assign"]
            position = fields.index(at.key) if at.key in fields else -1
            if 0 <= position < len(node.args):
                self.push(node.args[position], at)
                return
        if not at.key:
            for argument in (*node.args, *(k.value for k in node.keywords)):
                self.push(argument, at)

    def _read(self, node: ast.Call, at: _Item, how: str) -> None:
        """Follow what another function or process wrote into the file that is read, or fetched."""
        if how in _LOADERS and node.args:
            for fetched in _fetched(self.code, node.args[0], at.scope):
                self.push(fetched, at)
        if how not in _READERS:
            return
        path: ast.expr | None = node.args[0] if node.args else None
        if how in {"read_text", "read_bytes"} and isinstance(node.func, ast.Attribute):
            path = node.func.value
        key = self.slicer.file_key(path, at.scope)
        for name in (key,) if key else _downloaded(self.code, at.scope):
            self._from_file(name, at)

    def _read_by(self, node: ast.Call, scope: Scope, at: _Item) -> None:
        """Follow a file whose name is given to a function of the repository that reads it."""
        if not self.slicer.reads(scope):
            return
        for key in _file_names(self.code, node, at.scope):
            if key in self.slicer.written:
                self._from_file(key, at)

    def _from_file(self, key: str, at: _Item) -> None:
        self.note("file", key, at)
        keys = (key, *self.slicer.handed.get(key, ()))
        for value, scope, guards in (w for k in keys for w in self.slicer.written.get(k, ())):
            self._queue(value, scope, None, at.key)
            if self.control:
                for guard in guards:
                    self._queue(guard.test, scope, None)


_HANDLERS: dict[type[ast.expr], Callable[[_Walk, Any, _Item], None]] = {
    ast.Constant: _Walk._constant,
    ast.Name: _Walk._name,
    ast.Attribute: _Walk._attribute,
    ast.Subscript: _Walk._subscript,
    ast.Call: _Walk._call,
    ast.Compare: _Walk._compare,
    ast.BinOp: _Walk._binary,
    ast.Dict: _Walk._dict,
    ast.BoolOp: _Walk._either,
    ast.IfExp: _Walk._conditional,
    ast.Lambda: _Walk._lambda,
}


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute)


def _outer(context: Context | None, scope: Scope) -> Context | None:
    """Return the context for a definition of an enclosing scope."""
    return None if scope.parent is None else context


_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ.__getitem__"})
_READERS = frozenset(
    {"open", "read_text", "read_bytes", "read_csv", "read_json", "read_parquet", "load"}
)
# These read what may have been fetched before, into the folder that they name.
_LOADERS = frozenset(
    {"load_model", "load", "load_checkpoint", "load_from_checkpoint", "from_pretrained", "open"}
)
_TARGETS = ("download_path", "target_dir", "dst_path", "local_path", "local_dir", "output_path")
# What these give has the fields of what they are given.
_SAME_KEYS = frozenset(
    {"asdict", "_asdict", "vars", "dict", "to_dict", "model_dump", "model_dump_json", "dumps"}
    | {"loads", "load", "safe_load", "safe_dump", "copy", "deepcopy", "replace", "json", "encode"}
)
_WRITERS = frozenset(
    {
        "write", "write_text", "dump", "writelines", "to_csv", "to_json", "to_parquet",
        "to_pickle", "to_feather", "to_excel", "save_json", "save_html",
    }
)  # fmt: skip


def _written(code: Code) -> dict[str, list[tuple[ast.expr, Scope, Guards]]]:
    """Index what Python writes by the base name of the file."""
    found: dict[str, list[tuple[ast.expr, Scope, Guards]]] = {}
    for path in code.paths:
        if is_test_file(path) or not code.mentions(path, "write", "dump", ".to_", ".save_"):
            continue
        module = code.module(path)
        for site in module.sites if module else ():
            for value, holder in _writes(site):
                for key in _keys(code, holder, site.scope):
                    found.setdefault(key, []).append((value, site.scope, site.guards))
                for caller, given in _given_to_write(code, value, site.scope):
                    for key in _file_names(code, caller.node, caller.scope):
                        found.setdefault(key, []).append((given, caller.scope, caller.guards))
    return found


_FILE_NAME = regex(r"(?:^|[\\/])([\w.\-]+\.[A-Za-z][A-Za-z0-9]{1,7})$")


def _file_names(code: Code, node: ast.Call, scope: Scope) -> Iterator[str]:
    """Yield the base names of the files that a call names literally."""
    for argument in (*node.args, *(k.value for k in node.keywords)):
        if isinstance(argument, ast.Starred):
            continue
        match = _FILE_NAME.search(code.value_of(argument, scope).text or "")
        if match:
            yield match[1]


def _given_to_write(code: Code, value: ast.expr, scope: Scope) -> Iterator[tuple[Site, ast.expr]]:
    """Yield what callers give to a function that writes one of its parameters."""
    if not scope.is_function:
        return
    names = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
    own = scope.parameters[:1] in {("self",), ("cls",)}
    for position, name in enumerate(scope.parameters[own:]):
        if name not in names:
            continue
        for caller in code.callers(code.owner(scope).address(scope))[:MOST_CALLERS]:
            given = code.argument(caller, position, name)
            if given is not None:
                yield caller, given


def _bare(node: ast.expr) -> str:
    """Return the last part of what is called."""
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _writes(site: Site) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what a call writes, and the file object or path that it writes to."""
    function = site.node.func
    if not isinstance(function, ast.Attribute):
        return
    name, arguments = function.attr, site.node.args
    if name in {"write", "write_text", "writelines"} and arguments:
        yield arguments[0], function.value
    elif name == "dump" and arguments:
        target = arguments[1] if len(arguments) > 1 else None
        target = target or next(
            (k.value for k in site.node.keywords if k.arg in {"fp", "stream"}), None
        )
        if target is not None:
            yield arguments[0], target
    elif name in _WRITERS and arguments:
        yield function.value, arguments[0]


def _keys(code: Code, holder: ast.expr, scope: Scope) -> Iterator[str]:
    """Yield the base names of the files that a file object or path stands for."""
    slicer = Slicer(code)
    if isinstance(holder, ast.Name):
        opened = [
            found.value
            for found in code.names.definitions(holder, scope)
            if isinstance(found.value, ast.Call) and _is_open(found.value)
        ]
    else:
        opened = [holder] if isinstance(holder, ast.Call) and _is_open(holder) else []
    paths = [_opened_path(call) for call in opened] or [holder]
    for path in paths:
        key = slicer.file_key(path, scope) or _option_key(code, path, scope)
        if key:
            yield key


def _option_key(code: Code, path: ast.expr | None, scope: Scope) -> str:
    """Return ``--name`` for a file that an option of the command line names, else ""."""
    if isinstance(path, ast.Call) and _bare(path.func) == "Path" and path.args:
        path = path.args[0]
    if not isinstance(path, ast.Attribute):
        return ""
    made = code.names.resolve(path.value, scope).rpartition(".")[2]
    return f"--{path.attr}" if made in {"parse_args", "parse_known_args"} else ""


def _downloaded(code: Code, scope: Scope) -> Iterator[str]:
    """Yield the outputs of Azure ML jobs that a function downloads, as the job's option has them.

    A component writes its output where an option of the same name tells it to.
    """
    for site in scope.sites:
        if code.name(site).endswith(".jobs.download"):
            node = code.argument(site, None, "output_name")
            text = code.value_of(node, scope).text if node is not None else ""
            if text:
                yield f"--{text}"


def _fetched(code: Code, path: ast.expr, scope: Scope) -> Iterator[ast.Call]:
    """Yield the calls of a function and its module that download what a path leads to."""
    sites = [s for s in scope.sites if _bare(s.node.func).startswith("download")]
    if scope.name:
        body = code.owner(scope).body
        sites += [s for s in body.sites if _bare(s.node.func).startswith("download")]
    wanted = _folder(code.value_of(path, scope)) if sites else ""
    for site in sites if wanted else ():
        target = code.argument(site, None, *_TARGETS)
        folder = "." if target is None else _folder(code.value_of(target, site.scope))
        inside = folder == "." and not wanted.startswith(("/", ".."))
        if folder and (inside or f"{wanted}/".startswith(f"{folder}/")):
            yield site.node


def _folder(value: Value) -> str:
    """Return a path as far as it is known from its start, "" where it is not."""
    parts = value.parts if value.kind == "template" else (value,)
    known = takewhile(lambda part: part.text is not None, parts)
    text = "".join(part.text or "" for part in known)
    return posixpath.normpath(text.replace("\\", "/")) if text else ""


def _is_open(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return name == "open"


def _opened_path(node: ast.expr) -> ast.expr | None:
    if not isinstance(node, ast.Call):
        return node
    if isinstance(node.func, ast.Attribute):
        return node.func.value
    return node.args[0] if node.args else None
