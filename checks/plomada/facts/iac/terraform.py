"""Terraform modules to resources: variables, locals, loops, child modules, azapi and ARM inside."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from plomada.facts.iac import avm, azurerm, stages, terraform_functions
from plomada.facts.iac.build import (
    DEEPEST_CALLS,
    MANAGEMENT_GROUP,
    RESOURCE_GROUP,
    SUBSCRIPTION,
    Build,
    Given,
    Lazy,
    Tree,
    about_environment,
    expression_text,
    production_words,
    property_places,
    scope_of,
)
from plomada.facts.iac.deployments import Deployment
from plomada.facts.iac.passed import PassedValues
from plomada.facts.iac.variables import chosen_values
from plomada.facts.iac.versions import provider_version
from plomada.facts.model import Resource, Value
from plomada.facts.values import (
    NULL,
    Argument,
    Evaluator,
    Reference,
    Step,
    alternatives,
    as_text,
    elements,
    entries,
    flattened,
    is_null,
    joined,
    known,
    loop_rounds,
    one_of,
    references,
    truth,
    unknown,
)
from plomada.readers import json as json_reader
from plomada.readers.arm import is_template, read_template
from plomada.readers.expressions import (
    Call,
    Expression,
    Literal,
    Member,
    Name,
    ObjectOf,
    Template,
    walk,
)
from plomada.readers.nodes import Node
from plomada.readers.terraform import Block, TerraformFile, read_terraform
from plomada.records import dataclass, replace
from plomada.spans import Span

_TEMPLATES = frozenset({
    "azurerm_template_deployment", "azurerm_resource_group_template_deployment",
    "azurerm_subscription_template_deployment", "azurerm_management_group_template_deployment",
    "azurerm_tenant_template_deployment",
})  # fmt: skip
_AZAPI = frozenset({"azapi_resource", "azapi_data_plane_resource", "azapi_update_resource"})
_ASSOCIATION = "azurerm/subnetnetworksecuritygroupassociation/association"
_SUBNET = "microsoft.network/virtualnetworks/subnets"
_SCOPE_DATA = {
    "azurerm_subscription": SUBSCRIPTION,
    "azurerm_client_config": SUBSCRIPTION,
    "azurerm_resource_group": RESOURCE_GROUP,
    "azurerm_management_group": MANAGEMENT_GROUP,
}
_META = frozenset(
    {"count", "for_each", "provider", "depends_on", "lifecycle", "source", "version", "providers"}
)

Round = tuple[str, Mapping[str, Value]]


@dataclass(slots=True)
class Folder:
    """A Terraform module: the files of one folder.

    Attributes:
        path: the folder, "" for the root.
        files: their paths.
        variables: declared variables by name.
        locals: local values by name.
        resources: ``type.name`` to block, data sources as ``data.type.name``.
        modules: calls by name.
        outputs: by name.
        terraform: the ``terraform`` blocks.
        providers: the ``provider`` blocks.
    """

    path: str
    files: list[str] = field(default_factory=list)
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Expression] = field(default_factory=dict)
    resources: dict[str, Block] = field(default_factory=dict)
    modules: dict[str, Block] = field(default_factory=dict)
    outputs: dict[str, Expression] = field(default_factory=dict)
    terraform: list[Block] = field(default_factory=list)
    providers: list[Block] = field(default_factory=list)

    def take(self, file: TerraformFile) -> None:
        """Add a file's blocks."""
        self.files.append(file.path)
        for block in file.blocks:
            self._take(block)

    def _take(self, block: Block) -> None:
        label = ".".join(block.labels)
        match block.type:
            case "variable":
                self.variables[label] = block
            case "locals":
                self.locals.update(block.attributes)
            case "resource":
                self.resources[label] = block
            case "data":
                self.resources[f"data.{label}"] = block
            case "module":
                self.modules[label] = block
            case "output" if "value" in block.attributes:
                self.outputs[label] = block.attributes["value"]
            case "terraform":
                self.terraform.append(block)
            case "provider":
                self.providers.append(block)


def read_folders(build: Build) -> dict[str, Folder]:
    """Return every folder that holds Terraform files."""
    folders: dict[str, Folder] = {}
    repository = build.repository
    paths = [
        *repository.with_suffix(".tf"),
        *(p for p in repository.with_suffix(".json") if p.endswith(".tf.json")),
    ]
    for path in sorted(paths):
        text = repository.text(path)
        if text is None:
            continue
        file = read_terraform(text, path)
        build.report(path, file.faults)
        folder = posixpath.dirname(path)
        folders.setdefault(folder, Folder(folder)).take(file)
    return folders


