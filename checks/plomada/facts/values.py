"""Evaluation: an expression and the names around it to a ``Value``.

Nothing is guessed. What is not known stays visible as ``unknown`` with its reason, a choice that
hangs on it as ``one_of``, a string or object that is known in part as ``template``. The items then
apply CHECKLIST.md's rule for unresolved values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import islice, product
from typing import Protocol

from plomada.facts.model import Value, walk_values
from plomada.readers.expressions import (
    ArrayOf,
    Call,
    Conditional,
    Expression,
    Index,
    Lambda,
    Literal,
    Loop,
    Member,
    Name,
    ObjectOf,
    Operation,
    Splat,
    Spread,
    Template,
    Unreadable,
)
from plomada.records import dataclass, replace

UNROLL = 64
MOST_ALTERNATIVES = 16
LONGEST_TEXT = 1 << 16
DEEPEST = 60
STEPS = 1_500_000

Closure = Callable[[Sequence[Value]], Value]
Argument = Value | Closure
Step = str | Value
"""A step of a path: a member's name, or an index."""


@dataclass(frozen=True, slots=True, repr=False)
class Reference(Value):
    """A value that is a resource, or one of its attributes such as its id.

    Attributes:
        target: address of the resource in this repository, "" where it is none's.
        type: resource type in lower case, "" where unknown.
        name: the resource's name.
        attribute: ``id``, ``name`` ... or "" for the resource itself.
        lookup: gives an attribute's value where the declaration shows it.
    """

    target: str = ""
    type: str = ""
    name: Value | None = None
    attribute: str = ""
    lookup: Callable[[str], Value | None] | None = field(default=None, compare=False)


class Names(Protocol):
    """What gives names and functions their meaning in one file."""

    def resolve(self, root: str, path: Sequence[Step]) -> tuple[Value, int] | None:
        """Return what a name with a path means and how many steps of the path were used."""

    def call(self, function: str, arguments: Sequence[Argument]) -> Value:
        """Return a function's result."""


@dataclass(slots=True)
class Budget:
    """Bounds the work on one repository, whatever its files say.

    Attributes:
        steps: evaluations left.
        depth: evaluations open now.
    """

    steps: int = STEPS
    depth: int = 0


# making values


def known(data: object) -> Value:
    """Return a known value."""
    return Value("known", data)


def unknown(reason: str, parts: tuple[Value, ...] = ()) -> Value:
    """Return an unresolved value with the reason for it."""
    return Value("unknown", reason=reason, parts=parts)


NULL = known(None)


def one_of(values: Iterable[Value]) -> Value:
    """Return the choice among values; the value itself where they are all the same."""
    found: dict[str, Value] = {}
    for value in values:
        for part in value.parts if value.kind == "one_of" else (value,):
            found.setdefault(canonical(part), part)
    parts = tuple(found.values())
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return unknown("no alternative")
    if len(parts) > MOST_ALTERNATIVES:
        return unknown("too many alternatives", parts[:MOST_ALTERNATIVES])
    return Value("one_of", parts=parts)


def joined(pieces: Iterable[Value]) -> Value:
    """Return the string made of pieces: known, or a template with its unresolved pieces."""
    parts: list[Value] = []
    for piece in pieces:
        for part in (
            piece.parts if piece.kind == "template" and not is_reference(piece) else (piece,)
        ):
            text = as_text(part)
            if text is None:
                parts.append(part)
            elif parts and parts[-1].text is not None:
                parts[-1] = known((parts[-1].text or "") + text)
            else:
                parts.append(known(text))
    if not parts:
        return known("")
    if len(parts) == 1 and parts[0].text is not None:
        text = parts[0].text or ""
        return parts[0] if len(text) <= LONGEST_TEXT else unknown("a text too long to hold")
    if len(parts) > 256:
        return unknown("a text of too many pieces")
    secret = any(p.secret for p in parts)
    return Value("template", parts=tuple(parts), secret=secret)


