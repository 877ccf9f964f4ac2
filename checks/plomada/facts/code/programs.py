"""Command lines of click and typer: which functions the words of a call run.

A program is a tree of groups. A group is a variable (``app = typer.Typer()``) or a function
(``@click.group() def cli()``); commands hang on it by decorators, groups by ``add_typer`` or
``add_command``, all of them in any module of the package.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts.code.code import Code, Module
    from plomada.facts.code.flow import Scope, Site

DEEPEST = 8
_NEEDLES = ("typer", "click")
_ADDERS = frozenset({"add_typer", "add_command"})
_MARKS = frozenset({"command", "callback", "group", "result_callback"})


@dataclass(slots=True)
class Group:
    """A group of commands.

    Attributes:
        commands: names to addresses of functions.
        always: functions that run before any command of it.
        groups: names to addresses of groups below it.
    """

    commands: dict[str, str] = field(default_factory=dict)
    always: list[str] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)


def commands_of(code: Code, module: Module, name: str, words: Sequence[str]) -> list[str]:
    """Return the functions that a program runs.

    Args:
        code: the modules.
        module: where the program starts.
        name: what it starts: a group, a function that calls one, "" for the module's body.
        words: the words after the program's name.
    """
    groups = _groups(code)
    if not groups:
        return []
    found: list[str] = []
    for root in _roots(code, module, name, groups):
        found += _selected(groups, root, list(words), 0)
    return list(dict.fromkeys(found))


def _selected(groups: dict[str, Group], at: str, words: list[str], depth: int) -> list[str]:
    """Return what the words choose in a group; all of it where they choose nothing."""
    group = groups.get(at)
    if group is None or depth > DEEPEST:
        return []
    for index, word in enumerate(words):
        wanted = word.replace("_", "-")
        if wanted in group.groups:
            below = _selected(groups, group.groups[wanted], words[index + 1 :], depth + 1)
            return [*group.always, *below]
        if wanted in group.commands:
            return [*group.always, group.commands[wanted]]
    below = [a for g in group.groups.values() for a in _selected(groups, g, [], depth + 1)]
    return [*group.always, *group.commands.values(), *below]


def _roots(code: Code, module: Module, name: str, groups: dict[str, Group]) -> list[str]:
    """Return the groups that a start enters: itself, those it calls, or the module's outermost."""
    key = ("roots", (id(module), name))
    if key not in code.memo:
        code.memo[key] = _find_roots(code, module, name, groups)
    found: list[str] = code.memo[key]
    return found


def _find_roots(code: Code, module: Module, name: str, groups: dict[str, Group]) -> list[str]:
    own = f"{module.path}::{name}"
    if own in groups:
        return [own]
    scope = module.by_name.get(name) or module.body
    called = [_address(code, site.node.func, scope) for site in scope.sites]
    entered = [a for a in called if a in groups]
    if entered:
        return list(dict.fromkeys(entered))
    inner = {a for g in groups.values() for a in g.groups.values()}
    here = [a for a in groups if a.partition("::")[0] == module.path]
    return [a for a in here if a not in inner] or here


def _groups(code: Code) -> dict[str, Group]:
    """Return every group of the repository by its address."""
    key = ("programs", ())
    if key not in code.memo:
        groups: dict[str, Group] = {}
        for path in code.paths:
            if code.mentions(path, *_NEEDLES, ".command", ".group"):
                module = code.module(path)
                if module is not None:
                    _read(code, module, groups)
        code.memo[key] = groups
    found: dict[str, Group] = code.memo[key]
    return found


def _read(code: Code, module: Module, groups: dict[str, Group]) -> None:
    for scope in module.scopes:
        if scope.is_function:
            _read_marks(code, module, scope, groups)
    for site in module.sites:
        function = site.node.func
        if isinstance(function, ast.Attribute) and function.attr in _ADDERS and site.node.args:
            _read_added(code, site, function, groups)


