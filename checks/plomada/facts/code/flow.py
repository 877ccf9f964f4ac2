"""Reaching definitions and guards of one Python module, in one pass over its tree.

For every name that is read: which assignments it may come from, in the order that the text runs
(a constant written over a value kills that value). For every call, assignment and return: the
tests that it
stands under, the early exits before it included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import field

from plomada.records import dataclass

MOST_DEPTH = 60  # blocks inside blocks; real code stays under ten
MOST_DEFINITIONS = 24  # of one name at one place; joins beyond that keep the newest


@dataclass(frozen=True, slots=True)
class Guard:
    """A test that decides whether a statement runs.

    Attributes:
        test: the expression.
        holds: it has to be true (False: false).
        loop: it is the iterable of a loop.
        exits: it stands before the statement and would leave the function, rather than around it.
    """

    test: ast.expr
    holds: bool
    loop: bool = False
    exits: bool = False


Guards = tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A ``try`` around a statement.

    Attributes:
        node: the statement.
        swallows: ``all`` (exits of the process too), ``errors``, or "" where handlers raise again.
        caught: the bare names of the errors whose handlers raise nothing.
    """

    node: ast.AST
    swallows: str
    caught: frozenset[str] = frozenset()


Attempts = tuple[Attempt, ...]


@dataclass(eq=False, slots=True)
class Definition:
    """A name gets a value.

    Attributes:
        name: the name.
        kind: ``assign``, ``parameter``, ``import``, ``loop``, ``with``, ``update`` (``x += ..``,
            ``x[..] = ..``, ``x.append(..)``: what was there stays), ``function``, ``class``,
            ``except``, ``unpack``, ``global`` (whatever the module or enclosing function holds).
        value: the expression it comes from.
        scope: where it stands.
        guards: the tests that it stands under.
        detail: dotted name of an import; index of an unpacked element; key of an updated one.
        node: the statement or definition.
    """

    name: str
    kind: str
    value: ast.expr | None
    scope: Scope
    guards: Guards = ()
    detail: str = ""
    node: ast.AST | None = None


@dataclass(eq=False, slots=True)
class Site:
    """A call where it stands.

    Attributes:
        node: the call.
        scope: the enclosing function or module body.
        guards: the tests that it stands under.
        attempts: the ``try`` statements in whose body it stands, outermost first.
        order: its place among the scope's calls and exits.
        name: what is called, once it is resolved.
    """

    node: ast.Call
    scope: Scope
    guards: Guards
    attempts: Attempts
    order: int
    name: str = ""

    @property
    def handled(self) -> bool:
        """Whether an enclosing ``try`` swallows its error."""
        return any(attempt.swallows for attempt in self.attempts)


@dataclass(eq=False, slots=True)
class Exit:
    """A ``return``, ``raise`` or failed ``assert``.

    Attributes:
        kind: ``return``, ``raise``, ``assert``.
        value: what is returned or raised; the test of an assert.
        scope: where.
        guards: the tests that it stands under.
        attempts: as ``Site.attempts``.
        node: the statement.
        order: as ``Site.order``.
    """

    kind: str
    value: ast.expr | None
    scope: Scope
    guards: Guards
    attempts: Attempts
    node: ast.stmt
    order: int


Definitions = tuple[Definition, ...]
Names = dict[str, Definitions]


