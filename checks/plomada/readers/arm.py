"""ARM JSON templates, their parameter files and the expressions in their strings to syntax."""

from __future__ import annotations

import re
from typing import NoReturn

from plomada.patterns import regex
from plomada.readers.expressions import (
    ArrayOf,
    Call,
    Expression,
    Index,
    Literal,
    Member,
    ObjectOf,
    Place,
    Unreadable,
)
from plomada.readers.nodes import Node
from plomada.readers.templates import (
    Declaration,
    LoopHeader,
    Parameter,
    ParameterFile,
    TemplateFile,
    UserFunction,
)

DEEPEST = 100
_TOKEN = regex(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>[.,()\[\]?]))"
)
_SCOPES = (
    ("subscriptiondeploymenttemplate", "subscription"),
    ("managementgroupdeploymenttemplate", "managementGroup"),
    ("tenantdeploymenttemplate", "tenant"),
)
_TOP_LEVEL_KEYS = frozenset(
    {"condition", "copy", "dependson", "resources", "comments", "apiversion", "type"}
)


def is_template(node: Node) -> bool:
    """Tell whether a JSON document is an ARM template."""
    schema = _value(node, "$schema").lower()
    if "deploymentparameters" in schema:
        return False
    resources = get(node, "resources")
    listed = resources is not None and resources.kind in ("sequence", "mapping")
    return listed and ("deploymenttemplate" in schema or get(node, "contentVersion") is not None)


def is_parameter_file(node: Node) -> bool:
    """Tell whether a JSON document gives a template its parameters, wrapped or not."""
    parameters = get(node, "parameters") or node
    if parameters.kind != "mapping" or get(node, "resources") is not None:
        return False
    if "deploymentparameters" in _value(node, "$schema").lower():
        return True
    values = [v for _, v in parameters.items()]
    return bool(values) and all(get(v, "value") or get(v, "reference") for v in values)


def generated_by_bicep(node: Node) -> bool:
    """Tell whether a template says that the Bicep compiler wrote it."""
    generator = node.find("metadata._generator.name")
    return generator is not None and generator.string.lower() == "bicep"


def get(node: Node, key: str) -> Node | None:
    """Return the value under a key, compared without case as ARM does."""
    wanted = key.lower()
    for name, value in reversed(node.entries):
        if name.text.lower() == wanted:
            return value
    return None


def _value(node: Node, key: str) -> str:
    found = get(node, key)
    return found.string if found is not None else ""


def read_parameter_file(node: Node, path: str) -> ParameterFile:
    """Return a JSON parameter file's values; a Key Vault reference is out of sight."""
    values: dict[str, Expression] = {}
    parameters = get(node, "parameters") or node
    for name, entry in parameters.items():
        value = get(entry, "value")
        if value is not None:
            values[name] = plain(value)
        elif get(entry, "reference") is not None:
            values[name] = Unreadable(entry.span, f"{name} comes from a key vault")
    return ParameterFile(path, values)


def read_template(node: Node, path: str) -> TemplateFile:
    """Return an ARM template's syntax."""
    schema = _value(node, "$schema").lower()
    scope = next((name for text, name in _SCOPES if text in schema), "resourceGroup")
    result = TemplateFile(path, "arm", scope)
    for name, entry in _entries(node, "parameters"):
        result.parameters[name.lower()] = _parameter(name, entry)
    _read_variables(node, result)
    for name, entry in _entries(node, "outputs"):
        value = get(entry, "value")
        if value is not None:
            result.outputs[name] = expression(value)
    _read_functions(node, result)
    resources = get(node, "resources")
    if resources is not None:
        _read_resources(resources, result, "", "")
    return result


def _entries(node: Node, key: str) -> list[tuple[str, Node]]:
    found = get(node, key)
    return list(found.items()) if found is not None else []


