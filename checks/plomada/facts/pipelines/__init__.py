"""Pipelines of both hosts: triggers, stages, approvals, environments, what runs by itself."""
