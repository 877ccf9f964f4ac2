"""What jobs run, whoever submits them."""

from __future__ import annotations

from pathlib import Path

from plomada.facts import Facts
from plomada.facts.decisions.processes import of_asset
from plomada.repository import Repository

SPEC = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
code: src
command: python train.py
environment: azureml:training@latest
"""
SUBMIT = """\
from azure.ai.ml import MLClient, load_job
client = MLClient.from_config(None)
client.jobs.create_or_update(load_job("train.yml"))
"""


def test_a_spec_that_code_loads_runs_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/train.py").write_text("import mlflow\n")
    (tmp_path / "train.yml").write_text(SPEC)
    (tmp_path / "submit.py").write_text(SUBMIT)
    facts = Facts(Repository(tmp_path))
    [job] = facts.assets.of_kind("job")
    assert of_asset(facts, job) == ("src/train.py",)
    assert facts.problems == ()