def add_terraform(build: Build, passed: Sequence[PassedValues]) -> None:
    """Add the resources of every Terraform root module to the estate."""
    folders = read_folders(build)
    first = len(build.resources)
    for path in stages.judged(_roots(folders)):
        folder = folders[path]
        mine = [p for p in passed if p.root == path and (p.values or p.files)]
        for choice in chosen_values(build, folder.path, mine):
            name = f"{path or '.'}@{choice.label}" if choice.label else path or "."
            build.trees.append(Tree(name, path, "terraform", choice.scope))
            given = Given(
                choice.values, f"{name}::", tree=name, production=choice.scope.stage == "production"
            )
            version = provider_version(
                build.repository, folder.path, [*folder.terraform, *folder.providers]
            )
            Module(build, folders, folder, given, version).emit()
    build.resources[first:] = _associated(build.resources[first:])


def _roots(folders: Mapping[str, Folder]) -> list[str]:
    """Return the folders that no other calls as a module and that hold more than variables."""
    called = {
        target
        for folder in folders.values()
        for block in folder.modules.values()
        if (target := _local_source(folder.path, block)) is not None
    }
    return [p for p, f in folders.items() if p not in called and (f.resources or f.modules)]


def _local_source(folder: str, block: Block) -> str | None:
    source = block.attributes.get("source")
    text = str(source.value) if isinstance(source, Literal) else ""
    if not text.startswith("."):
        return None
    joined_path = posixpath.normpath(posixpath.join(folder, text))
    return "" if joined_path == "." else joined_path


