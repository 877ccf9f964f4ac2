"""Terraform modules to resources."""

from __future__ import annotations

from collections.abc import Sequence

from plomada.facts.iac.build import Build
from plomada.facts.iac.passed import PassedValues


def add_terraform(build: Build, passed: Sequence[PassedValues]) -> None:
    """Add the resources of every Terraform root module to the estate."""
