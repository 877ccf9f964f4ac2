"""A run's URI that steps hand on in a file, which both name by an option."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.models.lineage import run_links
from plomada.facts.words import registrations
from plomada.repository import Repository

TRAIN = """\
import argparse, json
import mlflow
parser = argparse.ArgumentParser()
parser.add_argument("--metadata")
args = parser.parse_args()
with mlflow.start_run() as run:
    content = {"uri": URI, "other": "x"}
    with open(args.metadata, "w") as file:
        json.dump(content, file)
"""
REGISTER = """\
import argparse, json
import mlflow
parser = argparse.ArgumentParser()
parser.add_argument("--metadata")
parser.add_argument("--elsewhere")
args = parser.parse_args()
held = json.load(open(args.OPTION))
mlflow.register_model(held["KEY"], "churn")
"""
RUN = 'f"runs:/{run.info.run_id}/model"'


@pytest.mark.parametrize(
    ("uri", "option", "key", "holds"),
    [
        (RUN, "metadata", "uri", True),
        (RUN, "metadata", "other", False),
        (RUN, "elsewhere", "uri", False),
        ('"outputs/model"', "metadata", "uri", False),
    ],
)
def test_the_run_behind_a_file(
    uri: str, option: str, key: str, holds: bool, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(TRAIN.replace("URI", uri))
    (tmp_path / "register.py").write_text(REGISTER.replace("OPTION", option).replace("KEY", key))
    facts = Facts(Repository(tmp_path))
    (link,) = run_links(facts, registrations(facts)[0])
    assert link.holds is holds
