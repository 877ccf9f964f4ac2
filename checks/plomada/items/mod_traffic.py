"""MOD5: two models of one endpoint on the same traffic."""

from __future__ import annotations

from plomada.facts import Facts
from plomada.items import Settings, item
from plomada.items._rollouts import divided
from plomada.verdicts import Verdict


@item("MOD5")
def ab_testing(facts: Facts, settings: Settings) -> Verdict:
    """One endpoint has two deployments and traffic that can divide among them."""
    return divided(
        facts,
        lambda r: r.side_by_side and r.divides,
        "no endpoint can divide traffic among two deployments",
    )
