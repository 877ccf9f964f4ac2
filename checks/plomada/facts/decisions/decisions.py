"""What decides what: comparisons of metrics that decide whether something runs.

Within a process a comparison decides by a branch, an early exit or a flag, through functions and
files;
between processes by an exit code, a cancelled run, an output or a file. What undoes it (a
constant written over the flag, a handler that swallows, a switch that is off by default) makes it
decide
nothing, because the backward slice no longer meets it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.code.code import is_test_file
from plomada.facts.code.flow import (
    Attempt,
    Attempts,
    Definition,
    Exit,
    Guard,
    Scope,
    Site,
    children,
    exits_well,
    is_exit,
)
from plomada.facts.code.slices import Comparison, Context, Slicer
from plomada.facts.decisions.metrics import side
from plomada.facts.model import Decision, Value
from plomada.facts.reach.handed import handed_on
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.spans import Span

DEEPEST = 8
MOST_DECISIONS = 40
MOST_PARTS = 20

_PRINTING = frozenset({"builtins.print", "sys.stdout.write", "click.echo", "typer.echo"})
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


@dataclass(frozen=True, slots=True)
class Test:
    """A test that has to come out one way for something to run.

    Attributes:
        guard: the test.
        scope: where it stands.
        context: the calls through which it was reached.
        how: ``branch``, ``exit-code``, ``cancelled-run``, ``exception``.
        raised: the bare names of the error that it raises, its bases' among them.
    """

    guard: Guard
    scope: Scope
    context: Context | None
    how: str = "branch"
    raised: frozenset[str] = frozenset()


class Decisions:
    """Decisions of a repository, asked for by what they may control.

    Args:
        facts: gives the code.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.code = facts.code
        self.slicer = Slicer(facts.code, handed_on(facts))
        self._before: dict[int, tuple[Decision, ...]] = {}
        self._ends: dict[str, tuple[Decision, ...]] = {}
        self._prints: dict[str, tuple[Decision, ...]] = {}
        self._states: dict[int, bool | None] = {}
        self._below: dict[tuple[int, int, int, frozenset[int]], tuple[Test, ...]] = {}
        # The same test lies on many ways to an act; what it rests on is judged once.
        self._judged: dict[tuple[int, int, str, Span | None], tuple[Decision, ...]] = {}

    # --- questions

    def before(self, site: Site) -> tuple[Decision, ...]:
        """Return the decisions within its process that a call depends on."""
        if id(site) not in self._before:
            span = self.code.owner(site.scope).span(site.node)
            found = self._decisions(self._tests_before(site, None, set()), span)
            self._before[id(site)] = tuple(found)
        return self._before[id(site)]

    def ends(self, address: str) -> tuple[Decision, ...]:
        """Return the decisions that make a process fail or cancel its run.

        Args:
            address: the function or module body (``path::``) that the process starts in.
        """
        if address not in self._ends:
            self._ends[address] = ()
            scope = self.code.scope(address)
            if scope is not None:
                tests = self._failing(scope, None, (), 0, set())
                self._ends[address] = tuple(self._decisions(tests, None))
        return self._ends[address]

    def sets(self, address: str, name: str) -> tuple[Decision, ...]:
        """Return the decisions that an output of a process rests on.

        ``name=value`` that it writes.
        """
        found: list[Decision] = []
        for site, value in self._outputs(address, name):
            tests = [Test(guard, site.scope, None, "output") for guard in site.guards]
            found.extend(self._decisions(tests, None))
            found.extend(self._rests_on(value, site.scope, None, "output", None))
        return tuple(_unique(found))

    def printed(self, address: str) -> tuple[Decision, ...]:
        """Return the decisions behind what a process prints, which a shell may capture.

        Args:
            address: as in ``ends``.
        """
        if address not in self._prints:
            self._prints[address] = ()
            found: list[Decision] = []
            for site in self._sites(address):
                if self.code.name(site) in _PRINTING:
                    tests = [Test(guard, site.scope, None, "output") for guard in site.guards]
                    found.extend(self._decisions(tests, None))
                    for argument in site.node.args:
                        found.extend(self._rests_on(argument, site.scope, None, "output", None))
            self._prints[address] = tuple(_unique(found))
        return self._prints[address]

    @cached_property
    def all(self) -> tuple[Decision, ...]:
        """Every comparison of a metric that decides about a call of interest somewhere."""
        found: list[Decision] = []
        for module in self.code.telling():
            if not is_test_file(module.path):
                found.extend(self.ends(f"{module.path}::"))
        return tuple(_unique(found))

    @cached_property
    def champions(self) -> tuple[Decision, ...]:
        """Every comparison of a metric with one of a registered or deployed model.

        Deciding or not.
        """
        found: list[Decision] = []
        for module in self.code.telling():
            if is_test_file(module.path):
                continue
            for scope in module.scopes:
                for node in _comparisons(scope):
                    decision = self.judge(Comparison(node, scope), "branch", None)
                    if decision and "production-metric" in (
                        decision.left_kind,
                        decision.right_kind,
                    ):
                        found.append(decision)
        return tuple(_unique(found))

    def idle(self, site: Site | None) -> tuple[Span, ...]:
        """Return the tests over a call that always come out the same.

        Their value was overwritten.
        """
        if site is None:
            return ()
        module = self.code.owner(site.scope)
        guards = [g for g in site.guards if not g.loop and isinstance(g.test, ast.Compare)]
        return tuple(
            module.span(g.test) for g in guards if self.state(g.test, site.scope) is not None
        )

    # --- within a process

    def _tests_before(
        self, site: Site, context: Context | None, seen: set[int], depth: int = 0
    ) -> Iterator[Test]:
        """Yield the tests that have to come out right for a call to run, its callers' too."""
        if id(site) in seen or depth > DEEPEST:
            return
        seen.add(id(site))
        for guard in site.guards:
            yield Test(guard, site.scope, context)
        yield from self._blocking(site, context)
        scope = site.scope
        if scope.is_function:
            for caller in self.code.callers(self.code.owner(scope).address(scope)):
                yield from self._tests_before(caller, None, seen, depth + 1)

    def _blocking(self, site: Site, context: Context | None) -> Iterator[Test]:
        """Yield the tests of exits before a call in its own function."""
        scope = site.scope
        for leaving in scope.exits:
            if leaving.order < site.order and self._reaches(leaving, site.attempts):
                yield from self._tests_of_exit(leaving, context)
        for other in scope.sites:
            if other.order >= site.order or other is site:
                continue
            yield from self._tests_of_call(other, site.attempts, context, {id(scope)}, 0)

    def _tests_of_exit(self, leaving: Exit, context: Context | None) -> Iterator[Test]:
        how = "branch" if leaving.kind == "return" else "exception"
        raised = self._raised(leaving)
        for guard in leaving.guards:
            exits = Guard(guard.test, guard.holds, exits=True)
            yield Test(exits, leaving.scope, context, how, raised)

    def _reaches(self, leaving: Exit, around: Attempts) -> bool:
        """Tell whether an exit also passes what stands behind it in the function."""
        if leaving.kind == "return":
            return True
        between = [attempt for attempt in leaving.attempts if attempt not in around]
        raised = self._raised(leaving) if between else frozenset()
        return not any(_catches(a, exits=False) or a.caught & raised for a in between)

    def _raised(self, leaving: Exit) -> frozenset[str]:
        """Return the names of the error that an exit raises, and of those that it derives from."""
        value = leaving.value if leaving.kind == "raise" else None
        waiting = [(value.func if isinstance(value, ast.Call) else value, leaving.scope)]
        found: set[str] = set()
        while waiting:
            node, scope = waiting.pop()
            name = self.code.names.resolve(node, scope) if node is not None else ""
            bare = re.split(r"[.:]", name)[-1]
            if not bare or bare in found:
                continue
            found.add(bare)
            held = self.code.scope(name) if "::" in name and not name.startswith("?") else None
            if held is not None and isinstance(held.node, ast.ClassDef):
                waiting += [(base, held.parent or held) for base in held.node.bases]
        return frozenset(found)

    def _tests_of_call(
        self,
        other: Site,
        around: Attempts,
        context: Context | None,
        seen: set[int],
        depth: int,
    ) -> Iterator[Test]:
        """Yield the tests by which a call before may end the process or raise."""
        how = self._ending(other)
        if how and (how != "exit-code" or _passes(other.attempts, around, exits=True)):
            for guard in other.guards:
                yield Test(Guard(guard.test, guard.holds, exits=True), other.scope, context, how)
            yield from self._of_exit_value(other, context)
            return
        name = self.code.name(other)
        scope = self.code.scope(name) if "::" in name and not name.startswith("?") else None
        if scope is None or scope.is_class or id(scope) in seen or depth > DEEPEST:
            return
        if not _passes(other.attempts, around, exits=False):
            return
        quiet = _quiet(attempt for attempt in other.attempts if attempt not in around)
        failing = self._failing_in(scope, other, context, depth, seen)
        found = [test for test in failing if not test.raised & quiet]
        if found:
            found.extend(
                Test(Guard(guard.test, guard.holds, exits=True), other.scope, context)
                for guard in other.guards
            )
        yield from found

    def _failing_in(
        self, scope: Scope, site: Site, context: Context | None, depth: int, seen: set[int]
    ) -> tuple[Test, ...]:
        """Return the tests by which a function that a call enters may end the process.

        The same calls stand before many others; what is below them is looked at once.
        """
        key = (id(site), id(context), depth, frozenset(seen))
        if key not in self._below:
            entered = self.slicer.entered(site, context)
            found = self._failing(scope, entered, (), depth + 1, {*seen, id(scope)})
            self._below[key] = tuple(found)
        return self._below[key]

    def _ending(self, site: Site) -> str:
        """Return how a call ends the process or run: ``exit-code``, ``cancelled-run``, ""."""
        if is_exit(site.node):
            return "exit-code"
        name = self.code.name(site)
        last = name.rpartition(".")[2]
        if last in {"cancel", "fail", "cancel_run"} and _is_run(name):
            return "cancelled-run"
        return "cancelled-run" if last == "begin_cancel" and ".jobs." in name else ""

    def _of_exit_value(self, site: Site, context: Context | None) -> Iterator[Test]:
        """Yield the tests that decide the code in ``sys.exit(main())`` or ``exit(0 if ok else 1)``."""  # noqa: E501
        if site.node.args:
            yield from self._failing_value(site.node.args[0], site.scope, context, 0)

    def _failing_value(
        self, node: ast.expr, scope: Scope, context: Context | None, depth: int
    ) -> Iterator[Test]:
        if isinstance(node, ast.IfExp):
            fails = _may_fail(node.body)
            if fails != _may_fail(node.orelse):
                yield Test(Guard(node.test, fails, exits=True), scope, context, "exit-code")
        elif isinstance(node, ast.Call):
            yield from self._failing_result(node, scope, context, depth)
        elif isinstance(node, ast.Name):
            for found in self.code.names.definitions(node, scope):
                yield from self._failing_definition(found, context, depth)
        elif isinstance(node, ast.UnaryOp | ast.Compare | ast.BoolOp):
            yield Test(Guard(node, True, exits=True), scope, context, "exit-code")

    def _failing_result(
        self, node: ast.Call, scope: Scope, context: Context | None, depth: int
    ) -> Iterator[Test]:
        name = self.code.name_of(node, scope)
        inner = self.code.scope(name) if "::" in name and not name.startswith("?") else None
        site = scope.site_at(node)
        if inner is not None and site is not None and depth < DEEPEST:
            entered = self.slicer.entered(site, context)
            for leaving in inner.exits:
                if leaving.kind == "return" and leaving.value is not None:
                    yield from self._failing_return(leaving, inner, entered, depth + 1)
        elif name.startswith("builtins.") and node.args:
            yield from self._failing_value(node.args[0], scope, context, depth + 1)

    def _failing_definition(
        self, found: Definition, context: Context | None, depth: int
    ) -> Iterator[Test]:
        if found.value is None or depth > DEEPEST:
            return
        if not isinstance(found.value, ast.Constant):
            yield from self._failing_value(found.value, found.scope, context, depth + 1)
        elif _may_fail(found.value):
            for guard in found.guards:
                failing = Guard(guard.test, guard.holds, exits=True)
                yield Test(failing, found.scope, context, "exit-code")

    def _failing_return(
        self, leaving: Exit, scope: Scope, context: Context, depth: int
    ) -> Iterator[Test]:
        value = leaving.value
        if value is None or (isinstance(value, ast.Constant) and not _may_fail(value)):
            return
        if isinstance(value, ast.Constant):
            for guard in leaving.guards:
                yield Test(Guard(guard.test, guard.holds, exits=True), scope, context, "exit-code")
        else:
            yield from self._failing_value(value, scope, context, depth)

    def _failing(
        self,
        scope: Scope,
        context: Context | None,
        outer: tuple[Test, ...],
        depth: int,
        seen: set[int],
    ) -> Iterator[Test]:
        """Yield the tests by which a function ends its process with failure or cancels its run."""
        if depth > DEEPEST or self._is_off(outer):
            return
        for leaving in scope.exits:
            if leaving.kind == "return" or not self._reaches(leaving, ()):
                continue
            if leaving.kind == "raise" and _raises_success(leaving.value):
                continue
            tests = tuple(self._tests_of_exit(leaving, context))
            if not self._is_off(tests):
                yield from (*outer, *tests)
            if leaving.kind == "raise":
                yield from self._raised_exit(leaving, context)
        for site in scope.sites:
            yield from self._failing_call(site, scope, context, outer, depth, seen)

    def _raised_exit(self, leaving: Exit, context: Context | None) -> Iterator[Test]:
        """Yield the tests in ``raise SystemExit(main())``."""
        value = leaving.value
        if isinstance(value, ast.Call) and value.args and _callee(value) == "SystemExit":
            yield from self._failing_value(value.args[0], leaving.scope, context, 0)

    def _failing_call(
        self,
        site: Site,
        scope: Scope,
        context: Context | None,
        outer: tuple[Test, ...],
        depth: int,
        seen: set[int],
    ) -> Iterator[Test]:
        tests = tuple(
            Test(Guard(g.test, g.holds, exits=True), scope, context, "exit-code")
            for g in site.guards
        )
        if self._is_off(tests):
            return
        how = self._ending(site)
        if how == "exit-code" and _swallowed(site.attempts, exits=True):
            return
        if how:
            if how == "exit-code" and exits_well(site.node):
                return
            yield from outer
            yield from (Test(t.guard, t.scope, t.context, how) for t in tests)
            yield from self._of_exit_value(site, context)
            return
        name = self.code.name(site)
        inner = self.code.scope(name) if "::" in name and not name.startswith("?") else None
        if inner is not None and inner.is_class:
            inner = inner.children.get("__init__")
        if inner is None or id(inner) in seen:
            return
        seen.add(id(inner))
        entered = self.slicer.entered(site, context)
        swallowed, quiet = _swallowed(site.attempts, exits=False), _quiet(site.attempts)
        for test in self._failing(inner, entered, (*outer, *tests), depth + 1, seen):
            if test.how == "cancelled-run" or not (swallowed or test.raised & quiet):
                yield test

    # --- tests to decisions

    def _decisions(self, tests: Iterable[Test], controls: Span | None) -> Iterator[Decision]:
        """Yield the comparisons of metrics that tests rest on."""
        found: list[Decision] = []
        for test in tests:
            if len(found) > MOST_DECISIONS:
                break
            if not test.guard.loop:
                for part in self.live(test.guard.test, test.scope):
                    found.extend(self._rests_on(part, test.scope, test.context, test.how, controls))
        return _unique(found)

    def _rests_on(
        self,
        node: ast.expr,
        scope: Scope,
        context: Context | None,
        how: str,
        controls: Span | None,
    ) -> tuple[Decision, ...]:
        key = (id(node), id(context), how, controls)
        if key not in self._judged:
            met = self.slicer.of(node, scope, control=True, context=context).comparisons
            judged = (self.judge(comparison, how, controls) for comparison in met)
            self._judged[key] = tuple(d for d in judged if d is not None)
        return self._judged[key]

    def judge(self, comparison: Comparison, how: str, controls: Span | None) -> Decision | None:
        """Return a decision where a comparison sets a metric against something, else None."""
        node = comparison.node
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], _ORDERED):
            return None
        left, right = node.left, node.comparators[-1]
        scope, context = comparison.scope, comparison.context
        kinds = [side(self.slicer, part, scope, context) for part in (left, right)]
        kinds = self._difference(left, right, comparison) or kinds
        if not {"metric", "production-metric"} & set(kinds):
            return None
        kinds = ["threshold" if kind in {"constant", "unknown"} else kind for kind in kinds]
        module = self.code.owner(scope)
        return Decision(
            self._value(left, scope),
            _SIGNS[type(node.ops[0])],
            self._value(right, scope),
            module.span(node),
            (controls,) if controls else (),
            how,
            kinds[0],
            kinds[1],
        )

    def _difference(
        self, left: ast.expr, right: ast.expr, comparison: Comparison
    ) -> list[str] | None:
        """Return the kinds of two metrics whose difference or ratio is one side of a comparison.

        ``gain = candidate - champion; gain >= -tolerance`` compares the candidate with the
        champion. Of a choice of two differences either may stand.
        """
        scope, context = comparison.scope, comparison.context
        for node in (left, right):
            for part in self._computed(node, scope):
                kinds = [side(self.slicer, p, scope, context) for p in (part.left, part.right)]
                if set(kinds) <= {"metric", "production-metric"} and "production-metric" in kinds:
                    return kinds
        return None

    def _computed(self, node: ast.expr, scope: Scope) -> Iterator[ast.BinOp]:
        """Yield the differences and ratios that an operand is, also by a name of its scope."""
        waiting, steps = [node], 0
        while waiting and steps < MOST_PARTS:
            steps += 1
            part = waiting.pop()
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub | ast.Div):
                yield part
            elif isinstance(part, ast.IfExp):
                waiting += [part.body, part.orelse]
            elif isinstance(part, ast.UnaryOp):
                waiting.append(part.operand)
            elif isinstance(part, ast.Name):
                waiting += [
                    d.value
                    for d in self.code.names.definitions(part, scope)
                    if d.kind == "assign" and d.scope is scope and d.value is not None
                ]

    def _value(self, node: ast.expr, scope: Scope) -> Value:
        text = self.code.owner(scope).source.text(node)
        return Value("unknown", reason=text[:80], origins=(self.code.owner(scope).span(node),))

    # --- switches

    def live(self, node: ast.expr, scope: Scope) -> list[ast.expr]:
        """Return the parts of a test that can still decide when switches stand at their defaults."""  # noqa: E501
        if isinstance(node, ast.BoolOp):
            closing = isinstance(node.op, ast.Or)
            states = [self.state(value, scope) for value in node.values]
            if closing in states:
                return []
            parts = [v for v, s in zip(node.values, states, strict=True) if s is None]
            return [part for value in parts for part in self.live(value, scope)]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.live(node.operand, scope)
        return [] if self.state(node, scope) is not None else [node]

    def state(self, node: ast.expr, scope: Scope) -> bool | None:
        """Return what a test comes to at the defaults, None where it hangs on something open."""
        if id(node) not in self._states:
            self._states[id(node)] = self._find_state(node, scope)
        return self._states[id(node)]

    def _find_state(self, node: ast.expr, scope: Scope) -> bool | None:
        if isinstance(node, ast.BoolOp):
            states = [self.state(value, scope) for value in node.values]
            closing = isinstance(node.op, ast.Or)
            if closing in states:
                return closing
            return None if None in states else not closing
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.state(node.operand, scope)
            return None if inner is None else not inner
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._compared(node, scope)
        if isinstance(node, ast.Name | ast.Attribute | ast.Constant):
            if not self._is_switch(node, scope):
                return None
            value = self.code.value_of(node, scope)
            return bool(value.data) if value.kind == "known" else None
        return None

    def _is_switch(self, node: ast.expr, scope: Scope) -> bool:
        """Tell whether a name is set outside what is measured.

        An option, a variable, a parameter.
        """
        found = self.slicer.of(node, scope, control=True)
        if found.comparisons:
            return False
        return not any(
            s.kind == "call" and not s.name.startswith(("os.", "builtins.", "argparse"))
            for s in found.sources
        )

    def _compared(self, node: ast.Compare, scope: Scope) -> bool | None:
        if not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In):
            return None
        if _is_main(node):
            return None
        left = self.code.value_of(node.left, scope)
        right = self.code.value_of(node.comparators[0], scope)
        if left.kind != "known" or right.kind != "known":
            return None
        if not self._is_switch(node.left, scope):
            return None
        if isinstance(node.ops[0], ast.In):
            items = right.data
            if not isinstance(items, tuple):
                return None
            return any(isinstance(i, Value) and i.data == left.data for i in items)
        same = left.data == right.data
        return same if isinstance(node.ops[0], ast.Eq | ast.Is) else not same

    def _is_off(self, tests: Iterable[Test]) -> bool:
        """Tell whether a switch at its default keeps something from running."""
        return any(
            self.state(test.guard.test, test.scope) is (not test.guard.holds)
            for test in tests
            if not test.guard.loop
        )

    # --- outputs

    def _outputs(self, address: str, name: str) -> Iterator[tuple[Site, ast.expr]]:
        """Yield what writes an output of a name, in a module and those that it calls."""
        for site in self._sites(address):
            for argument in (*site.node.args, *(k.value for k in site.node.keywords)):
                if _names_output(self.code.value_of(argument, site.scope), name):
                    yield site, argument

    def _sites(self, address: str) -> Iterator[Site]:
        """Yield the calls of a module or function and of those of the repository that it calls."""
        seen: set[str] = set()
        waiting = [address]
        while waiting and len(seen) < 60:
            current = waiting.pop()
            scope = self.code.scope(current)
            if scope is None or current in seen:
                continue
            seen.add(current)
            for site in scope.sites:
                called = self.code.name(site)
                if "::" in called and not called.startswith("?"):
                    waiting.append(called)
                yield site


