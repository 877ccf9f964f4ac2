"""What a Python expression comes to, as far as the repository itself says.

Through assignments, parameters (their default, or the literals that callers pass), returns,
attributes, ``argparse`` and environment defaults, configuration files that are plainly read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plomada.facts.code.flow import Definition, FunctionNode, Scope, Site
from plomada.facts.model import Value
from plomada.records import replace

if TYPE_CHECKING:
    from plomada.facts.code.code import Code, Module
    from plomada.spans import Span

DEEPEST = 14
MOST_PARTS = 12
MOST_CALLERS = 12
MOST_CALLS_IN_CALLS = 2
LONGEST_TEXT = 20_000  # of what methods of a text make: they could multiply it at each step
_ITSELF = "refers to itself"


def known(data: object, *origins: Span) -> Value:
    """Return a known value."""
    return Value("known", data=data, origins=origins)


def open_value(reason: str, *origins: Span) -> Value:
    """Return an unknown value with what stands there."""
    return Value("unknown", reason=reason, origins=origins)


def one_of(values: list[Value]) -> Value:
    """Return alternatives, or the value itself where all agree."""
    flat: list[Value] = []
    for value in values:
        for part in value.parts if value.kind == "one_of" else (value,):
            if all(_same(part, other) is False for other in flat):
                flat.append(part)
    flat = [part for part in flat if part.reason != _ITSELF] or flat
    if len(flat) == 1:
        return flat[0]
    return Value("one_of", parts=tuple(flat[:MOST_PARTS])) if flat else open_value("nothing")


def _same(one: Value, other: Value) -> bool:
    return (one.kind, one.data, one.parts, one.reason) == (
        other.kind, other.data, other.parts, other.reason,
    )  # fmt: skip


class Values:
    """Evaluates expressions.

    Args:
        code: the modules.
    """

    def __init__(
        self, code: Code, given: Mapping[int, Value] | None = None, level: int = 0
    ) -> None:
        self._code = code
        self._given: Mapping[int, Value] = given or {}
        self._made: list[ast.expr] = []  # kept, for the cache knows nodes by identity
        self._level = level
        self._cache: dict[tuple[int, int], Value] = {}
        self._busy: set[tuple[int, int]] = set()
        self._options: dict[str, dict[str, Site]] = {}
        self._passed: dict[int, list[tuple[ast.expr, Scope]]] = {}

    def of(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> Value:
        """Return what an expression comes to."""
        if node is None:
            return open_value("nothing")
        key = (id(node), id(scope))
        if key in self._cache:
            return self._cache[key]
        if key in self._busy or depth > DEEPEST:
            return open_value(_ITSELF)
        self._busy.add(key)
        try:
            found = self._of(node, scope, depth + 1)
        finally:
            self._busy.discard(key)
        if not self._busy:
            self._cache[key] = found
        return found

    def _of(self, node: ast.expr, scope: Scope, depth: int) -> Value:
        handler = _HANDLERS.get(type(node))
        if handler is None:
            return open_value(type(node).__name__.lower(), self._span(node, scope))
        found: Value = handler(self, node, scope, depth)
        return found

    def _span(self, node: ast.AST, scope: Scope) -> Span:
        return self._code.owner(scope).span(node)

    # --- literals

    def _constant(self, node: ast.Constant, scope: Scope, _: int) -> Value:
        data = node.value
        if isinstance(data, bytes | complex) or data is Ellipsis:
            return open_value("constant", self._span(node, scope))
        return known(data, self._span(node, scope))

    def _sequence(self, node: Any, scope: Scope, depth: int) -> Value:  # noqa: ANN401
        items: list[Value] = []
        for element in node.elts:
            value = self.of(element, scope, depth)
            inner = value.data if isinstance(element, ast.Starred) else None
            items.extend(inner if isinstance(inner, tuple) else (value,))
        return known(tuple(items), self._span(node, scope))

    def _dict(self, node: ast.Dict, scope: Scope, depth: int) -> Value:
        found: dict[str, Value] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            inner = self.of(value, scope, depth)
            if key is None:
                found.update(inner.data if isinstance(inner.data, dict) else {"**": inner})
            else:
                found[self.key(key, scope, depth)] = inner
        return known(found, self._span(node, scope))

    def key(self, node: ast.expr, scope: Scope, depth: int = 0) -> str:
        """Return a dictionary key as text, ``{what stands there}`` where it is open."""
        value = self.of(node, scope, depth)
        if value.kind == "known":
            return str(value.data)
        return "{" + self._code.owner(scope).source.text(node) + "}"

    def _joined(self, node: ast.JoinedStr, scope: Scope, depth: int) -> Value:
        parts = [self.of(part, scope, depth) for part in node.values]
        return self._text(parts, node, scope)

    def _formatted(self, node: ast.FormattedValue, scope: Scope, depth: int) -> Value:
        value = self.of(node.value, scope, depth)
        if value.kind == "unknown":
            text = self._code.owner(scope).source.text(node.value)
            return open_value(value.reason or text, *value.origins)
        return value

    def _text(self, parts: list[Value], node: ast.AST, scope: Scope) -> Value:
        """Join pieces of a text: known if all are, else a template."""
        flat: list[Value] = []
        for part in parts:
            pieces = part.parts if part.kind == "template" else (part,)
            for piece in pieces:
                text = _as_text(piece)
                if text is not None and flat and (before := _as_text(flat[-1])) is not None:
                    flat[-1] = known(before + text, *flat[-1].origins)
                else:
                    flat.append(known(text, *piece.origins) if text is not None else piece)
        if not flat:
            return known("", self._span(node, scope))
        if len(flat) == 1 and flat[0].kind == "known":
            return known(_as_text(flat[0]), self._span(node, scope))
        return Value("template", parts=tuple(flat), origins=(self._span(node, scope),))

    # --- operators

    def _binary(self, node: ast.BinOp, scope: Scope, depth: int) -> Value:
        left = self.of(node.left, scope, depth)
        right = self.of(node.right, scope, depth)
        if isinstance(node.op, ast.Add):
            return self._added(left, right, node, scope)
        if isinstance(node.op, ast.BitOr) and dict in (type(left.data), type(right.data)):
            sides = [v.data if isinstance(v.data, dict) else {"**": v} for v in (left, right)]
            return known({**sides[0], **sides[1]}, self._span(node, scope))
        if isinstance(node.op, ast.Div) and not _is_number(left) and not _is_number(right):
            slash = known("/")
            return self._text([left, slash, right], node, scope)
        if isinstance(node.op, ast.Mod) and left.text is not None:
            return self._percent(left.text, right, node, scope)
        if _is_number(left) and _is_number(right):
            return _arithmetic(node.op, left, right, self._span(node, scope))
        return open_value("calculated", self._span(node, scope))

    def _added(self, left: Value, right: Value, node: ast.BinOp, scope: Scope) -> Value:
        if _is_number(left) and _is_number(right):
            return _arithmetic(node.op, left, right, self._span(node, scope))
        if isinstance(left.data, tuple) and isinstance(right.data, tuple):
            return known((*left.data, *right.data), self._span(node, scope))
        if isinstance(left.data, tuple):
            return known((*left.data, right), self._span(node, scope))
        if any(v.text is not None or v.kind == "template" for v in (left, right)):
            return self._text([left, right], node, scope)
        return open_value("calculated", self._span(node, scope))

    def _percent(self, pattern: str, right: Value, node: ast.AST, scope: Scope) -> Value:
        values = list(right.data) if isinstance(right.data, tuple) else [right]
        return self._fill(pattern.split("%s"), values, node, scope)

    def _fill(self, pieces: list[str], values: list[Value], node: ast.AST, scope: Scope) -> Value:
        parts = [known(pieces[0])]
        for number, piece in enumerate(pieces[1:]):
            parts.append(values[number] if number < len(values) else open_value("argument"))
            parts.append(known(piece))
        return self._text(parts, node, scope)

    def _either(self, node: ast.BoolOp, scope: Scope, depth: int) -> Value:
        values = [self.of(value, scope, depth) for value in node.values]
        if isinstance(node.op, ast.Or):
            for number, value in enumerate(values):
                if value.kind == "known" and value.data:
                    return one_of(values[: number + 1])
            values = [v for v in values if v.kind != "known" or v.data] or values[-1:]
        return one_of(values)

    def _conditional(self, node: ast.IfExp, scope: Scope, depth: int) -> Value:
        return one_of([self.of(node.body, scope, depth), self.of(node.orelse, scope, depth)])

    def _unary(self, node: ast.UnaryOp, scope: Scope, depth: int) -> Value:
        value = self.of(node.operand, scope, depth)
        if isinstance(node.op, ast.USub) and _is_number(value):
            return known(-value.data, *value.origins)  # type: ignore[operator]
        if isinstance(node.op, ast.Not) and value.kind == "known":
            return known(not value.data, *value.origins)
        return open_value("calculated", self._span(node, scope))

    def _inner(self, node: Any, scope: Scope, depth: int) -> Value:  # noqa: ANN401
        return self.of(node.value, scope, depth)

    # --- names and attributes

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> Value:
        definitions = self._code.names.definitions(node, scope)
        values = [self.of_definition(found, depth) for found in definitions[-MOST_PARTS:]]
        values = _with_updates(definitions[-MOST_PARTS:], values)
        if not values and node.id == "__name__":
            return self._module_name(node, scope)
        if not values:
            return open_value(node.id, self._span(node, scope))
        return one_of(values)

    def _module_name(self, node: ast.Name, scope: Scope) -> Value:
        """Return the name of a module inside a package; a script is ``__main__``, or imported."""
        name = self._code.names.dotted(self._code.owner(scope).path)
        span = self._span(node, scope)
        return known(name, span) if "." in name else open_value("__name__", span)

    def of_definition(self, found: Definition, depth: int) -> Value:
        """Return what a definition gives."""
        if depth > DEEPEST:  # modules that import each other, or themselves
            return open_value(found.name)
        if found.kind == "parameter":
            return self.parameter(found, depth)
        if found.kind == "import":
            return self._imported(found, depth)
        if found.kind == "unpack" and found.value is not None and found.detail.isdigit():
            return _item(self.of(found.value, found.scope, depth), int(found.detail), found.name)
        if found.kind == "loop" and found.value is not None:
            return self._looped(found, depth)
        if found.kind == "update" and isinstance(found.node, ast.AugAssign):
            return open_value(found.name)
        if found.value is None or found.kind in {"unpack", "with", "except"}:
            return open_value(found.name)
        return self.of(found.value, found.scope, depth)

    def _looped(self, found: Definition, depth: int) -> Value:
        value = self.of(found.value, found.scope, depth)
        items = value.data
        if isinstance(items, dict):
            items = tuple(known(key) for key in items)
        if isinstance(items, tuple) and items and not found.detail:
            return one_of(list(items))
        return open_value(found.name)

    def _imported(self, found: Definition, depth: int) -> Value:
        importer = self._code.owner(found.scope).path
        head, _, last = found.detail.rpartition(".")
        path = self._code.module_path(head or ".", importer) if head else None
        module = self._code.module(path) if path else None
        if module is None:
            return open_value(found.detail)
        return self._module_member(module, last, depth)

    def _module_member(self, module: Module, name: str, depth: int) -> Value:
        definitions = module.body.final.get(name, ())
        values = [self.of_definition(one, depth + 1) for one in definitions]
        return one_of(values) if values else open_value(name)

    def parameter(self, found: Definition, depth: int = 0) -> Value:
        """Return a parameter's value.

        What callers pass, and its default where one leaves it out.
        """
        if id(found) in self._given:
            return self._given[id(found)]
        option = self._click_option(found, depth)
        if option is not None:
            return option
        if self._is_mounted(found):
            return open_value(f"--{found.name}")
        values = [self.of(value, caller, depth + 1) for value, caller in self.passed(found)][
            :MOST_CALLERS
        ]
        missing = not values or self.left_out(found)
        if found.value is not None and missing:
            holder = found.scope.parent or found.scope
            values.append(self.of(found.value, holder, depth))
        values = [v for v in values if v.kind != "known" or v.data is not None] or values
        return one_of(values) if values else open_value(found.name)

    def _is_mounted(self, found: Definition) -> bool:
        """Tell whether a parameter is a data input of a component that a function defines.

        Where the function runs it is a path on the machine, whatever the pipeline passes.
        """
        annotation = getattr(found.node, "annotation", None)
        if not isinstance(annotation, ast.Call) or _last(annotation.func) != "Input":
            return False
        kind = _keyword(annotation, "type") or (annotation.args[0] if annotation.args else None)
        if kind is None or not re.search(r"uri_|mltable|_model|path", ast.unparse(kind).lower()):
            return False
        return any(
            isinstance(decorator, ast.Call | ast.Name | ast.Attribute)
            and _last(decorator.func if isinstance(decorator, ast.Call) else decorator)
            == "command_component"
            for decorator in getattr(found.scope.node, "decorator_list", [])
        )

    def passed(self, found: Definition) -> list[tuple[ast.expr, Scope]]:
        """Return the expressions that callers in the repository pass for a parameter."""
        key = id(found)
        if key not in self._passed:
            self._passed[key] = []  # a recursive function asks for itself
            self._passed[key] = self._arguments_for(found)
        return self._passed[key]

    def _call_sites(self, scope: Scope) -> tuple[Site, ...]:
        if not scope.is_function or isinstance(scope.node, ast.Lambda):
            return ()
        return self._code.callers(self._code.owner(scope).address(scope))[:MOST_CALLERS]

    def position(self, found: Definition) -> int:
        """Return the place of a parameter among the arguments of a call.

        -1 where it has none, for it is given by its name alone.
        """
        scope = found.scope
        declared = getattr(scope.node, "args", None)
        if not isinstance(declared, ast.arguments):
            return -1
        plain = [*declared.posonlyargs, *declared.args]
        names = [a.arg for a in (*plain, *([declared.vararg] if declared.vararg else ()))]
        if found.name not in names:
            return -1
        position = names.index(found.name)
        bound = scope.parent is not None and scope.parent.is_class
        decorators = getattr(scope.node, "decorator_list", [])
        static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in decorators)
        return position - 1 if bound and not static else position

    def _arguments_for(self, found: Definition) -> list[tuple[ast.expr, Scope]]:
        position = self.position(found)
        given = []
        for site in self._call_sites(found.scope):
            value = self._argument(found, position, site)
            if value is not None:
                given.append((value, site.scope))
        return given

    def _argument(self, found: Definition, position: int, site: Site) -> ast.expr | None:
        """Return what a call passes for a parameter; for ``*names`` all that is left."""
        if found.node is getattr(getattr(found.scope.node, "args", None), "vararg", None):
            rest = ast.Tuple(site.node.args[position:], ast.Load())
            self._made.append(ast.copy_location(rest, site.node))
            return rest
        return self._code.argument(site, position if position >= 0 else None, found.name)

    def left_out(self, found: Definition) -> bool:
        """Tell whether a caller leaves the parameter to its default."""
        return len(self.passed(found)) < len(self._call_sites(found.scope))

    def _click_option(self, found: Definition, depth: int) -> Value | None:
        """Return the default of a click option or ``typer.Option`` parameter."""
        value = found.value
        holder = found.scope.parent or found.scope
        if isinstance(value, ast.Call) and _last(value.func) in {"Option", "Argument"}:
            first = value.args[0] if value.args else _keyword(value, "default")
            return self._default(first, found.name, holder, depth)
        for decorator in getattr(found.scope.node, "decorator_list", []):
            if isinstance(decorator, ast.Call) and _last(decorator.func) in {"option", "argument"}:
                names = [a.value for a in decorator.args if isinstance(a, ast.Constant)]
                if found.name in {str(n).lstrip("-").replace("-", "_") for n in names}:
                    return self._switch(decorator, found.name, holder, depth)
        return None

    def _default(self, node: ast.expr | None, name: str, scope: Scope, depth: int) -> Value:
        if node is None or (isinstance(node, ast.Constant) and node.value in (None, ...)):
            return open_value(f"--{name}")
        return self.of(node, scope, depth)

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> Value:
        option = self._option(node, scope, depth)
        if option is not None:
            return option
        owner = self._code.names.resolve(node.value, scope)
        if owner.startswith("module:"):
            module = self._code.module(owner.removeprefix("module:"))
            return (
                self._module_member(module, node.attr, depth) if module else open_value(node.attr)
            )
        if "::" in owner and not owner.startswith("?"):
            holder = self._code.scope(owner)
            if holder is not None and holder.is_class:
                return self.of_attribute(holder, node.attr, depth)
        updated = self._updated(node, scope, depth)
        if updated is not None:
            return updated
        text = self._code.owner(scope).source.text(node)
        return open_value(text, self._span(node, scope))

    def _updated(self, node: ast.Attribute, scope: Scope, depth: int) -> Value | None:
        """Return what ``name.attribute = ..`` put there before."""
        if not isinstance(node.value, ast.Name):
            return None
        found = self._code.names.definitions(node.value, scope)
        stored = [d for d in found if d.kind == "update" and d.detail == node.attr and d.value]
        return one_of([self.of(d.value, d.scope, depth) for d in stored]) if stored else None

    def of_attribute(self, holder: Scope, name: str, depth: int = 0) -> Value:
        """Return what an attribute of an instance of a class may be."""
        values = [
            self.of(stored.value, stored.scope, depth)
            for stored in self._code.names.stored(holder, name)
            if stored.kind != "update" and stored.value is not None
        ]
        values += [
            self._field_default(field, depth)
            for field in holder.everything.get(name, ())
            if field.value is not None and field.kind == "assign"
        ]
        values += self._constructed(holder, name, depth)
        method = holder.children.get(name)
        if method is not None:
            values += [self.of(e.value, method, depth) for e in method.exits if e.value is not None]
        values = [v for v in values if v.kind != "known" or v.data is not None] or values
        return one_of(values[:MOST_PARTS]) if values else open_value(name)

    def _field_default(self, field: Definition, depth: int) -> Value:
        value = field.value
        if isinstance(value, ast.Call) and _last(value.func) in {"field", "Field"}:
            inner = _keyword(value, "default") or (value.args[0] if value.args else None)
            factory = _keyword(value, "default_factory")
            if isinstance(factory, ast.Lambda):
                inner = factory.body
            return self._default(inner, field.name, field.scope, depth)
        return self.of(value, field.scope, depth)

    def _constructed(self, holder: Scope, name: str, depth: int) -> list[Value]:
        """Return what constructor calls pass for a field of a dataclass."""
        if "__init__" in holder.children or name not in holder.everything:
            return []
        address = self._code.owner(holder).address(holder)
        values = []
        for site in self._code.callers(address)[:MOST_CALLERS]:
            given = _keyword(site.node, name)
            if given is not None:
                values.append(self.of(given, site.scope, depth))
        return values

    def _subscript(self, node: ast.Subscript, scope: Scope, depth: int) -> Value:
        if self._code.names.resolve(node.value, scope) == "os.environ":
            return self._environment(node.slice, None, node, scope, depth)
        holder = self.of(node.value, scope, depth)
        key = self.of(node.slice, scope, depth)
        return _picked(holder, key, self._code.owner(scope).source.text(node))

    # --- command line and environment

    def _option(self, node: ast.Attribute, scope: Scope, depth: int) -> Value | None:
        """Return the default of ``args.<name>`` where ``args`` come from argparse."""
        if not self._may_be_option(node, scope):
            return None
        site = self._declared(node, scope)
        if site is not None:
            return self._switch(site.node, node.attr, site.scope, depth)
        return open_value(f"--{node.attr}", self._span(node, scope))

    def option_of(self, node: ast.Attribute, scope: Scope) -> ast.Call | None:
        """Return the ``add_argument`` that declares ``args.<name>``, None for another attribute."""
        site = self._declared(node, scope) if self._may_be_option(node, scope) else None
        return None if site is None else site.node

    def _may_be_option(self, node: ast.Attribute, scope: Scope) -> bool:
        name = self._code.names.resolve(node.value, scope)
        if name.endswith((".parse_args", ".parse_known_args")) or name == "argparse.Namespace":
            return True
        if not name.startswith("?") or node.attr not in self.options(self._code.owner(scope)):
            return False
        return _root(node.value) in {"args", "opts", "options", "arguments", "known_args"}

    def _declared(self, node: ast.Attribute, scope: Scope) -> Site | None:
        found = (self.options(path).get(node.attr) for path in self._parsers(scope))
        return next((site for site in found if site is not None), None)

    def _parsers(self, scope: Scope) -> list[Module]:
        """Return the modules that may declare the options: this one, and those it imports from."""
        own = self._code.owner(scope)
        found = [own]
        for definitions in own.body.everything.values():
            for definition in definitions:
                if definition.kind == "import":
                    dotted = definition.detail.rpartition(".")[0] or definition.detail
                    path = self._code.module_path(dotted, own.path)
                    module = self._code.module(path) if path else None
                    if module is not None and module not in found:
                        found.append(module)
        return found

    def options(self, module: Module) -> dict[str, Site]:
        """Return the argparse options that a module declares, by destination."""
        if module.path not in self._options:
            found: dict[str, Site] = {}
            for site in module.sites:
                if _last(site.node.func) == "add_argument":
                    found[_destination(site.node)] = site
            self._options[module.path] = found
        return self._options[module.path]

    def _switch(self, call: ast.Call, name: str, scope: Scope, depth: int) -> Value:
        """Return the default of an option; a switch is off unless told otherwise."""
        default = _keyword(call, "default")
        action = _keyword(call, "action")
        kind = action.value if isinstance(action, ast.Constant) else ""
        is_flag = _keyword(call, "is_flag")
        span = self._span(call, scope)
        if default is not None:
            return self._default(default, name, scope, depth)
        if kind == "store_true" or is_flag is not None:
            return known(False, span)
        if kind == "store_false":
            return known(True, span)
        return open_value(f"--{name}", span)

    def _environment(
        self,
        name: ast.expr | None,
        default: ast.expr | None,
        node: ast.AST,
        scope: Scope,
        depth: int,
    ) -> Value:
        variable = self.of(name, scope, depth).text or "?"
        if default is not None and not (
            isinstance(default, ast.Constant) and default.value is None
        ):
            return self.of(default, scope, depth)
        return self._code.variable(variable) or open_value(f"${variable}", self._span(node, scope))

    # --- calls

    def _call(self, node: ast.Call, scope: Scope, depth: int) -> Value:
        name = self._code.names.resolve(node.func, scope)
        last = name.rpartition(".")[2]
        arguments = node.args
        if name in {"os.getenv", "os.environ.get", "environ.get"} and arguments:
            default = arguments[1] if len(arguments) > 1 else _keyword(node, "default")
            return self._environment(arguments[0], default, node, scope, depth)
        if (
            name in {"builtins.str", "builtins.int", "builtins.float", "builtins.bool"}
            and arguments
        ):
            return _converted(name, self.of(arguments[0], scope, depth))
        if name in _JOINERS and arguments:
            return self._path(arguments, node, scope, depth)
        if isinstance(node.func, ast.Attribute) and last in _STRING_METHODS:
            found = self._string_method(node, node.func, scope, depth)
            if found is not None:
                return found
        if name in {"builtins.dict", "types.SimpleNamespace"}:
            return self._keywords(node, scope, depth)
        if "::" in name and not name.startswith("?"):
            return self._returned_to(name, node, scope, depth)
        if is_entity(name):
            return self._entity(name, node, scope, depth)
        return self._read_file(node, scope, depth) or open_value(
            self._code.owner(scope).source.text(node)[:120], self._span(node, scope)
        )

    def _entity(self, name: str, node: ast.Call, scope: Scope, depth: int) -> Value:
        """Return a constructed Azure ML entity as a dictionary with its class under ``$type``."""
        given: dict[str, Value] = {"$type": known(name, self._span(node, scope))}
        for number, argument in enumerate(node.args):
            given[str(number)] = self.of(argument, scope, depth)
        for keyword in node.keywords:
            value = self.of(keyword.value, scope, depth)
            if keyword.arg is not None:
                here = self._span(keyword.value, scope)
                given[keyword.arg] = replace(value, origins=(here, *value.origins))
            elif isinstance(value.data, dict):
                given = {**value.data, **given}
            else:
                given["**"] = value
        return known(given, self._span(node, scope))

    def _keywords(self, node: ast.Call, scope: Scope, depth: int) -> Value:
        given = {k.arg: self.of(k.value, scope, depth) for k in node.keywords if k.arg}
        return known(given, self._span(node, scope))

    def _path(self, parts: list[ast.expr], node: ast.AST, scope: Scope, depth: int) -> Value:
        """Join the parts of a path; ``*names`` stands for several, or for one of several tuples."""
        rows: list[list[Value]] = [[]]
        for part in parts:
            value = self.of(part, scope, depth)
            choices = _choices(value) if isinstance(part, ast.Starred) else [(value,)]
            rows = [[*row, *choice] for row in rows for choice in choices][:MOST_PARTS]
        return one_of([self._joined_path(row, node, scope) for row in rows])

    def _joined_path(self, parts: list[Value], node: ast.AST, scope: Scope) -> Value:
        pieces: list[Value] = []
        for part in parts:
            pieces += [known("/"), part] if pieces else [part]
        return self._text(pieces, node, scope)

    def _string_method(
        self, node: ast.Call, function: ast.Attribute, scope: Scope, depth: int
    ) -> Value | None:
        holder = self.of(function.value, scope, depth)
        method = function.attr
        if method == "get" and node.args:
            if holder.kind != "known" or not isinstance(holder.data, dict):
                return None
            found = _picked(holder, self.of(node.args[0], scope, depth), "")
            if found.kind == "unknown" and len(node.args) > 1:
                return self.of(node.args[1], scope, depth)
            return found
        if method == "format" and holder.text is not None:
            values = [self.of(argument, scope, depth) for argument in node.args]
            return self._formatted_text(holder.text, values, node, scope, depth)
        if method == "joinpath":
            return self._path([function.value, *node.args], node, scope, depth)
        if holder.text is not None and method in _PURE:
            return self._pure(holder, method, node, scope, depth)
        return holder if method in _UNCHANGING else None

    def _pure(
        self, holder: Value, method: str, node: ast.Call, scope: Scope, depth: int
    ) -> Value | None:
        """Return what a method of a known text gives, None where an argument is open."""
        given = [self.of(argument, scope, depth).data for argument in node.args]
        if node.keywords or not all(isinstance(part, str | int) for part in given):
            return None
        if len(holder.text or "") * max([1, *(len(str(part)) for part in given)]) > LONGEST_TEXT:
            return None
        try:
            found = getattr(holder.text, method)(*given)
        except (TypeError, ValueError):  # an argument too many, an empty separator
            return None
        if isinstance(found, str):
            return known(found, *holder.origins)
        return known(tuple(known(part) for part in found), *holder.origins)

    def _formatted_text(
        self, pattern: str, values: list[Value], node: ast.Call, scope: Scope, depth: int
    ) -> Value:
        import string

        parts: list[Value] = []
        try:
            pieces = list(string.Formatter().parse(pattern))
        except ValueError:
            return open_value("format")
        automatic = 0
        for literal, name, _, _ in pieces:
            parts.append(known(literal))
            if name is None:
                continue
            if not name:
                name, automatic = str(automatic), automatic + 1
            given = _keyword(node, name)
            if given is not None:
                parts.append(self.of(given, scope, depth))
            elif name.isdigit() and int(name) < len(values):
                parts.append(values[int(name)])
            else:
                parts.append(open_value(name))
        return self._text(parts, node, scope)

    def _returned_to(self, address: str, node: ast.Call, caller: Scope, depth: int) -> Value:
        """Return what a function gives to one of its callers, by what that one passes."""
        found = self._returned(address, depth)
        scope = self._code.scope(address)
        if _is_settled(found) or self._level >= MOST_CALLS_IN_CALLS or scope is None:
            return found
        if len(self._call_sites(scope)) < 2:
            return found
        given = self._given_by(scope, Site(node, caller, (), (), 0), depth)
        if not given:
            return found
        inner = Values(self._code, {**self._given, **given}, self._level + 1)
        return inner._returned(address, depth)

    def _given_by(self, scope: Scope, site: Site, depth: int) -> dict[int, Value]:
        """Return the values of a function's parameters at one call, defaults included."""
        given: dict[int, Value] = {}
        for name in scope.parameters:
            found = scope.everything[name][0]
            value = self._argument(found, self.position(found), site)
            if value is not None:
                given[id(found)] = self.of(value, site.scope, depth + 1)
            elif found.value is not None:
                given[id(found)] = self.of(found.value, scope.parent or scope, depth + 1)
        return given

    def _returned(self, address: str, depth: int) -> Value:
        scope = self._code.scope(address)
        if scope is None or not isinstance(scope.node, FunctionNode):
            return open_value(address)
        values = [
            self.of(leaving.value, scope, depth + 1)
            for leaving in scope.exits
            if leaving.kind == "return" and leaving.value is not None
        ]
        values = [v for v in values if v.kind != "known" or v.data is not None] or values
        return one_of(values[:MOST_PARTS]) if values else open_value(address)

    def _read_file(self, node: ast.Call, scope: Scope, depth: int) -> Value | None:
        """Return the content of a YAML, JSON or TOML file that is plainly read."""
        if _last(node.func) not in {"safe_load", "load", "full_load"} or not node.args:
            return None
        path = self._opened(node.args[0], scope, depth)
        if path is None or not path.endswith((".yml", ".yaml", ".json", ".toml")):
            return None
        from plomada.facts.configuration import read_configuration

        return read_configuration(self._code.repository, path, self._code.owner(scope).path)

    def _opened(self, node: ast.expr, scope: Scope, depth: int) -> str | None:
        """Return the path of an opened file that an expression stands for."""
        if isinstance(node, ast.Name):
            for found in reversed(self._code.names.definitions(node, scope)):
                if found.kind in {"with", "assign"} and found.value is not None:
                    return self._opened(found.value, found.scope, depth)
        if isinstance(node, ast.Call):
            function = node.func
            if _last(function) in {"open", "read_text", "read"}:
                inner = node.args[0] if isinstance(function, ast.Name) and node.args else None
                if inner is None and isinstance(function, ast.Attribute):
                    inner = function.value
                value = self.of(inner, scope, depth)
                return value.text or (_as_text(value.parts[-1]) if value.parts else None)
        return None


