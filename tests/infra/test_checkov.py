"""checkov has nothing to say that the files do not answer, with a reason beside it.

checkov pins old versions of its own, so it lives in an environment of its own: the command that
`CHECKOV` names, else the `uvx` of `make setup` with the version below.
"""

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.tools import run

CHECKOV = "uvx checkov@3.3.30"
OPTIONS = ["--framework", "bicep", "--skip-download", "--output", "json", "--soft-fail"]


@pytest.fixture(scope="module")
def report(infra: Path) -> dict[str, Any]:
    command = shlex.split(os.environ.get("CHECKOV", CHECKOV))
    done = run(*command, "--directory", infra, *OPTIONS, cwd=infra)
    if done.returncode:
        pytest.skip(f"checkov could not be started: {done.stderr.strip().splitlines()[-1:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.slow
def test_no_failed_check(report: dict[str, Any]) -> None:
    failed = [(c["check_id"], c["resource"]) for c in report["results"]["failed_checks"]]
    assert not failed
    assert report["summary"]["passed"] > 10


@pytest.mark.slow
def test_every_file_is_read(report: dict[str, Any]) -> None:
    assert not report["results"]["parsing_errors"]
    assert report["summary"]["resource_count"] > 60


@pytest.mark.slow
def test_every_skip_has_its_reason(report: dict[str, Any]) -> None:
    for check in report["results"]["skipped_checks"]:
        assert len(check["check_result"]["suppress_comment"].split()) > 5, check["check_id"]
