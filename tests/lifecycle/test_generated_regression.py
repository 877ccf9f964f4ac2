"""The other task: what differs from classification, on an installed repository.

Hooks, package, infrastructure and load test are the same for both; the checker reads every
combination of answers in tests/template.
"""

from pathlib import Path

import pytest

from tests.lifecycle.pipeline import NAMES, require_full_coverage, run_step

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("repository", ["regression"], indirect=True, scope="module"),
]

SAME = {
    "quality: Run every hook on every file",
    "tests: Load the server for a few seconds",
    "documents: Build the package",
    "policy: Hold the infrastructure to its policies",
    "policy: Hold the repository to the MLOps checklist",
}
assert set(NAMES) >= SAME, "a step has another name now"


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SAME])
def test_step_of_its_pipeline(
    name: str, repository: Path, user_environment: dict[str, str]
) -> None:
    run_step(name, repository, user_environment)


def test_its_tests_cover_more_than_they_have_to(
    repository: Path, user_environment: dict[str, str]
) -> None:
    require_full_coverage(repository, user_environment)
