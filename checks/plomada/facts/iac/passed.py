"""What jobs and scripts pass to the infrastructure that they deploy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plomada.facts.model import Value
from plomada.spans import Span


@dataclass(slots=True)
class PassedValues:
    """The parameters of one deploying command.

    Attributes:
        root: path of the template or Terraform folder.
        values: single values by name.
        files: parameter files in order.
        production: the command deploys to production.
        span: its place.
    """

    root: str
    values: Mapping[str, Value] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    production: bool = False
    span: Span | None = None