@dataclass(eq=False, slots=True)
class Scope:
    """A function, method, class body or module body.

    Attributes:
        name: qualified name within the module; "" for the module's body.
        node: its syntax.
        parent: the enclosing scope.
        uses: ``id`` of each read name to the definitions that reach it.
        final: names at the end of the body.
        everything: all definitions by name.
        sites: calls in order.
        exits: returns, raises and asserts.
        stores: assignments to attributes (``self.x = ..``) by attribute name.
        children: functions and classes defined directly inside.
        parameters: names in order.
        yields: what a generator yields.
        shared: names declared ``global`` or ``nonlocal``.
        compares: comparisons, in no order; one in a loop may stand twice.
    """

    name: str
    node: ast.AST
    parent: Scope | None
    uses: dict[int, Definitions] = field(default_factory=dict)
    final: Names = field(default_factory=dict)
    everything: dict[str, list[Definition]] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    stores: dict[str, list[Definition]] = field(default_factory=dict)
    children: dict[str, Scope] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    yields: list[ast.expr] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    compares: list[ast.Compare] = field(default_factory=list)
    _by_node: dict[int, Site] = field(default_factory=dict)

    def site_at(self, node: ast.AST) -> Site | None:
        """Return the call that a node of the scope's own statements is, None for another."""
        if not self._by_node:
            self._by_node.update((id(site.node), site) for site in reversed(self.sites))
        return self._by_node.get(id(node))

    @property
    def is_class(self) -> bool:
        """Whether it is a class body."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_function(self) -> bool:
        """Whether it is a function or method."""
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef)


FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def read_module(tree: ast.Module) -> list[Scope]:
    """Return the scopes of a module, its body first."""
    scopes: list[Scope] = []
    waiting: list[tuple[Scope, list[ast.stmt]]] = []
    top = Scope("", tree, None)
    waiting.append((top, tree.body))
    while waiting:
        scope, body = waiting.pop(0)
        scopes.append(scope)
        walk = _Walk(scope)
        walk.run(body)
        waiting.extend(walk.inner)
    return scopes


# Fields that hold no expression; leaving them out halves the walk.
_PLAIN = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "kind", "conversion", "type_comment"})
_BINDING = frozenset({
    ast.NamedExpr, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp, ast.Lambda,
    ast.Yield, ast.YieldFrom,
})  # fmt: skip
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes directly below one."""
    kind = type(node)
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _PLAIN)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if type(value) is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


