"""Scripts that stand inside infrastructure: provisioners and deployment scripts.

``local-exec`` of Terraform, ``Microsoft.Resources/deploymentScripts`` of Bicep and ARM, and the
Terraform resources that make such. Read from the syntax alone, for the values of the estate come
from commands, which these are.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from plomada.facts.model import Value
from plomada.facts.shell.commandline import program
from plomada.facts.strings import known, unknown
from plomada.patterns import regex
from plomada.readers import json as json_reader
from plomada.readers import macros
from plomada.readers.arm import generated_by_bicep, is_template, read_template
from plomada.readers.bicep import read_bicep
from plomada.readers.expressions import (
    ArrayOf,
    Call,
    Conditional,
    Expression,
    Literal,
    Member,
    Name,
    ObjectOf,
    Template,
    walk,
)
from plomada.readers.source import Source
from plomada.readers.templates import Declaration, TemplateFile
from plomada.readers.terraform import Block, read_terraform
from plomada.records import dataclass

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.repository import Repository

DEEPEST = 8
MOST_FILES = 400
_SCRIPTS = "microsoft.resources/deploymentscripts"
_VERIFIED = regex(r"avm/res/resources/deployment-script\b", re.I)
_TERRAFORM_SCRIPTS = {
    "azurerm_resource_deployment_script_azure_cli": "bash",
    "azurerm_resource_deployment_script_azure_power_shell": "pwsh",
}
_NEEDLES = ("local-exec", "deployment_script", "deploymentscripts", "deployment-script")
_TAKEN_IN = frozenset({"file", "templatefile", "loadtextcontent"})
_MODULE = {
    ".tf": regex(r"^\s*source\s*=\s*\"(\.[^\"]*)\"", re.M),
    ".bicep": regex(r"^\s*module\s+\w+\s+'([^':]+)'", re.M),
    ".json": regex(r"\"relativePath\"\s*:\s*\"([^\"]+)\"", re.I),
}
_SLOT = regex(r"\{(\d+)\}|%[sdvq]")


@dataclass(frozen=True, slots=True)
class Embedded:
    """A script inside infrastructure.

    Attributes:
        address: the resource that holds it: ``path::name``.
        source: its text, with placeholders for what is interpolated.
        macros: what stands at the placeholders.
        shell: ``bash``, ``pwsh`` or ``python``.
        directory: the folder that it runs in.
        env: its environment variables.
        taken: path of a tracked file whose text it takes, "" for none.
        soft: its failure is ignored.
        on_destroy: it runs when the resource goes.
    """

    address: str
    source: Source
    macros: tuple[Value, ...] = ()
    shell: str = "bash"
    directory: str = ""
    env: Mapping[str, Value] = field(default_factory=dict)
    taken: str = ""
    soft: bool = False
    on_destroy: bool = False


class EmbeddedScripts:
    """The scripts inside a repository's infrastructure.

    Args:
        facts: gives the files.
    """

    def __init__(self, facts: Facts) -> None:
        self._repository = facts.repository
        self._found = dict(self._read())

    @property
    def all(self) -> tuple[Embedded, ...]:
        """Every script, by path."""
        return tuple(script for scripts in self._found.values() for script in scripts)

    def deployed_with(self, root: str) -> tuple[Embedded, ...]:
        """Return the scripts that a deployment of a template or folder runs, modules included."""
        if not self._found:
            return ()
        files = _closure(self._repository, root)
        return tuple(s for path in files for s in self._found.get(path, ()) if not s.on_destroy)

    def _read(self) -> Iterator[tuple[str, tuple[Embedded, ...]]]:
        repository = self._repository
        has_bicep = bool(repository.with_suffix(".bicep"))
        for path in repository.with_suffix(".tf", ".bicep", ".json"):
            if not repository.mentions(path, *_NEEDLES):
                continue
            text = repository.text(path) or ""
            if path.endswith((".tf", ".tf.json")):
                found = tuple(_Terraform(repository, path, text).scripts())
            else:
                file = _template(path, text, has_bicep=has_bicep)
                found = tuple(_scripts_of(repository, file, text)) if file is not None else ()
            if found:
                yield path, found


def _closure(repository: Repository, root: str) -> list[str]:
    """Return a template or the files of a folder, and those of the modules that they call."""
    waiting = [root]
    seen: list[str] = []
    while waiting and len(seen) < MOST_FILES:
        current = waiting.pop()
        if current in seen:
            continue
        if repository.is_dir(current) or not current:
            inside = [p for p in repository.with_suffix(".tf") if posixpath.dirname(p) == current]
            waiting += inside
            continue
        seen.append(current)
        pattern = _MODULE.get(posixpath.splitext(current)[1])
        for named in pattern.findall(repository.text(current) or "") if pattern else ():
            target = posixpath.normpath(posixpath.join(posixpath.dirname(current), named))
            waiting.append("" if target == "." else target)
    return sorted(seen)


# --- texts with what is interpolated


Resolve = Callable[[Expression], Expression | Value | None]


class _Script:
    """Collects the pieces of a script."""

    def __init__(self, path: str, lines: list[str], resolve: Resolve) -> None:
        self.path, self.lines, self.resolve = path, lines, resolve
        self.text = ""
        self.pieces: list[tuple[int, int, int]] = []
        self.values: list[Value] = []

    def add(self, expression: Expression, depth: int = 0) -> None:
        """Add what an expression comes to."""
        parts = _parts(expression)
        if isinstance(expression, Literal):
            self._literal(str(expression.value), expression)
        elif parts is not None and depth < DEEPEST:
            for part in parts:
                self.add(part, depth + 1)
        else:
            self._named(expression, depth)

    def _named(self, expression: Expression, depth: int) -> None:
        found = self.resolve(expression) if depth < DEEPEST else None
        if isinstance(found, Expression):
            self.add(found, depth + 1)
            return
        self._note(expression.span.line, expression.span.column)
        self.text += macros.placeholder(len(self.values))
        self.values.append(found if found is not None else unknown(_told(expression)))

    def _note(self, line: int, column: int) -> None:
        self.pieces.append((len(self.text), line, column))

    def _literal(self, value: str, expression: Expression) -> None:
        span = expression.span
        head = self.lines[span.line - 1][span.column - 1 :] if span.line <= len(self.lines) else ""
        below = head.startswith("<<") or re.match(r"\$*'''\s*$", head) is not None
        first = span.line + 1 if below else span.line
        for number, row in enumerate(value.split("\n")):
            line, column = _where(self.lines, first + number, row) or (span.line, span.column)
            self._note(line, max(column, span.column) if line == span.line else column)
            self.text += row + "\n"
        self.text = self.text[:-1]

    def source(self) -> Source:
        """Return the collected text."""
        return Source(self.path, self.text, tuple(self.pieces) or ((0, 1, 1),))


def _where(lines: list[str], number: int, row: str) -> tuple[int, int] | None:
    """Return the place of a row of a script in its file, None where it stands elsewhere."""
    if not 0 < number <= len(lines) or not row.strip():
        return None
    column = lines[number - 1].find(row)
    return (number, column + 1) if column >= 0 else None


def _parts(expression: Expression) -> list[Expression] | None:
    """Return what an expression strings together, None where it does not."""
    if isinstance(expression, Template):
        return expression.pieces
    if isinstance(expression, Conditional):
        return [expression.then, Literal(expression.place, "\n"), expression.other]
    if not isinstance(expression, Call):
        return None
    name, given = expression.function.lower(), expression.arguments
    if name in ("concat", "trimspace", "string", "chomp"):
        return given
    if name == "format" and given and isinstance(given[0], Literal):
        return list(_formatted(given[0], given[1:]))
    if name == "replace" and given:
        return given[:1]
    if name == "join":
        array = next((a for a in given if isinstance(a, ArrayOf)), None)
        sign = next((a for a in given if isinstance(a, Literal)), None)
        return list(_joined(array, sign)) if array is not None and sign is not None else None
    return None


def _formatted(pattern: Literal, given: list[Expression]) -> Iterator[Expression]:
    text, position = str(pattern.value), 0
    for count, slot in enumerate(_SLOT.finditer(text)):
        yield Literal(pattern.place, text[position : slot.start()])
        number = int(slot[1]) if slot[1] else count
        if number < len(given):
            yield given[number]
        position = slot.end()
    yield Literal(pattern.place, text[position:])


def _joined(array: ArrayOf, sign: Literal) -> Iterator[Expression]:
    for number, element in enumerate(array.elements):
        if number:
            yield Literal(element.place, str(sign.value))
        yield element


def _told(expression: Expression) -> str:
    """Return what to call an expression that is out of sight."""
    if isinstance(expression.place, tuple):
        places, start, end = expression.place
        return f"${{{' '.join(places.text[start:end].split())[:60]}}}"
    return "${...}"


def _text(expression: Expression | None) -> str:
    """Return a literal text, "" for anything else."""
    literal = isinstance(expression, Literal) and isinstance(expression.value, str)
    return str(expression.value) if literal and isinstance(expression, Literal) else ""


def _taken_in(repository: Repository, path: str, expression: Expression) -> str:
    """Return the tracked file whose text an expression takes in, "" for none."""
    folder = posixpath.dirname(path)
    for part in walk(expression):
        if isinstance(part, Call) and part.function.lower() in _TAKEN_IN and part.arguments:
            named = part.arguments[0]
            pieces = named.pieces if isinstance(named, Template) else [named]
            text = "".join(_text(piece) for piece in pieces).lstrip("/")
            target = posixpath.normpath(posixpath.join(folder, text))
            if repository.exists(target):
                return target
    return ""


# --- Bicep and ARM


def _template(path: str, text: str, *, has_bicep: bool) -> TemplateFile | None:
    if path.endswith(".bicep"):
        return read_bicep(text, path)
    documents, _ = json_reader.read(text, path)
    root = documents[0] if documents else None
    if root is None or not is_template(root) or (has_bicep and generated_by_bicep(root)):
        return None
    return read_template(root, path)


def _scripts_of(repository: Repository, file: TemplateFile, text: str) -> Iterator[Embedded]:
    lines = text.splitlines()
    waiting = [file]
    while waiting:
        current = waiting.pop(0)
        for declaration in current.declarations:
            if declaration.template is not None:
                waiting.append(declaration.template)
            holder = _script_holder(declaration)
            if holder is not None:
                yield from _deployment_script(repository, current, lines, declaration, holder)


def _script_holder(declaration: Declaration) -> ObjectOf | None:
    """Return the object that holds a deployment script's settings."""
    if declaration.type.lower() == _SCRIPTS and not declaration.existing:
        found = declaration.body.get("properties")
    elif _VERIFIED.search(declaration.module):
        found = declaration.body.get("params")
    else:
        return None
    return found if isinstance(found, ObjectOf) else None


