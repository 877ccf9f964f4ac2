"""What command lines that start a program give to its options: argparse, click, typer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.code.flow import Definition, Scope
from plomada.facts.reach.inputs import bound
from plomada.facts.strings import shown

if TYPE_CHECKING:
    from plomada.facts import Facts

_PROGRAMS = frozenset({"console", "script", "module", "task", "make"})


def passed(facts: Facts, flags: frozenset[str], scope: Scope) -> Iterator[str]:
    """Yield what the command lines that lead to a function give to an option of their program.

    Args:
        facts: the repository.
        flags: the option's names, as ``flags`` and ``declared_flags`` return them.
        scope: the function that has the option, or that reads it.
    """
    address = facts.code.owner(scope).address(scope)
    for reached in facts.reach.functions:
        if reached.address == address:
            route = reached.route
            programs = [n for n, edge in enumerate(route) if edge.how in _PROGRAMS]
            words = [shown(value) for _, value in route[programs[-1]].arguments] if programs else []
            for text in _values_of(flags, words):
                yield from bound(facts, route, programs[-1], text)


def flags(found: Definition) -> frozenset[str]:
    """Return the options of a click or typer command that fill a parameter."""
    own = "--" + found.name.replace("_", "-")
    marks = getattr(found.scope.node, "decorator_list", [])
    calls = [found.value, *ast.walk(getattr(found.node, "annotation", None) or ast.Pass())]
    calls += [m for m in marks if isinstance(m, ast.Call) and own in declared_flags(m)]
    names = (declared_flags(call) for call in calls if isinstance(call, ast.Call))
    return frozenset({own}).union(*names)


def declared_flags(call: ast.Call) -> frozenset[str]:
    """Return the option names that ``add_argument``, ``click.option`` or ``typer.Option`` gives."""
    texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
    return frozenset(t.replace("_", "-") for t in texts if isinstance(t, str) and t.startswith("-"))


def _values_of(flags: frozenset[str], words: list[str]) -> Iterator[str]:
    for index, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name.replace("_", "-") in flags:
            following = words[index + 1] if index + 1 < len(words) else ""
            yield value if sign else following
