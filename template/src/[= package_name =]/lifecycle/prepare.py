"""Step `prepare`: read the data, hold the schema to them, put a part aside.

A row is held out by a hash of its id, not by chance: it stays on its side when rows are added, so
no champion was ever trained on a row that judges it later.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from .errors import BadInput, MissingStep
from .records import read_record, write_record
from .rows import conform, read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from .protocol import ModelCode, Schema

RECORD = "data.json"
BUCKETS = 10_000


@dataclass(frozen=True)
class Prepared:
    """What `prepare` leaves.

    Attributes:
        train: Rows to train on.
        test: Held-out rows.
        digest: Hash of all rows: the version of the data.
        source: Where the rows came from.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    digest: str
    source: str


def prepare(code: ModelCode, source: Path | None, output: Path, test_fraction: float) -> Prepared:
    """Read, check, split and write the data.

    Args:
        code: The model code.
        source: What the job was given; None for the default data.
        output: Folder that receives `train.csv`, `test.csv` and `data.json`.
        test_fraction: Share of the rows to hold out.

    Raises:
        BadInput: The data break the schema, or one side of the split is empty.
    """
    if source is not None and not source.exists():
        raise BadInput(f"--data {source} does not exist")
    rows = with_row_ids(code.SCHEMA, conform(code.SCHEMA, code.load_data(source), target=True))
    held_out = is_held_out(rows[code.SCHEMA.row_id], test_fraction)
    prepared = Prepared(
        train=rows[~held_out].reset_index(drop=True),
        test=rows[held_out].reset_index(drop=True),
        digest=digest_of(rows),
        source=str(source) if source else "default data of model/data.py",
    )
    _write(prepared, output)
    return prepared


def with_row_ids(schema: Schema, rows: pd.DataFrame) -> pd.DataFrame:
    """Number rows that have no id of their own.

    Raises:
        BadInput: Two rows have the same id.
    """
    if schema.row_id not in rows.columns:
        return rows.assign(**{schema.row_id: [f"row-{n:07d}" for n in range(len(rows))]})
    twice = rows[schema.row_id].duplicated()
    if twice.any():
        first = rows.loc[twice.idxmax(), schema.row_id]
        raise BadInput(
            f"row id {first!r} stands for more than one row ({int(twice.sum())} repeats)"
        )
    return rows


def is_held_out(row_ids: pd.Series, test_fraction: float) -> pd.Series:
    """Say for each row whether it is held out, by a hash of its id."""
    buckets = row_ids.map(
        lambda row_id: int(hashlib.sha256(str(row_id).encode()).hexdigest()[:8], 16) % BUCKETS
    )
    return buckets < test_fraction * BUCKETS


def digest_of(rows: pd.DataFrame) -> str:
    """Return 16 hex digits that change with any value of any row."""
    content = rows.to_csv(index=False).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def read_prepared(code: ModelCode, folder: Path) -> Prepared:
    """Read what `prepare` wrote.

    Raises:
        MissingStep: It has not run.
        BadInput: The schema has changed since.
    """
    record = read_record(folder, RECORD, "prepare")
    sides = {side: folder / f"{side}.csv" for side in ("train", "test")}
    for path in sides.values():
        if not path.is_file():
            raise MissingStep(str(path), "prepare")
    try:
        train, test = (_read_side(code.SCHEMA, p) for p in sides.values())
    except BadInput as error:
        raise BadInput(f"{error}; the schema may have changed since: run `prepare` again") from None
    return Prepared(train, test, str(record["digest"]), str(record["source"]))


def _read_side(schema: Schema, path: Path) -> pd.DataFrame:
    return conform(schema, read_rows(path, schema), target=True)


def _write(prepared: Prepared, output: Path) -> None:
    if prepared.train.empty or prepared.test.empty:
        raise BadInput(
            f"{len(prepared.train)} rows to train on and {len(prepared.test)} held out: "
            "both sides need some"
        )
    output.mkdir(parents=True, exist_ok=True)
    prepared.train.to_csv(output / "train.csv", index=False)
    prepared.test.to_csv(output / "test.csv", index=False)
    write_record(
        output,
        RECORD,
        {
            "digest": prepared.digest,
            "source": prepared.source,
            "train_rows": len(prepared.train),
            "test_rows": len(prepared.test),
        },
    )