_BUILDERS = frozenset({
    "azure.ai.ml.command", "azure.ai.ml.spark", "azure.ai.ml.Input", "azure.ai.ml.Output",
    "azure.ai.ml.parallel.parallel_run_function", "azure.ai.ml.parallel.RunFunction",
})  # fmt: skip


def is_entity(name: str) -> bool:
    """Tell whether a call makes an Azure ML entity or a part of one (SDK v2)."""
    if not name.startswith("azure.ai.ml."):
        return False
    last = name.rpartition(".")[2]
    if last.startswith("load_") or name in _BUILDERS or ".automl." in name:
        return True
    parts = name.split(".")
    return (
        last[:1].isupper() and not any(p[:1].isupper() for p in parts[:-1]) and (last != "MLClient")
    )


def _with_updates(definitions: tuple[Definition, ...], values: list[Value]) -> list[Value]:
    """Put ``d[key] = value`` into the dictionaries that it was done to."""
    kept = []
    added: dict[str, Value] = {}
    attributes = False
    for found, value in zip(definitions, values, strict=True):
        if found.kind != "update":
            kept.append(value)
        elif found.detail:
            added[found.detail] = value
            attributes = attributes or isinstance(found.node, ast.Attribute)
    if not added:
        return kept or values
    merged = []
    for value in kept:
        if value.kind == "known" and isinstance(value.data, dict):
            merged.append(known({**value.data, **added}, *value.origins))
        elif attributes and value.kind == "unknown":
            merged.append(known({"$of": value, **added}, *value.origins))
        else:
            merged.append(value)
    return merged or [known(added)]


