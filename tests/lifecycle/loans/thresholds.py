"""How good is good enough."""

from ..lifecycle.protocol import Bound, DriftLimits, Thresholds

THRESHOLDS = Thresholds(
    bounds=(Bound("f1_macro", 0.6), Bound("log_loss", 1.0)),
    primary="f1_macro",
    tolerance=0.01,
    drift=DriftLimits(psi=0.25, significance=0.01, minimum_rows=60),
)