class Module:
    """One folder at one set of values; the names of its expressions are resolved here.

    Args:
        build: the estate under construction.
        folders: all folders with Terraform files.
        folder: this one.
        given: what it is called with.
        version: of the azurerm provider, major and minor.
    """

    def __init__(
        self,
        build: Build,
        folders: Mapping[str, Folder],
        folder: Folder,
        given: Given,
        version: tuple[int, int],
    ) -> None:
        self.build = build
        self.folders = folders
        self.folder = folder
        self.given = given
        self.version = version
        self._evaluator = Evaluator(self, build.budget)
        self._values: dict[str, Lazy] = {}
        self._called: dict[str, list[tuple[str, Module | Resource]]] = {}
        self._rounds: dict[int, list[Round]] = {}

    # names

    def resolve(self, root: str, path: Sequence[Step]) -> tuple[Value, int] | None:
        """Return what a name means, with the steps of its path that were used."""
        first = path[0] if path and isinstance(path[0], str) else ""
        if root in ("var", "local", "path", "terraform"):
            return self._simple(root, first), min(1, len(path))
        if root == "module":
            return self._of_module(first, path)
        if root == "data":
            second = path[1] if len(path) > 1 and isinstance(path[1], str) else ""
            return self._of_resource(f"data.{first}.{second}", path, 2)
        return self._of_resource(f"{root}.{first}", path, 1)

    def _simple(self, root: str, name: str) -> Value:
        if root == "path":
            return known(
                {"module": self.folder.path or ".", "root": ".", "cwd": "."}.get(name, name)
            )
        if root == "terraform":
            return unknown(f"terraform.{name}")
        return self._lazy(f"{root}.{name}", lambda: self._make(root, name))

    def _lazy(self, name: str, make: object) -> Value:
        if name not in self._values:
            self._values[name] = Lazy(make)  # type: ignore[arg-type]
        return self._values[name].get(name)

    def _make(self, root: str, name: str) -> Value:
        if root == "local":
            written = self.folder.locals.get(name)
            return (
                self._evaluator.evaluate(written)
                if written is not None
                else unknown(f"local.{name} is not declared")
            )
        return self._variable(name)

    def _variable(self, name: str) -> Value:
        declared = self.folder.variables.get(name)
        lazy = self.given.values.get(name)
        value = lazy.get(name) if lazy is not None else None
        default = declared.attributes.get("default") if declared is not None else None
        if value is None or (
            is_null(value) and default is not None and not self._nullable(declared)
        ):
            value = (
                self._evaluator.evaluate(default)
                if default is not None
                else unknown(f"variable {name} has no value")
            )
        value = self._with_optional(declared, value)
        if declared is not None and _is_true(declared.attributes.get("sensitive")):
            return replace(value, secret=True)
        return value

    @staticmethod
    def _nullable(declared: Block | None) -> bool:
        return declared is None or not _is_false(declared.attributes.get("nullable"))

    def _with_optional(self, declared: Block | None, value: Value) -> Value:
        """Fill what ``optional(type, default)`` of an object type gives."""
        written = declared.attributes.get("type") if declared is not None else None
        if written is None or not isinstance(value.data, dict | tuple):
            return value
        return self._filled(written, value, 0)

    def _filled(self, written: Expression, value: Value, depth: int) -> Value:
        kind = getattr(written, "function", "")
        inner = getattr(written, "arguments", [])
        if depth > 8 or not inner:
            return value
        if kind == "optional":
            return self._filled(inner[0], value, depth + 1)
        if kind in ("map", "list", "set"):
            if isinstance(value.data, dict):
                return replace(
                    value,
                    data={k: self._filled(inner[0], v, depth + 1) for k, v in value.data.items()},
                )
            if isinstance(value.data, tuple):
                return replace(
                    value, data=tuple(self._filled(inner[0], v, depth + 1) for v in value.data)
                )
            return value
        if kind == "object" and isinstance(value.data, dict) and hasattr(inner[0], "entries"):
            return replace(
                value, data={**value.data, **self._object_defaults(inner[0], value.data, depth)}
            )
        return value

    def _object_defaults(
        self, written: Expression, data: Mapping[str, Value], depth: int
    ) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, kind in getattr(written, "entries", ()):
            name = str(key.value) if isinstance(key, Literal) else ""
            inner = getattr(kind, "arguments", [])
            if name in data and not is_null(data[name]):
                found[name] = self._filled(kind, data[name], depth + 1)
            elif getattr(kind, "function", "") == "optional":
                default = self._evaluator.evaluate(inner[1]) if len(inner) > 1 else NULL
                found[name] = self._filled(inner[0], default, depth + 1)
        return found

    def _of_resource(self, label: str, path: Sequence[Step], used: int) -> tuple[Value, int] | None:
        block = self.folder.resources.get(label)
        if block is None:
            return None
        key = None
        if used < len(path) and isinstance(path[used], Value):
            step = path[used]
            key, used = (step if isinstance(step, Value) else None), used + 1
        return self.reference(label, block, key), used

    def reference(self, label: str, block: Block, key: Value | None = None) -> Reference:
        """Return the reference that a resource's or data source's name is."""
        kind = block.labels[0] if block.labels else ""
        existing = label.startswith("data.")
        text = as_text(key) if key is not None else None
        suffix = f"[{text}]" if text is not None else ""
        local = self._local_of(block, text)
        return Reference(
            "unknown",
            reason=label,
            target="" if existing else f"{self.given.prefix}{label}{suffix}",
            type=self._type(block, kind, local, existing=existing),
            name=self._name(block, kind, local),
            lookup=lambda attribute: self._attribute(block, attribute, local),
        )

    def _local_of(self, block: Block, key: str | None) -> Mapping[str, Value]:
        if not ("count" in block.attributes or "for_each" in block.attributes):
            return {}
        rounds = self.rounds(block)
        return next((local for name, local in rounds if name == key), rounds[0][1])

    def _type(self, block: Block, kind: str, local: Mapping[str, Value], *, existing: bool) -> str:
        if kind.startswith("azapi_"):
            written = block.attributes.get("type")
            text = (
                as_text(self._evaluator.evaluate(written, local)) if written is not None else None
            )
            return (text or "azapi").partition("@")[0].lower()
        if existing and kind in _SCOPE_DATA:
            return _SCOPE_DATA[kind]
        return azurerm.arm_type(kind)

    def _attribute(self, block: Block, attribute: str, local: Mapping[str, Value]) -> Value | None:
        if attribute in ("id", "principal_id", "identity"):
            return None
        written = block.attributes.get(attribute)
        if written is not None:
            return self._evaluator.evaluate(written, local)
        if any(b.type == attribute for b in block.blocks) and attribute not in ("subnet",):
            return entries(self.body(block, local)).get(attribute)
        return None

    def _of_module(self, name: str, path: Sequence[Step]) -> tuple[Value, int]:
        block = self.folder.modules.get(name)
        if block is None:
            return unknown(f"module.{name} is not declared"), len(path)
        used, key = 1, None
        if used < len(path) and isinstance(path[used], Value):
            step = path[used]
            key, used = (as_text(step) if isinstance(step, Value) else None), used + 1
        output = path[used] if used < len(path) else ""
        if not isinstance(output, str) or not output:
            return self._whole_module(name, block), used
        called = self.called(name, block)
        chosen = [c for k, c in called if key is None or k == key] or [c for _, c in called]
        return one_of(self._output(c, output) for c in chosen), used + 1

    def _whole_module(self, name: str, block: Block) -> Value:
        """Return the outputs of a module call as an object, of several as a list of objects."""
        found = []
        for _, called in self.called(name, block):
            if isinstance(called, Module):
                found.append(known({o: called.output(o) for o in called.folder.outputs}))
        if not found:
            return unknown(f"module.{name}")
        looped = "count" in block.attributes or "for_each" in block.attributes
        return known(tuple(found)) if looped else found[0]

    @staticmethod
    def _output(called: Module | Resource, name: str) -> Value:
        if isinstance(called, Module):
            return called.output(name)
        return unknown(f"{called.address}.{name}") if called.external else avm.output(called, name)

    def output(self, name: str) -> Value:
        """Return one of the module's outputs."""
        written = self.folder.outputs.get(name)
        if written is None:
            return unknown(f"output {name} is not declared")
        return self._lazy(f"output.{name}", lambda: self._evaluator.evaluate(written))

    # functions

    def call(self, function: str, arguments: Sequence[Argument]) -> Value:
        """Return a function's result: one that reads files, or a standard one."""
        if function in ("file", "templatefile", "fileexists"):
            return self._file(function, arguments)
        return terraform_functions.call(function, arguments)

    def _file(self, function: str, arguments: Sequence[Argument]) -> Value:
        name = as_text(arguments[0]) if arguments and isinstance(arguments[0], Value) else None
        if name is None:
            return unknown("a file out of sight")
        path = posixpath.normpath(name)
        if function == "fileexists":
            return known(self.build.repository.exists(path))
        text = self.build.repository.text(path)
        if text is None or (function == "templatefile" and "${" in text):
            return unknown(f"the content of {path}")
        return known(text)

    # declarations

    def rounds(self, block: Block) -> list[Round]:
        """Return key and local names of each instance of a block."""
        if id(block) not in self._rounds:
            self._rounds[id(block)] = self._make_rounds(block)
        return self._rounds[id(block)]

    def _make_rounds(self, block: Block) -> list[Round]:
        if "for_each" in block.attributes:
            source = self._evaluator.evaluate(block.attributes["for_each"])
            found: list[Round] = [
                (as_text(k) or "*", {"each": known({"key": k, "value": v})})
                for k, v in _keyed(source)
            ]
            text = expression_text(block.attributes["for_each"])
            symbolic = known(
                {"key": unknown("each.key"), "value": unknown(f"an element of {text}")}
            )
            return found or [("*", {"each": symbolic})]
        if "count" in block.attributes:
            count = self._evaluator.evaluate(block.attributes["count"]).data
            number = count if isinstance(count, int) and not isinstance(count, bool) else 1
            many = range(max(1, min(number, 64)))
            return [(str(i), {"count": known({"index": known(i)})}) for i in many]
        return [("", {})]

    def deployed(self, block: Block) -> bool | None:
        """Return whether count or for_each leaves anything of a block."""
        if "count" in block.attributes:
            return truth(self._evaluator.evaluate(block.attributes["count"]))
        if "for_each" in block.attributes:
            value = self._evaluator.evaluate(block.attributes["for_each"])
            return bool(value.data) if value.kind == "known" else None
        return True

    def _absent(self, block: Block) -> bool:
        """Whether a count about the environment itself leaves this out of production."""
        written = block.attributes.get("count") or block.attributes.get("for_each")
        names, read = self._environment_names(written)
        if not names:
            return False
        if self.given.production:
            return self.deployed(block) is False
        return not any(self._holds_in(block, stage, names) for stage in production_words(read))

    def _holds_in(self, block: Block, stage: str, names: Sequence[str]) -> bool:
        values = {**self.given.values, **{n: Lazy(lambda: known(stage)) for n in names}}
        trial = Module(
            self.build, self.folders, self.folder, replace(self.given, values=values), self.version
        )
        return trial.deployed(block) is not False

    def _environment_names(self, written: Expression | None) -> tuple[list[str], list[Expression]]:
        """Return the variables that are the environment and the expressions read for them."""
        found: list[str] = []
        read: list[Expression] = []
        pending = [written] if written is not None else []
        seen: set[str] = set()
        while pending:
            current = pending.pop()
            read.append(current)
            for e in walk(current):
                if not (isinstance(e, Member) and isinstance(e.base, Name)):
                    continue
                if e.base.name == "local" and e.name in self.folder.locals and e.name not in seen:
                    seen.add(e.name)
                    pending.append(self.folder.locals[e.name])
                elif e.base.name == "var" and about_environment(e.name):
                    found.append(e.name)
        return found, read

    def emit(self, deployed: bool | None = True, absent: bool = False) -> None:
        """Add the module's resources, and those of the modules that it calls, to the estate."""
        for label, block in self.folder.resources.items():
            for key, local in self.rounds(block):
                if self.build.full:
                    return
                own = _both(deployed, self.deployed(block))
                self._emit_one(label, block, key, local, own, absent or self._absent(block))
        for name, block in self.folder.modules.items():
            own, gone = _both(deployed, self.deployed(block)), absent or self._absent(block)
            for _, called in self.called(name, block):
                self._emit_called(called, own, gone)

    def _emit_called(self, called: Module | Resource, deployed: bool | None, absent: bool) -> None:
        if isinstance(called, Module):
            called.emit(deployed, absent)
            return
        found = replace(called, deployed=deployed, absent=absent)
        for resource in avm.with_children(found) if not found.external else (found,):
            self.build.add(resource)

    def _emit_one(
        self,
        label: str,
        block: Block,
        key: str,
        local: Mapping[str, Value],
        deployed: bool | None,
        absent: bool,
    ) -> None:
        kind = block.labels[0] if block.labels else ""
        if kind in _TEMPLATES and not label.startswith("data."):
            self._emit_template(label, block, local, deployed, absent)
        elif kind.startswith(("azurerm_", "azapi_", "grafana_")):
            found = self._resource(label, block, kind, key, local)
            self.build.add(replace(found, deployed=deployed, absent=absent))

    def _emit_template(
        self,
        label: str,
        block: Block,
        local: Mapping[str, Value],
        deployed: bool | None,
        absent: bool,
    ) -> None:
        """Add the resources of an ARM template that Terraform deploys."""
        written = block.attributes.get("template_content") or block.attributes.get("template_body")
        text = self._evaluator.evaluate(written, local) if written is not None else NULL
        path, shift = _text_place(written)
        node = _document(text, path)
        if node is None or not is_template(node):
            return
        values = self._template_values(block, local)
        prefix = f"{self.given.prefix}{label}>"
        chain = (*self.given.chain, block.span)
        given = Given(values, prefix, chain, "", self.given.tree, self.given.production)
        before = len(self.build.resources)
        Deployment(self.build, read_template(node, path), given).emit(deployed, absent)
        for number in range(before, len(self.build.resources)):
            found = self.build.resources[number]
            self.build.resources[number] = _shifted(found, shift, block.span.path)

    def _template_values(self, block: Block, local: Mapping[str, Value]) -> dict[str, Lazy]:
        values: dict[str, Lazy] = {}
        plain = block.attributes.get("parameters")
        wrapped = block.attributes.get("parameters_content")
        found = entries(self._evaluator.evaluate(plain, local)) if plain is not None else {}
        if wrapped is not None:
            content = terraform_functions.call(
                "jsondecode", [self._evaluator.evaluate(wrapped, local)]
            )
            found |= {k: entries(v).get("value", NULL) for k, v in entries(content).items()}
        for name, value in found.items():
            values[name.lower()] = Lazy(lambda value=value: value)  # type: ignore[misc]
        return values

    def body(self, block: Block, local: Mapping[str, Value], depth: int = 0) -> Value:
        """Return a block's arguments and nested blocks as one object."""
        data = {n: self._evaluator.evaluate(e, local) for n, e in block.attributes.items()}
        nested: dict[str, list[Value]] = {}
        if depth < 12:
            for inner in block.blocks:
                if inner.type == "dynamic":
                    self._dynamic(nested, inner, local, depth)
                elif azurerm.is_block(inner):
                    nested.setdefault(inner.type, []).append(self.body(inner, local, depth + 1))
        for name, listed in nested.items():
            data[name] = listed[0] if len(listed) == 1 else known(tuple(listed))
        return Value("known", data, origins=(block.span,))

    def _dynamic(
        self, nested: dict[str, list[Value]], block: Block, local: Mapping[str, Value], depth: int
    ) -> None:
        content = block.of_type("content")
        written = block.attributes.get("for_each")
        if not content or written is None or not block.labels:
            return
        iterator = block.attributes.get("iterator")
        name = iterator.name if isinstance(iterator, Name) else block.labels[0]
        for key, value in _keyed(self._evaluator.evaluate(written, local)):
            inner = {**local, name: known({"key": key, "value": value})}
            nested.setdefault(block.labels[0], []).append(self.body(content[0], inner, depth + 1))

    def _name(self, block: Block, kind: str, local: Mapping[str, Value]) -> Value:
        written = block.attributes.get("name")
        name = (
            self._evaluator.evaluate(written, local) if written is not None else unknown("no name")
        )
        holder = self._holder(block, kind, local)
        if holder is None or is_null(holder):
            return name
        return joined([holder, known("/"), name])

    def _holder(self, block: Block, kind: str, local: Mapping[str, Value]) -> Value | None:
        """Return the name of a resource's parent."""
        value = self._parent_value(block, kind, local)
        if isinstance(value, Reference):
            return value if value.attribute == "name" and value.name is None else value.name
        if value is None:
            return None
        text = as_text(value)
        return known(text.rpartition("/")[2]) if text else value

    def _parent_value(self, block: Block, kind: str, local: Mapping[str, Value]) -> Value | None:
        names = ("parent_id",) if kind in _AZAPI else azurerm.special(kind, "parent")
        for name in names:
            if name in block.attributes:
                value = self._evaluator.evaluate(block.attributes[name], local)
                wide = isinstance(value, Reference) and value.type in (RESOURCE_GROUP, SUBSCRIPTION)
                return None if wide and kind in _AZAPI else value
        return None

    def _resource(
        self, label: str, block: Block, kind: str, key: str, local: Mapping[str, Value]
    ) -> Resource:
        existing = label.startswith("data.")
        body = self.body(block, local) if not existing else known({})
        given = entries(body)
        arm = self._type(block, kind, local, existing=existing)
        found = Resource(
            type=arm,
            name=self._name(block, kind, local),
            span=block.span,
            properties=self._properties(kind, body),
            tags=given.get("tags"),
            identity=_identity(given.get("identity")),
            scope=self._scope(kind, given, arm),
            parent=self._parent_address(block, kind, local),
            condition=expression_text(
                block.attributes.get("count") or block.attributes.get("for_each")
            ),
            existing=existing or kind == "azapi_update_resource",
            tree=self.given.tree,
            dialect="terraform",
            call_chain=self.given.chain,
            address=f"{self.given.prefix}{label}" + (f"[{key}]" if key else ""),
            places=_places(block, kind),
        )
        return self._azapi(found, given, block, local) if kind.startswith("azapi_") else found

    def _parent_address(self, block: Block, kind: str, local: Mapping[str, Value]) -> str:
        value = self._parent_value(block, kind, local)
        found = next(references(value), None) if value is not None else None
        return found.target if found is not None else ""

    def _properties(self, kind: str, body: Value) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for path, value in azurerm.properties(kind, body).items():
            if path == "location" and is_null(value):
                continue
            if not is_null(value):
                found.update(
                    flattened(_nested(path, value))
                    if isinstance(value.data, dict | tuple)
                    else {path: value}
                )
        for path, data in azurerm.defaults(kind, self.version):
            found.setdefault(path, known(data))
        for name in azurerm.special(kind, "scope"):
            if name in entries(body):
                found["@scope"] = entries(body)[name]
        return found

    def _scope(self, kind: str, given: Mapping[str, Value], arm: str) -> str:
        names = azurerm.special(kind, "scope")
        if names:
            value = next((given[n] for n in names if n in given), None)
            return scope_of(value, _implied_scope(kind))
        return "subscription" if arm == RESOURCE_GROUP else "resourceGroup"

    def _azapi(
        self, found: Resource, given: Mapping[str, Value], block: Block, local: Mapping[str, Value]
    ) -> Resource:
        written = block.attributes.get("type")
        full = as_text(self._evaluator.evaluate(written, local)) if written is not None else ""
        body = terraform_functions.call("jsondecode", [given.get("body", known({}))])
        inner = entries(body)
        properties: dict[str, Value] = {}
        if "properties" in inner:
            properties = flattened(inner["properties"])
        for name, value in inner.items():
            if name.lower() not in ("properties", "tags", "identity"):
                properties.update(flattened(known({name: value})))
        parent = given.get("parent_id")
        if parent is not None:
            properties["@scope"] = parent
        if found.existing and "resource_id" in given:
            properties["@updates"] = given["resource_id"]
        tags = given.get("tags", inner.get("tags"))
        if tags is None:
            tags = self._default_tags("azapi")
        return replace(
            found,
            places={**found.places, **_body_places(block.attributes.get("body"))},
            api_version=(full or "").partition("@")[2],
            properties=properties,
            tags=tags,
            identity=_identity(given.get("identity", inner.get("identity"))),
            scope=scope_of(parent, "resourceGroup")
            if found.type.startswith("microsoft.authorization/")
            else found.scope,
        )

    def _default_tags(self, provider: str) -> Value | None:
        for block in self.folder.providers:
            if block.labels[:1] == (provider,) and "default_tags" in block.attributes:
                return self._evaluator.evaluate(block.attributes["default_tags"])
        return None

    # modules

    def called(self, name: str, block: Block) -> list[tuple[str, Module | Resource]]:
        """Return what a module call leads to, once for each of its instances."""
        if name not in self._called:
            self._called[name] = [
                (key, self._call(name, block, key, local)) for key, local in self.rounds(block)
            ]
        return self._called[name]

    def _call(
        self, name: str, block: Block, key: str, local: Mapping[str, Value]
    ) -> Module | Resource:
        address = f"{self.given.prefix}module.{name}" + (f"[{key}]" if key else "")
        target = _local_source(self.folder.path, block)
        chain = (*self.given.chain, block.span)
        base = Resource(
            type="external", name=NULL, span=block.span, tree=self.given.tree, dialect="terraform",
            call_chain=self.given.chain, address=address, external=True,
            condition=_condition(block),
            places={n: e.span for n, e in block.attributes.items()},
        )  # fmt: skip
        if target is not None:
            folder = self.folders.get(target)
            if folder is None or len(chain) > DEEPEST_CALLS:
                return base
            values = {
                n: self._lazily(e, local) for n, e in block.attributes.items() if n not in _META
            }
            given = Given(values, f"{address}>", chain, "", self.given.tree, self.given.production)
            version = provider_version(
                self.build.repository,
                folder.path,
                [*folder.terraform, *folder.providers],
                self.version,
            )
            return Module(self.build, self.folders, folder, given, version)
        source = block.attributes.get("source")
        text = str(source.value) if isinstance(source, Literal) else ""
        kind = avm.terraform_type(text)
        if kind is None:
            return replace(base, name=known(text))
        params = {
            n: self._evaluator.evaluate(e, local)
            for n, e in block.attributes.items()
            if n not in _META
        }
        return avm.resource(kind, known(params), replace(base, type=kind, external=False))

    def _lazily(self, expression: Expression, local: Mapping[str, Value]) -> Lazy:
        return Lazy(lambda: self._evaluator.evaluate(expression, local))