class _Walk:
    """Walks one body in order."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.names: Names = {}
        self.guards: list[Guard] = []
        self.attempts: list[Attempt] = []
        self.order = 0
        self.depth = 0
        self.inner: list[tuple[Scope, list[ast.stmt]]] = []

    def run(self, body: list[ast.stmt]) -> None:
        """Walk the body of the scope."""
        if isinstance(self.scope.node, FunctionNode):
            self._parameters(self.scope.node)
        self.block(body)
        self.scope.final = self.names

    # --- definitions

    def define(self, name: str, kind: str, value: ast.expr | None, **more: object) -> None:
        """Note that a name gets a value; updates keep what was there."""
        made = Definition(name, kind, value, self.scope, tuple(self.guards), **more)  # type: ignore[arg-type]
        before = self.names.get(name, ()) if kind == "update" else ()
        self.names[name] = (*before[-MOST_DEFINITIONS:], made)
        self.scope.everything.setdefault(name, []).append(made)

    def _parameters(self, node: FunctionNode) -> None:
        given = node.args
        plain = [*given.posonlyargs, *given.args]
        missing = len(plain) - len(given.defaults)
        defaults: list[ast.expr | None] = [None] * missing + list(given.defaults)
        pairs = list(zip(plain, defaults, strict=True))
        pairs += list(zip(given.kwonlyargs, given.kw_defaults, strict=True))
        pairs += [(extra, None) for extra in (given.vararg, given.kwarg) if extra]
        self.scope.parameters = tuple(argument.arg for argument, _ in pairs)
        for argument, default in pairs:
            self.define(argument.arg, "parameter", default, node=argument)

    def target(self, node: ast.expr, value: ast.expr | None, kind: str = "assign") -> None:
        """Assign to a target of any form."""
        if isinstance(node, ast.Name):
            self.define(node.id, kind, value, node=node)
        elif isinstance(node, ast.Tuple | ast.List):
            self._unpack(node, value, kind)
        elif isinstance(node, ast.Starred):
            self.target(node.value, value, "unpack")
        elif isinstance(node, ast.Subscript):
            self.expression(node.slice)
            self._update(node.value, value, _literal(node.slice), node)
        elif isinstance(node, ast.Attribute):
            self.expression(node.value)
            made = Definition(node.attr, "assign", value, self.scope, tuple(self.guards), node=node)
            self.scope.stores.setdefault(node.attr, []).append(made)
            self._update(node.value, value, node.attr, node)

    def _unpack(self, node: ast.Tuple | ast.List, value: ast.expr | None, kind: str) -> None:
        elements = value.elts if isinstance(value, ast.Tuple | ast.List) else None
        if elements is not None and len(elements) == len(node.elts) and kind == "assign":
            for part, element in zip(node.elts, elements, strict=True):
                self.target(part, element, kind)
            return
        for number, part in enumerate(node.elts):
            if isinstance(part, ast.Name):
                how = "unpack" if kind == "assign" else kind
                self.define(part.id, how, value, detail=str(number), node=part)
            else:
                self.target(part, value, "unpack")

    def _update(self, holder: ast.expr, value: ast.expr | None, key: str, node: ast.AST) -> None:
        """A part of what a name holds is set."""
        self.expression(holder)
        if isinstance(holder, ast.Name):
            self.define(holder.id, "update", value, detail=key, node=node)
        elif isinstance(holder, ast.Attribute):
            made = Definition(
                holder.attr, "update", value, self.scope, tuple(self.guards), key, node
            )
            self.scope.stores.setdefault(holder.attr, []).append(made)
            if value is not None and isinstance(node, ast.Subscript):
                self._held_part(holder, ast.Dict([None, node.slice], [holder, value]))

    def _held_part(self, holder: ast.Attribute, whole: ast.Dict) -> None:
        """A part of an attribute is set: ``x.a[k] = v`` is ``x.a = {**x.a, k: v}``."""
        owner = holder.value
        if isinstance(owner, ast.Name) and owner.id in self.names:
            whole = ast.copy_location(whole, whole.values[-1])
            self.define(owner.id, "update", whole, detail=holder.attr, node=holder)

    # --- expressions

    def expression(self, node: ast.AST | None) -> None:
        """Note the reads and calls of an expression, iteratively."""
        if node is None:
            return
        stack: list[ast.AST] = [node]
        calls: list[ast.Call] = []
        while stack:
            current = stack.pop()
            kind = type(current)
            if kind is ast.Name:
                name: ast.Name = current  # type: ignore[assignment]
                self.scope.uses[id(name)] = self.names.get(name.id, ())
            elif kind is ast.Attribute:
                stack.append(current.value)  # type: ignore[attr-defined]
            elif kind is ast.Call:
                call: ast.Call = current  # type: ignore[assignment]
                calls.append(call)
                stack.append(call.func)
                stack += call.args
                stack += [keyword.value for keyword in call.keywords]
            elif kind is ast.Compare:
                self.scope.compares.append(current)  # type: ignore[arg-type]
                stack += children(current)
            elif kind in _BINDING:
                self._binding(current)
            elif kind is not ast.Constant:
                stack.extend(children(current))
        for found in reversed(calls):
            self._call(found)

    def _binding(self, node: ast.AST) -> None:
        """Note an expression that gives names values of its own, or yields."""
        if isinstance(node, ast.NamedExpr):
            self.expression(node.value)
            self.target(node.target, node.value)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            self._comprehension(node)
        elif isinstance(node, ast.Lambda):
            self._lambda(node)
        elif isinstance(node, ast.Yield | ast.YieldFrom) and node.value is not None:
            self.scope.yields.append(node.value)
            self.expression(node.value)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        before = dict(self.names)
        for generator in node.generators:
            self.expression(generator.iter)
            self.target(generator.target, generator.iter, "loop")
            for test in generator.ifs:
                self.expression(test)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            self.expression(part)
        self.names = before

    def _lambda(self, node: ast.Lambda) -> None:
        before = dict(self.names)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            self.define(argument.arg, "parameter", None, node=argument)
        self.expression(node.body)
        self.names = before

    def _call(self, node: ast.Call) -> None:
        site = Site(node, self.scope, tuple(self.guards), tuple(self.attempts), self.order)
        self.order += 1
        self.scope.sites.append(site)
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr.startswith("download"):
            for target in (*node.args, *(keyword.value for keyword in node.keywords)):
                if isinstance(target, ast.Name) and target.id in self.names:
                    self.define(target.id, "update", node, node=node)
        if isinstance(function, ast.Attribute) and function.attr in _MUTATORS and node.args:
            value = node.args[-1]
            key = _literal(node.args[0]) if function.attr in {"setdefault", "insert"} else ""
            if isinstance(function.value, ast.Name):
                self.define(function.value.id, "update", value, detail=key, node=node)
            elif isinstance(function.value, ast.Attribute):
                made = Definition(
                    function.value.attr, "update", value, self.scope, tuple(self.guards), key, node
                )
                self.scope.stores.setdefault(function.value.attr, []).append(made)
                if function.attr == "update":
                    whole = ast.Dict([None, None], [function.value, value])
                    self._held_part(function.value, whole)

    # --- statements

    def block(self, body: Iterable[ast.stmt]) -> bool:
        """Walk statements; return whether the block always leaves (return, raise, exit)."""
        self.depth += 1
        kept = len(self.guards)
        leaves = False
        if self.depth <= MOST_DEPTH:
            for statement in body:
                if leaves:
                    break
                leaves = self.statement(statement)
        del self.guards[kept:]
        self.depth -= 1
        return leaves

    def statement(self, node: ast.stmt) -> bool:
        """Walk one statement; return whether it always leaves the block."""
        handler = _STATEMENTS.get(type(node))
        if handler is not None:
            return handler(self, node)
        self.expression(node)
        return False

    def _expr(self, node: ast.stmt) -> bool:
        value = node.value  # type: ignore[attr-defined]
        self.expression(value)
        return isinstance(value, ast.Call) and _is_exit(value)

    def _assign(self, node: ast.stmt) -> bool:
        value = node.value  # type: ignore[attr-defined]
        self.expression(value)
        if isinstance(node, ast.AnnAssign):
            self.expression(node.annotation)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]  # type: ignore[attr-defined]
        for target in targets:
            if value is not None:
                self.target(target, value)
            elif self.scope.is_class and isinstance(target, ast.Name):
                self.define(target.id, "assign", None, node=node)
        return False

    def _augment(self, node: ast.stmt) -> bool:
        statement: ast.AugAssign = node  # type: ignore[assignment]
        self.expression(statement.value)
        if isinstance(statement.target, ast.Name):
            self.define(statement.target.id, "update", statement.value, node=node)
        else:
            self.target(statement.target, statement.value)
        return False

    def _if(self, node: ast.stmt) -> bool:
        statement: ast.If = node  # type: ignore[assignment]
        self.expression(statement.test)
        constant = _constant_test(statement.test)
        before = dict(self.names)
        left = constant is not False and self._branch(statement.body, statement.test, True)
        then = self.names
        self.names = dict(before)
        other = constant is not True and self._branch(statement.orelse, statement.test, False)
        otherwise = self.names
        self.names = _joined(left, then, other, otherwise)
        if constant is False:
            self.names = otherwise
            return other
        if constant is True:
            self.names = then
            return left
        if left != other:
            self.guards.append(Guard(statement.test, other, exits=True))
        return left and other

    def _branch(self, body: list[ast.stmt], test: ast.expr, holds: bool) -> bool:
        self.guards.append(Guard(test, holds))
        leaves = self.block(body)
        self.guards.pop()
        return leaves

    def _loop(self, node: ast.stmt) -> bool:
        test = node.test if isinstance(node, ast.While) else node.iter  # type: ignore[attr-defined]
        self.expression(test)
        endless = isinstance(node, ast.While) and _constant_test(node.test) is True
        before = dict(self.names)
        # The first round finds what the body assigns, so that reads at its top see it.
        if not isinstance(node, ast.While):
            self.target(node.target, test, "loop")  # type: ignore[attr-defined]
        assigned = _assigned(node.body)  # type: ignore[attr-defined]
        sites, exits = len(self.scope.sites), len(self.scope.exits)
        order, inner = self.order, len(self.inner)
        guard = Guard(test, True, loop=not isinstance(node, ast.While))
        self.guards.append(guard)
        if assigned & before.keys():
            self.block(node.body)  # type: ignore[attr-defined]
            del self.scope.sites[sites:], self.scope.exits[exits:], self.inner[inner:]
            self.order = order
            self.names = _union(before, self.names)
            if not isinstance(node, ast.While):
                self.target(node.target, test, "loop")  # type: ignore[attr-defined]
        self.block(node.body)  # type: ignore[attr-defined]
        self.guards.pop()
        self.names = self.names if endless else _union(before, self.names)
        self.block(node.orelse)  # type: ignore[attr-defined]
        return False

    def _with(self, node: ast.stmt) -> bool:
        for item in node.items:  # type: ignore[attr-defined]
            self.expression(item.context_expr)
            if item.optional_vars is not None:
                self.target(item.optional_vars, item.context_expr, "with")
        return self._same_guards(node.body)  # type: ignore[attr-defined]

    def _same_guards(self, body: list[ast.stmt]) -> bool:
        """Walk a block whose early exits guard what follows it too."""
        return any(self.statement(statement) for statement in body)

    def _try(self, node: ast.stmt) -> bool:
        statement: ast.Try = node  # type: ignore[assignment]
        before = dict(self.names)
        swallow = _swallowed(statement.handlers)
        caught = _quietly_caught(statement.handlers)
        self.attempts.append(Attempt(statement, swallow, caught))
        self.depth += 1
        kept = len(self.guards)
        left = self._same_guards(statement.body) if self.depth < MOST_DEPTH else False
        self.attempts.pop()
        if swallow or caught & _raised_in(statement.body):
            # An exception on the way is swallowed: exits inside guard nothing behind.
            del self.guards[kept:]
        if not left:
            left = self._same_guards(statement.orelse)
        after = self.names
        ends = [left]
        kept_names = [] if left else [after]
        for handler in statement.handlers:
            self.names = _union(before, after)
            if handler.type is not None:
                self.expression(handler.type)
            if handler.name:
                self.define(handler.name, "except", handler.type, node=handler)
            leaves = self.block(handler.body)
            ends.append(leaves)
            if not leaves:
                kept_names.append(self.names)
        self.names = after if not kept_names else kept_names[0]
        for names in kept_names[1:]:
            self.names = _union(self.names, names)
        final = self._same_guards(statement.finalbody)
        self.depth -= 1
        return final or all(ends)

    def _match(self, node: ast.stmt) -> bool:
        statement: ast.Match = node  # type: ignore[assignment]
        self.expression(statement.subject)
        before = dict(self.names)
        result = dict(before)
        for case in statement.cases:
            self.names = dict(before)
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    self.define(part.name, "unpack", statement.subject, node=part)
                elif isinstance(part, ast.MatchValue):
                    self.expression(part.value)
            if case.guard is not None:
                self.expression(case.guard)
            self._branch(case.body, case.guard or statement.subject, True)
            result = _union(result, self.names)
        self.names = result
        return False

    def _exit(self, node: ast.stmt) -> bool:
        kind = type(node).__name__.lower()
        value = node.exc if isinstance(node, ast.Raise) else node.value  # type: ignore[attr-defined]
        self.expression(value)
        self._note(kind, value, tuple(self.guards), node)
        return True

    def _assert(self, node: ast.stmt) -> bool:
        statement: ast.Assert = node  # type: ignore[assignment]
        self.expression(statement.test)
        self.expression(statement.msg)
        self._note("assert", statement.test, (*self.guards, Guard(statement.test, False)), node)
        if not any(attempt.swallows for attempt in self.attempts):
            self.guards.append(Guard(statement.test, True, exits=True))
        return False

    def _note(self, kind: str, value: ast.expr | None, guards: Guards, node: ast.stmt) -> None:
        attempts = tuple(self.attempts)
        self.scope.exits.append(Exit(kind, value, self.scope, guards, attempts, node, self.order))
        self.order += 1

    def _jump(self, _: ast.stmt) -> bool:
        return True

    def _import(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                dotted = alias.name if alias.asname else name
                self.define(name, "import", None, detail=dotted, node=node)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                joined = f"{base}.{alias.name}" if not base.endswith(".") else base + alias.name
                self.define(alias.asname or alias.name, "import", None, detail=joined, node=node)
        return False

    def _function(self, node: ast.stmt) -> bool:
        function: FunctionNode = node  # type: ignore[assignment]
        for part in (*function.decorator_list, *function.args.defaults, *function.args.kw_defaults):
            self.expression(part)
        for argument in (*function.args.args, *function.args.kwonlyargs):
            self.expression(argument.annotation)
        self.expression(function.returns)
        self._child(function.name, node, function.body)
        self.define(function.name, "function", None, node=node)
        return False

    def _class(self, node: ast.stmt) -> bool:
        made: ast.ClassDef = node  # type: ignore[assignment]
        for part in (*made.decorator_list, *made.bases, *(k.value for k in made.keywords)):
            self.expression(part)
        self._child(made.name, node, made.body)
        self.define(made.name, "class", None, node=node)
        return False

    def _child(self, name: str, node: ast.AST, body: list[ast.stmt]) -> None:
        qualified = f"{self.scope.name}.{name}" if self.scope.name else name
        child = Scope(qualified, node, self.scope)
        self.scope.children[name] = child
        self.inner.append((child, body))

    def _global(self, node: ast.stmt) -> bool:
        self.scope.shared.update(node.names)  # type: ignore[attr-defined]
        return False

    def _nothing(self, _: ast.stmt) -> bool:
        return False


_STATEMENTS = {
    ast.Expr: _Walk._expr,
    ast.Assign: _Walk._assign,
    ast.AnnAssign: _Walk._assign,
    ast.AugAssign: _Walk._augment,
    ast.If: _Walk._if,
    ast.For: _Walk._loop,
    ast.AsyncFor: _Walk._loop,
    ast.While: _Walk._loop,
    ast.With: _Walk._with,
    ast.AsyncWith: _Walk._with,
    ast.Try: _Walk._try,
    ast.TryStar: _Walk._try,
    ast.Match: _Walk._match,
    ast.Return: _Walk._exit,
    ast.Raise: _Walk._exit,
    ast.Assert: _Walk._assert,
    ast.Continue: _Walk._jump,
    ast.Break: _Walk._jump,
    ast.Import: _Walk._import,
    ast.ImportFrom: _Walk._import,
    ast.FunctionDef: _Walk._function,
    ast.AsyncFunctionDef: _Walk._function,
    ast.ClassDef: _Walk._class,
    ast.Global: _Walk._global,
    ast.Nonlocal: _Walk._global,
    ast.Pass: _Walk._nothing,
}

_MUTATORS = frozenset({"append", "add", "extend", "update", "insert", "setdefault", "write"})
_EXITS = frozenset({"exit", "quit", "_exit", "abort", "fail"})


def _is_exit(call: ast.Call) -> bool:
    """Tell whether a call ends the process.

    ``sys.exit``, ``exit``, ``os._exit``, ``pytest.fail``.
    """
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in {"exit", "quit"}
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return False
    return (function.value.id, function.attr) in {("sys", "exit"), ("os", "_exit"), ("os", "abort")}


def _constant_test(test: ast.expr) -> bool | None:
    """Return what a literal test says; ``__name__ == "__main__"`` and others say nothing."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
        return True
    return None


