"""The policy file: which items count here, which environments are required, what is waived.

``plomada.toml``, or ``[tool.plomada]`` in ``pyproject.toml``, in the root of the repository::

    select = ["INF", "SEC1"]
    ignore = ["MON4"]
    environments = ["dev", "test", "prod"]

    [waivers.SEC4]
    reason = "the network team's firewall stands before the workspace"
    owner = "platform team"
    expires = 2027-03-31
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from plomada.checklist import BY_ID, ITEMS, SECTIONS, Item
from plomada.records import dataclass
from plomada.repository import Repository

FILE = "plomada.toml"
PROJECT_FILE = "pyproject.toml"
KEYS = ("select", "ignore", "environments", "waivers")
WAIVER_KEYS = ("reason", "owner", "expires")


class PolicyError(Exception):
    """The policy or a selection is wrong; the message says where and what to write instead."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A fail that somebody answers for until a date.

    Attributes:
        reason: why.
        owner: who.
        expires: the last day on which it holds.
    """

    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, slots=True)
class Policy:
    """What the repository's policy file says.

    Attributes:
        select: ids and section keys; empty for all.
        ignore: ids and section keys that are left out.
        environments: names that INF2 requires.
        waivers: by item id.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    waivers: Mapping[str, Waiver] = field(default_factory=dict)


def read_policy(repository: Repository) -> Policy:
    """Return the policy of a repository, the default one where it has none.

    Raises:
        PolicyError: the file does not parse, or holds a wrong key or value.
    """
    for path, table in ((FILE, ()), (PROJECT_FILE, ("tool", "plomada"))):
        text = repository.text(path)
        if text is not None:
            settings = _table(path, text, table)
            if settings is not None:
                return _policy(path, settings)
    return Policy()


def _table(path: str, text: str, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the table of settings; a broken pyproject.toml without one is none of our business."""
    if keys and keys[-1] not in text:
        return None
    import tomllib

    try:
        found: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        if keys and "tool.plomada" not in text:
            return None
        reason = "nested too deep" if isinstance(error, RecursionError) else error
        raise PolicyError(f"{path}: not valid TOML: {reason}") from None
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _policy(path: str, settings: dict[str, Any]) -> Policy:
    _refuse_unknown_keys(path, settings, KEYS)
    waivers = settings.get("waivers", {})
    if not isinstance(waivers, dict):
        raise PolicyError(f"{path}: waivers: give one table per item, such as [waivers.SEC4]")
    return Policy(
        select=check_names(_strings(path, settings, "select"), f"{path}: select"),
        ignore=check_names(_strings(path, settings, "ignore"), f"{path}: ignore"),
        environments=_strings(path, settings, "environments"),
        waivers={_item_name(path, name): _waiver(path, name, w) for name, w in waivers.items()},
    )


def _strings(path: str, settings: dict[str, Any], key: str) -> tuple[str, ...]:
    value = settings.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise PolicyError(f'{path}: {key}: give a list of strings, such as ["INF", "SEC1"]')
    return tuple(value)


def _item_name(path: str, name: str) -> str:
    (checked,) = check_names((name,), f"{path}: waivers")
    if checked not in BY_ID:
        raise PolicyError(f"{path}: waivers: {name} is a section; waive its items one by one")
    return checked


def _waiver(path: str, name: str, table: object) -> Waiver:
    place = f"{path}: waivers.{name}"
    if not isinstance(table, dict):
        raise PolicyError(f"{place}: give a table with {', '.join(WAIVER_KEYS)}")
    _refuse_unknown_keys(place, table, WAIVER_KEYS)
    texts = [table.get(key) for key in ("reason", "owner")]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise PolicyError(f"{place}: reason and owner have to be given")
    return Waiver(str(texts[0]), str(texts[1]), _date(place, table.get("expires")))


def _date(place: str, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise PolicyError(f"{place}: expires: give a date such as 2027-03-31") from None


def _refuse_unknown_keys(place: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise PolicyError(f"{place}: unknown key {key!r}{_suggestion(key, known)}")


def check_names(names: Iterable[str], place: str) -> tuple[str, ...]:
    """Return ids and section keys in upper case.

    Raises:
        PolicyError: one of them names neither; the message suggests what is close.
    """
    known = (*SECTIONS, *BY_ID)
    checked = tuple(name.strip().upper() for name in names)
    for name in checked:
        if name not in known:
            raise PolicyError(
                f"{place}: {name or 'an empty name'} is no item or section"
                f"{_suggestion(name, _like(name)) or _sections()}; see 'plomada list'"
            )
    return checked


def _like(name: str) -> Iterable[str]:
    """Return the names that a wrong one can stand for: items where it has a number."""
    return BY_ID if any(c.isdigit() for c in name) else (*SECTIONS, *BY_ID)


def _sections() -> str:
    return f" (the sections are {', '.join(SECTIONS)})"


def _suggestion(name: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


def chosen_items(
    policy: Policy, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
) -> tuple[Item, ...]:
    """Return the items to run: the command line's selection or the policy's, less both ignores."""
    wanted = set(select or policy.select or SECTIONS)
    unwanted = {*ignore, *policy.ignore}
    return tuple(
        item
        for item in ITEMS
        if wanted & {item.identifier, item.section}
        and not unwanted & {item.identifier, item.section}
    )