def _comparisons(scope: Scope) -> Iterator[ast.Compare]:
    """Yield the comparisons by size that stand in a scope's own statements."""
    if not any(isinstance(node.ops[0], _ORDERED) for node in scope.compares):
        return  # most scopes compare nothing
    stack: list[ast.AST] = list(getattr(scope.node, "body", []))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], _ORDERED):
            yield node
        stack.extend(children(node))


def _names_output(value: Value, name: str) -> bool:
    parts = value.parts if value.kind in {"template", "one_of"} else (value,)
    return any(
        part.text is not None
        and f"{name.lower()}="
        in part.text.lower()
        .replace("variable=" + name.lower() + ";", name.lower() + "=")
        .replace("variable=" + name.lower() + "]", name.lower() + "=")
        for part in parts
    )


def _passes(inner: Attempts, around: Attempts, *, exits: bool) -> bool:
    """Tell whether an error in ``inner`` also skips a statement in ``around``.

    Not swallowed between.
    """
    return all(attempt in around or not _catches(attempt, exits=exits) for attempt in inner)


def _swallowed(attempts: Attempts, *, exits: bool) -> bool:
    return any(_catches(attempt, exits=exits) for attempt in attempts)


def _quiet(attempts: Iterable[Attempt]) -> frozenset[str]:
    """Return the names of the errors that none of these lets pass."""
    return frozenset(name for attempt in attempts for name in attempt.caught)


def _catches(attempt: Attempt, *, exits: bool) -> bool:
    return attempt.swallows == "all" or (attempt.swallows == "errors" and not exits)


def _is_run(name: str) -> bool:
    lowered = name.lower()
    return "run" in lowered or "job" in lowered


def _may_fail(node: ast.expr) -> bool:
    """Tell whether an exit code or return value says failure (a text does, for ``sys.exit``)."""
    if isinstance(node, ast.Constant):
        return node.value not in (0, None, False)
    return True


def _raises_success(value: ast.expr | None) -> bool:
    """Tell ``raise SystemExit(0)`` from a failure."""
    return (
        isinstance(value, ast.Call)
        and _callee(value) == "SystemExit"
        and (not value.args or not _may_fail(value.args[0]))
    )


def _callee(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _is_main(node: ast.Compare) -> bool:
    return isinstance(node.left, ast.Name) and node.left.id == "__name__"


def _unique(found: Iterable[Decision]) -> Iterator[Decision]:
    seen: set[tuple[Span, str]] = set()
    for decision in found:
        mark = (decision.span, decision.by)
        if mark not in seen:
            seen.add(mark)
            yield decision