def _literal(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _assigned(body: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    stack: list[ast.AST] = list(body)
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Name):
            if isinstance(part.ctx, ast.Store):
                found.add(part.id)
            continue
        if isinstance(part, ast.Call):
            function = part.func
            if (
                isinstance(function, ast.Attribute)
                and isinstance(function.value, ast.Name)
                and function.attr in _MUTATORS
            ):
                found.add(function.value.id)
        stack += children(part)
    return found


def _union(one: Names, other: Names) -> Names:
    if one is other:
        return one
    joined = dict(one)
    for name, found in other.items():
        known = joined.get(name)
        if known is None or known == found:
            joined[name] = found
        else:
            joined[name] = tuple(dict.fromkeys((*known, *found)))[-MOST_DEFINITIONS:]
    return joined


def _joined(left: bool, then: Names, other: bool, otherwise: Names) -> Names:
    """Join two branches; one that always leaves brings nothing."""
    if left and not other:
        return otherwise
    if other and not left:
        return then
    return _union(then, otherwise)


_QUIET = frozenset({"Exception", "BaseException"})


def _swallowed(handlers: list[ast.ExceptHandler]) -> str:
    """Return what the handlers swallow: "all" (exits too), "errors", or ""."""
    for handler in handlers:
        if any(_raises(statement) for statement in handler.body):
            continue
        names = _caught(handler.type)
        if not names or "BaseException" in names:
            return "all"
        if names & {"Exception", "AssertionError", "ValueError", "RuntimeError"}:
            return "errors"
    return ""


def _quietly_caught(handlers: list[ast.ExceptHandler]) -> frozenset[str]:
    """Return the names of the errors whose handlers go on as if nothing had been."""
    quiet = [h for h in handlers if not any(_raises(statement) for statement in h.body)]
    return frozenset(name for handler in quiet for name in _caught(handler.type))


def _raised_in(body: list[ast.stmt]) -> set[str]:
    """Return the bare names of the errors that the statements of a block raise themselves."""
    raised = [n.exc for s in body for n in _shallow(s) if isinstance(n, ast.Raise) and n.exc]
    return {name for error in raised for name in _caught(getattr(error, "func", error))}


def _raises(statement: ast.stmt) -> bool:
    """Tell whether a statement of a handler ends in an error.

    Raise, ``sys.exit(1)``, a return of it.
    """
    for part in _shallow(statement):
        if isinstance(part, ast.Raise):
            return True
        if isinstance(part, ast.Call) and (_is_exit(part) and not _exits_well(part)):
            return True
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and (part.func.attr in {"cancel", "fail"})
        ):
            return True
    return False


def _exits_well(call: ast.Call) -> bool:
    """Tell whether an exit says success."""
    if not call.args:
        return isinstance(call.func, ast.Attribute) and call.func.attr == "exit"
    first = call.args[0]
    return isinstance(first, ast.Constant) and first.value in (0, None, False)


def exits_well(call: ast.Call) -> bool:
    """Tell whether a call of ``sys.exit`` and kin says success."""
    return _exits_well(call)


def is_exit(call: ast.Call) -> bool:
    """Tell whether a call ends the process."""
    return _is_exit(call)


def _shallow(statement: ast.stmt) -> Iterator[ast.AST]:
    """Walk a statement without going into nested functions."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            stack.extend(children(node))


def _caught(kind: ast.expr | None) -> set[str]:
    if kind is None:
        return set()
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return {part.id if isinstance(part, ast.Name) else getattr(part, "attr", "?") for part in parts}