def _deployment_script(
    repository: Repository,
    file: TemplateFile,
    lines: list[str],
    declaration: Declaration,
    holder: ObjectOf,
) -> Iterator[Embedded]:
    content = holder.get("scriptContent")
    if content is None:
        return
    kind = _text(declaration.body.get("kind") or holder.get("kind"))
    env = holder.get("environmentVariables")
    yield _embedded(
        repository,
        f"{file.path}::{declaration.symbol}",
        content,
        _Script(file.path, lines, lambda e: _of_template(file, e)),
        shell="pwsh" if "powershell" in kind.lower() else "bash",
        env=dict(_listed_variables(env, lambda e: _of_template(file, e))),
    )


def _of_template(file: TemplateFile, expression: Expression) -> Expression | Value | None:
    """Return what a name stands for in its file: a variable, or a parameter's default."""
    name = ""
    if isinstance(expression, Name):
        name = expression.name
    elif isinstance(expression, Call) and expression.function.lower() in (
        "variables",
        "parameters",
    ):
        name = _text(expression.arguments[0]).lower() if expression.arguments else ""
    if name in file.variables:
        return file.variables[name]
    declared = file.parameters.get(name)
    if declared is None or declared.secure or not isinstance(declared.default, Literal):
        return None
    return known(declared.default.value)


