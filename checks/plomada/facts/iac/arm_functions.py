"""The functions of Bicep and ARM JSON by lower-case name."""

from __future__ import annotations

from collections.abc import Sequence

from plomada.facts.iac import functions as f
from plomada.facts.iac.functions import Function, on_text, over, unresolved, values_of
from plomada.facts.model import Value
from plomada.facts.values import (
    NULL,
    Argument,
    Reference,
    alternatives,
    as_text,
    canonical,
    elements,
    joined,
    known,
    merged,
    one_of,
    truth,
    unknown,
)
from plomada.patterns import regex
from plomada.records import replace

_HOLE = regex(r"\{(\d+)(?::[^}]*)?\}")
RESOURCE_GROUP = "microsoft.resources/resourcegroups"
SUBSCRIPTION = "microsoft.resources/subscriptions"
MANAGEMENT_GROUP = "microsoft.management/managementgroups"


def format_(values: list[Value]) -> Value:
    """Return a text with its numbered holes filled."""
    pattern = values[0].text
    if pattern is None:
        return unknown("a format out of sight")
    pieces: list[Value] = []
    position = 0
    for hole in _HOLE.finditer(pattern):
        number = int(hole.group(1)) + 1
        pieces += [
            known(pattern[position : hole.start()]),
            values[number] if number < len(values) else NULL,
        ]
        position = hole.end()
    return joined([*pieces, known(pattern[position:])])


def named_resource(kind: str, name: Value, attribute: str = "id") -> Reference:
    """Return a reference to a resource by type and name."""
    lowered = kind.lower()
    return Reference("unknown", reason=f"{lowered}", type=lowered, name=name, attribute=attribute)


def resource_id(arguments: Sequence[Argument]) -> Value:
    """Return the reference that ``resourceId`` and its kin name."""
    values = values_of(arguments)
    for position, value in enumerate(values):
        texts = [a.text for a in alternatives(value)]
        kinds = [t for t in texts if t and "/" in t and "." in t.partition("/")[0]]
        if kinds and not (kinds[0].startswith("/") or position > 3):
            return _identified(kinds[0], values[position + 1 :])
    return unresolved("resourceId")(arguments)


def _identified(kind: str, names: list[Value]) -> Value:
    segments = kind.count("/")
    parts: list[Value] = []
    for name in names[-segments:] if segments else names:
        parts += [known("/"), name] if parts else [name]
    return named_resource(kind, joined(parts))


def extension_resource_id(arguments: Sequence[Argument]) -> Value:
    """Return the reference of ``extensionResourceId``: the first argument is what is extended."""
    return resource_id(arguments[1:])


def reference(arguments: Sequence[Argument]) -> Value:
    """Return what the platform says of a resource: unknown, but of that resource."""
    values = values_of(arguments)
    if values and isinstance(values[0], Reference):
        return replace(values[0], attribute="properties")
    return unresolved("reference")(arguments)


def secret_list(_: Sequence[Argument]) -> Value:
    """Return what ``listKeys`` and its kin give: a secret out of sight."""
    return Value("unknown", reason="a key that the platform gives", secret=True)


def _scope(kind: str) -> Function:
    def call(arguments: Sequence[Argument]) -> Value:
        values = values_of(arguments)
        name = values[-1] if values else unknown(f"the name of the {kind.rpartition('/')[2]}")
        return named_resource(kind, name, "")

    return call


def if_(arguments: Sequence[Argument]) -> Value:
    """Return one of two values by a condition."""
    values = values_of(arguments)
    if len(values) < 3:
        return unknown("an unfinished condition")
    decided = truth(values[0])
    return one_of(values[1:3]) if decided is None else values[1 if decided else 2]


def _logic(deciding: bool) -> Function:
    def call(arguments: Sequence[Argument]) -> Value:
        found = [truth(v) for v in values_of(arguments)]
        if deciding in found:
            return known(deciding)
        return unknown("a condition that is not known") if None in found else known(not deciding)

    return call


def not_(values: list[Value]) -> Value:
    """Return the opposite of a truth value."""
    decided = truth(values[0])
    return unknown("a condition that is not known") if decided is None else known(not decided)


def equals(values: list[Value]) -> Value:
    """Tell whether two known values are equal; strings compare without case in ARM JSON."""
    left, right = values[0], values[1]
    if left.kind != "known" or right.kind != "known":
        return unknown("a comparison with unknown values")
    if left.text is not None and right.text is not None:
        return known(left.text.lower() == right.text.lower())
    return known(canonical(left) == canonical(right))


def create_object(values: list[Value]) -> Value:
    """Return an object from keys and values in turn."""
    pairs = zip(values[::2], values[1::2], strict=False)
    return known({as_text(k) or canonical(k): v for k, v in pairs})


def array_of(values: list[Value]) -> Value:
    """Return a value as an array of one, an array as itself."""
    return values[0] if isinstance(values[0].data, tuple) else known((values[0],))


def shallow_merge(values: list[Value]) -> Value:
    """Return the objects of an array merged."""
    return merged(elements(values[0])) if values else known({})


def intersection(values: list[Value]) -> Value:
    """Return the elements or entries that all have."""
    if not all(isinstance(v.data, tuple) for v in values):
        return unknown("an intersection of what is out of sight")
    common = set.intersection(*({canonical(e) for e in elements(v)} for v in values))
    return known(tuple(e for e in elements(values[0]) if canonical(e) in common))


