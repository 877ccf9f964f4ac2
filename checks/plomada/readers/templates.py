"""What a Bicep file and an ARM JSON template have in common: one syntax for both."""

from __future__ import annotations

from dataclasses import field

from plomada.readers.expressions import Expression, ObjectOf
from plomada.readers.text import Unread
from plomada.records import dataclass
from plomada.spans import Span


@dataclass(slots=True)
class Parameter:
    """A parameter of a template or a variable of a Terraform module.

    Attributes:
        name: as declared.
        default: its default, None where it must be given.
        nullable: it may be left out without a default and is null then.
        secure: its value must never be printed.
        allowed: the values that it may take, where listed.
        span: its place.
    """

    name: str
    span: Span
    default: Expression | None = None
    nullable: bool = False
    secure: bool = False
    allowed: Expression | None = None


@dataclass(slots=True)
class LoopHeader:
    """``for (item, index) in source`` of a resource or module, or ARM's ``copy``.

    Attributes:
        item: name of the element, "" for ARM.
        index: name of the index, "" where there is none; the loop's name for ARM.
        source: what is iterated; for ARM the count.
    """

    item: str
    index: str
    source: Expression


@dataclass(slots=True)
class Declaration:
    """A resource or a module.

    Attributes:
        symbol: its symbolic name; for ARM without one, made up from its place in the list.
        type: resource type as written, "" for a module.
        api_version: of a resource.
        module: the reference of a module (path or registry), "" for a resource.
        body: its object.
        span: its place, from the keyword to the closing brace.
        existing: it is only referred to.
        condition: what it depends on to be deployed.
        loop: its loop, if any.
        parent: symbol of the resource that it stands inside.
        template: of a nested ARM deployment, the inline template.
        inner: the nested deployment evaluates its expressions in its own scope.
    """

    symbol: str
    span: Span
    body: ObjectOf
    type: str = ""
    api_version: str = ""
    module: str = ""
    existing: bool = False
    condition: Expression | None = None
    loop: LoopHeader | None = None
    parent: str = ""
    template: TemplateFile | None = None
    inner: bool = True


@dataclass(slots=True)
class UserFunction:
    """A function that a Bicep file defines."""

    parameters: list[str]
    body: Expression


@dataclass(slots=True)
class TemplateFile:
    """One Bicep file or ARM template.

    Attributes:
        path: its path.
        dialect: ``bicep`` or ``arm``.
        scope: ``resourceGroup``, ``subscription``, ``managementGroup`` or ``tenant``.
        parameters: by name (ARM: lower case).
        variables: by name (ARM: lower case).
        declarations: resources and modules, nested resources included.
        outputs: by name.
        functions: by name.
        imports: imported name to (path, name there); ``*`` for a namespace.
        faults: where it could not be read.
    """

    path: str
    dialect: str
    scope: str = "resourceGroup"
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: dict[str, Expression] = field(default_factory=dict)
    declarations: list[Declaration] = field(default_factory=list)
    outputs: dict[str, Expression] = field(default_factory=dict)
    functions: dict[str, UserFunction] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: list[Unread] = field(default_factory=list)


@dataclass(slots=True)
class ParameterFile:
    """Values for a template: ``.bicepparam``, a JSON parameter file or ``.tfvars``.

    Attributes:
        path: its path.
        values: by name.
        using: the template that it names, as written, "" where it names none.
        extends: the parameter file that it extends, as written.
        variables: its own variables.
        faults: where it could not be read.
    """

    path: str
    values: dict[str, Expression] = field(default_factory=dict)
    using: str = ""
    extends: str = ""
    variables: dict[str, Expression] = field(default_factory=dict)
    faults: list[Unread] = field(default_factory=list)
