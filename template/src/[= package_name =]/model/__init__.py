"""Your side: what is predicted, from what, by which model, and how good is good enough.

Nothing here is touched by an update of the template. The lifecycle uses these names alone; what
each means stands in `lifecycle/protocol.py`.
"""

from .data import load_data
from .estimator import build_estimator
from .features import build_features
from .schema import SCHEMA
from .thresholds import THRESHOLDS

PROTOCOL_VERSION = 1

__all__ = [
    "PROTOCOL_VERSION",
    "SCHEMA",
    "THRESHOLDS",
    "build_estimator",
    "build_features",
    "load_data",
]
