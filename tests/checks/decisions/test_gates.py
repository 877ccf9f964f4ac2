"""Which comparisons decide about a registration, and what undoes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.checklist import BY_ID
from plomada.facts import Facts
from plomada.items import Settings
from plomada.repository import Repository
from plomada.run import load_rules, run_item

REGISTER = "    mlflow.register_model('runs:/1/model', 'churn')\n"
HEAD = (
    "import argparse, json, os, sys\nimport mlflow\nfrom sklearn.metrics import accuracy_score\n"
    "score = accuracy_score([0, 1], [0, 1])\n"
)
WORKFLOW = "on: push\njobs:\n  train:\n    runs-on: ubuntu-latest\n    steps:\n"


def state(tmp_path: Path, files: dict[str, str], item: str = "CI4") -> str:
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    load_rules({BY_ID[item].section})
    result = run_item(BY_ID[item], Facts(Repository(tmp_path)), Settings())
    assert result.crash == ""
    return result.verdict.state


def script(body: str) -> dict[str, str]:
    """Return a pipeline that runs one Python script."""
    return {
        ".github/workflows/a.yml": WORKFLOW + "      - run: python train.py\n",
        "train.py": HEAD + body,
    }


GATED = {
    "branch": "if score > 0.8:\n" + REGISTER,
    "early exit": "if score < 0.8:\n    sys.exit(1)\nif True:\n" + REGISTER,
    "exit that says success stops this process too": (
        "if score < 0.8:\n    sys.exit(0)\nif True:\n" + REGISTER
    ),
    "assert": "assert score > 0.8\nif True:\n" + REGISTER,
    "raise": "if score <= 0.8:\n    raise ValueError(score)\nif True:\n" + REGISTER,
    "flag": "good = score > 0.8\nif good:\n" + REGISTER,
    "flag by branches": (
        "if score > 0.8:\n    flag = 1\nelse:\n    flag = 0\nif flag == 1:\n" + REGISTER
    ),
    "function returns the verdict": (
        "def good(value):\n    return value >= 0.8\n\nif good(score):\n" + REGISTER
    ),
    "function raises": (
        "def check(value):\n    if value < 0.8:\n        raise RuntimeError(value)\n\n"
        "check(score)\nif True:\n" + REGISTER
    ),
    "a nested early return": (
        "def main():\n    if score:\n        if score < 0.8:\n            return\n"
        "    mlflow.register_model('runs:/1/model', 'churn')\n\nmain()\n"
    ),
    "a file between functions": (
        "with open('flag.txt', 'w') as file:\n    file.write('1' if score > 0.8 else '0')\n"
        "with open('flag.txt') as file:\n    flag = file.read()\nif flag == '1':\n" + REGISTER
    ),
    "a dictionary": (
        "result = {'accuracy': score, 'passed': score > 0.8}\nif result['passed']:\n" + REGISTER
    ),
    "an attribute": (
        "class Evaluation:\n    def __init__(self, value):\n        self.passed = value > 0.8\n\n"
        "evaluation = Evaluation(score)\nif evaluation.passed:\n" + REGISTER
    ),
    "an argument with a well-known name": (
        "parser = argparse.ArgumentParser()\nparser.add_argument('--auc', type=float)\n"
        "args = parser.parse_args()\nif args.auc > 0.8:\n" + REGISTER
    ),
    "all of several": (
        "metrics = {'f1': score}\nok = all(metrics[k] >= 0.8 for k in metrics)\nif ok:\n" + REGISTER
    ),
    "a raise inside the same try": (
        "try:\n    if score < 0.8:\n        raise ValueError\n"
        "    mlflow.register_model('runs:/1/model', 'churn')\nexcept Exception:\n    print('no')\n"
    ),
    "a switch that is on": (
        "parser = argparse.ArgumentParser()\nparser.add_argument('--gate', default='true')\n"
        "args = parser.parse_args()\nif args.gate == 'true' and score < 0.8:\n    sys.exit(1)\n"
        "if True:\n" + REGISTER
    ),
}

LOW = (
    "class Bad(Exception):\n    pass\n\nclass Low(Bad):\n    pass\n\n"
    "def check(value):\n    if value < 0.8:\n        raise Low(value)\n\n"
)
GATED["another error is caught"] = (
    LOW + "try:\n    check(score)\nexcept KeyError:\n    print('no')\nif True:\n" + REGISTER
)
GATED["the error is caught and raised again"] = (
    LOW + "try:\n    check(score)\nexcept Low:\n    print('no')\n    raise\nif True:\n" + REGISTER
)

UNGATED = {
    "its own error is caught": (
        "class Low(Exception):\n    pass\n\ntry:\n    if score < 0.8:\n        raise Low(score)\n"
        "except Low as low:\n    print(low)\nif True:\n" + REGISTER
    ),
    "its own error is caught around the check": (
        LOW + "try:\n    check(score)\nexcept Low:\n    print('no')\nif True:\n" + REGISTER
    ),
    "the error that its own derives from is caught": (
        LOW + "try:\n    check(score)\nexcept Bad:\n    print('no')\nif True:\n" + REGISTER
    ),
    "a constant beside the comparison": "good = score > 0.8 or True\nif good:\n" + REGISTER,
    "nothing": "if True:\n" + REGISTER,
    "only printed": "print(score > 0.8)\nif True:\n" + REGISTER,
    "a constant over the flag": "good = score > 0.8\ngood = True\nif good:\n" + REGISTER,
    "a constant over what was read": (
        "with open('flag.txt', 'w') as file:\n    file.write('1' if score > 0.8 else '0')\n"
        "with open('flag.txt') as file:\n    flag = file.read()\nflag = '1'\nif flag == '1':\n"
        + REGISTER
    ),
    "swallowed": (
        "try:\n    if score < 0.8:\n        raise ValueError\nexcept Exception:\n    print('no')\n"
        "if True:\n" + REGISTER
    ),
    "a bare except swallows the exit": (
        "try:\n    if score < 0.8:\n        sys.exit(1)\nexcept:\n    print('no')\nif True:\n"
        + REGISTER
    ),
    "a switch that is off": (
        "parser = argparse.ArgumentParser()\nparser.add_argument('--gate', action='store_true')\n"
        "args = parser.parse_args()\nif args.gate and score < 0.8:\n    sys.exit(1)\nif True:\n"
        + REGISTER
    ),
    "a switch that skips": "skip = True\nif skip or score > 0.8:\n" + REGISTER,
    "literals": "metrics = {'accuracy': 0.95}\nif metrics['accuracy'] > 0.8:\n" + REGISTER,
    "a count of rows": "rows = [1, 2]\nif len(rows) > 1:\n" + REGISTER,
    "the file is there": "if os.path.exists('model.pkl'):\n" + REGISTER,
    "a comment": "# if score < 0.8: sys.exit(1)\nif True:\n" + REGISTER,
    "a hollow check": "def check(value):\n    pass\n\ncheck(score)\nif True:\n" + REGISTER,
    "both branches register": ("if True:\n" + REGISTER + "if score < 0.8:\n    sys.exit(1)\n"),
}


@pytest.mark.parametrize("body", GATED.values(), ids=GATED)
def test_a_gate_decides(tmp_path: Path, body: str) -> None:
    assert state(tmp_path, script(body)) == "passed"


@pytest.mark.parametrize("body", UNGATED.values(), ids=UNGATED)
def test_nothing_decides(tmp_path: Path, body: str) -> None:
    assert state(tmp_path, script(body)) == "failed"


CLI = "az ml model create --name churn --path azureml://jobs/j/outputs/model"
EXIT = HEAD + "if score < 0.8:\n    sys.exit(1)\n"
SHELL_GATED = {
    "exit by bc": f'if (( $(echo "$ACCURACY < 0.8" | bc -l) )); then\n  exit 1\nfi\n{CLI}',
    "around the command": f'if [ "$AUC" -gt 80 ]; then\n  {CLI}\nfi',
    "one line": f'if (( $(echo "$F1 < 0.8" | bc -l) )); then exit 1; fi\n{CLI}',
    "a flag": f'PASS=$(echo "$ACCURACY > 0.8" | bc -l)\nif [ "$PASS" = 1 ]; then\n  {CLI}\nfi',
}
SHELL_UNGATED = {
    "echo alone": f'if (( $(echo "$ACCURACY < 0.8" | bc -l) )); then\n  echo low\nfi\n{CLI}',
    "a comment": f'# if [ "$AUC" -lt 80 ]; then exit 1; fi\n{CLI}',
    "the exit comes later": f'{CLI}\nif (( $(echo "$ACCURACY < 0.8" | bc -l) )); then\n  exit 1\nfi',  # noqa: E501
    "a number of files": f'if [ "$COUNT" -lt 1 ]; then\n  exit 1\nfi\n{CLI}',
}


def step(text: str, indent: str = "          ") -> str:
    return "      - run: |\n" + "".join(f"{indent}{line}\n" for line in text.split("\n"))


@pytest.mark.parametrize("text", SHELL_GATED.values(), ids=SHELL_GATED)
def test_a_shell_gate_decides(tmp_path: Path, text: str) -> None:
    assert state(tmp_path, {".github/workflows/a.yml": WORKFLOW + step(text)}) == "passed"


@pytest.mark.parametrize("text", SHELL_UNGATED.values(), ids=SHELL_UNGATED)
def test_no_shell_gate(tmp_path: Path, text: str) -> None:
    assert state(tmp_path, {".github/workflows/a.yml": WORKFLOW + step(text)}) == "failed"


def test_a_script_before_decides_by_its_exit_code(tmp_path: Path) -> None:
    workflow = WORKFLOW + f"      - run: python check.py\n      - run: {CLI}\n"
    assert state(tmp_path, {".github/workflows/a.yml": workflow, "check.py": EXIT}) == "passed"


@pytest.mark.parametrize("soft", ["python check.py || true", "python check.py || echo low"])
def test_an_ignored_exit_code_decides_nothing(tmp_path: Path, soft: str) -> None:
    workflow = WORKFLOW + f"      - run: {soft}\n      - run: {CLI}\n"
    assert state(tmp_path, {".github/workflows/a.yml": workflow, "check.py": EXIT}) == "failed"


def test_a_script_after_decides_nothing(tmp_path: Path) -> None:
    workflow = WORKFLOW + f"      - run: {CLI}\n      - run: python check.py\n"
    assert state(tmp_path, {".github/workflows/a.yml": workflow, "check.py": EXIT}) == "failed"


def test_a_job_that_is_needed_decides(tmp_path: Path) -> None:
    workflow = (
        WORKFLOW
        + "      - run: python check.py\n"
        + f"  register:\n    needs: train\n    runs-on: ubuntu-latest\n    steps:\n      - run: {CLI}\n"  # noqa: E501
    )
    assert state(tmp_path, {".github/workflows/a.yml": workflow, "check.py": EXIT}) == "passed"


def test_a_job_beside_decides_nothing(tmp_path: Path) -> None:
    workflow = (
        WORKFLOW
        + "      - run: python check.py\n"
        + f"  register:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {CLI}\n"
    )
    assert state(tmp_path, {".github/workflows/a.yml": workflow, "check.py": EXIT}) == "failed"


AZURE = """trigger: [main]
stages:
  - stage: evaluate
    jobs:
      - job: evaluate
        steps:
          - script: python check.py
  - stage: register
    dependsOn: evaluate
    jobs:
      - job: register
        steps:
          - script: {command}
