"""Bicep files and parameter files to syntax, errors passed over.

A recursive-descent reader of the whole expression grammar (spread, lambdas, safe dereference,
non-null assertion, raw strings), used for ``.bicep`` and ``.bicepparam`` alike: the published
tree-sitter grammar stops at language features of 2024 and knows no parameter files. What does not
parse costs its own property or statement and is noted as a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from plomada.patterns import regex
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
    Spread,
    Template,
    Unreadable,
)
from plomada.readers.templates import (
    Declaration,
    LoopHeader,
    Parameter,
    ParameterFile,
    TemplateFile,
    UserFunction,
)
from plomada.readers.text import Places, Unread

DEEPEST = 60
MOST_FAULTS = 20
_TOKEN = regex(
    r"(?P<newline>\r?\n)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>\d+)"
    r"|(?P<raw>\$*''')|(?P<quote>')"
    r"|(?P<sign>\.\.\.|=>|==|!=|=~|!~|<=|>=|&&|\|\||\?\?|\.\?|\[\?|::|[-+*/%<>!=?:.,(){}\[\]@|])"
)
_BLANK = regex(r"(?:[ \t\f\v\ufeff]|//[^\n]*|/\*.*?\*/|#(?:disable|restore)[^\n]*)+", re.S)
_STATEMENT = regex(
    r"^(?=@|(?:param|var|resource|module|output|type|func|metadata|targetScope|import|using"
    r"|extends|extension|provider|assert|test)\b)",
    re.M,
)
_JINJA = regex(r"\{%.*?%\}|\{#.*?#\}", re.S)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "'": "'", "\\": "\\", "$": "$"}
_STRENGTH = {
    "??": 1, "||": 2, "&&": 3, "==": 4, "!=": 4, "=~": 4, "!~": 4, "<": 5, "<=": 5, ">": 5,
    ">=": 5, "+": 6, "-": 6, "*": 7, "/": 7, "%": 7,
}  # fmt: skip
_PLAIN = regex(r"[^'\\$\n]*(?=')")
_CONTINUED_LINE = regex(r"(?:\s|//[^\n]*|/\*.*?\*/)*[?:&|.]", re.S)
_BRACKETS = regex(r"'(?:[^'\\\n]|\\.)*'|//[^\n]*|(?P<sign>[,;{}\[\]()])")
_OPENING, _CLOSING = frozenset("{[("), frozenset("}])")
_CONTINUES = frozenset({"?", ":", "&&", "||", "??", ".", ".?"})


class _Broken(Exception):  # noqa: N818 - control flow of this reader alone
    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason)
        self.at = at


def read_bicep(text: str, path: str) -> TemplateFile:
    """Read a Bicep file; never raises, what cannot be read is in ``faults``."""
    parser = _Parser(_without_jinja(text), path)
    parser.file()
    return parser.result


def read_bicepparam(text: str, path: str) -> ParameterFile:
    """Read a Bicep parameter file; never raises, what cannot be read is in ``faults``."""
    parser = _Parser(_without_jinja(text), path)
    parser.file()
    values = {p.name: p.default for p in parser.result.parameters.values() if p.default}
    return ParameterFile(
        path, values, parser.using, parser.extends, parser.result.variables, parser.result.faults
    )


def read_expression(text: str, path: str) -> Expression:
    """Read one expression, as stands on a command line; ``Unreadable`` where it is none."""
    parser = _Parser(text, path)
    try:
        return parser.expression()
    except _Broken as broken:
        return Unreadable((parser.source, 0, len(text)), str(broken))


def _without_jinja(text: str) -> str:
    if "{%" not in text and "{#" not in text:
        return text
    return _JINJA.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


class _Parser:
    def __init__(self, text: str, path: str) -> None:
        self.source = Places(path, text)
        self.text = text
        self.position = 0
        self.depth = 0
        self.using = ""
        self.extends = ""
        self.result = TemplateFile(path, "bicep")
        self._kept_at = -1
        self._kept = ("end", "", 0, 0)
        self._decorators: list[Call] = []

    # tokens

    def peek(self) -> tuple[str, str, int, int]:
        """Return kind, text, start and end of the next token, which stays."""
        if self._kept_at == self.position:
            return self._kept
        start = self.position
        blank = _BLANK.match(self.text, start)
        if blank:
            start = blank.end()
        match = _TOKEN.match(self.text, start)
        if match is None:
            kind = "end" if start >= len(self.text) else "odd"
            token = (kind, self.text[start : start + 1], start, min(start + 1, len(self.text)))
        else:
            token = (match.lastgroup or "", match.group(), start, match.end())
        self._kept_at, self._kept = self.position, token
        return token

    def take(self) -> tuple[str, str, int, int]:
        token = self.peek()
        self.position = token[3]
        return token

    def accept(self, text: str) -> bool:
        token = self.peek()
        if token[1] == text and token[0] in ("sign", "name"):
            self.position = token[3]
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.broken(f"expected {text!r}")

    def identifier(self) -> str:
        kind, text, _, _ = self.peek()
        if kind != "name":
            self.broken("expected a name")
        self.take()
        return text

    def broken(self, reason: str) -> NoReturn:
        raise _Broken(reason, self.peek()[2])

    def newlines(self) -> None:
        while self.peek()[0] == "newline":
            self.take()

    def fault(self, broken: _Broken, *, rest: bool = True) -> None:
        if len(self.result.faults) < MOST_FAULTS:
            at = min(broken.at, max(0, len(self.text) - 1))
            span = self.source.span(at, at + 1)
            self.result.faults.append(Unread(str(broken), span, rest=rest))

    # statements

    def file(self) -> None:
        while True:
            self.newlines()
            kind, _, start, _ = self.peek()
            if kind == "end":
                return
            try:
                self.statement()
            except _Broken as broken:
                self.fault(broken)
                self._resume(start)
            except RecursionError:
                self.fault(_Broken("nested too deep", start))
                self._resume(start)

    def _resume(self, start: int) -> None:
        self._decorators = []
        following = _STATEMENT.search(self.text, max(self.position, start + 1))
        self.position = following.start() if following else len(self.text)

    def statement(self) -> None:
        kind, text, start, _ = self.peek()
        if text == "@":
            self._decorator()
            return
        reader = self._readers().get(text) if kind == "name" else None
        if reader is None:
            self.broken(f"no statement starts with {text!r}")
        self.take()
        reader(start)
        self._decorators = []

    def _readers(self) -> dict[str, Callable[[int], None]]:
        return {
            "param": self._param,
            "var": self._var,
            "resource": self._resource,
            "module": self._module,
            "output": self._output,
            "func": self._func,
            "targetScope": self._scope,
            "using": self._using,
            "extends": self._extends,
            "import": self._import,
            **dict.fromkeys(
                ("type", "metadata", "extension", "provider", "assert", "test"), self._skip
            ),
        }

    def _decorator(self) -> None:
        self.take()
        value = self._postfix()
        if isinstance(value, Call):
            self._decorators.append(value)

    def _skip(self, _: int) -> None:
        self._type(stop_at_equals=False)

    def _type(self, *, stop_at_equals: bool = True) -> tuple[int, int]:
        """Pass over a type: up to the end of the line, or to ``=``, outside of brackets."""
        depth, last = 0, ""
        begin = self.peek()[2]
        end = begin
        while True:
            kind, text, start, stop = self.peek()
            if kind == "end" and depth > 0:
                raise _Broken("a bracket is not closed", begin)
            if kind == "end" or (depth == 0 and stop_at_equals and text == "="):
                return begin, end
            if kind == "newline" and depth <= 0 and not self._type_continues(last):
                return begin, end
            if kind in ("quote", "raw"):
                self._string()
                end = self.position
                last = "'"
                continue
            depth += text in ("{", "[", "(", "[?")
            depth -= text in ("}", "]", ")")
            if depth < 0:
                raise _Broken("unbalanced bracket", start)
            self.take()
            if kind != "newline":
                end, last = stop, text

    def _type_continues(self, last: str) -> bool:
        if last in ("|", "=", ","):
            return True
        kept = self.position
        self.newlines()
        continues = self.peek()[1] == "|"
        self.position = kept
        return continues

    def _param(self, start: int) -> None:
        name = self.identifier()
        begin, end = self._type()
        default = self.expression() if self.accept("=") else None
        names = {call.function: call for call in self._decorators}
        allowed = (
            names["allowed"].arguments[0]
            if names.get("allowed") and names["allowed"].arguments
            else None
        )
        self.result.parameters[name] = Parameter(
            name,
            self.source.span(start, self.position),
            default,
            nullable=self.text[begin:end].rstrip().endswith("?"),
            secure="secure" in names,
            allowed=allowed,
        )

    def _var(self, _: int) -> None:
        name = self.identifier()
        if self.peek()[1] != "=":
            self._type()
        self.expect("=")
        self.result.variables[name] = self.expression()

    def _output(self, _: int) -> None:
        name = self.identifier()
        self._type()
        if self.accept("="):
            self.result.outputs[name] = self.expression()

    def _func(self, _: int) -> None:
        name = self.identifier()
        self.expect("(")
        parameters = []
        self.newlines()
        while not self.accept(")"):
            parameters.append(self.identifier())
            self._parameter_type()
            self.newlines()
        self._parameter_type(stop="=>")
        self.expect("=>")
        self.result.functions[name] = UserFunction(parameters, self.expression())

    def _parameter_type(self, stop: str = ",") -> None:
        depth = 0
        while True:
            kind, text, start, _ = self.peek()
            if kind == "end":
                raise _Broken("unfinished function", start)
            if depth == 0 and (text == stop or text == ")"):
                if text == ",":
                    self.take()
                return
            if kind in ("quote", "raw"):
                self._string()
                continue
            depth += text in ("{", "[", "(")
            depth -= text in ("}", "]", ")")
            self.take()

    def _scope(self, _: int) -> None:
        self.expect("=")
        value = self.expression()
        if isinstance(value, Literal):
            self.result.scope = str(value.value)

    def _using(self, _: int) -> None:
        if self.accept("none"):
            return
        self.using = self._plain_string()
        if self.accept("with"):
            self.expression()

    def _extends(self, _: int) -> None:
        self.extends = self._plain_string()

    def _import(self, _: int) -> None:
        names: list[tuple[str, str]] = []
        if self.accept("*"):
            self.expect("as")
            names.append((self.identifier(), "*"))
        elif self.accept("{"):
            names = self._imported_names()
        else:
            self._skip(0)
            return
        self.expect("from")
        path = self._plain_string()
        self.result.imports.update({alias: (path, name) for alias, name in names})

    def _imported_names(self) -> list[tuple[str, str]]:
        names = []
        self.newlines()
        while not self.accept("}"):
            name = self._key_text()
            names.append((self.identifier() if self.accept("as") else name, name))
            self.accept(",")
            self.newlines()
        return names

    def _key_text(self) -> str:
        if self.peek()[0] in ("quote", "raw"):
            return self._plain_string()
        return self.identifier()

    def _plain_string(self) -> str:
        if self.peek()[0] not in ("quote", "raw"):
            self.broken("expected a string")
        value = self._string()
        return str(value.value) if isinstance(value, Literal) else ""

    # resources

    def _resource(self, start: int, parent: str = "") -> None:
        symbol = self.identifier()
        written = self._plain_string()
        existing = self.accept("existing")
        kind, _, version = written.partition("@")
        slot = len(self.result.declarations)
        declaration = Declaration(
            symbol, self.source.span(start, start + 1), ObjectOf((self.source, start, start), []),
            type=kind, api_version=version, existing=existing, parent=parent,
        )  # fmt: skip
        self.result.declarations.append(declaration)
        self._declared(declaration, start, slot)

    def _module(self, start: int) -> None:
        symbol = self.identifier()
        reference = self._plain_string()
        declaration = Declaration(
            symbol, self.source.span(start, start + 1), ObjectOf((self.source, start, start), []),
            module=reference,
        )  # fmt: skip
        self.result.declarations.append(declaration)
        self._declared(declaration, start, len(self.result.declarations) - 1)

    def _declared(self, declaration: Declaration, start: int, slot: int) -> None:
        self.expect("=")
        self.newlines()
        if self.accept("["):
            self._looped(declaration)
        else:
            self._body(declaration)
        self.result.declarations[slot].span = self.source.span(start, self.position)

    def _looped(self, declaration: Declaration) -> None:
        self.newlines()
        self.expect("for")
        item, index = self._loop_names()
        self.expect("in")
        declaration.loop = LoopHeader(item, index, self.expression())
        self.expect(":")
        self.newlines()
        self._body(declaration)
        self.newlines()
        self.expect("]")

    def _body(self, declaration: Declaration) -> None:
        if self.accept("if"):
            declaration.condition = self._parenthesised()
            self.newlines()
        if self.peek()[1] != "{":
            self.broken("expected '{'")
        declaration.body = self._object(declaration)

    def _parenthesised(self) -> Expression:
        self.expect("(")
        self.newlines()
        value = self.expression()
        self.newlines()
        self.expect(")")
        return value

    def _loop_names(self) -> tuple[str, str]:
        if not self.accept("("):
            return self.identifier(), ""
        item = self.identifier()
        self.expect(",")
        index = self.identifier()
        self.expect(")")
        return item, index

    # expressions

    def expression(self) -> Expression:
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                self.broken(f"nested more than {DEEPEST} deep")
            return self._conditional()
        finally:
            self.depth -= 1

    def _conditional(self) -> Expression:
        start = self.peek()[2]
        value = self._binary(0)
        if not self._on_next_line("?"):
            return value
        self.take()
        self.newlines()
        then = self.expression()
        if not self._on_next_line(":"):
            self.broken("expected ':'")
        self.take()
        self.newlines()
        other = self.expression()
        return Conditional(self._place(start), value, then, other)

    def _place(self, start: int) -> tuple[Places, int, int]:
        return (self.source, start, self.position)

    def _on_next_line(self, *signs: str) -> bool:
        """Whether one of the signs follows, over line breaks, which are then passed."""
        kind, text, _, _ = self.peek()
        if kind != "newline":
            return kind == "sign" and text in signs
        if not _CONTINUED_LINE.match(self.text, self.position):
            return False
        kept = self.position
        self.newlines()
        kind, text, _, _ = self.peek()
        if kind == "sign" and text in signs and text in _CONTINUES:
            return True
        self.position = kept
        return False

    def _binary(self, least: int) -> Expression:
        start = self.peek()[2]
        value = self._unary()
        while True:
            kind, text, _, _ = self.peek()
            if kind == "newline" and self._on_next_line("&&", "||", "??"):
                text = self.peek()[1]
            strength = _STRENGTH.get(text, 0) if kind != "name" else 0
            if strength <= least:
                return value
            self.take()
            self.newlines()
            right = self._binary(strength)
            value = Operation(self._place(start), text, [value, right])

    def _unary(self) -> Expression:
        _, text, start, _ = self.peek()
        if text in ("!", "-") and self.peek()[0] == "sign":
            self.take()
            self.depth += 1
            if self.depth > DEEPEST:
                self.broken(f"nested more than {DEEPEST} deep")
            operand = self._unary()
            self.depth -= 1
            return Operation(self._place(start), text, [operand])
        return self._postfix()

    def _postfix(self) -> Expression:
        start = self.peek()[2]
        value = self._primary()
        while True:
            kind, text, _, _ = self.peek()
            if kind != "sign":
                if kind == "newline" and self._on_next_line(".", ".?"):
                    continue
                return value
            if text in (".", ".?", "::"):
                self.take()
                self.newlines()
                value = self._member(value, start, text)
            elif text in ("[", "[?"):
                value = self._index(value, start)
            elif text == "!":
                self.take()
            else:
                return value

    def _member(self, base: Expression, start: int, sign: str) -> Expression:
        name = self.identifier()
        if sign == "." and self.peek()[1] == "(":
            arguments = self._arguments()
            if isinstance(base, Name) and base.name in ("sys", "az"):
                return Call(self._place(start), name, arguments)
            return Call(self._place(start), name, [base, *arguments], method=True)
        return Member(self._place(start), base, name, sign == ".?", sign == "::")

    def _index(self, base: Expression, start: int) -> Expression:
        self.take()
        self.newlines()
        index = self.expression()
        self.newlines()
        self.expect("]")
        return Index(self._place(start), base, index)

    def _arguments(self) -> list[Expression]:
        self.expect("(")
        found: list[Expression] = []
        self.newlines()
        while not self.accept(")"):
            found.append(self.expression())
            self.newlines()
            if not self.accept(",") and self.peek()[1] != ")":
                self.broken("expected ',' or ')'")
            self.newlines()
        return found

    def _primary(self) -> Expression:  # noqa: RET503 - broken() does not return
        kind, text, start, _ = self.peek()
        if kind in ("quote", "raw"):
            return self._string()
        if kind == "number":
            self.take()
            return Literal(self._place(start), int(text[:18]))
        if kind == "name":
            return self._named(text, start)
        if text == "{":
            return self._object()
        if text == "[":
            return self._array()
        if text == "(":
            return self._group(start)
        self.broken(f"expected a value, found {text!r}" if text.strip() else "expected a value")

    def _named(self, text: str, start: int) -> Expression:
        self.take()
        constants = {"true": True, "false": False, "null": None}
        if text in constants:
            return Literal(self._place(start), constants[text])
        if self.peek()[1] == "(":
            arguments = self._arguments()
            return Call(self._place(start), text, arguments)
        if self.peek()[1] == "=>":
            self.take()
            self.newlines()
            body = self.expression()
            return Lambda(self._place(start), [text], body)
        return Name(self._place(start), text)

    def _group(self, start: int) -> Expression:
        lambda_names = re.compile(r"\(\s*(\w*(?:\s*,\s*\w+)*)\s*\)\s*=>").match(self.text, start)
        if lambda_names:
            self.position = lambda_names.end()
            self.newlines()
            names = [n.strip() for n in lambda_names.group(1).split(",") if n.strip()]
            body = self.expression()
            return Lambda(self._place(start), names, body)
        return self._parenthesised()

    def _string(self) -> Expression:
        kind, text, start, end = self.peek()
        self.position = end
        if kind == "raw":
            return self._raw_string(start, text)
        return self._pieces(start)

    def _raw_string(self, start: int, opening: str) -> Expression:
        end = self.text.find("'''", self.position)
        if end < 0:
            raise _Broken("a ''' string is not closed", start)
        body = self.text[self.position : end]
        self.position = end + 3
        while self.text[self.position : self.position + 1] == "'":
            self.position += 1
        if opening != "'''" and "${" in body:
            return Template(self._place(start), [Unreadable(self._place(start), body)])
        return Literal(self._place(start), body.removeprefix("\r").removeprefix("\n"))

    def _pieces(self, start: int) -> Expression:
        pieces: list[Expression] = []
        buffer: list[str] = []
        begin = self.position
        plain = _PLAIN.match(self.text, begin)
        if plain:
            self.position = plain.end() + 1
            return Literal(self._place(start), plain.group())
        while True:
            at = self.position
            char = self.text[at : at + 1]
            if char in ("", "\n"):
                raise _Broken("a string is not closed", start)
            if char == "'":
                self.position = at + 1
                break
            if self.text.startswith("${", at):
                self._close(pieces, buffer, begin)
                self.position = at + 2
                pieces.append(self._interpolation())
                begin = self.position
            else:
                self.position += self._character(buffer, at, char)
        if not pieces:
            return Literal(self._place(start), "".join(buffer))
        self._close(pieces, buffer, begin)
        return Template(self._place(start), pieces)

    def _character(self, buffer: list[str], at: int, char: str) -> int:
        if char != "\\":
            buffer.append(char)
            return 1
        escaped = self.text[at + 1 : at + 2]
        if escaped == "u" and (
            match := re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}").match(self.text, at)
        ):
            code = int(match.group(1), 16)
            buffer.append(chr(code) if code <= 0x10FFFF else "\ufffd")
            return match.end() - at
        buffer.append(_ESCAPES.get(escaped, escaped))
        return 2

    def _close(self, pieces: list[Expression], buffer: list[str], begin: int) -> None:
        if buffer:
            pieces.append(Literal((self.source, begin, self.position), "".join(buffer)))
            buffer.clear()

    def _interpolation(self) -> Expression:
        self.newlines()
        value = self.expression()
        self.newlines()
        self.expect("}")
        return value

    def _array(self) -> Expression:
        start = self.take()[2]
        self.newlines()
        if self.peek()[1] == "for":
            return self._for(start)
        elements: list[Expression] = []
        while not self.accept("]"):
            elements.append(self._element())
            if not self.accept(",") and self.peek()[0] != "newline" and self.peek()[1] != "]":
                self.broken("expected ',' or ']'")
            self.newlines()
        return ArrayOf(self._place(start), elements)

    def _element(self) -> Expression:
        start = self.peek()[2]
        if self.accept("..."):
            value = self.expression()
            return Spread(self._place(start), value)
        return self.expression()

    def _for(self, start: int) -> Expression:
        self.take()
        item, index = self._loop_names()
        self.expect("in")
        source = self.expression()
        self.expect(":")
        self.newlines()
        condition = None
        if self.accept("if"):
            condition = self._parenthesised()
            self.newlines()
        body = self.expression()
        self.newlines()
        self.expect("]")
        return Loop(self._place(start), item, index, source, body, None, condition)

    def _object(self, declaration: Declaration | None = None) -> ObjectOf:
        start = self.take()[2]
        self.depth += 1
        if self.depth > DEEPEST:
            self.broken(f"nested more than {DEEPEST} deep")
        entries: list[tuple[Expression | None, Expression]] = []
        self.newlines()
        while not self.accept("}"):
            before = self.peek()[2]
            try:
                self._property(entries, declaration)
            except _Broken as broken:
                self.fault(broken)
                if not self._resume_property(before, broken):
                    break
            self.newlines()
        self.depth -= 1
        return ObjectOf(self._place(start), entries)

    def _resume_property(self, before: int, broken: _Broken) -> bool:
        """Go on behind the property, at the latest at the next line; False at another statement."""
        line_end = self.text.find("\n", max(broken.at, before))
        end = self._property_end(before, line_end if line_end >= 0 else len(self.text))
        if self.depth > DEEPEST or (line_end < 0 and end is None):
            self.position = len(self.text)
            return False
        if end is not None:
            self.position = end
            return True
        self.position = line_end + 1
        return not _STATEMENT.match(self.text, self.position)

    def _property_end(self, before: int, line_end: int) -> int | None:
        """Return where a property's object goes on or ends on the line; None if on none of it."""
        depth = 0
        for match in _BRACKETS.finditer(self.text, before, line_end):
            sign = match["sign"]
            if depth == 0 and sign in {",", ";"}:
                return match.end()
            if depth == 0 and sign == "}":
                return match.start()
            depth += (sign in _OPENING) - (sign in _CLOSING)
        return None

    def _property(
        self, entries: list[tuple[Expression | None, Expression]], declaration: Declaration | None
    ) -> None:
        kind, text, start, _ = self.peek()
        if text == "...":
            self.take()
            entries.append((None, self.expression()))
        elif declaration is not None and self._starts_nested(text):
            self._nested(declaration, text, start)
            return
        else:
            key = self._key(kind)
            self.newlines()
            self.expect(":")
            self.newlines()
            entries.append((key, self.expression()))
        if self.peek()[1] == ";":
            self.fault(_Broken("properties are separated by ',' or a new line", start), rest=False)
            self.take()
        elif not self.accept(",") and self.peek()[0] != "newline" and self.peek()[1] != "}":
            self.broken("expected the end of the property")

    def _starts_nested(self, text: str) -> bool:
        if text == "@":
            return True
        return text == "resource" and bool(
            re.compile(r"resource\s+\w+\s+'").match(self.text, self.peek()[2])
        )

    def _nested(self, declaration: Declaration, text: str, start: int) -> None:
        self.take()
        if text == "@":
            self._postfix()
            return
        self._resource(start, declaration.symbol)

    def _key(self, kind: str) -> Expression:
        if kind in ("quote", "raw"):
            return self._string()
        start = self.peek()[2]
        name = self.identifier()
        return Literal(self._place(start), name)
