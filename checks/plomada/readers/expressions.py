"""The expressions of Bicep, ARM JSON and Terraform, as one small language.

The three notations differ, what can be said in them hardly does: literals, names, members,
calls, conditions, loops and templates. Evaluation (``facts.values``) knows these types alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from plomada.readers.nodes import Scalar
from plomada.readers.text import Places
from plomada.records import dataclass
from plomada.spans import Span

Place = Span | tuple[Places, int, int]


@dataclass(slots=True)
class Expression:
    """Base of all expressions.

    Attributes:
        place: a span, or a text with the offsets that give one when somebody asks.
    """

    place: Place

    @property
    def span(self) -> Span:
        """The place as a span."""
        if isinstance(self.place, Span):
            return self.place
        places, start, end = self.place
        return places.span(start, end)


@dataclass(slots=True)
class Literal(Expression):
    """A string without interpolation, a number, a truth value or null."""

    value: Scalar


@dataclass(slots=True)
class Name(Expression):
    """A name that the surrounding file or loop gives a meaning."""

    name: str


@dataclass(slots=True)
class Template(Expression):
    """A string with interpolation: literal and other pieces in order."""

    pieces: list[Expression]


@dataclass(slots=True)
class ObjectOf(Expression):
    """An object; a spread has no key."""

    entries: list[tuple[Expression | None, Expression]]

    def get(self, key: str) -> Expression | None:
        """Return the expression under a literal key, compared as Azure does."""
        wanted = key.lower()
        for name, value in self.entries:
            if isinstance(name, Literal) and str(name.value).lower() == wanted:
                return value
        return None


@dataclass(slots=True)
class ArrayOf(Expression):
    """An array; an element may be a ``Spread``."""

    elements: list[Expression]


@dataclass(slots=True)
class Spread(Expression):
    """``...value`` in an array or among arguments."""

    value: Expression


@dataclass(slots=True)
class Call(Expression):
    """A function call; of ``a.f(x)`` the receiver is the first argument and ``method`` holds."""

    function: str
    arguments: list[Expression]
    method: bool = False


@dataclass(slots=True)
class Member(Expression):
    """``base.name``; ``optional`` for ``base.?name``; ``nested`` for Bicep's ``base::name``."""

    base: Expression
    name: str
    optional: bool = False
    nested: bool = False


@dataclass(slots=True)
class Index(Expression):
    """``base[index]``."""

    base: Expression
    index: Expression


@dataclass(slots=True)
class Splat(Expression):
    """``base[*].path``: each element's ``rest``, which is written over the name ``*``."""

    base: Expression
    rest: Expression


@dataclass(slots=True)
class Conditional(Expression):
    """``test ? then : other``."""

    test: Expression
    then: Expression
    other: Expression


@dataclass(slots=True)
class Operation(Expression):
    """A unary or binary operation."""

    operator: str
    operands: list[Expression]


@dataclass(slots=True)
class Loop(Expression):
    """An array or object that is computed element by element.

    Attributes:
        item: name of the element.
        index: name of the index (Bicep) or of the key (Terraform), "" where there is none.
        source: what is iterated.
        body: the value of one element.
        key: of an object's loop, the key.
        condition: what an element has to meet.
    """

    item: str
    index: str
    source: Expression
    body: Expression
    key: Expression | None = None
    condition: Expression | None = None


@dataclass(slots=True)
class Lambda(Expression):
    """``x => body``."""

    parameters: list[str]
    body: Expression


@dataclass(slots=True)
class Unreadable(Expression):
    """Where an expression should stand and none could be read."""

    reason: str


def children(expression: Expression) -> list[Expression]:  # noqa: C901 - one line a type
    """Return the expressions directly inside an expression."""
    match expression:
        case Template():
            return expression.pieces
        case ObjectOf():
            return [e for pair in expression.entries for e in pair if e is not None]
        case ArrayOf():
            return expression.elements
        case Call():
            return expression.arguments
        case Operation():
            return expression.operands
        case Member():
            return [expression.base]
        case Index():
            return [expression.base, expression.index]
        case Splat():
            return [expression.base, expression.rest]
        case Conditional():
            return [expression.test, expression.then, expression.other]
        case Loop():
            inner = [expression.source, expression.body, expression.key, expression.condition]
            return [e for e in inner if e is not None]
        case Lambda():
            return [expression.body]
        case Spread():
            return [expression.value]
    return []


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all inside it, iteratively, in the order of the text."""
    stack = [expression]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))