"""


def test_an_azure_stage_before_decides(tmp_path: Path) -> None:
    files = {"azure-pipelines.yml": AZURE.format(command=CLI), "check.py": EXIT}
    assert state(tmp_path, files) == "passed"


STEPS = """$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
jobs:
  evaluate:
    type: command
    code: src
    command: python evaluate.py --out ${{{{outputs.report}}}}
    environment: azureml:e@latest
    outputs:
      report:
        type: uri_folder
  register:
    type: command
    code: src
    command: python register.py --report {report}
    environment: azureml:e@latest
    inputs:
      report: {report}
"""
REPORT = "${{parent.jobs.evaluate.outputs.report}}"
SUBMIT = WORKFLOW + "      - run: az ml job create --file pipeline.yml\n"
EVALUATE = HEAD + (
    "parser = argparse.ArgumentParser()\nparser.add_argument('--out')\nargs = parser.parse_args()\n"
    "with open(os.path.join(args.out, 'report.json'), 'w') as file:\n"
    "    json.dump({'good': score > 0.8}, file)\n"
)
READ = HEAD.replace("score = accuracy_score([0, 1], [0, 1])\n", "") + (
    "parser = argparse.ArgumentParser()\nparser.add_argument('--report')\nargs = parser.parse_args()\n"  # noqa: E501
    "with open(os.path.join(args.report, 'report.json')) as file:\n    report = json.load(file)\n"
)


def aml(evaluate: str, register: str, report: str = REPORT) -> dict[str, str]:
    return {
        ".github/workflows/a.yml": SUBMIT,
        "pipeline.yml": STEPS.format(report=report),
        "src/evaluate.py": evaluate,
        "src/register.py": register,
    }


def test_a_file_of_one_component_decides_in_the_next(tmp_path: Path) -> None:
    assert state(tmp_path, aml(EVALUATE, READ + "if report['good']:\n" + REGISTER)) == "passed"


def test_a_file_that_is_read_and_overwritten_decides_nothing(tmp_path: Path) -> None:
    body = READ + "good = report['good']\ngood = True\nif good:\n" + REGISTER
    assert state(tmp_path, aml(EVALUATE, body)) == "failed"


def test_a_failing_component_keeps_the_next_from_running(tmp_path: Path) -> None:
    plain = "import mlflow\nif True:\n" + REGISTER
    assert state(tmp_path, aml(EXIT, plain)) == "passed"


def test_a_component_that_nothing_waits_for_decides_nothing(tmp_path: Path) -> None:
    plain = "import mlflow\nif True:\n" + REGISTER
    assert state(tmp_path, aml(EXIT, plain, "azureml:report@latest")) == "failed"


CHAMPION = (
    "from mlflow.tracking import MlflowClient\nclient = MlflowClient()\n"
    "champion = client.get_model_version_by_alias('churn', 'champion')\n"
)
BEATEN = {
    "tag of the alias": "if score > float(champion.tags['accuracy']):\n" + REGISTER,
    "metric of its run": (
        "old = client.get_run(champion.run_id).data.metrics['accuracy']\nif score > old:\n"
        + REGISTER
    ),
    "loaded and scored": (
        "old = mlflow.pyfunc.load_model('models:/churn/Production')\n"
        "before = accuracy_score([0, 1], old.predict([0, 1]))\nif score >= before:\n" + REGISTER
    ),
    "best of all versions": (
        "scores = {}\nfor version in client.search_model_versions('churn'):\n"
        "    scores[version.version] = float(version.tags['accuracy'])\n"
        "if score >= max(scores.values()):\n" + REGISTER
    ),
    "an alias moves": (
        "if score > float(champion.tags['accuracy']):\n"
        "    client.set_registered_model_alias('churn', 'champion', '2')\n"
    ),
    "early return": (
        "def main():\n    if score <= float(champion.tags['f1']):\n        return\n"
        "    mlflow.register_model('runs:/1/model', 'churn')\n\nmain()\n"
    ),
}
UNBEATEN = {
    "threshold": "if score > 0.8:\n" + REGISTER,
    "printed": "print(score > float(champion.tags['accuracy']))\nif True:\n" + REGISTER,
    "tagged": (
        "better = score > float(champion.tags['accuracy'])\nif True:\n"
        + REGISTER
        + "mlflow.set_tag('better', better)\n"
    ),
    "version numbers": "if int(champion.version) > 1:\n" + REGISTER,
    "a constant over it": (
        "better = score > float(champion.tags['accuracy'])\nbetter = True\nif better:\n" + REGISTER
    ),
    "hollow": "def compare(one, other):\n    ...\n\ncompare(score, champion)\nif True:\n"
    + REGISTER,
}


@pytest.mark.parametrize("body", BEATEN.values(), ids=BEATEN)
def test_the_champion_has_to_be_beaten(tmp_path: Path, body: str) -> None:
    assert state(tmp_path, {"promote.py": HEAD + CHAMPION + body}, "MOD6") == "passed"


@pytest.mark.parametrize("body", UNBEATEN.values(), ids=UNBEATEN)
def test_the_champion_decides_nothing(tmp_path: Path, body: str) -> None:
    assert state(tmp_path, {"promote.py": HEAD + CHAMPION + body}, "MOD6") == "failed"


def test_a_library_that_nothing_starts_promotes_nothing(tmp_path: Path) -> None:
    body = (
        HEAD
        + CHAMPION
        + (
            "def promote():\n    if score > float(champion.tags['accuracy']):\n"
            "        mlflow.register_model('runs:/1/model', 'churn')\n"
        )
    )
    assert state(tmp_path, {"library.py": body}, "MOD6") == "failed"
