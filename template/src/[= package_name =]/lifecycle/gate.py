"""Step `gate`: decide whether the candidate may be registered.

The decision is a pure function of the measurement and the thresholds. `register` takes it again
itself, so no edited file and no forgotten step opens the registry.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from .errors import Refused
from .evaluate import Evaluation, read_evaluation
from .metrics import METRICS
from .records import write_record

if TYPE_CHECKING:
    from pathlib import Path

    from .protocol import Bound, ModelCode, Thresholds

RECORD = "gate.json"


@dataclass(frozen=True)
class Check:
    """One comparison of the gate.

    Attributes:
        metric: What is compared.
        passed: Whether the candidate keeps it.
        sentence: Both numbers, in words.
    """

    metric: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Decision:
    """What the gate decided.

    Attributes:
        passed: Whether every check holds.
        checks: The comparisons.
    """

    passed: bool
    checks: tuple[Check, ...]

    @property
    def summary(self) -> str:
        """One line per comparison, failed ones marked."""
        return "\n".join(f"{'ok' if c.passed else 'NO'}  {c.sentence}" for c in self.checks)


def decide(evaluation: Evaluation, thresholds: Thresholds) -> Decision:
    """Compare the candidate with the thresholds and with the champion.

    Args:
        evaluation: What `evaluate` measured.
        thresholds: The limits of `model/thresholds.py`.
    """
    checks = [check_bound(bound, evaluation.candidate) for bound in thresholds.bounds]
    checks.append(check_champion(evaluation, thresholds))
    return Decision(all(check.passed for check in checks), tuple(checks))


def check_bound(bound: Bound, measured: dict[str, float]) -> Check:
    """Compare one metric with its limit. A metric that could not be measured does not pass."""
    value = measured.get(bound.metric, float("nan"))
    greater = METRICS[bound.metric].greater_is_better
    passed = value >= bound.limit if greater else value <= bound.limit
    asked = "at least" if greater else "at most"
    return Check(
        bound.metric, passed, f"{bound.metric} is {value:.4f}, asked is {asked} {bound.limit:.4f}"
    )


def check_champion(evaluation: Evaluation, thresholds: Thresholds) -> Check:
    """Compare the candidate with the champion on the primary metric."""
    metric = thresholds.primary
    candidate = evaluation.candidate.get(metric, float("nan"))
    if evaluation.champion is None:
        return Check(metric, True, f"{metric} is {candidate:.4f}; {evaluation.champion_name}")
    champion = evaluation.champion.get(metric, float("nan"))
    gain = candidate - champion if METRICS[metric].greater_is_better else champion - candidate
    passed = gain >= -thresholds.tolerance
    verdict = "no worse than" if passed else "worse than"
    return Check(
        metric,
        passed,
        f"{metric} is {candidate:.4f}, {verdict} the champion's {champion:.4f} "
        f"({evaluation.champion_name}, tolerance {thresholds.tolerance:g})",
    )


def require_passed(decision: Decision) -> None:
    """Stop unless the gate is open.

    Raises:
        Refused: A check does not hold; the message has both numbers of each.
    """
    if not decision.passed:
        raise Refused(f"the gate refuses the candidate:\n{decision.summary}")


def gate(code: ModelCode, evaluation_folder: Path, output: Path) -> Decision:
    """Decide, write the decision, and stop where it is no.

    Args:
        code: The model code, for its thresholds.
        evaluation_folder: Folder that `evaluate` wrote.
        output: Folder that receives `gate.json`.

    Raises:
        MissingStep: `evaluate` has not run.
        Refused: The candidate misses a threshold or is worse than the champion.
    """
    decision = decide(read_evaluation(evaluation_folder), code.THRESHOLDS)
    write_record(output, RECORD, asdict(decision))
    require_passed(decision)
    return decision