def skip(values: list[Value]) -> Value:
    """Return an array or text without its first elements."""
    data, count = values[0].data, values[1].data
    if isinstance(data, tuple | str) and isinstance(count, int):
        return known(data[max(count, 0) :])
    return unknown("a part of what is out of sight")


def take(values: list[Value]) -> Value:
    """Return the first elements of an array or text; of a text known in part, the text itself."""
    data, count = values[0].data, values[1].data
    if isinstance(data, tuple | str) and isinstance(count, int):
        return known(data[: max(count, 0)])
    return values[0]


def text_of(values: list[Value]) -> Value:
    """Return a value as a text."""
    text = as_text(values[0])
    return known(text) if text is not None else values[0]


def number_of(values: list[Value]) -> Value:
    """Return a text as a number."""
    text = as_text(values[0])
    return (
        known(int(text))
        if text and text.lstrip("-").isdigit() and len(text) < 19
        else unknown("a number")
    )


def substring(text: str, start: int, count: int | None = None) -> str:
    """Return a part of a text."""
    return text[start:] if count is None else text[start : start + count]


def _comparison(operator: str) -> Function:
    def compare(values: list[Value]) -> Value:
        left, right = values[0].data, values[1].data
        if isinstance(left, int | float) and isinstance(right, int | float):
            signs = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
            return known(signs[operator])
        return unknown("a comparison with unknown values")

    return over(compare)


def environment_variable(values: list[Value]) -> Value:
    """Return a variable's default; its value is known only where the parameter file is used."""
    if len(values) > 1:
        return values[1]
    return unknown(f"environment variable {as_text(values[0]) or ''}")


def _date(_: Sequence[Argument]) -> Value:
    return unknown("the time of the deployment")


FUNCTIONS: dict[str, Function] = {
    "concat": over(f.concat),
    "union": over(f.union),
    "shallowmerge": over(shallow_merge),
    "intersection": over(intersection),
    "format": over(format_),
    "tolower": on_text(str.lower),
    "toupper": on_text(str.upper),
    "trim": on_text(str.strip),
    "replace": on_text(str.replace),
    "substring": on_text(substring),
    "indexof": on_text(lambda a, b: a.lower().find(b.lower())),
    "startswith": on_text(lambda a, b: a.lower().startswith(b.lower())),
    "endswith": on_text(lambda a, b: a.lower().endswith(b.lower())),
    "padleft": on_text(lambda a, n, c=" ": str(a).rjust(n, c)),
    "split": over(f.split),
    "join": over(lambda v: f.join(v[0], v[1])),
    "contains": over(f.contains),
    "empty": over(f.empty),
    "length": over(f.length),
    "first": over(f.first),
    "last": over(f.last),
    "skip": over(skip),
    "take": over(take),
    "string": over(text_of),
    "int": over(number_of),
    "bool": over(lambda v: unknown("a condition") if truth(v[0]) is None else known(truth(v[0]))),
    "array": over(array_of),
    "createarray": lambda arguments: f.array(values_of(arguments)),
    "createobject": lambda arguments: create_object(values_of(arguments)),
    "coalesce": lambda arguments: f.first_present(values_of(arguments)),
    "tryget": over(f.lookup),
    "if": if_,
    "and": _logic(deciding=False),
    "or": _logic(deciding=True),
    "not": over(not_),
    "equals": over(equals),
    "less": _comparison("<"),
    "lessorequals": _comparison("<="),
    "greater": _comparison(">"),
    "greaterorequals": _comparison(">="),
    "range": over(f.range_),
    "map": f.map_,
    "filter": f.filter_,
    "reduce": f.reduce_,
    "toobject": f.to_object,
    "sort": lambda arguments: values_of(arguments)[0],
    "objectkeys": over(f.keys),
    "items": over(f.items),
    "flatten": over(f.flatten),
    "json": over(f.parse_json),
    "any": lambda arguments: values_of(arguments)[0],
    "null": lambda _: NULL,
    "true": lambda _: known(data=True),
    "false": lambda _: known(data=False),
    "add": on_text(lambda a, b: a + b),
    "sub": on_text(lambda a, b: a - b),
    "mul": on_text(lambda a, b: a * b),
    "div": on_text(lambda a, b: a // b),
    "mod": on_text(lambda a, b: a % b),
    "min": on_text(min),
    "max": on_text(max),
    "resourceid": resource_id,
    "subscriptionresourceid": resource_id,
    "tenantresourceid": resource_id,
    "managementgroupresourceid": resource_id,
    "extensionresourceid": extension_resource_id,
    "reference": reference,
    "resourcegroup": _scope(RESOURCE_GROUP),
    "subscription": _scope(SUBSCRIPTION),
    "managementgroup": _scope(MANAGEMENT_GROUP),
    "roledefinitions": lambda arguments: named_resource(
        "microsoft.authorization/roledefinitions", values_of(arguments)[0]
    ),
    "readenvironmentvariable": over(environment_variable),
    "utcnow": _date,
    "datetimeadd": _date,
    "datetimefromepoch": _date,
    "secure": lambda _: Value("unknown", reason="a secret", secret=True),
}


def call(function: str, arguments: Sequence[Argument]) -> Value:
    """Return a function's result; one without a rule here gives an unresolved value."""
    name = function.lower().rpartition(".")[2]
    rule = FUNCTIONS.get(name)
    if rule is None:
        if name.startswith("list") or name == "getsecret":
            return secret_list(arguments)
        return unresolved(name)(arguments)
    try:
        return rule(arguments)
    except (IndexError, TypeError):
        return unknown(f"{name} with arguments that do not fit")