def merged(objects: Iterable[Value]) -> Value:
    """Return objects laid over each other, later ones first; unresolved ones stay as pieces."""
    pieces: list[Value] = []
    for value in objects:
        for part in (
            value.parts if value.kind == "template" and not is_reference(value) else (value,)
        ):
            data = part.data
            if part.kind == "known" and data is None:
                continue
            if isinstance(data, dict) and pieces and isinstance(pieces[-1].data, dict):
                pieces[-1] = known({**pieces[-1].data, **data})
            else:
                pieces.append(part)
    if not pieces:
        return known({})
    return pieces[0] if len(pieces) == 1 else Value("template", parts=tuple(pieces))


def concatenated(arrays: Iterable[Value]) -> Value:
    """Return arrays one after the other; unresolved ones stay as pieces."""
    pieces: list[Value] = []
    for value in arrays:
        for part in (
            value.parts if value.kind == "template" and not is_reference(value) else (value,)
        ):
            if isinstance(part.data, tuple) and pieces and isinstance(pieces[-1].data, tuple):
                pieces[-1] = known((pieces[-1].data + part.data)[:4096])
            else:
                pieces.append(part)
    if not pieces:
        return known(())
    return pieces[0] if len(pieces) == 1 else Value("template", parts=tuple(pieces))


# asking values


def is_reference(value: Value) -> bool:
    """Tell whether a value is a resource or an attribute of one."""
    return isinstance(value, Reference)


def is_null(value: Value | None) -> bool:
    """Tell whether a value is absent or known to be null."""
    return value is None or (value.kind == "known" and value.data is None)


def as_text(value: Value) -> str | None:
    """Return a known scalar as Bicep and Terraform write it into a string."""
    if value.kind != "known" or isinstance(value.data, tuple | dict) or value.data is None:
        return None
    if isinstance(value.data, bool):
        return "true" if value.data else "false"
    return str(value.data)


def alternatives(value: Value) -> tuple[Value, ...]:
    """Return what a value may be: its alternatives, or itself."""
    return value.parts if value.kind == "one_of" else (value,)


def elements(value: Value) -> tuple[Value, ...]:
    """Return the elements of an array as far as they are known, of a choice all of them."""
    if isinstance(value.data, tuple):
        return value.data
    if value.kind in ("one_of", "template") and not is_reference(value):
        return tuple(e for part in value.parts for e in elements(part))
    return ()


def entries(value: Value) -> dict[str, Value]:
    """Return the entries of an object as far as they are known, of a choice all of them."""
    if isinstance(value.data, dict):
        return value.data
    found: dict[str, Value] = {}
    if value.kind in ("one_of", "template") and not is_reference(value):
        for part in value.parts:
            found.update(entries(part))
    return found


def references(value: Value) -> Iterator[Reference]:
    """Yield the resources that a value refers to, at any depth; an attribute of one, too."""
    for part in walk_values(value):
        if isinstance(part, Reference):
            yield part


def canonical(value: Value) -> str:
    """Return a text that two values share if they are the same, places aside."""
    return _canonical(value, 0)


def _canonical(value: Value, depth: int) -> str:
    if depth > 40:
        return "..."
    if value.secret:
        return "secret"
    if isinstance(value, Reference):
        named = _canonical(value.name, depth + 1) if value.name is not None else ""
        return f"<{value.target or value.type + ' ' + named}>.{value.attribute}"
    data = value.data
    if value.kind == "known":
        if isinstance(data, tuple):
            return "[" + ",".join(_canonical(v, depth + 1) for v in islice(data, 256)) + "]"
        if isinstance(data, dict):
            listed = ((k, _canonical(v, depth + 1)) for k, v in islice(data.items(), 256))
            return "{" + ",".join(f"{k}:{v}" for k, v in sorted(listed)) + "}"
        return repr(data)
    inner = "+".join(_canonical(p, depth + 1) for p in value.parts[:64])
    return f"{value.kind}({value.reason}{inner})"


def member(value: Value, step: Step) -> Value:
    """Return a member or element of a value."""
    if isinstance(value, Reference):
        return _of_reference(value, step)
    if value.kind == "one_of":
        return one_of(member(part, step) for part in value.parts)
    if value.kind == "template":
        return _of_pieces(value, step)
    if value.kind == "known":
        return _of_known(value.data, step)
    return unknown(f"{value.reason}.{_step_text(step)}" if value.reason else "")


