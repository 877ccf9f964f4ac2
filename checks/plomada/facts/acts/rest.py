"""Azure's management API: what a call of it makes, in the form in which the table knows it.

``az rest --method put --url .../providers/Microsoft.Insights/metricAlerts/slow``, the same by curl,
PowerShell or Python, and ``az resource create --resource-type`` all become
``REST PUT microsoft.insights/metricalerts``, with the names in the path as options.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from plomada.facts.model import Value
from plomada.facts.shell.commandline import arguments, option, program
from plomada.facts.strings import known, shown
from plomada.patterns import regex

# Of each program the options that hold the method, the address and the body.
_CALLERS = {
    "curl": (("-x", "--request"), ("--url",), ("-d", "--data", "--data-raw", "--json")),
    "invoke-azrestmethod": (("-method",), ("-path", "-uri"), ("-payload",)),
    "invoke-restmethod": (("-method",), ("-uri",), ("-body",)),
    "invoke-webrequest": (("-method",), ("-uri",), ("-body",)),
    "az rest": (("--method", "-m"), ("--url", "--uri", "-u"), ("--body", "-b")),
}
_MAKERS = {
    "az resource create": (("--resource-type",), ("--id",), ("--properties", "-p")),
    "new-azresource": (("-resourcetype",), ("-resourceid",), ("-properties", "-propertyobject")),
}
_TYPE = regex(r"^microsoft\.[a-z.]+(?:/[a-z]+)+$", re.I)
_PYTHON = regex(r"^(?:requests|httpx)\.(?:\w+\.)?(put|post|patch|request)$")
_BY_ID = regex(r"^azure\.mgmt\.resource\..*\.(?:begin_)?create_or_update_by_id$")
PROGRAMS = frozenset({"curl", "new-azresource", *_CALLERS} - {"az rest"})
METHODS = frozenset({"put", "post", "patch", "request"})


def rest_form(values: Sequence[Value]) -> list[Value] | None:
    """Return a command that calls the management API as ``REST PUT type --name name``."""
    head = [program(shown(values[0])).lower(), *(shown(v) for v in values[1:3])] if values else []
    for number in (1, 2, 3):
        name = " ".join(head[:number])
        if name in _CALLERS or name in _MAKERS:
            options = {k.lower(): v for k, v in arguments(values[number:]).items()}
            return _called(options, name) if name in _CALLERS else _made(options, name)
    return None


def _called(options: Mapping[str, Value], name: str) -> list[Value] | None:
    method, address, body = _CALLERS[name]
    given = [option(options, *address), *(v for k, v in options.items() if k not in body)]
    place = next((t for v in given for t in _words(v) if "/providers/" in t.lower()), "")
    return _form(shown(option(options, *method)), place, option(options, *body))


def _words(value: Value | None) -> list[str]:
    """Return the words that an option holds: an address may stand behind one that is no value."""
    held = value.data if value is not None and value.kind == "known" else None
    return [shown(v) for v in held] if isinstance(held, tuple) else [shown(value)]


def _made(options: Mapping[str, Value], name: str) -> list[Value] | None:
    kind, address, body = _MAKERS[name]
    named = shown(option(options, *kind))
    if not _TYPE.match(named):
        return _form("put", shown(option(options, *address)), option(options, *body))
    given = [known(w) for w in ("REST", "PUT", named.lower())]
    return [*given, *_options(option(options, "--name", "-n", "-name"), option(options, *body))]


def rest_call(name: str, given: Mapping[str, Value]) -> list[Value] | None:
    """Return a Python call of the management API in that form."""
    if _BY_ID.match(name):
        found = option(given, "resource_id", "0")
        return _form("put", shown(found), option(given, "parameters", "2"))
    match = _PYTHON.match(name)
    if match is None:
        return None
    asked = match.group(1) == "request"
    method = shown(option(given, "method", "0")) if asked else match.group(1)
    address = option(given, "url", "1" if asked else "0")
    return _form(method, shown(address), option(given, "json", "data", "content"))


def _form(method: str, address: str, body: Value | None) -> list[Value] | None:
    """Return the words for a method and an address such as ``/.../providers/Type/name?version``."""
    scope, _, last = re.sub("(?i)/providers/", "/providers/", address).rpartition("/providers/")
    path = re.split(r"[?\s]", last)[0]
    space, *rest = path.strip("/").split("/")
    if not method or not rest or not space.lower().startswith("microsoft."):
        return None
    pairs = [*zip_longest(rest[::2], rest[1::2], fillvalue="")]
    kind = "/".join([space, *(kind for kind, _ in pairs)]).lower()
    names = {kind.lower(): name for kind, name in pairs if name}
    version = names.pop("versions", "")
    name = next(reversed(names.values()), "")
    found = [known("REST"), known(method.upper()), known(kind), *_options(known(name), body)]
    if version:
        found += [known("--version"), known(version)]
    return [*found, known("--scope"), known(re.sub(r"^.*?://[^/]*", "", scope))]


def _options(name: Value | None, body: Value | None) -> list[Value]:
    found = [known("--name"), name] if name is not None and shown(name) else []
    return [*found, known("--body"), body] if body is not None else found