def _condition(block: Block) -> str:
    return expression_text(block.attributes.get("count") or block.attributes.get("for_each"))


def _both(outer: bool | None, own: bool | None) -> bool | None:
    if outer is False or own is False:
        return False
    return None if outer is None or own is None else True


def _keyed(source: Value) -> Iterator[tuple[Value, Value]]:
    """Yield key and value of what ``for_each`` runs over; of a list, the values are the keys."""
    for part in alternatives(source):
        for key, value in loop_rounds(part, keyed=True):
            listed = isinstance(part.data, tuple) and isinstance(key.data, int)
            yield (value, value) if listed and as_text(value) is not None else (key, value)


def _is_true(expression: Expression | None) -> bool:
    return isinstance(expression, Literal) and expression.value is True


def _is_false(expression: Expression | None) -> bool:
    return isinstance(expression, Literal) and expression.value is False


def _nested(path: str, value: Value) -> Value:
    """Return an object that has a value at a dotted path."""
    return known({path: value})


def _identity(value: Value | None) -> Value | None:
    if value is None or is_null(value):
        return None
    given = entries(value)
    if not given and elements(value):
        given = entries(elements(value)[0])
    if not given:
        return value
    found = {"type": given["type"]} if "type" in given else {}
    users = given.get("identity_ids")
    if users is not None and not is_null(users):
        found["userAssignedIdentities"] = users
    return known(found)