def _choices(value: Value) -> list[tuple[Value, ...]]:
    """Return the tuples that a value may be; what is none stands alone."""
    parts = value.parts if value.kind == "one_of" else (value,)
    return [part.data if isinstance(part.data, tuple) else (part,) for part in parts]


def _is_settled(value: Value) -> bool:
    """Tell whether a value is known in all its parts."""
    data = value.data
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, tuple) else ()
    return value.kind == "known" and all(_is_settled(v) for v in inner if isinstance(v, Value))


def _as_text(value: Value) -> str | None:
    if value.kind != "known" or isinstance(value.data, tuple | dict):
        return None
    return "" if value.data is None else str(value.data)


def _is_number(value: Value) -> bool:
    return (
        value.kind == "known"
        and isinstance(value.data, int | float)
        and not isinstance(value.data, bool)
    )


def _arithmetic(operator: ast.operator, left: Value, right: Value, span: Span) -> Value:
    one: Any = left.data
    other: Any = right.data
    try:
        if isinstance(operator, ast.Add):
            return known(one + other, span)
        if isinstance(operator, ast.Sub):
            return known(one - other, span)
        if isinstance(operator, ast.Mult):
            return known(one * other, span)
        if isinstance(operator, ast.Div):
            return known(one / other, span)
    except (ArithmeticError, ValueError):
        pass
    return open_value("calculated", span)