def _parameter(name: str, entry: Node) -> Parameter:
    default, allowed = get(entry, "defaultValue"), get(entry, "allowedValues")
    nullable = get(entry, "nullable")
    return Parameter(
        name.lower(),
        entry.span,
        expression(default) if default is not None else None,
        nullable=nullable is not None and nullable.value is True,
        secure=_value(entry, "type").lower().startswith("secure"),
        allowed=expression(allowed) if allowed is not None else None,
    )


def _read_variables(node: Node, result: TemplateFile) -> None:
    for name, entry in _entries(node, "variables"):
        if name.lower() == "copy" and entry.kind == "sequence":
            for loop in entry.elements:
                result.variables[_value(loop, "name").lower()] = _copied(loop)
        else:
            result.variables[name.lower()] = expression(entry)


def _copied(loop: Node) -> Expression:
    """Return an array that a ``copy`` element makes: its count, loop name and input."""
    count, body = get(loop, "count"), get(loop, "input")
    name = _value(loop, "name")
    if count is None or body is None:
        return Unreadable(loop.span, "a copy without count or input")
    return Call(loop.span, "copy", [expression(count), Literal(loop.span, name), expression(body)])


def _read_functions(node: Node, result: TemplateFile) -> None:
    found = get(node, "functions")
    for group in found.elements if found is not None else []:
        members = get(group, "members")
        for name, member in members.items() if members is not None else ():
            output = member.find("output.value")
            names = get(member, "parameters")
            listed = (
                [_value(p, "name").lower() for p in names.elements] if names is not None else []
            )
            if output is not None:
                full = f"{_value(group, 'namespace')}.{name}".lower()
                result.functions[full] = UserFunction(listed, expression(output))


def _read_resources(node: Node, result: TemplateFile, parent: str, parent_type: str) -> None:
    """Read resources iteratively, those nested inside others too (list or symbolic names)."""
    stack: list[tuple[Node, str, str]] = [(node, parent, parent_type)]
    while stack:
        current, inside, type_inside = stack.pop()
        pairs = list(current.items()) or [("", element) for element in current.elements]
        for symbol, entry in pairs:
            if entry.kind != "mapping":
                continue
            made = symbol or f"resource{len(result.declarations)}"
            declaration = _declaration(entry, made, inside, type_inside)
            result.declarations.append(declaration)
            nested = get(entry, "resources")
            if nested is not None:
                stack.append((nested, made, declaration.type))


def _declaration(entry: Node, symbol: str, parent: str, parent_type: str) -> Declaration:
    kind = _value(entry, "type")
    if parent_type and "." not in kind.partition("/")[0]:
        kind = f"{parent_type}/{kind}"
    existing, condition = get(entry, "existing"), get(entry, "condition")
    body = ObjectOf(
        entry.span,
        [
            (Literal(k.span, k.text), expression(v))
            for k, v in entry.entries
            if k.text.lower() not in _TOP_LEVEL_KEYS
        ],
    )
    declaration = Declaration(
        symbol, entry.span, body, kind, _value(entry, "apiVersion"),
        existing=existing is not None and existing.value is True,
        condition=expression(condition) if condition is not None else None,
        loop=_loop(get(entry, "copy")), parent=parent,
    )  # fmt: skip
    if kind.lower() == "microsoft.resources/deployments":
        _nested_deployment(entry, declaration)
    return declaration


def _loop(node: Node | None) -> LoopHeader | None:
    count = get(node, "count") if node is not None else None
    if node is None or count is None:
        return None
    return LoopHeader("", _value(node, "name"), expression(count))


def _nested_deployment(entry: Node, declaration: Declaration) -> None:
    properties = get(entry, "properties")
    if properties is None:
        return
    template = get(properties, "template")
    if template is not None and template.kind == "mapping":
        declaration.template = read_template(template, entry.span.path)
        options = get(properties, "expressionEvaluationOptions")
        scope = _value(options, "scope") if options is not None else ""
        declaration.inner = scope.lower() == "inner"
    link = get(properties, "templateLink")
    if link is not None:
        declaration.module = _value(link, "relativePath") or _value(link, "uri") or "linked"