def _implied_scope(kind: str) -> str:
    if "resource_group" in kind:
        return "resourceGroup"
    if "management_group" in kind:
        return "managementGroup"
    return "subscription"


def _places(block: Block, kind: str) -> dict[str, Span]:
    """Return the places of arguments and blocks under ARM's names, lower case."""
    found: dict[str, Span] = {}
    table = azurerm.arguments(kind)
    for name, expression in block.attributes.items():
        rule = table.get(name)
        path = rule.partition("|")[0] if isinstance(rule, str) else name.replace("_", "")
        found[path.removesuffix("[]").lower()] = expression.span
        if name in azurerm.special(kind, "scope"):
            found["scope"] = expression.span
    for inner in block.blocks:
        label = inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
        rule = table.get(label)
        path = rule[0] if isinstance(rule, list) else label.replace("_", "")
        found.setdefault(path.partition("[]")[0].lower(), inner.span)
    return found


def _body_places(written: Expression | None) -> dict[str, Span]:
    """Return the places of what an azapi body says, as HCL or inside ``jsonencode``."""
    if isinstance(written, Call) and written.function == "jsonencode" and written.arguments:
        written = written.arguments[0]
    return property_places(written) if isinstance(written, ObjectOf) else {}


def _text_place(written: Expression | None) -> tuple[str, int]:
    """Return the file that a template's text stands in and how many lines its first is down."""
    if isinstance(written, Call) and written.function == "file" and written.arguments:
        named = written.arguments[0]
        last = named.pieces[-1] if isinstance(named, Template) else named
        if isinstance(last, Literal):
            path = posixpath.join(posixpath.dirname(written.span.path), str(last.value).lstrip("/"))
            return posixpath.normpath(path), 0
    if written is None:
        return "", 0
    return written.span.path, written.span.line


