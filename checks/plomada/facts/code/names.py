"""What a Python name stands for: through imports, assignments, parameters, returns and attributes.

An instance has the dotted name of its class, so that ``client = MLClient(...)`` makes
``client.models.list()`` resolve to ``azure.ai.ml.MLClient.models.list``; a thing of the repository
is ``path::qualified.name``; what stays open starts with ``?``.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.code.flow import Definition, Definitions, FunctionNode, Scope

if TYPE_CHECKING:
    from plomada.facts.code.code import Code, Module

DEEPEST = 14
_BUILTINS = frozenset(dir(builtins))

# Class methods that return an instance of their class.
_FACTORIES = frozenset({
    "get_context", "from_config", "from_connection_string", "create", "get_or_create", "get",
    "load", "from_defaults", "from_environment", "from_url", "get_instance",
})  # fmt: skip
# Packages that folders of a repository may be named after without being meant.
_FOREIGN = frozenset({
    "azure", "azureml", "mlflow", "numpy", "pandas", "sklearn", "pytest", "torch", "tensorflow",
    "keras", "xgboost", "lightgbm", "requests", "yaml", "json", "os", "sys", "pathlib", "logging",
    "typing", "argparse", "subprocess", "time", "datetime", "kubernetes", "docker", "evidently",
    "click", "typer", "dotenv", "joblib", "pickle", "scipy", "matplotlib", "seaborn", "code",
    "test", "types", "string", "random", "re", "math", "io", "copy", "abc", "enum", "functools",
    "itertools", "collections", "dataclasses", "shutil", "tempfile", "uuid", "glob", "hashlib",
    "platform", "site", "token", "statistics", "select", "queue", "secrets", "profile",
    "inference_schema", "pyspark", "opencensus", "opentelemetry", "fastapi", "flask", "streamlit",
})  # fmt: skip


class Names:
    """Resolves expressions to dotted names.

    Args:
        code: the modules.
    """

    def __init__(self, code: Code) -> None:
        self._code = code
        self._cache: dict[tuple[int, int], str] = {}
        self._busy: set[tuple[int, int]] = set()
        self._paths: dict[str, list[str]] | None = None
        self._module_paths: dict[tuple[str, str], str | None] = {}

    # --- expressions

    def resolve(self, node: ast.expr, scope: Scope, depth: int = 0) -> str:
        """Return the dotted name of what an expression holds or calls."""
        key = (id(node), id(scope))
        known = self._cache.get(key)
        if known is not None:
            return known
        if key in self._busy or depth > DEEPEST:
            return "?"
        self._busy.add(key)
        try:
            found = self._resolve(node, scope, depth + 1)
        finally:
            self._busy.discard(key)
        if not self._busy or not found.startswith("?"):
            self._cache[key] = found
        return found

    def is_settled(self, node: ast.expr, scope: Scope) -> bool:
        """Tell whether a name that was resolved stays: it was not met inside its own search."""
        return (id(node), id(scope)) in self._cache

    def _resolve(self, node: ast.expr, scope: Scope, depth: int) -> str:
        if isinstance(node, ast.Name):
            return self._name(node, scope, depth)
        if isinstance(node, ast.Attribute):
            return self.attribute(self.resolve(node.value, scope, depth), node.attr, depth)
        if isinstance(node, ast.Call):
            return self._called(node, scope, depth)
        if isinstance(node, ast.Subscript | ast.Await | ast.Starred | ast.NamedExpr):
            return self.resolve(node.value, scope, depth)
        if isinstance(node, ast.IfExp):
            return self._first([node.body, node.orelse], scope, depth)
        if isinstance(node, ast.BoolOp):
            return self._first(node.values, scope, depth)
        if isinstance(node, ast.Constant):
            return f"builtins.{type(node.value).__name__}"
        if isinstance(node, ast.JoinedStr):
            return "builtins.str"
        if isinstance(node, ast.BinOp):
            left = self.resolve(node.left, scope, depth)
            return left if not left.startswith("?") else self.resolve(node.right, scope, depth)
        return f"?{type(node).__name__.lower()}"

    def _first(self, nodes: list[ast.expr], scope: Scope, depth: int) -> str:
        found = "?"
        for node in nodes:
            if isinstance(node, ast.Constant) and node.value is None:
                continue
            found = self.resolve(node, scope, depth)
            if not found.startswith("?"):
                return found
        return found

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> str:
        open_name = f"?{node.id}"
        for found in reversed(self.definitions(node, scope)):
            name = self.of_definition(found, depth)
            if not name.startswith("?") and name != "builtins.NoneType":
                return name
            open_name = name if len(name) > len(open_name) else open_name
        if node.id in _BUILTINS and open_name == f"?{node.id}":
            return f"builtins.{node.id}"
        return open_name

    def _called(self, node: ast.Call, scope: Scope, depth: int) -> str:
        """Return what a call gives."""
        name = self.resolve(node.func, scope, depth)
        if "::" in name:
            return self.returned(name, depth)
        head, _, last = name.rpartition(".")
        owner = head.rpartition(".")[2]
        if owner[:1].isupper() and (last in _FACTORIES or last.startswith("from_")):
            return head
        if last in {"cast", "deepcopy", "copy"} and node.args:
            return self.resolve(node.args[-1], scope, depth)
        if name in {"importlib.import_module", "builtins.__import__", "builtins.getattr"}:
            return self._named(name, node.args, scope, depth) or name
        return name

    def _named(self, name: str, args: list[ast.expr], scope: Scope, depth: int) -> str:
        """Return the module or attribute that a call asks for by a literal name."""
        match name, args:
            case "builtins.getattr", [owner, ast.Constant(value=str(wanted)), *_]:
                return self.attribute(self.resolve(owner, scope, depth), wanted, depth)
            case "importlib.import_module", [ast.Constant(value=str(wanted)), *_]:
                return self.imported(wanted, self._code.owner(scope).path, depth)
            case "builtins.__import__", [ast.Constant(value=str(wanted)), *_]:
                return self.imported(wanted.partition(".")[0], self._code.owner(scope).path, depth)
        return ""

    def returned(self, address: str, depth: int = 0) -> str:
        """Return the name of what a function or class of the repository gives when it is called."""
        scope = self._code.scope(address)
        if scope is None or scope.is_class or depth > DEEPEST:
            return address
        node = scope.node
        if isinstance(node, FunctionNode) and node.returns is not None:
            annotated = self.annotation(node.returns, scope.parent or scope, depth)
            if annotated and not annotated.startswith(("?", "builtins.", "typing.")):
                return annotated
        for leaving in reversed(scope.exits):
            if leaving.kind == "return" and leaving.value is not None:
                found = self.resolve(leaving.value, scope, depth)
                if not found.startswith("?") and found != "builtins.NoneType":
                    return found
        if scope.yields:
            return self.resolve(scope.yields[-1], scope, depth)
        return f"?{address}"

    # --- names

    def definitions(self, node: ast.Name, scope: Scope) -> Definitions:
        """Return the definitions that reach a name, in enclosing scopes and star imports too."""
        here = scope.uses.get(id(node))
        if here is None:  # not read where it stands: an annotation looked at from elsewhere
            known = node.id in scope.everything
            return self._at_end(node.id, scope) if known else self.outer(node.id, scope)
        if here and node.id not in scope.shared:
            return here
        return here + self.outer(node.id, scope)

    def outer(self, name: str, scope: Scope) -> Definitions:
        """Return the definitions of a name in the scopes around one."""
        outer = scope.parent
        while outer is not None:
            if not outer.is_class and name in outer.everything:
                return self._at_end(name, outer)
            outer = outer.parent
        module = self._code.owner(scope)
        shared = self._shared(name, module)
        return shared or self._star(name, module)

    def _at_end(self, name: str, scope: Scope) -> Definitions:
        """Return what a name may hold after a body ran, with what functions put there."""
        found = scope.final.get(name) or tuple(scope.everything.get(name, ()))
        return found if scope.name else found + self._shared(name, self._code.owner(scope))

    def _shared(self, name: str, module: Module) -> Definitions:
        return tuple(
            definition
            for inner in module.scopes
            if name in inner.shared
            for definition in inner.everything.get(name, ())
        )

    def _star(self, name: str, module: Module) -> Definitions:
        for star in module.body.everything.get("*", ()):
            path = self.module_path(star.detail.rpartition(".")[0], module.path)
            other = self._code.module(path) if path else None
            if other is not None and name in other.body.everything:
                return self._at_end(name, other.body)
        return ()

    def of_definition(self, found: Definition, depth: int) -> str:
        """Return the name of what a definition gives."""
        module = self._code.owner(found.scope)
        if depth > DEEPEST:  # modules that import each other, or themselves
            return f"?{found.name}"
        if found.kind == "import":
            return self.imported(found.detail, module.path, depth + 1)
        if found.kind in {"function", "class"}:
            prefix = f"{found.scope.name}." if found.scope.name else ""
            return f"{module.path}::{prefix}{found.name}"
        if found.kind == "parameter":
            return self._parameter(found, depth)
        if found.kind in {"update", "except"} or found.value is None:
            return f"?{found.name}"
        annotation = getattr(found.node, "annotation", None)
        if found.kind == "unpack":
            name = self._element(found, depth)
            if not name.startswith("?"):
                return name
        name = self.resolve(found.value, found.scope, depth)
        if name.startswith("?") and annotation is not None:
            return self.annotation(annotation, found.scope, depth) or name
        return name

    def _element(self, found: Definition, depth: int) -> str:
        """Return the name of one value of several: ``model, run = train()``."""
        index = int(found.detail) if found.detail.isdigit() else -1
        for several, scope in self._several(found, depth):
            if 0 <= index < len(several.elts):
                name = self.resolve(several.elts[index], scope, depth)
                if not name.startswith("?"):
                    return name
        return f"?{found.name}"

    def _several(self, found: Definition, depth: int) -> Iterator[tuple[ast.Tuple, Scope]]:
        """Yield the tuples that are unpacked: as written, or as a function returns them."""
        if isinstance(found.value, ast.Tuple):
            yield found.value, found.scope
        if not isinstance(found.value, ast.Call):
            return
        called = self.resolve(found.value.func, found.scope, depth)
        scope = self._code.scope(called) if "::" in called else None
        if scope is None or scope.is_class:
            return
        for leaving in reversed(scope.exits):
            if leaving.kind == "return" and isinstance(leaving.value, ast.Tuple):
                yield leaving.value, scope

    def _parameter(self, found: Definition, depth: int) -> str:
        scope = found.scope
        holder = scope.parent
        if holder is not None and holder.is_class and scope.parameters[:1] == (found.name,):
            return self._code.owner(scope).address(holder)
        annotation = getattr(found.node, "annotation", None)
        if annotation is not None:
            name = self.annotation(annotation, holder or scope, depth)
            if name and not name.startswith(("?", "typing.", "builtins.")):
                return name
        for value, caller in self._code.values.passed(found):
            name = self.resolve(value, caller, depth)
            if not name.startswith(("?", "builtins.")):
                return name
        if found.value is not None:
            name = self.resolve(found.value, holder or scope, depth)
            if name != "builtins.NoneType":
                return name
        return f"?{found.name}"

    def annotation(self, node: ast.expr, scope: Scope, depth: int) -> str:
        """Return the class that an annotation names; of ``Optional`` and unions the first."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError):
                return ""
            return self._annotation_text(node, scope, depth)
        if isinstance(node, ast.Subscript):
            head = self.resolve(node.value, scope, depth).rpartition(".")[2].lower()
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
            if head in {"optional", "union", "annotated", "list", "iterable", "iterator"}:
                return self.annotation(inner, scope, depth)
            return ""
        if isinstance(node, ast.BinOp):
            return self.annotation(node.left, scope, depth)
        if isinstance(node, ast.Name | ast.Attribute):
            return self.resolve(node, scope, depth)
        return ""

    def _annotation_text(self, node: ast.expr, scope: Scope, depth: int) -> str:
        if isinstance(node, ast.Name):
            found = scope.final.get(node.id) or self.outer(node.id, scope)
            return self.of_definition(found[-1], depth) if found else f"?{node.id}"
        return ""

    # --- attributes

    def attribute(self, owner: str, name: str, depth: int) -> str:
        """Return what an attribute of a module, class or instance is."""
        if "::" not in owner:
            module = owner.removeprefix("module:") if owner.startswith("module:") else ""
            if module:
                return self._member(module, name, depth)
            inner = self._namespace(owner, name)
            return f"module:{inner}" if inner else f"{owner}.{name}"
        if owner.startswith("?"):
            return f"{owner}.{name}"
        scope = self._code.scope(owner)
        if scope is None:
            return f"?{owner}.{name}"
        if not scope.is_class:
            return f"{owner}.{name}"
        return self._of_class(scope, name, depth, set())

    def _namespace(self, owner: str, name: str) -> str | None:
        """Return the module below a folder that is a package without ``__init__.py``."""
        if owner.startswith("?") or owner.split(".")[0] in _FOREIGN:
            return None
        folder = owner.replace(".", "/")
        found = self._code.repository.is_dir(folder)
        return self._existing(f"{folder}/{name}") if found else None

    def _member(self, path: str, name: str, depth: int) -> str:
        """Return what a module of the repository calls by a name."""
        module = self._code.module(path)
        if module is not None and name in module.body.everything:
            for found in reversed(self._at_end(name, module.body)):
                resolved = self.of_definition(found, depth)
                if not resolved.startswith("?"):
                    return resolved
            return f"?{path}::{name}"
        if module is not None:
            for found in reversed(self._star(name, module)):
                return self.of_definition(found, depth)
            if "__getattr__" in module.body.everything:
                lazy = self._below(path, name)
                if len(lazy) == 1:
                    return self._member(lazy[0], name, depth + 1)
        folder = path.removesuffix("__init__.py")
        inner = self._existing(f"{folder}{name}") if path.endswith("__init__.py") else None
        return f"module:{inner}" if inner else f"?{path}::{name}"

    def _below(self, path: str, name: str) -> list[str]:
        """Return the modules of a package that define a name which it gives out when asked."""
        folder = path.removesuffix("__init__.py")
        inside = (p for p in self._code.paths if p.startswith(folder) and p != path)
        found = []
        for inner in inside:
            mentions = self._code.repository.mentions(inner, name.lower())
            module = self._code.module(inner) if mentions else None
            defined = module.body.everything.get(name, ()) if module is not None else ()
            if any(d.kind != "import" for d in defined):
                found.append(inner)
        return found

    def _of_class(self, scope: Scope, name: str, depth: int, seen: set[str]) -> str:
        module = self._code.owner(scope)
        address = module.address(scope)
        if address in seen or depth > DEEPEST:
            return f"?{address}.{name}"
        seen.add(address)
        method = scope.children.get(name)
        if method is not None:
            made = f"{address}.{name}"
            decorators = [ast.unparse(d) for d in getattr(method.node, "decorator_list", [])]
            if any(d.endswith("property") for d in decorators):
                return self.returned(made, depth + 1)
            return made
        for stored in self.stored(scope, name):
            if stored.value is not None and stored.kind != "update":
                found = self.resolve(stored.value, stored.scope, depth + 1)
                if not found.startswith("?") and found != "builtins.NoneType":
                    return found
        for field in scope.everything.get(name, ()):
            found = self._field(field, scope, depth + 1)
            if found and not found.startswith("?"):
                return found
        return self._inherited(scope, name, depth, seen) or f"?{address}.{name}"

    def _field(self, field: Definition, scope: Scope, depth: int) -> str:
        annotation = getattr(field.node, "annotation", None)
        if annotation is not None:
            return self.annotation(annotation, scope.parent or scope, depth)
        return self.of_definition(field, depth)

    def _inherited(self, scope: Scope, name: str, depth: int, seen: set[str]) -> str:
        outside = ""
        for base in getattr(scope.node, "bases", []):
            resolved = self.resolve(base, scope.parent or scope, depth + 1)
            parent = self._code.scope(resolved) if "::" in resolved else None
            if parent is not None and parent.is_class:
                found = self._of_class(parent, name, depth + 1, seen)
                if not found.startswith("?"):
                    return found
            elif not resolved.startswith(("?", "builtins.")) and "::" not in resolved:
                outside = f"{resolved}.{name}"
        return outside

    def stored(self, scope: Scope, name: str) -> list[Definition]:
        """Return the assignments to ``self.<name>`` in the methods of a class."""
        found = []
        for method in scope.children.values():
            for store in method.stores.get(name, ()):
                holder = getattr(store.node, "value", None)
                if isinstance(holder, ast.Attribute):  # self.x[..] = ..
                    holder = holder.value
                if store.kind == "update" or (
                    isinstance(holder, ast.Name) and holder.id in method.parameters[:1]
                ):
                    found.append(store)
        return found

    # --- imports

    def imported(self, dotted: str, importer: str, depth: int) -> str:
        """Return what an imported dotted name is: of the repository, or as it stands."""
        path = self.module_path(dotted, importer)
        if path is not None:
            return f"module:{path}"
        head, _, last = dotted.rpartition(".")
        if head.strip("."):
            path = self.module_path(head, importer)
        elif dotted.startswith("."):
            path = self._relative(head + ".", importer)
        if path is not None and last != "*":
            return self._member(path, last, depth)
        return dotted.lstrip(".") if dotted.startswith(".") is False else f"?{dotted}"

    def module_path(self, dotted: str, importer: str = "") -> str | None:
        """Return the file of a module of the repository, None for another."""
        key = (dotted, importer.rpartition("/")[0])
        if key not in self._module_paths:
            self._module_paths[key] = self._find_module(dotted, importer)
        return self._module_paths[key]

    def dotted(self, path: str) -> str:
        """Return the name that a module has in its package; the bare one outside of any."""
        folder, _, name = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")
        parts = [name]
        while folder and self._code.repository.exists(f"{folder}/__init__.py"):
            folder, _, name = folder.rpartition("/")
            parts.append(name)
        return ".".join(reversed(parts))

    def _find_module(self, dotted: str, importer: str) -> str | None:
        if dotted.startswith("."):
            return self._relative(dotted, importer)
        if dotted.rpartition(".")[2] not in self._stems:
            return None  # no file of the repository is called so: most imports are of packages
        tail = dotted.replace(".", "/")
        folder = importer.rpartition("/")[0]
        while True:
            found = self._existing(f"{folder}/{tail}" if folder else tail)
            if found and found != importer and not self._shadowed(dotted, found, importer):
                return found
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        if dotted.split(".")[0] in _FOREIGN:
            return None
        return self._anywhere(tail, importer)

    @cached_property
    def _stems(self) -> frozenset[str]:
        """The names that a module of the repository can have: of files and of packages."""
        found: set[str] = set()
        for path in self._code.repository.listed_python:
            folder, _, name = path.rpartition("/")
            found.add(folder.rpartition("/")[2] if name == "__init__.py" else name[:-3])
        return frozenset(found)

    def _shadowed(self, dotted: str, found: str, importer: str) -> bool:
        """Tell whether a well-known package is meant rather than a folder of its name."""
        if dotted.split(".")[0] not in _FOREIGN:
            return False
        return found.rpartition("/")[0] != importer.rpartition("/")[0] and "." not in dotted

    def _relative(self, dotted: str, importer: str) -> str | None:
        level = len(dotted) - len(dotted.lstrip("."))
        parts = importer.split("/")[:-1]
        if level - 1 > len(parts):
            return None
        parts = parts[: len(parts) - (level - 1)]
        tail = dotted.lstrip(".").replace(".", "/")
        return self._existing("/".join([*parts, *([tail] if tail else [])]))

    def _existing(self, stem: str) -> str | None:
        for candidate in (f"{stem}.py", f"{stem}/__init__.py" if stem else "__init__.py"):
            if self._code.repository.exists(candidate):
                return candidate
        return None

    def _anywhere(self, tail: str, importer: str) -> str | None:
        """Return the one file whose path ends so (``sys.path`` may have been told any folder)."""
        if self._paths is None:
            self._paths = {}
            for path in self._code.repository.with_suffix(".py"):
                stem = path.removesuffix(".py").removesuffix("/__init__")
                self._paths.setdefault(stem.rpartition("/")[2], []).append(path)
        last = tail.rpartition("/")[2]
        found = [
            path
            for path in self._paths.get(last, [])
            if f"/{path}".removesuffix(".py").removesuffix("/__init__").endswith(f"/{tail}")
        ]
        top = importer.split("/")[0]
        near = [path for path in found if path.split("/")[0] == top] or found
        return near[0] if len(near) == 1 else None