def plain(node: Node) -> Expression:
    """Return an expression for a JSON value whose strings are no ARM expressions."""
    return _convert(node, 0, arm=False)


def expression(node: Node) -> Expression:
    """Return an expression for a JSON value, ``[...]`` strings read as ARM expressions."""
    return _convert(node, 0, arm=True)


def _convert(node: Node, depth: int, *, arm: bool) -> Expression:
    if depth > DEEPEST:
        return Unreadable(node.span, "nested too deep")
    if node.kind == "mapping":
        return _object(node, depth, arm=arm)
    if node.kind == "sequence":
        return ArrayOf(node.span, [_convert(e, depth + 1, arm=arm) for e in node.elements])
    if arm and isinstance(node.value, str):
        return read_arm_string(node.value, node.span)
    return Literal(node.span, node.value)


def _object(node: Node, depth: int, *, arm: bool) -> Expression:
    entries: list[tuple[Expression | None, Expression]] = []
    for key, value in node.entries:
        if arm and key.text.lower() == "copy" and value.kind == "sequence":
            entries += [(Literal(n.span, _value(n, "name")), _copied(n)) for n in value.elements]
        else:
            name = read_arm_string(key.text, key.span) if arm else Literal(key.span, key.text)
            entries.append((name, _convert(value, depth + 1, arm=arm)))
    return ObjectOf(node.span, entries)


def read_arm_string(text: str, place: Place) -> Expression:
    """Return what a string of a template means: an expression in brackets or itself."""
    if not (text.startswith("[") and text.endswith("]")):
        return Literal(place, text)
    if text.startswith("[["):
        return Literal(place, text[1:])
    return _ArmReader(text[1:-1], place).whole()


class _Broken(Exception):  # noqa: N818 - control flow of this reader alone
    pass


class _ArmReader:
    def __init__(self, text: str, place: Place) -> None:
        self.tokens = list(_TOKEN.finditer(text))
        self.complete = sum(len(t.group()) for t in self.tokens) == len(text.rstrip())
        self.at = 0
        self.depth = 0
        self.place = place

    def whole(self) -> Expression:
        try:
            if not self.complete:
                self.broken()
            value = self.value()
            if self.at < len(self.tokens):
                self.broken()
        except _Broken:
            return Unreadable(self.place, "an expression that does not parse")
        return value

    def broken(self) -> NoReturn:
        raise _Broken

    def peek(self) -> str:
        return self.tokens[self.at].group().strip() if self.at < len(self.tokens) else ""

    def value(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST or self.at >= len(self.tokens):
            self.broken()
        token = self.tokens[self.at]
        self.at += 1
        found = self.primary(token)
        found = self.postfix(found)
        self.depth -= 1
        return found

    def primary(self, token: re.Match[str]) -> Expression:
        text = token.group().strip()
        if token.group("string"):
            return Literal(self.place, text[1:-1].replace("''", "'"))
        if token.group("number"):
            return Literal(self.place, float(text) if "." in text else int(text[:18]))
        if not token.group("name"):
            self.broken()
        while self.peek() == ".":
            self.at += 1
            text += "." + self.peek()
            self.at += 1
        if self.peek() != "(":
            self.broken()
        return Call(self.place, text, self.arguments())

    def arguments(self) -> list[Expression]:
        self.at += 1
        found: list[Expression] = []
        while self.peek() != ")":
            found.append(self.value())
            if self.peek() == ",":
                self.at += 1
            elif self.peek() != ")":
                self.broken()
        self.at += 1
        return found

    def postfix(self, value: Expression) -> Expression:
        while self.peek() in (".", "[", "?"):
            sign = self.peek()
            self.at += 1
            if sign == ".":
                if self.peek() == "?":
                    self.at += 1
                value = Member(self.place, value, self.peek())
                self.at += 1
            elif sign == "[":
                value = Index(self.place, value, self.value())
                if self.peek() != "]":
                    self.broken()
                self.at += 1
        return value