def _step_text(step: Step) -> str:
    return step if isinstance(step, str) else (as_text(step) or canonical(step))


def _of_reference(value: Reference, step: Step) -> Value:
    if not isinstance(step, str) and not isinstance(step.data, str):
        return value
    name = _step_text(step)
    found = value.lookup(name) if value.lookup and not value.attribute else None
    if found is not None:
        return found
    path = f"{value.attribute}.{name}" if value.attribute else name
    return replace(value, attribute=path)


def _of_known(data: object, step: Step) -> Value:
    if isinstance(data, dict):
        name = _step_text(step)
        if name in data:
            found: Value = data[name]
            return found
        lowered = name.lower()
        return next((v for k, v in data.items() if k.lower() == lowered), NULL)
    if isinstance(data, tuple):
        position = step.data if isinstance(step, Value) else step
        if isinstance(position, str) and position.lstrip("-").isdigit():
            position = int(position)
        if isinstance(position, int) and not isinstance(position, bool):
            return _at(data, position)
        return one_of(data) if data else unknown("an element of an empty array")
    return NULL


def _at(data: tuple[Value, ...], position: int) -> Value:
    return data[position] if -len(data) <= position < len(data) else NULL


def _of_pieces(value: Value, step: Step) -> Value:
    """Look into an object or array known in part, the last piece first."""
    if isinstance(step, Value) and not isinstance(step.data, str):
        return one_of(elements(value)) if elements(value) else unknown("an element out of sight")
    missed: list[Value] = []
    for part in reversed(value.parts):
        found = member(part, step)
        if part.kind == "unknown" or is_reference(part):
            missed.append(found)
        elif not is_null(found):
            return one_of([found, *missed])
    return missed[0] if missed else NULL


def truth(value: Value) -> bool | None:
    """Return whether a condition holds, None where that is not known."""
    if value.kind == "one_of":
        found = {truth(part) for part in value.parts}
        return found.pop() if len(found) == 1 else None
    if value.kind != "known":
        return None
    if isinstance(value.data, str):
        return {"true": True, "false": False}.get(value.data.lower())
    return bool(value.data)


def spread_over(function: Callable[[list[Value]], Value], arguments: Sequence[Value]) -> Value:
    """Apply a function to each combination of the arguments' alternatives."""
    if not any(a.kind == "one_of" for a in arguments):
        return function(list(arguments))
    combinations = product(*(alternatives(a) for a in arguments))
    return one_of(function(list(c)) for c in islice(combinations, MOST_ALTERNATIVES))


def flattened(value: Value, limit: int = 4000) -> dict[str, Value]:
    """Return an object's values by lower-case dotted path, containers included.

    Args:
        value: the object.
        limit: how many paths are kept at most.
    """
    found: dict[str, Value] = {}
    stack: list[tuple[str, Value]] = [("", value)]
    while stack and len(found) < limit:
        path, current = stack.pop()
        if path:
            found[path] = current
        prefix = f"{path}." if path else ""
        data = current.data
        if isinstance(data, dict):
            stack.extend((prefix + k.lower(), v) for k, v in reversed(data.items()))
        elif isinstance(data, tuple):
            stack.extend((f"{prefix}{i}", v) for i, v in reversed(list(enumerate(data))))
        elif current.kind in ("one_of", "template") and not is_reference(current):
            stack.extend((prefix + k, v) for k, v in _alternative_entries(current))
    return found


def _alternative_entries(value: Value) -> Iterator[tuple[str, Value]]:
    """Yield the entries of an object that is a choice or is known in part."""
    if value.kind == "template" and not any(isinstance(p.data, dict | tuple) for p in value.parts):
        return
    listed = elements(value)
    if listed and not entries(value):
        yield from ((str(i), v) for i, v in enumerate(listed))
        return
    for key in entries(value):
        yield key.lower(), member(value, key)


# evaluation


