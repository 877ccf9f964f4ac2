"""What a request must look like: made from the schema, so that there is one declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

if TYPE_CHECKING:
    from .protocol import Column, Schema

MOST_ROWS = 1000
"""Rows that one request may bring; more belong to the batch endpoint."""
MOST_ERRORS = 10

_Strict = ConfigDict(extra="forbid")


def request_model(schema: Schema) -> type[BaseModel]:
    """Return the model of a request: `{"input_data": [{<feature>: <value>, ...}, ...]}`."""
    fields: dict[str, Any] = {column.name: _field(column) for column in schema.features}
    fields[schema.row_id] = (str | None, Field(default=None, max_length=200))
    row = create_model("Row", __config__=_Strict, **fields)
    rows = (list[row], Field(min_length=1, max_length=MOST_ROWS))  # type: ignore[valid-type]
    return create_model("Request", __config__=_Strict, input_data=rows)


def explain(error: ValidationError) -> list[str]:
    """Return one sentence per mistake, with its place: `input_data[0].age: ...`."""
    mistakes = error.errors(include_url=False, include_input=False)
    told = [f"{_place(mistake['loc'])}: {mistake['msg']}" for mistake in mistakes[:MOST_ERRORS]]
    left = len(mistakes) - len(told)
    return [*told, f"and {left} more"] if left else told


def _field(column: Column) -> tuple[Any, Any]:
    kind: Any
    if column.kind == "category":
        kind = Literal[column.categories]
    else:
        kind = Annotated[
            float,
            Field(strict=True, allow_inf_nan=False, ge=column.minimum, le=column.maximum),
        ]
    if column.nullable:
        return kind | None, Field(default=None, description=column.description)
    return kind, Field(description=column.description)


def _place(location: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".") or "request"
