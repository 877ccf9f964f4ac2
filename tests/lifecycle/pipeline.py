"""The steps of a generated repository's workflow `ci`, run as they stand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.rendering import PROJECT
from tests.tools import succeed

WORKFLOW = ".github/workflows/ci.yml"


def steps(source: str) -> dict[str, str]:
    """Return the scripts of a workflow by job and step."""
    jobs: Mapping[str, Any] = yaml.safe_load(source)["jobs"]
    return {
        f"{name}: {step['name']}": step["run"]
        for name, job in jobs.items()
        for step in job["steps"]
        if "run" in step
    }


# The template's own file names the steps, so that each is a test of its own.
NAMES = list(steps((PROJECT / "template" / f"{WORKFLOW}.jinja").read_text()))


def run_step(name: str, repository: Path, env: Mapping[str, str]) -> None:
    """Run a step as GitHub does: bash that stops at the first failure."""
    script = steps((repository / WORKFLOW).read_text())[name]
    succeed("bash", "-e", "-o", "pipefail", "-c", script, cwd=repository, env=env)


def require_full_coverage(repository: Path, env: Mapping[str, str]) -> None:
    """Hold what the step with the tests has measured to more than that step asks for."""
    report = ("coverage", "report", "--format=total", "--fail-under=90")
    succeed("uv", "run", *report, cwd=repository, env=env)
