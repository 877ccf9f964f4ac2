"""The model card: what a version is, what it was measured by and where it must not be relied on.

It is written from the run that trained the version, never by hand, and kept with that run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .evaluate import Evaluation
    from .gate import Decision
    from .protocol import Column, Schema, Thresholds
    from .train import Candidate

CARD = "model-card.md"


@dataclass(frozen=True)
class Card:
    """Everything that the card of a version is made of.

    Attributes:
        name: The model's name.
        version: Its version in the registry.
        candidate: Run, commit, data and schema.
        evaluation: What was measured on held-out rows.
        decision: What the gate decided by it.
        schema: What a row is made of.
        thresholds: The limits.
        parameters: The run's parameters.
    """

    name: str
    version: str
    candidate: Candidate
    evaluation: Evaluation
    decision: Decision
    schema: Schema
    thresholds: Thresholds
    parameters: Mapping[str, str]

    def text(self) -> str:
        """Return the card as Markdown."""
        return "\n".join([*self._head(), *self._measured(), *self._rows(), *self._limits(), ""])

    def _head(self) -> Iterator[str]:
        yield f"# Model card: {self.name} version {self.version}"
        yield f"\nPredicts `{self.schema.target.name}` ({self.schema.task})."
        yield "\n## Where it comes from\n"
        yield from _table(
            ("what", "which"),
            ("run", f"`{self.candidate.run_id}`"),
            ("commit", f"`{self.candidate.commit}`"),
            ("data", f"`{self.candidate.data_digest}`"),
            ("schema", str(self.candidate.schema_version)),
            *((f"parameter {_cell(k)}", _cell(v)) for k, v in sorted(self.parameters.items())),
        )

    def _measured(self) -> Iterator[str]:
        against = self.evaluation.champion_name
        yield f"\n## What it was measured by\n\n{self.evaluation.rows} held-out rows; {against}.\n"
        champion = self.evaluation.champion or {}
        yield from _table(
            ("metric", "better is", "this version", "champion"),
            *(
                (name, self._direction(name), f"{value:.4f}", _number(champion.get(name)))
                for name, value in sorted(self.evaluation.candidate.items())
            ),
        )
        yield "\nThe gate let it pass:\n"
        yield from (f"- {check.sentence}" for check in self.decision.checks)

    @staticmethod
    def _direction(metric: str) -> str:
        known = METRICS.get(metric)
        return "" if known is None else "more" if known.greater_is_better else "less"

    def _rows(self) -> Iterator[str]:
        yield "\n## What it takes\n"
        yield from _table(
            ("feature", "kind", "meaning", "values"),
            *((c.name, c.kind, _cell(c.description), _values(c)) for c in self.schema.features),
        )

    def _limits(self) -> Iterator[str]:
        yield "\n## Where not to rely on it\n"
        yield "- Rows outside the values above are refused, not predicted."
        yield (
            f"- It knows the world of data `{self.candidate.data_digest}`. The monitor calls drift "
            f"at a population stability index of {self.thresholds.drift.psi}; after that the "
            "numbers above are history."
        )
        yield (
            "- Its metrics are means over all held-out rows. Nothing here says how it does for one "
            "group of people; measure that before it decides about them."
        )


def _table(*rows: tuple[str, ...]) -> Iterator[str]:
    head, *body = rows
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in body)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _values(column: Column) -> str:
    if column.kind == "category":
        return _cell(", ".join(column.categories))
    bounds = (column.minimum, column.maximum)
    low, high = ("" if bound is None else f"{bound:g}" for bound in bounds)
    return f"{low} to {high}" if low or high else "any"
