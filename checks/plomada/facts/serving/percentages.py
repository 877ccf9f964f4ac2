"""The numbers that a Python expression comes to: by what callers and command lines pass."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING

from plomada.facts.code.flow import Definition, Scope
from plomada.facts.code.pyvalues import DEEPEST, MOST_CALLERS
from plomada.facts.reach.options import declared_flags, flags, passed

if TYPE_CHECKING:
    from plomada.facts import Facts

MOST_NUMBERS = 60


class Percentages:
    """Evaluates numbers, in all the ways that those who run lead to.

    Args:
        facts: the repository.
        running: the functions that anything starts; None where all count.
    """

    def __init__(self, facts: Facts, running: frozenset[str] | None) -> None:
        self._facts = facts
        self._code = facts.code
        self._running = running

    def runs(self, scope: Scope) -> bool:
        """Tell whether anything starts a function; a module's body runs."""
        if self._running is None or not scope.is_function:
            return True
        return self._code.owner(scope).address(scope) in self._running

    def of(self, node: ast.expr, scope: Scope, depth: int = 0) -> tuple[float, ...] | None:
        """Return the numbers that an expression comes to, None where one stays open."""
        if depth > DEEPEST:
            return None
        if isinstance(node, ast.Constant):
            return (node.value,) if isinstance(node.value, int | float) else _digits(node.value)
        if isinstance(node, ast.BinOp):
            left = self.of(node.left, scope, depth + 1)
            right = self.of(node.right, scope, depth + 1)
            return None if left is None or right is None else _calculated(node.op, left, right)
        if isinstance(node, ast.IfExp):
            return self._all(((n, scope) for n in (node.body, node.orelse)), depth)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
            converted = node.func.id in {"int", "float", "str", "round"}
            return self.of(node.args[0], scope, depth + 1) if converted else None
        if isinstance(node, ast.Name):
            return self._of_name(node, scope, depth)
        if isinstance(node, ast.Attribute):
            option = self._code.values.option_of(node, scope)
            if option is not None:
                default = self._code.value_of(node, scope).data
                return self._of_option(declared_flags(option), scope, default)
        value = self._code.value_of(node, scope)
        parts = value.parts if value.kind == "one_of" else (value,)
        found = [_number(part.data) if part.kind == "known" else None for part in parts]
        return tuple(n for n in found if n is not None) if None not in found else None

    def _all(
        self, nodes: Iterable[tuple[ast.expr | None, Scope]], depth: int
    ) -> tuple[float, ...] | None:
        found: list[float] = []
        for node, scope in nodes:
            if node is None:
                return None
            if self.runs(scope):
                numbers = self.of(node, scope, depth + 1)
                if numbers is None:
                    return None
                found += numbers
        return tuple(dict.fromkeys(found))[:MOST_NUMBERS]

    def _of_name(self, node: ast.Name, scope: Scope, depth: int) -> tuple[float, ...] | None:
        found = self._code.names.definitions(node, scope)
        parts = [self._of_definition(one, depth) for one in found]
        if not parts or None in parts:
            return None
        return tuple(dict.fromkeys(n for part in parts for n in part or ()))

    def _of_definition(self, found: Definition, depth: int) -> tuple[float, ...] | None:
        if found.kind == "parameter":
            callers = self._code.values.passed(found)[:MOST_CALLERS]
            if not callers:
                default = self._code.values.parameter(found).data
                return self._of_option(flags(found), found.scope, default)
            given: list[tuple[ast.expr | None, Scope]] = [*callers]
            if found.value is not None and self._code.values.left_out(found):
                given.append((found.value, found.scope.parent or found.scope))
            return self._all(given, depth)
        if found.kind == "loop" and not found.detail:
            items = found.value.elts if isinstance(found.value, ast.List | ast.Tuple) else None
            if items is not None:
                return self._all(((item, found.scope) for item in items), depth)
        if found.kind == "assign":
            return self._all([(found.value, found.scope)], depth)
        value = self._code.values.of_definition(found, depth)
        parts = value.parts if value.kind == "one_of" else (value,)
        numbers = [_number(part.data) for part in parts]
        return None if None in numbers else tuple(n for n in numbers if n is not None)

    def _of_option(
        self, names: frozenset[str], scope: Scope, default: object
    ) -> tuple[float, ...] | None:
        """Return what command lines pass for an option, its default where none does."""
        texts = list(passed(self._facts, names, scope))
        found = [_number(text) for text in texts] if texts else [_number(default)]
        return None if None in found else tuple(n for n in found if n is not None)


def _number(data: object) -> float | None:
    if isinstance(data, int | float) and not isinstance(data, bool):
        return data
    return float(data) if isinstance(data, str) and data.strip().isdigit() else None


def _digits(data: object) -> tuple[float, ...] | None:
    number = _number(data)
    return None if number is None else (number,)


def _calculated(
    operator: ast.operator, left: tuple[float, ...], right: tuple[float, ...]
) -> tuple[float, ...] | None:
    pairs = list(product(left, right))[:MOST_NUMBERS]
    if isinstance(operator, ast.Add):
        return tuple(one + other for one, other in pairs)
    if isinstance(operator, ast.Sub):
        return tuple(one - other for one, other in pairs)
    if isinstance(operator, ast.Mult):
        return tuple(one * other for one, other in pairs)
    return None
