"""The estimator: it can use missing values, and needs no thread but its own."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier


def build_estimator() -> RandomForestClassifier:
    """Return an unfitted estimator."""
    return RandomForestClassifier(n_estimators=30, max_depth=8, random_state=1)
