# ruff: noqa: E501 - the cases are files, kept on their own lines
"""Decisions over what one step wrote for another, and over differences of two metrics."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.checklist import BY_ID
from plomada.facts import Facts
from plomada.items import Settings
from plomada.repository import Repository
from plomada.run import load_rules, run_item

WORKFLOW = """\
on: push
jobs:
  register:
    runs-on: x
    steps:
      - run: python -m life.evaluate && python -m life.register
"""
RECORDS = """\
import json


def put(folder, name, content):
    draft = folder / (name + ".tmp")
    draft.write_text(json.dumps(content) + "\\n")
    draft.replace(folder / name)


def take(folder, name):
    return json.loads((folder / name).read_text())
"""
EVALUATE = """\
from dataclasses import asdict, dataclass
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from sklearn.metrics import f1_score

from life.records import put


@dataclass(frozen=True)
class Evaluation:
    rows: int
    candidate: float
    champion: float


def score(uri, rows, truth):
    return f1_score(truth, mlflow.sklearn.load_model(uri).predict(rows))


def main(rows, truth):
    newest = MlflowClient().get_model_version_by_alias("m", "champion")
    champion = score(f"models:/m/{newest.version}", rows, truth)
    put(Path("out"), "evaluation.json", asdict(Evaluation(len(rows), score("runs:/1/m", rows, truth), champion)))


if __name__ == "__main__":
    main([], [])
"""
REGISTER = """\
from dataclasses import dataclass
from pathlib import Path

import mlflow

from life.evaluate import Evaluation
from life.records import take


class Refused(Exception):
    pass


@dataclass(frozen=True)
class Check:
    name: str
    passed: bool


@dataclass(frozen=True)
class Outcome:
    passed: bool
    checks: tuple


def compare(evaluation):
    {compare}


def judge(evaluation):
    checks = []
    checks.append(compare(evaluation))
    return Outcome(all(check.passed for check in checks), tuple(checks))


def require(outcome):
    {require}


def main():
    evaluation = Evaluation(**take(Path("out"), "{file}"))
    require(judge(evaluation))
    mlflow.register_model("runs:/1/m", "m")


if __name__ == "__main__":
    main()
"""
RAISES = "if not outcome.passed:\n        raise Refused('worse')"
GAIN = "gain = evaluation.candidate - evaluation.champion\n    return Check('f1', gain >= -0.01)"
CASES = {
    "a gain over the champion": (GAIN, RAISES, "evaluation.json", "passed"),
    "a ratio": (
        "return Check('f1', evaluation.candidate / evaluation.champion > 0.98)",
        RAISES, "evaluation.json", "passed",
    ),
    "a direct comparison": (
        "return Check('f1', evaluation.candidate > evaluation.champion)",
        RAISES, "evaluation.json", "passed",
    ),
    "the outcome is printed only": (
        GAIN, "print(outcome.passed)", "evaluation.json", "failed",
    ),
    "the candidate against a number": (
        "return Check('f1', evaluation.candidate - 0.1 >= 0.8)",
        RAISES, "evaluation.json", "failed",
    ),
    "the outcome does not rest on the gain": (
        "gain = evaluation.candidate - evaluation.champion\n"
        "    print(gain >= 0)\n    return Check('f1', True)",
        RAISES, "evaluation.json", "failed",
    ),
    "another file, which nothing writes": (GAIN, RAISES, "other.json", "failed"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_champion_is_beaten_through_records(case: str, tmp_path: Path) -> None:
    compare, require, file, expected = CASES[case]
    register = REGISTER.replace("{compare}", compare).replace("{require}", require)
    files = {
        ".github/workflows/train.yml": WORKFLOW,
        "life/__init__.py": "",
        "life/records.py": RECORDS,
        "life/evaluate.py": EVALUATE,
        "life/register.py": register.replace("{file}", file),
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    load_rules({BY_ID["MOD6"].section})
    verdict = run_item(BY_ID["MOD6"], Facts(Repository(tmp_path)), Settings()).verdict
    assert verdict.state == expected, verdict
    if expected == "passed":
        place = verdict.evidence[0].span
        assert place is not None
        assert place.path == "life/register.py"