class Evaluator:
    """Evaluates expressions of one file.

    Args:
        names: what the file's names and functions mean.
        budget: shared by all evaluators of a repository.
    """

    def __init__(self, names: Names, budget: Budget) -> None:
        self._names = names
        self._budget = budget

    def evaluate(self, expression: Expression, local: Mapping[str, Value] | None = None) -> Value:
        """Return an expression's value.

        Args:
            expression: what to evaluate.
            local: names of enclosing loops and lambdas.
        """
        budget = self._budget
        budget.steps -= 1
        if budget.steps < 0:
            return unknown("more to evaluate than a repository of this size should have")
        if budget.depth >= DEEPEST:
            return unknown("a chain of names too long to follow")
        budget.depth += 1
        try:
            return _RULES[type(expression)](self, expression, local or {})
        except RecursionError:
            return unknown("a chain of names too long to follow")
        finally:
            budget.depth -= 1

    def _literal(self, e: Literal, _: Mapping[str, Value]) -> Value:
        return Value("known", e.value, origins=(e.span,))

    def _unreadable(self, e: Unreadable, _: Mapping[str, Value]) -> Value:
        return unknown(e.reason)

    def _template(self, e: Template, local: Mapping[str, Value]) -> Value:
        pieces = [self.evaluate(p, local) for p in e.pieces]
        found = spread_over(lambda chosen: joined(_null_as_text(v) for v in chosen), pieces)
        return replace(found, origins=(e.span,))

    def _object(self, e: ObjectOf, local: Mapping[str, Value]) -> Value:
        pieces: list[Value] = []
        data: dict[str, Value] = {}
        for key, expression in e.entries:
            if key is None:
                pieces += [known(data), self.evaluate(expression, local)]
                data = {}
            else:
                name = (
                    self.evaluate(key, local) if not isinstance(key, Literal) else known(key.value)
                )
                data[as_text(name) or canonical(name)] = self._entry(expression, local)
        if not pieces:
            return Value("known", data, origins=(e.span,))
        return merged([*pieces, known(data)])

    def _entry(self, expression: Expression, local: Mapping[str, Value]) -> Value:
        """Evaluate an entry; a scalar that comes by a name keeps the place where it was used."""
        value = self.evaluate(expression, local)
        named = isinstance(expression, Name | Member) and type(value) is Value
        if named and not isinstance(value.data, tuple | dict):
            return replace(value, origins=(expression.span, *value.origins[-2:]))
        return value

    def _array(self, e: ArrayOf, local: Mapping[str, Value]) -> Value:
        if any(isinstance(x, Spread) for x in e.elements):
            return concatenated(
                self.evaluate(x.value, local)
                if isinstance(x, Spread)
                else known((self.evaluate(x, local),))
                for x in e.elements
            )
        return Value("known", tuple(self.evaluate(x, local) for x in e.elements), origins=(e.span,))

    def _path(self, e: Name | Member | Index, local: Mapping[str, Value]) -> Value:
        """Evaluate a name with all its members and indexes at once."""
        steps: list[Step] = []
        current: Expression = e
        while isinstance(current, Member | Index):
            if isinstance(current, Member):
                steps.append(("::" if current.nested else "") + current.name)
            else:
                steps.append(self.evaluate(current.index, local))
            current = current.base
        steps.reverse()
        value, used = self._root(current, steps, local)
        for step in steps[used:]:
            value = member(value, step)
        return value

    def _root(
        self, current: Expression, steps: list[Step], local: Mapping[str, Value]
    ) -> tuple[Value, int]:
        if not isinstance(current, Name):
            return self.evaluate(current, local), 0
        if current.name in local:
            return local[current.name], 0
        found = self._names.resolve(current.name, steps)
        return found if found is not None else (unknown(f"{current.name} is not declared"), 0)

    def _splat(self, e: Splat, local: Mapping[str, Value]) -> Value:
        base = self.evaluate(e.base, local)
        if is_null(base):
            return known(())
        listed = elements(base) if not is_reference(base) else (base,)
        if not listed and base.kind != "known":
            return unknown(base.reason)
        if not listed and isinstance(base.data, dict):
            listed = (base,)
        return known(tuple(self.evaluate(e.rest, {**local, "*": v}) for v in listed[:UNROLL]))

    def _conditional(self, e: Conditional, local: Mapping[str, Value]) -> Value:
        decided = truth(self.evaluate(e.test, local))
        if decided is None:
            return one_of([self.evaluate(e.then, local), self.evaluate(e.other, local)])
        return self.evaluate(e.then if decided else e.other, local)

    def _operation(self, e: Operation, local: Mapping[str, Value]) -> Value:
        if e.operator in ("&&", "||"):
            return self._logical(e, local)
        values = [self.evaluate(o, local) for o in e.operands]
        return spread_over(lambda chosen: _operate(e.operator, chosen), values)

    def _logical(self, e: Operation, local: Mapping[str, Value]) -> Value:
        deciding = e.operator == "||"
        left = truth(self.evaluate(e.operands[0], local))
        if left is deciding:
            return known(deciding)
        right = truth(self.evaluate(e.operands[1], local))
        if right is deciding:
            return known(deciding)
        return (
            unknown("a condition that is not known")
            if left is None or right is None
            else known(not deciding)
        )

    def _loop(self, e: Loop, local: Mapping[str, Value]) -> Value:
        source = self.evaluate(e.source, local)
        rounds = list(loop_rounds(source, keyed=e.key is not None or bool(e.index)))
        if e.key is None:
            found = [self._round(e.body, e, r, local) for r in rounds if self._admits(e, r, local)]
            complete = source.kind == "known"
            return (
                known(tuple(found))
                if complete
                else Value("template", parts=(known(tuple(found)), unknown(source.reason)))
            )
        data = {}
        for entry in rounds:
            if self._admits(e, entry, local):
                key = self._round(e.key, e, entry, local)
                data[as_text(key) or canonical(key)] = self._round(e.body, e, entry, local)
        if source.kind == "known":
            return known(data)
        return Value("template", parts=(known(data), unknown(source.reason)))

    def _round(
        self, body: Expression, e: Loop, entry: tuple[Value, Value], local: Mapping[str, Value]
    ) -> Value:
        return self.evaluate(body, {**local, **_loop_names(e, entry)})

    def _admits(self, e: Loop, entry: tuple[Value, Value], local: Mapping[str, Value]) -> bool:
        if e.condition is None:
            return True
        return truth(self._round(e.condition, e, entry, local)) is not False

    def _call(self, e: Call, local: Mapping[str, Value]) -> Value:
        if e.function.lower() == "copyindex":
            return self._copy_index(e, local)
        arguments: list[Argument] = []
        for argument in e.arguments:
            if isinstance(argument, Lambda):
                arguments.append(self._closure(argument, local))
            elif isinstance(argument, Spread):
                arguments.extend(elements(self.evaluate(argument.value, local)))
            elif e.function == "copy" and argument is e.arguments[-1]:
                arguments.append(self._copy_body(e, local))
            else:
                arguments.append(self.evaluate(argument, local))
        found = self._names.call(e.function, arguments)
        return found if found.origins else replace(found, origins=(e.span,))

    def _copy_index(self, e: Call, local: Mapping[str, Value]) -> Value:
        """ARM's ``copyIndex('loop', offset)``: the loop's number, one of the names around."""
        values = [self.evaluate(a, local) for a in e.arguments]
        loop = values[0].text if values and values[0].text is not None else ""
        number = local.get(f"copyindex:{loop}".lower(), unknown("the number of a copy"))
        offset = values[-1] if values and isinstance(values[-1].data, int) else known(0)
        return _operate("+", [number, offset])

    def _copy_body(self, e: Call, local: Mapping[str, Value]) -> Closure:
        name = e.arguments[1]
        loop = f"copyindex:{name.value}".lower() if isinstance(name, Literal) else "copyindex:"
        return lambda values: self.evaluate(
            e.arguments[-1], {**local, loop: values[0], "copyindex:": values[0]}
        )

    def _closure(self, e: Lambda, local: Mapping[str, Value]) -> Closure:
        return lambda values: self.evaluate(
            e.body, {**local, **dict(zip(e.parameters, values, strict=False))}
        )

    def _lambda(self, _e: Lambda, _: Mapping[str, Value]) -> Value:
        return unknown("a function as a value")

    def _spread(self, e: Spread, local: Mapping[str, Value]) -> Value:
        return self.evaluate(e.value, local)


