"""The shares of traffic that Python really gives: what its callers pass, followed to where it is.

``set_traffic(name, split)`` takes the whole map. Whether a part is ever given is decided by those
who call it: ``f"{live}={100 - percent} {slot}={percent}"`` with the percentages that *their*
callers pass, through functions that check or order the map, up to the command line that a
pipeline writes. Names of deployments are not followed.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from plomada.facts import remembered
from plomada.facts.code.flow import Definition, Scope
from plomada.facts.code.pyvalues import MOST_CALLERS
from plomada.facts.reach.options import declared_flags, flags, passed
from plomada.facts.serving.percentages import Percentages
from plomada.facts.serving.settings import configured
from plomada.patterns import regex
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.model import Asset
    from plomada.spans import Span

MOST_STEPS = 600
_FIELDS = {
    "traffic": frozenset({"--traffic", "-r"}),
    "mirror_traffic": frozenset({"--mirror-traffic"}),
}
_WRITTEN = regex(r"=\s*[\"']?(\d{1,3})(?![\d.])")
_OPEN_END = regex(r"=\s*[\"']?$")


@dataclass(frozen=True, slots=True)
class Given:
    """A share that is given somewhere.

    Attributes:
        percent: 0 to 100.
        span: where the map is written.
    """

    percent: int
    span: Span


def given_shares(facts: Facts, asset: Asset, field: str) -> tuple[Given, ...] | None:
    """Return the shares that Python gives an endpoint.

    Args:
        facts: the repository.
        asset: the endpoint, as a call or a command in Python sets it.
        field: ``traffic`` or ``mirror_traffic``.

    Returns:
        None where one is out of sight (a person's, or calculated), or where no Python sets it.
    """
    key = ("shares", (asset.applied or asset.span, field, bool(asset.route), asset.function))
    if key not in facts.code.memo:
        facts.code.memo[key] = _given(facts, asset, field)
    found: tuple[Given, ...] | None = facts.code.memo[key]
    return found


def _given(facts: Facts, asset: Asset, field: str) -> tuple[Given, ...] | None:
    running = _running(facts)
    walk = _Walk(facts, running if asset.route or asset.function in running else None)
    for node, scope in _set_at(facts, asset, field):
        walk.push(node, scope)
    return walk.run()


@remembered
def _running(facts: Facts) -> frozenset[str]:
    return frozenset(r.address for r in facts.reach.functions if r.route)


def _set_at(facts: Facts, asset: Asset, field: str) -> Iterator[tuple[ast.expr, Scope]]:
    """Yield the expressions that a field is set to, in the function that does it, else its file."""
    place = asset.applied or asset.span
    python = place.path.endswith((".py", ".ipynb"))
    module = facts.code.module(place.path) if python else None
    if module is None:
        return
    at = [site.scope for site in module.sites if module.span(site.node) == place]
    for scopes in (at, module.scopes):
        found = [(node, scope) for scope in scopes for node in _settings(scope, field)]
        if found:
            yield from found
            return


def _settings(scope: Scope, field: str) -> Iterator[ast.expr]:
    """Yield what a function's own statements set a field to: option, keyword or attribute."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(scope.node))
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        waiting.extend(ast.iter_child_nodes(part))
        if isinstance(part, ast.List | ast.Tuple):
            yield from _after(part.elts, field)
        elif isinstance(part, ast.Call):
            yield from _after(part.args, field)
            yield from (k.value for k in part.keywords if k.arg == field)
        elif isinstance(part, ast.Assign):
            targets = (t for t in part.targets if isinstance(t, ast.Attribute))
            yield from (part.value for target in targets if target.attr == field)


def _after(nodes: list[ast.expr], field: str) -> Iterator[ast.expr]:
    for option, value in itertools.pairwise(nodes):
        if isinstance(option, ast.Constant) and option.value in _FIELDS[field]:
            yield value


@dataclass(frozen=True, slots=True)
class _Item:
    """An expression on the way.

    Attributes:
        node: it.
        scope: where it stands.
        share: it is a percentage, or a map that percentages are taken from.
    """

    node: ast.expr
    scope: Scope
    share: bool


class _Walk:
    """Follows what a map is made of.

    Args:
        facts: the repository.
        running: the functions that anything starts; None where all count.
    """

    def __init__(self, facts: Facts, running: frozenset[str] | None) -> None:
        self._facts = facts
        self._code = facts.code
        self._numbers = Percentages(facts, running)
        self._seen: set[tuple[int, bool]] = set()
        self._stack: list[_Item] = []
        self._found: dict[Given, None] = {}
        self._open = False

    def push(self, node: ast.expr | None, scope: Scope, share: bool = False) -> None:
        """Queue an expression; those of functions that nothing starts count for nothing."""
        if node is None or (id(node), share) in self._seen or not self._numbers.runs(scope):
            return
        self._seen.add((id(node), share))
        self._stack.append(_Item(node, scope, share))

    def run(self) -> tuple[Given, ...] | None:
        """Follow all that was queued."""
        steps = 0
        while self._stack and not self._open:
            steps += 1
            self._visit(self._stack.pop())
            self._open = self._open or steps > MOST_STEPS
        return None if self._open or not self._found else tuple(self._found)

    def _give(self, percent: object, node: ast.AST, scope: Scope) -> None:
        if isinstance(percent, int | float) and not isinstance(percent, bool):
            self._found[Given(int(percent), self._code.owner(scope).span(node))] = None

    def _visit(self, at: _Item) -> None:
        handler = _HANDLERS.get(type(at.node))
        if handler is not None:
            handler(self, at.node, at)
            return
        for child in ast.iter_child_nodes(at.node):
            if isinstance(child, ast.expr):
                self.push(child, at.scope, at.share)

    # --- maps

    def _constant(self, node: ast.Constant, at: _Item) -> None:
        if isinstance(node.value, str):
            for digits in _WRITTEN.findall(node.value):
                self._give(int(digits), node, at.scope)
        elif at.share:
            self._give(node.value, node, at.scope)

    def _joined(self, node: ast.JoinedStr, at: _Item) -> None:
        """Read a text with places to fill: what stands before ``=`` is a name, after it a share."""
        pieces = node.values
        for number, piece in enumerate(pieces):
            before = _literal(pieces[number - 1]) if number else ""
            after = _literal(pieces[number + 1]) if number + 1 < len(pieces) else ""
            if isinstance(piece, ast.Constant):
                for digits in _WRITTEN.findall(str(piece.value)):
                    self._give(int(digits), node, at.scope)
            elif isinstance(piece, ast.FormattedValue):
                if _OPEN_END.search(before):
                    self._share(piece.value, at)
                elif not after.startswith("="):
                    self.push(piece.value, at.scope)

    def _dict(self, node: ast.Dict, at: _Item) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                self.push(value, at.scope)
            else:
                self._share(value, at)

    def _share(self, node: ast.expr, at: _Item) -> None:
        """Note what a percentage comes to; else follow what it is taken from."""
        numbers = self._numbers.of(node, at.scope)
        for number in numbers or ():
            self._give(number, at.node, at.scope)
        if numbers is None:
            self.push(node, at.scope, share=True)

    # --- what stands for something else

    def _name(self, node: ast.Name, at: _Item) -> None:
        found = self._code.names.definitions(node, at.scope)
        for definition in found:
            self._definition(definition, at)
        if not found:
            self._unknown(at)

    def _definition(self, found: Definition, at: _Item) -> None:
        if found.kind == "parameter":
            self._parameter(found, at)
        elif found.kind == "import":
            self._imported(found, at)
        elif found.value is not None:
            self.push(found.value, found.scope, at.share)
        else:
            self._unknown(at)

    def _imported(self, found: Definition, at: _Item) -> None:
        head, _, last = found.detail.rpartition(".")
        path = self._code.module_path(head, self._code.owner(found.scope).path) if head else None
        module = self._code.module(path) if path else None
        given = module.body.final.get(last, ()) if module is not None else ()
        for definition in given:
            self.push(definition.value, definition.scope, at.share)
        if not given:
            self._unknown(at)

    def _parameter(self, found: Definition, at: _Item) -> None:
        given = self._code.values.passed(found)[:MOST_CALLERS]
        for value, scope in given:
            self.push(value, scope, at.share)
        if found.value is not None and not isinstance(found.value, ast.Call):
            self.push(found.value, found.scope.parent or found.scope, at.share)
        if not given:
            self._outside(flags(found), found.scope, at)

    def _attribute(self, node: ast.Attribute, at: _Item) -> None:
        option = self._code.values.option_of(node, at.scope)
        if option is not None:
            self._outside(declared_flags(option), at.scope, at)
            return
        owner = self._code.names.resolve(node.value, at.scope)
        module = self._code.module(owner.removeprefix("module:")) if "module:" in owner else None
        for definition in module.body.final.get(node.attr, ()) if module is not None else ():
            self.push(definition.value, definition.scope, at.share)
        if module is None:
            self._unknown(at)

    def _call(self, node: ast.Call, at: _Item) -> None:
        name = self._code.names.resolve(node.func, at.scope)
        scope = self._code.scope(name) if "::" in name and not name.startswith("?") else None
        if scope is not None and scope.is_function:
            for leaving in scope.exits:
                if leaving.kind == "return":
                    self.push(leaving.value, scope, at.share)
            return
        given = [*node.args, *(k.value for k in node.keywords)]
        if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Constant):
            given.append(node.func.value)
        for part in given:
            self.push(part, at.scope, at.share)
        if not given:
            self._unknown(at)

    def _conditional(self, node: ast.IfExp, at: _Item) -> None:
        self.push(node.body, at.scope, at.share)
        self.push(node.orelse, at.scope, at.share)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, at: _Item
    ) -> None:
        self.push(node.elt, at.scope, at.share)

    def _made_dict(self, node: ast.DictComp, at: _Item) -> None:
        self._share(node.value, at)

    def _subscript(self, node: ast.Subscript, at: _Item) -> None:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        found = configured(self._facts, key) if at.share and isinstance(key, str) else []
        self._found.update((Given(percent, span), None) for percent, span in found)
        if not found:
            self.push(node.value, at.scope, at.share)

    def _compare(self, node: ast.Compare, at: _Item) -> None:
        """A comparison gives no share."""

    def _unknown(self, at: _Item) -> None:
        """Note what cannot be seen: a percentage may be anything, the rest adds nothing."""
        self._open = self._open or at.share

    def _outside(self, flags: frozenset[str], scope: Scope, at: _Item) -> None:
        """Read what command lines pass for an option; what nobody passes, a person may."""
        texts = list(passed(self._facts, flags, scope))
        if not texts or any("$" in text for text in texts):
            self._open = True
            return
        for text in texts:
            shares = [int(digits) for digits in _WRITTEN.findall(text)]
            numbers = [int(text)] if text.isdigit() and at.share else []
            self._open = self._open or (at.share and not shares and not numbers)
            for number in (*shares, *numbers):
                self._give(number, at.node, at.scope)


_HANDLERS: dict[type[ast.expr], Callable[[_Walk, Any, _Item], None]] = {
    ast.Constant: _Walk._constant,
    ast.JoinedStr: _Walk._joined,
    ast.Dict: _Walk._dict,
    ast.DictComp: _Walk._made_dict,
    ast.ListComp: _Walk._comprehension,
    ast.SetComp: _Walk._comprehension,
    ast.GeneratorExp: _Walk._comprehension,
    ast.Name: _Walk._name,
    ast.Attribute: _Walk._attribute,
    ast.Subscript: _Walk._subscript,
    ast.Call: _Walk._call,
    ast.IfExp: _Walk._conditional,
    ast.Compare: _Walk._compare,
}


def _literal(piece: ast.expr) -> str:
    return str(piece.value) if isinstance(piece, ast.Constant) else ""
