"""Bicep files and ARM templates, with all that they call, to resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plomada.facts.iac import arm_functions, avm
from plomada.facts.iac.arm_functions import named_resource
from plomada.facts.iac.build import (
    DEEPEST_CALLS,
    Build,
    Given,
    Lazy,
    about_environment,
    expression_text,
    production_words,
    property_places,
    relative,
    scope_of,
)
from plomada.facts.model import Resource, Value
from plomada.facts.values import (
    NULL,
    Argument,
    Evaluator,
    Reference,
    Step,
    as_text,
    entries,
    flattened,
    is_null,
    joined,
    known,
    loop_rounds,
    merged,
    one_of,
    truth,
    unknown,
)
from plomada.readers.arm import is_template, read_template
from plomada.readers.expressions import Expression, Literal, Name, ObjectOf, walk
from plomada.readers.templates import Declaration, TemplateFile, UserFunction
from plomada.records import replace

_OWN_ENTRIES = frozenset({"name", "tags", "identity", "properties", "scope", "parent", "dependson"})
_SHOWN = frozenset({"name", "location", "tags", "sku", "kind", "type", "zones", "apiversion"})
_OUTSIDE_PROVIDER = "/providers/"

Round = tuple[str, Mapping[str, Value]]


class Deployment:
    """One file at one set of values; the names of its expressions are resolved here.

    Args:
        build: the estate under construction.
        file: the file's syntax.
        given: what it is called with.
        outer: the deployment whose names hold instead of its own (ARM's outer evaluation).
    """

    def __init__(
        self, build: Build, file: TemplateFile, given: Given, outer: Deployment | None = None
    ) -> None:
        self.build = build
        self.file = file
        self.given = given
        self.outer = outer
        self.scope = given.scope or file.scope
        self._evaluator = Evaluator(self, build.budget)
        self._values: dict[str, Lazy] = {}
        self._called: dict[str, list[tuple[str, Deployment | Resource | None]]] = {}
        self._names: dict[tuple[str, str], Value] = {}
        self._by_symbol = {(d.parent, d.symbol): d for d in file.declarations}

    # names

    def resolve(self, root: str, path: Sequence[Step]) -> tuple[Value, int] | None:
        """Return what a name means, with the steps of its path that were used."""
        if self.outer is not None:
            return self.outer.resolve(root, path)
        if root in self.file.variables or root in self.file.parameters or root in self.given.values:
            return self.value(root), 0
        declaration = self._by_symbol.get(("", root)) or self._nested_symbol(root)
        if declaration is not None:
            return self._of_declaration(declaration, path)
        if root in self.file.imports:
            return self._imported(root, path)
        if root in ("az", "sys"):
            return NULL, 0
        return None

    def _nested_symbol(self, name: str) -> Declaration | None:
        return next((d for (_, symbol), d in self._by_symbol.items() if symbol == name), None)

    def value(self, name: str) -> Value:
        """Return a parameter's or variable's value."""
        if name not in self._values:
            self._values[name] = Lazy(lambda: self._make(name))
        return self._values[name].get(name)

    def _make(self, name: str) -> Value:
        if name in self.file.variables:
            return self._evaluator.evaluate(self.file.variables[name])
        return self._parameter(name)

    def _parameter(self, name: str) -> Value:
        parameter = self.file.parameters.get(name)
        lazy = self.given.values.get(name) or self.given.values.get(name.lower())
        value = lazy.get(name) if lazy is not None else None
        if value is None or (is_null(value) and parameter is not None and parameter.default):
            value = self._default(name)
        if parameter is not None and parameter.secure:
            return replace(value, secret=True)
        return value

    def _default(self, name: str) -> Value:
        parameter = self.file.parameters.get(name)
        if parameter is None:
            return unknown(f"parameter {name} is not declared")
        if parameter.default is not None:
            return self._evaluator.evaluate(parameter.default)
        return NULL if parameter.nullable else unknown(f"parameter {name} has no value")

    def _of_declaration(self, d: Declaration, path: Sequence[Step]) -> tuple[Value, int]:
        used = 0
        while used < len(path) and isinstance(path[used], str) and str(path[used]).startswith("::"):
            nested = self._by_symbol.get((d.symbol, str(path[used])[2:]))
            if nested is None:
                break
            d, used = nested, used + 1
        key = None
        if d.loop is not None and used < len(path) and isinstance(path[used], Value):
            step = path[used]
            key, used = (step if isinstance(step, Value) else None), used + 1
        if d.type:
            return self.reference(d, key), used
        return self._of_module(d, key, path, used)

    def reference(self, d: Declaration, key: Value | None = None) -> Reference:
        """Return the reference that a resource's symbol is."""
        suffix = f"[{as_text(key)}]" if key is not None and as_text(key) is not None else ""
        local = self._local_of(d, key)
        name = self._full_name(d, local)
        return Reference(
            "unknown",
            reason=f"{d.type.lower()}",
            target="" if d.existing else f"{self.given.prefix}{d.symbol}{suffix}",
            type=self._type(d),
            name=name,
            lookup=lambda attribute: self._attribute(d, attribute, local),
        )

    def _type(self, d: Declaration) -> str:
        kind = d.type.lower()
        if d.parent and "." not in kind.partition("/")[0]:
            holder = self._by_symbol.get(("", d.parent)) or self._nested_symbol(d.parent)
            return (
                f"{self._type(holder)}/{kind}" if holder is not None and holder is not d else kind
            )
        return kind

    def _local_of(self, d: Declaration, key: Value | None) -> Mapping[str, Value]:
        if d.loop is None:
            return {}
        for name, local in self.rounds(d):
            if key is not None and name == as_text(key):
                return local
        return next((local for _, local in self.rounds(d)), {})

    def _attribute(
        self, d: Declaration, attribute: str, local: Mapping[str, Value]
    ) -> Value | None:
        lowered = attribute.lower()
        written = d.body.get(attribute)
        if lowered == "properties" and written is not None:
            return merged(
                [unknown(f"{d.symbol}.properties"), self._evaluator.evaluate(written, local)]
            )
        if lowered == "name":
            return self._name(d, local)
        if lowered not in _SHOWN or written is None:
            return None
        return self._evaluator.evaluate(written, local)

    def _of_module(
        self, d: Declaration, key: Value | None, path: Sequence[Step], used: int
    ) -> tuple[Value, int]:
        steps = [s for s in path[used : used + 2] if isinstance(s, str)]
        if len(steps) < 2 or steps[0] != "outputs":
            return unknown(f"module {d.symbol}"), used
        wanted = as_text(key) if key is not None else None
        called = self.called(d)
        chosen = [c for name, c in called if wanted is None or name == wanted] or [
            c for _, c in called
        ]
        return one_of(self._output(d, c, steps[1]) for c in chosen), used + 2

    def _output(self, d: Declaration, called: Deployment | Resource | None, name: str) -> Value:
        if isinstance(called, Deployment):
            return called.output(name)
        if called is not None:
            return avm.output(called, name)
        return unknown(f"output {name} of {d.module}")

    def output(self, name: str) -> Value:
        """Return one of the file's outputs."""
        lowered = name.lower()
        found = next((e for n, e in self.file.outputs.items() if n.lower() == lowered), None)
        if found is None:
            return unknown(f"output {name} is not declared")
        lazy = self._values.setdefault(
            f"output:{name}", Lazy(lambda: self._evaluator.evaluate(found))
        )
        return lazy.get(name)

    def _imported(self, name: str, path: Sequence[Step]) -> tuple[Value, int] | None:
        where, original = self.file.imports[name]
        other = self.build.bicep(relative(self.file.path, where))
        if other is None:
            return unknown(f"{name} comes from {where}"), 0
        used = 0
        if original == "*" and path and isinstance(path[0], str):
            original, used = path[0], 1
        return Deployment(self.build, other, Given()).value(original), used

    def lazily(self, expression: Expression) -> Lazy:
        """Return an expression of this file as a value to be worked out later."""
        return _lazily(self._evaluator, expression, {})

    # functions

    def call(self, function: str, arguments: Sequence[Argument]) -> Value:
        """Return a function's result: the file's own, one that reads files, or a standard one."""
        if self.outer is not None and function.lower() in ("parameters", "variables"):
            return self.outer.call(function, arguments)
        own = self.file.functions.get(function) or self.file.functions.get(function.lower())
        if own is not None:
            return self._own(own, arguments)
        if function in self.file.imports:
            return self._imported_function(function, arguments)
        rule = _FILE_FUNCTIONS.get(function.lower())
        return rule(self, arguments) if rule else arm_functions.call(function, arguments)

    def _own(self, function: UserFunction, arguments: Sequence[Argument]) -> Value:
        values = [a for a in arguments if isinstance(a, Value)]
        local = dict(zip(function.parameters, values, strict=False))
        local |= {f"parameters:{n}": v for n, v in local.items()}
        return self._evaluator.evaluate(function.body, local)

    def _imported_function(self, name: str, arguments: Sequence[Argument]) -> Value:
        where, original = self.file.imports[name]
        other = self.build.bicep(relative(self.file.path, where))
        if other is None or original not in other.functions:
            return unknown(f"{name} comes from {where}")
        return Deployment(self.build, other, Given())._own(other.functions[original], arguments)

    def _named_value(self, arguments: Sequence[Argument]) -> Value:
        name = as_text(arguments[0]) if arguments and isinstance(arguments[0], Value) else None
        return self.value(name.lower()) if name is not None else unknown("a parameter out of sight")

    def _loaded(self, arguments: Sequence[Argument]) -> Value:
        name = as_text(arguments[0]) if arguments and isinstance(arguments[0], Value) else None
        if name is None:
            return unknown("a file out of sight")
        return self.build.content(relative(self.file.path, name))

    def _loaded_text(self, arguments: Sequence[Argument]) -> Value:
        name = as_text(arguments[0]) if arguments and isinstance(arguments[0], Value) else None
        text = self.build.repository.text(relative(self.file.path, name)) if name else None
        return known(text) if text is not None else unknown("a file out of sight")

    def _copied(self, arguments: Sequence[Argument]) -> Value:
        count, body = arguments[0], arguments[-1]
        if not isinstance(count, Value) or isinstance(body, Value):
            return unknown("an unfinished copy")
        if isinstance(count.data, int):
            return known(tuple(body([known(i)]) for i in range(min(count.data, 64))))
        return known((body([unknown("the number of a copy")]),))

    # declarations

    def rounds(self, d: Declaration) -> list[Round]:
        """Return key and local names of each time that a declaration is deployed."""
        if d.loop is None:
            return [("", {})]
        source = self._evaluator.evaluate(d.loop.source)
        if not d.loop.item:
            return self._copies(d.loop.index, source)
        found: list[Round] = []
        for key, value in loop_rounds(source, keyed=False):
            local = {d.loop.item: value}
            if d.loop.index:
                local[d.loop.index] = key
            found.append((as_text(key) or "*", local))
        if not found:
            found = [
                (
                    "*",
                    {
                        d.loop.item: unknown(
                            f"an element of an empty list {expression_text(d.loop.source)}"
                        )
                    },
                )
            ]
        return found

    def _copies(self, name: str, count: Value) -> list[Round]:
        if isinstance(count.data, int) and count.data > 0:
            numbers = [known(i) for i in range(min(count.data, 64))]
        else:
            numbers = [unknown("the number of a copy")]
        return [
            (as_text(n) or "*", {"copyindex:": n, f"copyindex:{name}".lower(): n}) for n in numbers
        ]

    def deployed(self, d: Declaration, local: Mapping[str, Value]) -> bool | None:
        """Return whether a declaration's condition holds at the values given."""
        if d.condition is None:
            return True
        return truth(self._evaluator.evaluate(d.condition, local))

    def emit(self, deployed: bool | None = True, absent: bool = False) -> None:
        """Add the file's resources, and those of the modules that it calls, to the estate."""
        for d in self.file.declarations:
            for key, local in self.rounds(d):
                if self.build.full:
                    return
                own = self.deployed(d, local)
                gone = absent or self._absent(d, own, local)
                self._emit_one(d, key, local, _both(deployed, own), gone)

    def _emit_one(
        self,
        d: Declaration,
        key: str,
        local: Mapping[str, Value],
        deployed: bool | None,
        absent: bool,
    ) -> None:
        if d.type and d.template is None and not d.module:
            self.build.add(self._resource(d, key, local, deployed=deployed, absent=absent))
            return
        for name, called in self.called(d):
            if name != key:
                continue
            if isinstance(called, Deployment):
                called.emit(deployed, absent)
            elif called is not None:
                found = replace(called, deployed=deployed, absent=absent)
                for resource in avm.with_children(found):
                    self.build.add(resource)

    def _absent(self, d: Declaration, holds: bool | None, local: Mapping[str, Value]) -> bool:
        """Whether a condition about the environment itself leaves this out of production."""
        names, read = self._environment_names(d.condition)
        if not names:
            return False
        if self.given.production:
            return holds is False
        allowed = [p.allowed for n in names if (p := self.file.parameters[n]).allowed is not None]
        stages = production_words([*read, *allowed])
        return not any(self._holds_in(d, stage, names, local) for stage in stages)

    def _holds_in(
        self, d: Declaration, stage: str, names: Sequence[str], local: Mapping[str, Value]
    ) -> bool:
        """Whether a condition may hold where the environment has a name."""
        values = {**self.given.values, **{n: Lazy(lambda: known(stage)) for n in names}}
        trial = Deployment(self.build, self.file, replace(self.given, values=values), self.outer)
        return trial.deployed(d, local) is not False

    def _environment_names(
        self, condition: Expression | None
    ) -> tuple[list[str], list[Expression]]:
        """Return the parameters that are the environment and the expressions read for them."""
        found: list[str] = []
        read: list[Expression] = []
        pending = [condition] if condition is not None else []
        seen: set[str] = set()
        while pending:
            current = pending.pop()
            read.append(current)
            for e in walk(current):
                if not isinstance(e, Name) or e.name in seen:
                    continue
                seen.add(e.name)
                if e.name in self.file.variables:
                    pending.append(self.file.variables[e.name])
                elif e.name in self.file.parameters and about_environment(e.name):
                    found.append(e.name)
        return found, read

    def _name(self, d: Declaration, local: Mapping[str, Value]) -> Value:
        written = d.body.get("name")
        return (
            self._evaluator.evaluate(written, local) if written is not None else unknown("no name")
        )

    def _full_name(self, d: Declaration, local: Mapping[str, Value]) -> Value:
        """Return the name with its parents' names before it."""
        name = self._name(d, local)
        holder = self._parent(d, local)
        if holder is None or holder.name is None:
            return name
        depth = self._type(d).count("/") - 1
        if (as_text(name) or "").count("/") >= depth:
            return name
        return joined([holder.name, known("/"), name])

    def _parent(self, d: Declaration, local: Mapping[str, Value]) -> Reference | None:
        if d.parent:
            holder = self._by_symbol.get(("", d.parent)) or self._nested_symbol(d.parent)
            return self.reference(holder) if holder is not None and holder is not d else None
        written = d.body.get("parent") if self.file.dialect == "bicep" else None
        value = self._evaluator.evaluate(written, local) if written is not None else None
        return value if isinstance(value, Reference) else None

    def _resource(
        self,
        d: Declaration,
        key: str,
        local: Mapping[str, Value],
        *,
        deployed: bool | None,
        absent: bool,
    ) -> Resource:
        evaluate = self._evaluator.evaluate
        body = {str(k.value).lower(): v for k, v in d.body.entries if isinstance(k, Literal)}
        properties = flattened(evaluate(body["properties"], local)) if "properties" in body else {}
        for name, expression in body.items():
            if name not in _OWN_ENTRIES:
                for path, value in flattened(known({name: evaluate(expression, local)})).items():
                    properties.setdefault(path, value)
        scope = evaluate(body["scope"], local) if "scope" in body else None
        if isinstance(scope, Reference):
            properties["@scope"] = scope
        elif scope is not None and self.file.dialect == "arm":
            scope = _arm_scope(scope)
            properties["@scope"] = scope
        parent = self._parent(d, local)
        found = Resource(
            type=self._type(d),
            name=self._full_name(d, local),
            span=d.span,
            api_version=d.api_version,
            properties=properties,
            tags=evaluate(body["tags"], local) if "tags" in body else None,
            identity=evaluate(body["identity"], local) if "identity" in body else None,
            scope=scope_of(scope, self.scope),
            parent=parent.target if parent is not None else "",
            condition=expression_text(d.condition)
            or (expression_text(d.loop.source) if d.loop else ""),
            existing=d.existing,
            tree=self.given.tree,
            dialect=self.file.dialect,
            call_chain=self.given.chain,
            address=f"{self.given.prefix}{d.symbol}" + (f"[{key}]" if key else ""),
            deployed=deployed,
            absent=absent,
            places=property_places(d.body),
        )
        return _lifted_out(found)

    # modules

    def called(self, d: Declaration) -> list[tuple[str, Deployment | Resource | None]]:
        """Return what a module call leads to, once for each round of its loop."""
        known_already = self._called.get(d.symbol)
        if known_already is None:
            known_already = self._called[d.symbol] = list(self._call_all(d))
        return known_already

    def _call_all(self, d: Declaration) -> Iterator[tuple[str, Deployment | Resource | None]]:
        for key, local in self.rounds(d):
            yield key, self._call_one(d, key, local)

    def _call_one(
        self, d: Declaration, key: str, local: Mapping[str, Value]
    ) -> Deployment | Resource | None:
        suffix = f"[{key}]" if key else ""
        if len(self.given.chain) >= DEEPEST_CALLS:
            return None
        kind = avm.bicep_type(d.module)
        if kind is not None:
            return self._verified(d, kind, key, local)
        file = d.template or self._module_file(d.module)
        if file is None or (
            any(file.path == s.path for s in self.given.chain) and d.template is None
        ):
            return self._external(d, suffix)
        scope = d.body.get("scope") if d.module and not d.type else None
        given = Given(
            self._passed(d, local),
            f"{self.given.prefix}{d.symbol}{suffix}>{file.path}::",
            (*self.given.chain, d.span),
            _call_scope(self._evaluator.evaluate(scope, local), file) if scope is not None else "",
            self.given.tree,
            self.given.production,
        )
        outer = self if d.template is not None and not d.inner else None
        return Deployment(self.build, file, given, outer)

    def _module_file(self, reference: str) -> TemplateFile | None:
        if reference.startswith(("br:", "br/", "ts:", "ts/", "http")):
            return None
        path = relative(self.file.path, reference)
        if path.endswith(".bicep"):
            return self.build.bicep(path)
        node = self.build.json(path) if path.endswith(".json") else None
        return read_template(node, path) if node is not None and is_template(node) else None

    def _passed(self, d: Declaration, local: Mapping[str, Value]) -> dict[str, Lazy]:
        if d.type:
            return self._passed_nested(d, local)
        written = d.body.get("params")
        if written is None:
            return {}
        plain = isinstance(written, ObjectOf) and all(
            isinstance(k, Literal) for k, _ in written.entries
        )
        if plain and isinstance(written, ObjectOf):
            return {
                str(k.value): _lazily(self._evaluator, v, local)
                for k, v in written.entries
                if isinstance(k, Literal)
            }
        found = entries(self._evaluator.evaluate(written, local))
        return {name: Lazy(lambda value=value: value) for name, value in found.items()}  # type: ignore[misc]

    def _passed_nested(self, d: Declaration, local: Mapping[str, Value]) -> dict[str, Lazy]:
        properties = d.body.get("properties")
        written = properties.get("parameters") if isinstance(properties, ObjectOf) else None
        found: dict[str, Lazy] = {}
        for name, entry in written.entries if isinstance(written, ObjectOf) else ():
            value = entry.get("value") if isinstance(entry, ObjectOf) else None
            if isinstance(name, Literal) and value is not None:
                found[str(name.value).lower()] = _lazily(self._evaluator, value, local)
        return found

    def _verified(
        self, d: Declaration, kind: str, key: str, local: Mapping[str, Value]
    ) -> Resource:
        written = d.body.get("params")
        params = self._evaluator.evaluate(written, local) if written is not None else known({})
        suffix = f"[{key}]" if key else ""
        scope = d.body.get("scope")
        return avm.resource(
            kind,
            params,
            Resource(
                type=kind,
                name=NULL,
                span=d.span,
                scope=scope_of(self._evaluator.evaluate(scope, local), self.scope)
                if scope
                else self.scope,
                condition=expression_text(d.condition),
                tree=self.given.tree,
                dialect=self.file.dialect,
                call_chain=self.given.chain,
                address=f"{self.given.prefix}{d.symbol}{suffix}",
                places={k.removeprefix("params."): v for k, v in property_places(d.body).items()},
            ),
        )

    def _external(self, d: Declaration, suffix: str) -> Resource:
        return Resource(
            type="external",
            name=known(d.module),
            span=d.span,
            condition=expression_text(d.condition),
            tree=self.given.tree,
            dialect=self.file.dialect,
            call_chain=self.given.chain,
            address=f"{self.given.prefix}{d.symbol}{suffix}",
            external=True,
        )


def _both(outer: bool | None, own: bool | None) -> bool | None:
    if outer is False or own is False:
        return False
    return None if outer is None or own is None else True


def _lazily(
    evaluator: Evaluator, expression: Expression | None, local: Mapping[str, Value]
) -> Lazy:
    return Lazy(lambda: evaluator.evaluate(expression, local) if expression is not None else NULL)


def _call_scope(value: Value, file: TemplateFile) -> str:
    found = scope_of(value, file.scope)
    return (
        found
        if found in ("resourceGroup", "subscription", "managementGroup", "tenant")
        else file.scope
    )


def _arm_scope(value: Value) -> Value:
    """Bring ARM's ``scope: "Microsoft.X/types/name"`` to a reference."""
    if isinstance(value, Reference):
        return value
    pieces = value.parts if value.kind == "template" else (value,)
    head = pieces[0].text or ""
    if "/" not in head or head.startswith("/"):
        return value
    segments = head.split("/")
    kind, rest = "/".join(segments[:2]), "/".join(segments[2:])
    return named_resource(kind, joined([known(rest), *pieces[1:]]))


def _lifted_out(resource: Resource) -> Resource:
    """Bring ``X/providers/diagnosticSettings`` to the extension's own type, scoped to X."""
    if _OUTSIDE_PROVIDER not in resource.type:
        return resource
    host, _, kind = resource.type.partition(_OUTSIDE_PROVIDER)
    pieces = resource.name.parts if resource.name.kind == "template" else (resource.name,)
    text = "".join(p.text if p.text is not None else "\0" for p in pieces)
    name, marker, rest = text.lower().partition("/microsoft.")
    provider = (
        "microsoft." + rest.partition("/")[0]
        if marker
        else _PROVIDERS.get(kind, "microsoft.insights")
    )
    head = (
        pieces[0] if pieces[0].text is None else known(name.rstrip("\0") or (pieces[0].text or ""))
    )
    scope = named_resource(host, head)
    return replace(
        resource,
        type=f"{provider}/{kind}",
        properties={**resource.properties, "@scope": scope},
        scope="resource",
    )


_PROVIDERS = {
    "diagnosticsettings": "microsoft.insights",
    "roleassignments": "microsoft.authorization",
    "locks": "microsoft.authorization",
}

_FILE_FUNCTIONS = {
    "parameters": Deployment._named_value,
    "variables": Deployment._named_value,
    "loadjsoncontent": Deployment._loaded,
    "loadyamlcontent": Deployment._loaded,
    "loadtextcontent": Deployment._loaded_text,
    "copy": Deployment._copied,
}