def _loop_names(e: Loop, entry: tuple[Value, Value]) -> dict[str, Value]:
    key, value = entry
    return {e.item: value, e.index: key} if e.index else {e.item: value}


def loop_rounds(source: Value, *, keyed: bool) -> Iterator[tuple[Value, Value]]:
    """Yield key (or index) and value of what a loop runs over.

    What is not known gives one symbolic round more, whose value is unknown.

    Args:
        source: what is iterated.
        keyed: a map's key goes beside its value (Terraform).
    """
    if isinstance(source.data, dict):
        yield from islice(((known(k), v) for k, v in source.data.items()), UNROLL)
        return
    if isinstance(source.data, tuple):
        yield from islice(((known(i), v) for i, v in enumerate(source.data)), UNROLL)
        return
    if source.kind in ("one_of", "template") and not is_reference(source):
        for part in source.parts[:UNROLL]:
            if not is_null(part):
                yield from loop_rounds(part, keyed=keyed)
        return
    reason = source.reason or "an array"
    yield unknown(f"a key of {reason}"), unknown(f"an element of {reason}")


def _null_as_text(value: Value) -> Value:
    return known("") if is_null(value) else value


def _operate(operator: str, values: list[Value]) -> Value:
    if len(values) == 1:
        return _unary(operator, values[0])
    left, right = values
    if operator == "??":
        return right if is_null(left) else _first_or(left, right)
    if operator in ("==", "!=", "=~", "!~"):
        return _equality(operator, left, right)
    if left.kind != "known" or right.kind != "known":
        return unknown("a calculation with unknown values")
    return _calculated(operator, left.data, right.data)


