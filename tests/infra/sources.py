"""The rendered Bicep files as syntax, with the questions that the tests ask of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from plomada.readers.bicep import read_bicep, read_bicepparam
from plomada.readers.expressions import (
    ArrayOf,
    Call,
    Conditional,
    Expression,
    Lambda,
    Literal,
    Loop,
    Member,
    Name,
    ObjectOf,
    Operation,
    Template,
    children,
)
from plomada.readers.templates import Declaration, ParameterFile, TemplateFile

PARAMETER = re.compile(r"^param (\w+) (\w+)", re.M)
OUTPUT = re.compile(r"^output (\w+) (\w+)", re.M)
WRITTEN = {Template: "string", ArrayOf: "array", Loop: "array", ObjectOf: "object"}
DESCRIBED = re.compile(r"@description\('(?:[^'\\]|\\.)+'\)\n(?:@.*\n)*param (\w+)")


@dataclass(frozen=True)
class Source:
    """One Bicep file.

    Attributes:
        path: its path below the infrastructure's folder.
        text: its text.
        syntax: what the project's own reader makes of it.
    """

    path: Path
    text: str
    syntax: TemplateFile = field(hash=False, compare=False)

    @cached_property
    def parameter_types(self) -> dict[str, str]:
        """Type of each parameter."""
        return dict(PARAMETER.findall(self.text))

    @cached_property
    def output_types(self) -> dict[str, str]:
        """Type of each output."""
        return dict(OUTPUT.findall(self.text))

    @property
    def described(self) -> set[str]:
        """Parameters that have a description."""
        return set(DESCRIBED.findall(self.text))

    @property
    def required(self) -> set[str]:
        """Parameters that must be given."""
        return {name for name, p in self.syntax.parameters.items() if p.default is None}

    @property
    def resources(self) -> list[Declaration]:
        """Resources that the file declares itself."""
        return [d for d in self.syntax.declarations if not d.module]

    @property
    def modules(self) -> list[Declaration]:
        """Modules that the file calls."""
        return [d for d in self.syntax.declarations if d.module]

    @cached_property
    def expressions(self) -> list[Expression]:
        """Every outermost expression of the file."""
        found = [p.default for p in self.syntax.parameters.values() if p.default is not None]
        found += [*self.syntax.variables.values(), *self.syntax.outputs.values()]
        for one in self.syntax.declarations:
            found.append(one.body)
            found += [one.condition] if one.condition is not None else []
            found += [one.loop.source] if one.loop is not None else []
        return found


def read_sources(folder: Path) -> dict[str, Source]:
    """Read every Bicep file below a folder, by path."""
    sources = {}
    for path in sorted(folder.rglob("*.bicep")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(folder)
        sources[name.as_posix()] = Source(name, text, read_bicep(text, name.as_posix()))
    return sources


def read_parameter_files(folder: Path) -> dict[str, ParameterFile]:
    """Read every parameter file of a folder, by name."""
    files = sorted(folder.glob("*.bicepparam"))
    return {p.name: read_bicepparam(p.read_text(encoding="utf-8"), p.name) for p in files}


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and everything inside it."""
    yield expression
    for child in inside(expression):
        yield from walk(child)


def inside(expression: Expression) -> list[Expression]:
    """Return the expressions directly inside, loops and lambdas included."""
    match expression:
        case Loop():
            parts = [expression.source, expression.body, expression.key, expression.condition]
            return [p for p in parts if p is not None]
        case Lambda():
            return [expression.body]
        case Conditional():
            return [expression.test, expression.then, expression.other]
    return children(expression)


def bound(expression: Expression) -> set[str]:
    """Return the names that loops and lambdas inside an expression bind."""
    found: set[str] = set()
    for part in walk(expression):
        if isinstance(part, Loop):
            found |= {part.item, part.index}
        if isinstance(part, Lambda):
            found |= set(part.parameters)
    return found


def names_in(expression: Expression) -> set[str]:
    """Return the free names of an expression."""
    return {p.name for p in walk(expression) if isinstance(p, Name)} - bound(expression)


def calls_in(source: Source) -> set[str]:
    """Return the functions that a file calls."""
    parts = (p for e in source.expressions for p in walk(e))
    return {p.function for p in parts if isinstance(p, Call) and not p.method}


def member_path(expression: Expression) -> list[str]:
    """Return ``["a", "b", "c"]`` for ``a.b.c``, nothing for what begins otherwise."""
    path: list[str] = []
    while isinstance(expression, Member):
        path.append(expression.name)
        expression = expression.base
    return [expression.name, *reversed(path)] if isinstance(expression, Name) else []


def literal(expression: Expression | None) -> object:
    """Return the value of a literal, None for anything else."""
    match expression:
        case Literal():
            return expression.value
        case Operation(operator="-", operands=[Literal(value=int(number))]):
            return -number
    return None


def module_path(source: Source, module: Declaration) -> str:
    """Return the path of the file that a module call names, below the infrastructure's folder."""
    parts: list[str] = []
    for part in (source.path.parent / module.module).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def passed(module: Declaration) -> dict[str, Expression]:
    """Return what a module call passes, by parameter."""
    given = module.body.get("params")
    assert isinstance(given, ObjectOf)
    return {str(literal(key)): value for key, value in given.entries if key is not None}


class Types:
    """What type an expression plausibly has; an empty string where nothing can be said."""

    def __init__(self, source: Source, sources: dict[str, Source]) -> None:
        self.source = source
        self.sources = sources

    def of(self, expression: Expression) -> str:
        """Return string, int, bool, array, object or an empty string."""
        match expression:
            case Literal():
                return {bool: "bool", int: "int", str: "string"}.get(type(expression.value), "")
            case Operation():
                return "int" if expression.operator == "-" else "bool"
            case Conditional():
                return self.of(expression.then)
            case Name():
                return self.of_name(expression.name)
            case Member():
                return self.of_member(expression)
        return WRITTEN.get(type(expression), "")

    def of_name(self, name: str) -> str:
        """Return the type of a parameter or variable."""
        if name in self.source.parameter_types:
            return self.source.parameter_types[name]
        variable = self.source.syntax.variables.get(name)
        return self.of(variable) if variable is not None else ""

    def of_member(self, expression: Member) -> str:
        """Return the type of a module's output, or of what every resource has."""
        match member_path(expression):
            case [symbol, "outputs", output]:
                module = next((m for m in self.source.modules if m.symbol == symbol), None)
                if module is not None:
                    called = self.sources[module_path(self.source, module)]
                    return called.output_types.get(output, "missing output")
            case [_, "id" | "name"] | [_, "properties", "principalId" | "clientId"]:
                return "string"
        return ""
