"""The names under which models are registered, and those that deployments ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.model import Value
from plomada.facts.strings import glob, texts
from plomada.facts.words import Registration
from plomada.patterns import regex

if TYPE_CHECKING:
    from plomada.facts import Facts

_REFERENCES = (
    regex(r"^azureml://.*/models/([^/:@]+)"),
    regex(r"^/subscriptions/.*/models/([^/:@]+)"),
    regex(r"^models:/(?!m-)([^/@]+)"),
    regex(r"^azureml:(?!/)([^/:@]+)"),
    regex(r"^([\w\-.*]+)(?:@[\w\-*]+|:[\d*]+)$"),
)
_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
# What a script puts a name for, before the specification is applied: ``MODEL_NAME``, ``__model__``.
_PLACEHOLDER = regex(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|__\w+__")
_NAMED_CALLS = {"register_model": 1, "create_model_version": 0}

Names = frozenset[str] | None


def asked_for(reference: Value | None) -> Names:
    """Return the names, in lower case, that a reference to a registered model has.

    Args:
        reference: ``azureml:NAME:1``, ``azureml:NAME@latest``, ``models:/NAME/1``, ``NAME:1``, an
            address of a workspace or registry that may be put together, or an entity.

    Returns:
        None where one of them cannot be resolved.
    """
    if reference is None:
        return None
    if isinstance(reference.data, dict):
        return _plain_names(reference.data.get("name"))
    parts = reference.parts if reference.kind == "one_of" else (reference,)
    if any(part.kind == "unknown" for part in parts):
        return None
    found = [_name_in(text) for part in parts for text in glob(part)]
    return None if None in found else frozenset(name for name in found if name)


def _name_in(text: str) -> str | None:
    for pattern in _REFERENCES:
        match = pattern.match(text)
        if match:
            return _literal(match[1])
    return None


def _literal(name: str) -> str | None:
    """Return a name in lower case, None for one that is open or is put in later."""
    return name.lower() if _NAME.fullmatch(name) and not _PLACEHOLDER.fullmatch(name) else None


def _plain_names(value: object) -> Names:
    found = [_literal(text) for text in texts(value)] if isinstance(value, Value) else []
    open_part = isinstance(value, Value) and any(p.kind != "known" for p in value.parts)
    return None if not found or None in found or open_part else frozenset(n for n in found if n)


def registered_as(facts: Facts, registration: Registration) -> Names:
    """Return the names, in lower case, under which a registration puts its model.

    Returns:
        Those of the registration and of what shares models with a registry; None where one of them
        cannot be resolved.
    """
    found = [_registered(facts, registration), *(_shared(facts))]
    return None if None in found else frozenset().union(*(names for names in found if names))


def _registered(facts: Facts, registration: Registration) -> Names:
    act, site, asset = registration.act, registration.site, registration.asset
    if asset is not None:
        return _plain_names(asset.name)
    if site is not None:
        name = facts.code.name(site)
        position = _NAMED_CALLS.get(name.rpartition(".")[2]) if "mlflow" in name else None
        node = facts.code.argument(site, position, "name", "model_name", "registered_model_name")
        return _plain_names(facts.code.value_of(node, site.scope)) if node is not None else None
    given = (act.arguments.get(option) for option in ("--name", "-n", "name"))
    return _plain_names(next((value for value in given if value is not None), None))


def _shared(facts: Facts) -> list[Names]:
    """Return the names that models get in a registry."""
    return [
        _plain_names(act.arguments.get("--share-with-name") or act.arguments.get("name"))
        for act in acts_of(facts, "share-model")
    ]