def _read_marks(code: Code, module: Module, scope: Scope, groups: dict[str, Group]) -> None:
    """Read the decorators by which a function becomes a command or a group."""
    own = module.address(scope)
    for mark in getattr(scope.node, "decorator_list", []):
        called = mark.func if isinstance(mark, ast.Call) else mark
        if not isinstance(called, ast.Attribute) or called.attr not in _MARKS:
            continue
        holder = _address(code, called.value, scope.parent or module.body)
        if called.attr == "group":
            groups.setdefault(own, Group()).always.append(own)
        if not holder:
            continue
        group = groups.setdefault(holder, Group())
        name = _given_name(mark) or _plain(scope.name)
        if called.attr == "group":
            group.groups[name] = own
        elif called.attr == "command":
            group.commands[name] = own
        else:
            group.always.append(own)


def _read_added(code: Code, site: Site, function: ast.Attribute, groups: dict[str, Group]) -> None:
    """Read ``app.add_typer(inner, name="inner")`` and click's ``cli.add_command(inner)``."""
    holder = _address(code, function.value, site.scope)
    inner = _address(code, site.node.args[0], site.scope)
    if not holder or not inner:
        return
    group = groups.setdefault(holder, Group())
    keywords = {k.arg: k.value for k in site.node.keywords}
    second = site.node.args[1] if len(site.node.args) > 1 else None
    name = _text(keywords.get("name")) or _text(second) or _own_name(code, inner)
    if function.attr == "add_command" and not _is_group(code, inner):
        group.commands[name] = inner
    else:
        group.groups[name] = inner


def _own_name(code: Code, address: str) -> str:
    """Return the name that a group or command gives itself."""
    path, _, name = address.partition("::")
    module = code.module(path)
    scope = module.by_name.get(name) if module is not None else None
    for mark in getattr(scope.node, "decorator_list", []) if scope is not None else []:
        if _given_name(mark):
            return _given_name(mark)
    for made in module.body.everything.get(name, ()) if module is not None else ():
        if isinstance(made.value, ast.Call):
            named = next((k.value for k in made.value.keywords if k.arg == "name"), None)
            return _text(named) or _plain(name)
    return _plain(name)


def _is_group(code: Code, address: str) -> bool:
    path, _, name = address.partition("::")
    module = code.module(path)
    scope = module.by_name.get(name) if module is not None else None
    if scope is None:
        return True
    marks = getattr(scope.node, "decorator_list", [])
    called = [m.func if isinstance(m, ast.Call) else m for m in marks]
    return any(isinstance(m, ast.Attribute) and m.attr == "group" for m in called)


def _address(code: Code, node: ast.expr, scope: Scope) -> str:
    """Return where a variable or function of the repository is defined, through imports."""
    if isinstance(node, ast.Attribute):
        owner = code.names.resolve(node.value, scope)
        path = owner.removeprefix("module:")
        return _defined(code, path, node.attr, 0) if path != owner else ""
    if not isinstance(node, ast.Name):
        return ""
    found = code.names.definitions(node, scope)
    if not found:
        return ""
    last = found[-1]
    module = code.owner(last.scope)
    if last.kind == "import":
        return _imported(code, last.detail, module.path, 0)
    return f"{module.path}::{node.id}" if not last.scope.name else ""


def _imported(code: Code, dotted: str, importer: str, depth: int) -> str:
    head, _, last = dotted.rpartition(".")
    head = head if head.strip(".") else f"{head}."
    path = code.names.module_path(head, importer)
    return _defined(code, path, last, depth) if path is not None else ""


def _defined(code: Code, path: str, name: str, depth: int) -> str:
    """Return the address of a module's name, of what it imports the original's."""
    module = code.module(path)
    found = module.body.everything.get(name, []) if module is not None else []
    if not found or depth > DEEPEST:
        return ""
    if found[-1].kind == "import":
        return _imported(code, found[-1].detail, path, depth + 1)
    return f"{path}::{name}"


def _given_name(mark: ast.expr) -> str:
    if not isinstance(mark, ast.Call):
        return ""
    named = next((k.value for k in mark.keywords if k.arg == "name"), None)
    return _text(mark.args[0] if mark.args else named)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _plain(name: str) -> str:
    """Return the name that click and typer give a function's command."""
    return name.rpartition(".")[2].replace("_", "-")
