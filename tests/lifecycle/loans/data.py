"""Where the applications come from."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import pandas as pd

DEFAULT = Path(__file__).with_name("loans.csv")
TEXTS: dict[Hashable, type[str]] = {
    "application": str,
    "branch": str,
    "housing": str,
    "outcome": str,
}


def load_data(source: Path | None) -> pd.DataFrame:
    """Read the applications.

    Args:
        source: CSV file that a job was given; None for the ones beside this file.
    """
    return pd.read_csv(source or DEFAULT, dtype=TEXTS)