def _converted(name: str, value: Value) -> Value:
    if value.kind == "one_of":
        return one_of([_converted(name, part) for part in value.parts])
    if value.kind != "known" or isinstance(value.data, tuple | dict) or value.data is None:
        return value
    try:
        if name == "builtins.str":
            return known(str(value.data), *value.origins)
        if name == "builtins.int":
            return known(int(str(value.data)), *value.origins)
        if name == "builtins.float":
            return known(float(str(value.data)), *value.origins)
    except ValueError:
        return value
    return known(bool(value.data), *value.origins)


def _item(value: Value, index: int, name: str) -> Value:
    if value.kind == "one_of":
        return one_of([_item(part, index, name) for part in value.parts])
    if isinstance(value.data, tuple) and index < len(value.data):
        found = value.data[index]
        return found if isinstance(found, Value) else open_value(name)
    return open_value(name, *value.origins)


def _picked(holder: Value, key: Value, text: str) -> Value:
    if holder.kind == "one_of":
        found = [_picked(part, key, text) for part in holder.parts]
        return one_of([f for f in found if f.kind != "unknown"] or found)
    if isinstance(holder.data, dict) and key.kind == "known" and str(key.data) in holder.data:
        picked = holder.data[str(key.data)]
        return picked if isinstance(picked, Value) else open_value(text)
    if isinstance(holder.data, dict) and key.kind != "known" and holder.data:
        return one_of([v for v in holder.data.values() if isinstance(v, Value)])
    if isinstance(holder.data, tuple) and isinstance(key.data, int):
        return _item(holder, key.data, text) if key.data >= 0 else open_value(text)
    return open_value(text, *holder.origins)


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def _destination(call: ast.Call) -> str:
    """Return the attribute that ``add_argument`` fills."""
    given = _keyword(call, "dest")
    if isinstance(given, ast.Constant):
        return str(given.value)
    names = [str(a.value) for a in call.args if isinstance(a, ast.Constant)]
    long = next((name for name in names if name.startswith("--")), names[0] if names else "")
    return long.lstrip("-").replace("-", "_")