def _listed_variables(listed: Expression | None, resolve: Resolve) -> Iterator[tuple[str, Value]]:
    for entry in listed.elements if isinstance(listed, ArrayOf) else ():
        if not isinstance(entry, ObjectOf):
            continue
        name, value = _text(entry.get("name")), entry.get("value")
        if name and value is not None:
            yield name, _single(value, resolve)


def _single(expression: Expression, resolve: Resolve) -> Value:
    """Return the value of one setting, unknown where it is out of sight."""
    for _ in range(DEEPEST):
        if isinstance(expression, Literal):
            return known(expression.value)
        found = resolve(expression)
        if not isinstance(found, Expression):
            return found if found is not None else unknown(_told(expression))
        expression = found
    return unknown(_told(expression))


def _embedded(
    repository: Repository,
    address: str,
    content: Expression,
    script: _Script,
    **more: object,
) -> Embedded:
    taken = _taken_in(repository, script.path, _followed(content, script.resolve))
    if not taken:
        script.add(content)
    source = script.source()
    if taken:
        span = content.span
        source = Source(script.path, "", ((0, span.line, span.column),))
    return Embedded(address, source, tuple(script.values), taken=taken, **more)  # type: ignore[arg-type]


def _followed(expression: Expression, resolve: Resolve) -> Expression:
    """Return what a lone name stands for."""
    for _ in range(DEEPEST):
        found = resolve(expression) if isinstance(expression, Name | Member | Call) else None
        if not isinstance(found, Expression):
            break
        expression = found
    return expression


# --- Terraform


