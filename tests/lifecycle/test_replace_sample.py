"""The first thing that a user does: another data set and another estimator.

Only files of `src/<package>/model/` change. The whole life, drift and the generated tests, which
know no column, have to stay green.
"""

import random
import shutil
from pathlib import Path

import pytest

from tests.lifecycle.conftest import covered_percent
from tests.tools import run, succeed

pytestmark = [
    pytest.mark.slow,
    # From a regression to three classes: the task changes with the target.
    pytest.mark.parametrize("repository", ["regression"], indirect=True, scope="module"),
]

LOANS = Path(__file__).with_name("loans")
FILES = ("schema.py", "data.py", "features.py", "estimator.py", "thresholds.py")
COLUMNS = ("application", "Age of applicant", "income", "branch", "housing", "outcome")
ROWS = 1200
SEND = """
import sys
from pathlib import Path

from credit_risk.lifecycle.code import model_code
from credit_risk.lifecycle.prepare import read_prepared
from credit_risk.lifecycle.score import score
from credit_risk.lifecycle.serve import running_server
from credit_risk.lifecycle.settings import Settings

code = model_code()
with running_server(Settings()) as server:
    score(code.SCHEMA, server.url, read_prepared(code, Path(sys.argv[1])).train)
"""


def write_loans(path: Path, *, shifted: bool = False) -> None:
    """Write applications whose outcome depends on their columns, with gaps where they may be."""
    dice = random.Random(7)  # noqa: S311 - test data
    lines = [",".join(COLUMNS)]
    for number in range(ROWS):
        age = dice.randint(60, 80) if shifted else dice.randint(19, 80)
        income = dice.lognormvariate(10.4, 0.5)
        branch = dice.choice(("01", "02", "10"))
        housing = dice.choice(("own", "rent", "free"))
        burden = 30_000 / income + (housing == "rent") * 0.5 + (age < 30) * 0.4
        outcome = ("paid", "late", "defaulted")[(burden > 0.9) + (burden > 1.5)]
        cells = [f"{number:05}", age, f"{income:.2f}", branch, housing, outcome]
        cells[2] = "" if dice.random() < 0.05 else cells[2]
        cells[4] = "" if dice.random() < 0.05 else cells[4]
        lines.append(",".join(map(str, cells)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def replaced(repository: Path, user_environment: dict[str, str]) -> Path:
    """Give a repository in which the sample has lived, and was replaced afterwards."""
    succeed("uv", "run", "credit-risk", "life", cwd=repository, env=user_environment)
    model = repository / "src/credit_risk/model"
    for name in FILES:
        shutil.copy(LOANS / name, model / name)
    write_loans(model / "loans.csv")
    return repository


def test_only_files_of_the_user_changed(replaced: Path) -> None:
    changed = succeed("git", "status", "--porcelain", cwd=replaced).splitlines()
    assert len(changed) == len(FILES) + 1
    assert all(line[3:].startswith("src/credit_risk/model/") for line in changed)


def test_the_whole_life_is_green(replaced: Path, user_environment: dict[str, str]) -> None:
    """A champion of the sample is still in the registry; it is not compared with."""
    said = succeed("uv", "run", "credit-risk", "life", cwd=replaced, env=user_environment)
    assert "speaks schema 1, this is schema 2" in said
    assert "no drift, no decay" in said


def test_shifted_requests_raise_alarm(
    replaced: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    """Older applicants ask the server; the monitor names their age."""
    command = ("uv", "run", "credit-risk")
    write_loans(tmp_path / "older.csv", shifted=True)
    prepare = ("prepare", "--data", tmp_path / "older.csv", "--output", tmp_path / "older")
    succeed(*command, *prepare, cwd=replaced, env=user_environment)
    (tmp_path / "send.py").write_text(SEND, encoding="utf-8")
    sent = ("uv", "run", "python", tmp_path / "send.py", tmp_path / "older")
    succeed(*sent, cwd=replaced, env=user_environment)
    result = run(*command, "monitor", cwd=replaced, env=user_environment)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Age of applicant has drifted" in result.stderr


def test_the_generated_tests_are_green(
    replaced: Path, user_environment: dict[str, str], tmp_path: Path
) -> None:
    report = tmp_path / "coverage.json"
    options = ("-n", "2", "--quiet", "--cov", f"--cov-report=json:{report}")
    succeed("uv", "run", "pytest", *options, cwd=replaced, env=user_environment)
    assert covered_percent(report) >= 80


@pytest.mark.parametrize("tool", [("ruff", "check", "src"), ("mypy",)], ids=" ".join)
def test_the_replaced_code_is_clean(
    tool: tuple[str, ...], replaced: Path, user_environment: dict[str, str]
) -> None:
    succeed("uv", "run", *tool, cwd=replaced, env=user_environment)
