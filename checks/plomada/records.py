"""Data classes that cost little to define and to make.

The standard decorator compiles six functions for each frozen class, and such a class sets each
field through ``object.__setattr__``: with 150 classes that is a third of a small check. Here
``__init__`` alone is compiled; comparison, hash and text are shared. What ``frozen`` promises is
held by the type checker, which sees the standard decorator.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:
    from dataclasses import dataclass as _standard
    from dataclasses import fields

    def dataclass(
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
        order: bool = False,
        repr: bool = True,  # noqa: A002 - the standard decorator's name
    ) -> Callable[[type], type]:
        """Return a decorator that makes a data class; arguments as the standard one has them."""

        def decorate(cls: type) -> type:
            own = set(cls.__dict__)
            made = _standard(slots=slots, eq=False, repr=False)(cls)
            methods: dict[str, Any] = {"__repr__": _shown} if repr else {}
            if eq:
                values = _values([f.name for f in fields(made) if f.compare])
                methods["__eq__"] = _comparison("__eq__", values)
                methods["__hash__"] = _hash(values) if frozen else None
                for name in ("__lt__", "__le__", "__gt__", "__ge__") if order else ():
                    methods[name] = _comparison(name, values)
            for name, method in methods.items():
                if name not in own:
                    setattr(made, name, method)
            return made

        return decorate

    def replace(one: Any, /, **changes: Any) -> Any:  # noqa: ANN401 - any data class
        """Return a copy with changes, as the standard function does, which looks at each field."""
        kind = one.__class__
        names = _NAMES.get(kind)
        if names is None:
            names = _NAMES[kind] = [field.name for field in fields(kind) if field.init]
        return kind(**{name: getattr(one, name) for name in names} | changes)

    _NAMES: dict[type, list[str]] = {}


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the values of some fields from an instance."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def _comparison(name: str, values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, Any], Any]:
    compared = getattr(tuple, name)

    def compare(self: object, other: object) -> Any:  # noqa: ANN401 - bool or NotImplemented
        if other.__class__ is not self.__class__:
            return NotImplemented
        return compared(values(self), values(other))

    return compare


def _hash(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    return lambda self: hash(values(self))


def _shown(self: Any) -> str:  # noqa: ANN401 - any data class
    shown = (
        f"{name}={getattr(self, name)!r}"
        for name, field in self.__dataclass_fields__.items()
        if field.repr
    )
    return f"{self.__class__.__qualname__}({', '.join(shown)})"