class _Terraform:
    """The scripts of one Terraform file, names looked up in its folder."""

    def __init__(self, repository: Repository, path: str, text: str) -> None:
        self.repository, self.path = repository, path
        self.folder = posixpath.dirname(path)
        self.lines = text.splitlines()
        self.file = read_terraform(text, path)
        self._names: dict[str, Expression] | None = None

    def scripts(self) -> Iterator[Embedded]:
        """Yield the provisioners and deployment scripts."""
        for block in self.file.blocks:
            if block.type != "resource" or len(block.labels) < 2:
                continue
            address = f"{self.path}::{'.'.join(block.labels)}"
            for provisioner in block.of_type("provisioner"):
                if provisioner.labels == ("local-exec",):
                    yield from self._provisioner(address, provisioner)
            shell = _TERRAFORM_SCRIPTS.get(block.labels[0])
            if shell is not None and "script_content" in block.attributes:
                content = block.attributes["script_content"]
                yield _embedded(self.repository, address, content, self._script(), shell=shell)
            elif block.labels[0].startswith("azapi_"):
                yield from self._azapi(address, block)

    def _provisioner(self, address: str, block: Block) -> Iterator[Embedded]:
        command = block.attributes.get("command")
        if command is None:
            return
        env = block.attributes.get("environment")
        entries = env.entries if isinstance(env, ObjectOf) else ()
        folder = block.attributes.get("working_dir")
        yield _embedded(
            self.repository,
            address,
            command,
            self._script(),
            shell=_interpreter(block.attributes.get("interpreter")),
            directory=self._directory(folder) if folder is not None else self.folder,
            env={_text(k): _single(v, self._resolve) for k, v in entries if k is not None},
            soft=_word(block.attributes.get("on_failure")) == "continue",
            on_destroy=_word(block.attributes.get("when")) == "destroy",
        )

    def _directory(self, folder: Expression) -> str:
        script = self._script()
        script.add(folder)
        text = "".join(
            piece if number is None else str(script.values[number].data or "*")
            for piece, number in macros.split(script.text)
        )
        path = posixpath.normpath(text)
        return path if self.repository.is_dir(path) else self.folder

    def _azapi(self, address: str, block: Block) -> Iterator[Embedded]:
        kind = _text(block.attributes.get("type")).lower()
        body = block.attributes.get("body")
        if not kind.startswith(_SCRIPTS) or body is None:
            return
        for part in walk(body):
            content = part.get("scriptContent") if isinstance(part, ObjectOf) else None
            if content is not None:
                shell = "pwsh" if "azurepowershell" in _words(body).lower() else "bash"
                yield _embedded(self.repository, address, content, self._script(), shell=shell)

    def _script(self) -> _Script:
        return _Script(self.path, self.lines, self._resolve)

    def _resolve(self, expression: Expression) -> Expression | Value | None:
        """Return what ``path.module``, ``local.x`` and ``var.x`` stand for."""
        if not isinstance(expression, Member) or not isinstance(expression.base, Name):
            return None
        base = expression.base.name
        if base == "path":
            return known(self.folder or ".")
        if base not in ("local", "var"):
            return None
        if self._names is None:
            self._names = dict(self._read_names())
        return self._names.get(f"{base}.{expression.name}")

    def _read_names(self) -> Iterator[tuple[str, Expression]]:
        """Yield the locals and the defaults of variables that hold one literal."""
        for path in self.repository.with_suffix(".tf"):
            if posixpath.dirname(path) != self.folder:
                continue
            text = self.repository.text(path) or ""
            file = self.file if path == self.path else read_terraform(text, path)
            for block in file.blocks:
                if block.type == "locals":
                    yield from ((f"local.{k}", v) for k, v in block.attributes.items())
                elif block.type == "variable" and block.labels:
                    default = block.attributes.get("default")
                    secret = _single_literal(block.attributes.get("sensitive")) is True
                    if isinstance(default, Literal) and default.value is not None and not secret:
                        yield f"var.{block.labels[0]}", default


def _single_literal(expression: Expression | None) -> object:
    return expression.value if isinstance(expression, Literal) else None


def _word(expression: Expression | None) -> str:
    """Return a bare word or a literal text."""
    return expression.name if isinstance(expression, Name) else _text(expression)


def _interpreter(listed: Expression | None) -> str:
    elements: Iterable[Expression] = listed.elements if isinstance(listed, ArrayOf) else ()
    name = next((program(_text(e)).lower() for e in elements), "bash")
    return name if name == "python" else "pwsh" if name in ("pwsh", "powershell") else "bash"


def _words(expression: Expression) -> str:
    return " ".join(_text(part) for part in walk(expression))
