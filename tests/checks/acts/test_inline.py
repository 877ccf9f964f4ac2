"""Python inside a pipeline's steps counts as the same Python in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.checklist import BY_ID
from plomada.facts import Facts
from plomada.items import Settings
from plomada.repository import Repository
from plomada.run import load_rules, run_item
from plomada.verdicts import Verdict

CODE = """\
from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential
ml = MLClient(DefaultAzureCredential(), 's', 'g', 'w')
endpoint = ml.online_endpoints.get('churn')
endpoint.traffic = {traffic}
ml.online_endpoints.begin_create_or_update(endpoint).result()
"""
DEPLOY = "az ml online-deployment create -n green -e churn -f green.yml"
SPEC = "name: green\nendpoint_name: churn\nmodel: azureml:churn@latest\ninstance_count: 1\n"


def _azure(run: str, gate: str) -> str:
    inner = "".join(f"                  {line}\n" for line in run.splitlines())
    return (
        "trigger: [main]\nstages:\n"
        "  - stage: test\n    jobs:\n      - job: deploy\n        steps:\n"
        f"          - script: {DEPLOY}\n"
        "  - stage: production\n    jobs:\n      - deployment: switch\n"
        f"{gate}        strategy:\n          runOnce:\n            deploy:\n              steps:\n"
        "              - script: |\n" + inner
    )


def _github(run: str, gate: str) -> str:
    inner = "".join(f"          {line}\n" for line in run.splitlines())
    return (
        "on: push\njobs:\n  test:\n    runs-on: x\n    environment: test\n    steps:\n"
        f"      - run: {DEPLOY}\n"
        f"  production:\n    runs-on: x\n    needs: test\n{gate.replace('        ', '    ')}"
        "    steps:\n      - run: |\n" + inner
    )


WRITERS = {
    "azure-pipelines.yml": _azure,
    ".github/workflows/deploy.yml": _github,
}
HOW = {
    "python -c": 'pip install azure-ai-ml\npython -c "\n{code}"\n',
    "a here document": "python - <<'END'\n{code}END\n",
}
GATE = "        environment: production\n"
BOTH = "{'green': 100, 'blue': 0}"


def _verdict(root: Path, item: str, path: str, how: str, gate: str, traffic: str) -> Verdict:
    run = HOW[how].replace("{code}", CODE.replace("{traffic}", traffic))
    for file, text in {path: WRITERS[path](run, gate), "green.yml": SPEC}.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    load_rules({BY_ID[item].section})
    result = run_item(BY_ID[item], Facts(Repository(root)), Settings())
    assert result.crash == ""
    return result.verdict


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("path", WRITERS)
def test_a_switch_of_traffic_waits_for_approval(path: str, how: str, tmp_path: Path) -> None:
    assert _verdict(tmp_path, "CI5", path, how, GATE, BOTH).state == "passed"
    assert _verdict(tmp_path, "CI5", path, how, "", BOTH).state == "failed"


@pytest.mark.parametrize("item", ["DEP4", "DEP6", "MOD5"])
@pytest.mark.parametrize("path", WRITERS)
def test_its_map_names_two_deployments(path: str, item: str, tmp_path: Path) -> None:
    held = _verdict(tmp_path, item, path, "python -c", GATE, BOTH)
    assert held.state == "passed"
    text = (tmp_path / path).read_text(encoding="utf-8").splitlines()
    place = held.evidence[0].span
    assert place is not None
    assert "traffic" in text[place.line - 1]
    assert _verdict(tmp_path, item, path, "python -c", GATE, "{'green': 100}").state == "failed"
