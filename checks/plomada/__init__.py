"""Plomada: a Copier template for Azure ML repositories and the checker that holds them to it."""

__version__ = "0.1.0"
