"""Which version of the azurerm provider a Terraform module is run with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from plomada.patterns import regex
from plomada.readers.expressions import Expression, Literal, ObjectOf
from plomada.readers.terraform import Block
from plomada.repository import Repository

Version = tuple[int, int]
NEWEST: Version = (99, 0)
_LOCKED = regex(r'provider\s+"[^"]*/azurerm"\s*\{[^}]*?version\s*=\s*"(\d+)\.(\d+)', re.S)
_CLAUSE = regex(r"(~>|>=|<=|!=|=|<|>)?\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?")


def provider_version(
    repository: Repository, folder: str, blocks: Sequence[Block], inherited: Version = NEWEST
) -> Version:
    """Return major and minor of the azurerm version that is used.

    Args:
        repository: the files.
        folder: the module's folder.
        blocks: its ``terraform`` and ``provider`` blocks.
        inherited: what the calling module uses.

    Returns:
        The locked version, else the newest that the constraint admits, else ``inherited``.
    """
    lock = repository.text(f"{folder}/.terraform.lock.hcl" if folder else ".terraform.lock.hcl")
    locked = _LOCKED.search(lock) if lock else None
    if locked:
        return int(locked.group(1)), int(locked.group(2))
    constraints = [c for c in _constraints(blocks) if c]
    return min((newest_admitted(c) for c in constraints), default=inherited)


def _constraints(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        for required in block.of_type("required_providers"):
            yield _version_of(required.attributes.get("azurerm"))
        if block.type == "provider" and block.labels[:1] == ("azurerm",):
            yield _version_of(block.attributes.get("version"))


def _version_of(expression: Expression | None) -> str:
    if isinstance(expression, ObjectOf):
        expression = expression.get("version")
    return str(expression.value) if isinstance(expression, Literal) else ""


def newest_admitted(constraint: str) -> Version:
    """Return the newest major and minor version that a constraint admits."""
    newest = NEWEST
    for match in _CLAUSE.finditer(constraint):
        newest = min(newest, _ceiling(match))
    return newest


def _ceiling(match: re.Match[str]) -> Version:
    sign, major, minor, patch = match.groups()
    high, low = int(major), int(minor or 0)
    if sign == "~>":
        return (high, low) if patch is not None else (high, 99)
    if sign in (None, "=", "<="):
        return (high, low)
    if sign == "<":
        return (high, low - 1) if low else (high - 1, 99)
    return NEWEST