def _first_or(left: Value, right: Value) -> Value:
    return left if left.kind == "known" or is_reference(left) else one_of([left, right])


def _unary(operator: str, value: Value) -> Value:
    if operator == "!":
        decided = truth(value)
        return unknown("a condition that is not known") if decided is None else known(not decided)
    if value.kind == "known" and isinstance(value.data, int | float):
        return known(-value.data)
    return unknown("a calculation with unknown values")


def _equality(operator: str, left: Value, right: Value) -> Value:
    positive = operator in ("==", "=~")
    if left.kind == "known" and right.kind == "known":
        same = canonical(left) == canonical(right)
        if operator in ("=~", "!~") and left.text is not None and right.text is not None:
            same = left.text.lower() == right.text.lower()
        return known(same is positive)
    if _never_null(left, right):
        return known(not positive)
    return unknown("a comparison with unknown values")


def _never_null(left: Value, right: Value) -> bool:
    """A string that is known in part, or an existing resource, is not null."""
    for null, other in ((left, right), (right, left)):
        if is_null(null) and (is_reference(other) or _has_text(other)):
            return True
        if null.text == "" and _has_text(other):
            return True
    return False


def _has_text(value: Value) -> bool:
    return value.kind == "template" and any(p.text for p in value.parts)


def _calculated(operator: str, left: object, right: object) -> Value:
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return unknown("a calculation with unknown values")
    try:
        return known(_CALCULATIONS[operator](left, right))
    except (ArithmeticError, TypeError, KeyError):
        return unknown("a calculation that has no result")


_CALCULATIONS: dict[str, Callable[..., object]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

_RULES: dict[type[Expression], Callable[..., Value]] = {
    Literal: Evaluator._literal,
    Unreadable: Evaluator._unreadable,
    Template: Evaluator._template,
    ObjectOf: Evaluator._object,
    ArrayOf: Evaluator._array,
    Name: Evaluator._path,
    Member: Evaluator._path,
    Index: Evaluator._path,
    Splat: Evaluator._splat,
    Conditional: Evaluator._conditional,
    Operation: Evaluator._operation,
    Loop: Evaluator._loop,
    Call: Evaluator._call,
    Lambda: Evaluator._lambda,
    Spread: Evaluator._spread,
}