_JOINERS = frozenset({
    "os.path.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath", "os.fspath",
    "os.path.abspath", "os.path.normpath", "os.path.realpath",
})  # fmt: skip
_UNCHANGING = frozenset({"lower", "upper", "strip", "resolve", "absolute", "as_posix"})
_PURE = frozenset({
    "lower", "upper", "strip", "lstrip", "rstrip", "split", "rsplit", "partition", "rpartition",
    "replace", "removeprefix", "removesuffix",
})  # fmt: skip
_STRING_METHODS = _UNCHANGING | _PURE | {"format", "get", "joinpath"}

_HANDLERS: dict[type[ast.expr], Any] = {
    ast.Constant: Values._constant,
    ast.List: Values._sequence,
    ast.Tuple: Values._sequence,
    ast.Set: Values._sequence,
    ast.Dict: Values._dict,
    ast.JoinedStr: Values._joined,
    ast.FormattedValue: Values._formatted,
    ast.BinOp: Values._binary,
    ast.BoolOp: Values._either,
    ast.IfExp: Values._conditional,
    ast.UnaryOp: Values._unary,
    ast.Name: Values._name,
    ast.Attribute: Values._attribute,
    ast.Subscript: Values._subscript,
    ast.Call: Values._call,
    ast.Await: Values._inner,
    ast.NamedExpr: Values._inner,
    ast.Starred: Values._inner,
}