def _shifted(resource: Resource, lines: int, path: str) -> Resource:
    """Return a resource of a template inside a Terraform file at its places in that file."""

    def down(span: Span) -> Span:
        if lines == 0 or span.path != path:
            return span
        return replace(span, line=span.line + lines, end_line=span.end_line + lines)

    places = {name: down(place) for name, place in resource.places.items()}
    return replace(resource, span=down(resource.span), dialect="terraform", places=places)


def _document(value: Value, path: str) -> Node | None:
    text = value.text
    if text is not None:
        documents, _ = json_reader.read(text, path)
        return documents[0] if documents else None
    return None


def _associated(resources: list[Resource]) -> list[Resource]:
    """Give subnets the security group that an association resource attaches to them."""
    subnets = {r.address: r for r in resources if r.type == _SUBNET}
    kept: list[Resource] = []
    changed: dict[str, Resource] = {}
    for resource in resources:
        subnet = _target(resource, subnets) if resource.type == _ASSOCIATION else None
        if subnet is None:
            kept.append(resource)
        else:
            base = changed.get(subnet.address, subnet)
            changed[subnet.address] = _attached(base, resource)
    return [changed.get(r.address, r) for r in kept]


def _target(association: Resource, subnets: Mapping[str, Resource]) -> Resource | None:
    value = association.properties.get("subnet.id")
    for found in references(value) if value is not None else ():
        if found.target in subnets:
            return subnets[found.target]
        return next((r for a, r in subnets.items() if a.startswith(f"{found.target}[")), None)
    return None


def _attached(subnet: Resource, association: Resource) -> Resource:
    group = association.properties.get("networksecuritygroup.id", NULL)
    properties = {
        **subnet.properties,
        **flattened(known({"networksecuritygroup": known({"id": group})})),
    }
    places = {**subnet.places, "networksecuritygroup.id": association.span}
    return replace(subnet, properties=properties, places=places)
