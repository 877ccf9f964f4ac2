# ruff: noqa: E501 - the cases are files, kept on their own lines
"""Nothing passes on looks: what is echoed, commented out, unreachable, switched off or hollow."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.checklist import BY_ID, ITEMS
from plomada.facts import Facts
from plomada.items import Settings
from plomada.repository import Repository
from plomada.run import load_rules, run_item

MINE = [
    "DEV1",
    "DEV2",
    "DEV3",
    "DEV4",
    "DEV5",
    "INF1",
    "INF2",
    "CI1",
    "CI2",
    "CI3",
    "CI5",
    "CI6",
    "SEC6",
    "SEC7",
    "GOV5",
]
EVERYTHING = """
ruff check . && black --check . && mypy src
pytest --cov=x --cov-fail-under=90
mkdocs build
gitleaks detect
pip-audit
checkov -d .
az deployment group create -g rg --template-file main.bicep
az ml job create --file train.yml
az ml online-deployment create --file blue.yml --endpoint-name credit-prod
az ml online-endpoint update --name credit --traffic blue=100
"""


def workflow(body: str, job: str = "", on: str = "push") -> str:
    lines = "\n".join("          " + line for line in body.strip().split("\n"))
    return (
        f"on: {on}\njobs:\n  rollback:\n    runs-on: x\n{job}    environment: production\n"
        f"    steps:\n      - run: |\n{lines}\n"
    )


def echoed(text: str) -> str:
    return "\n".join(f"echo '{line}'" for line in text.strip().split("\n"))


def commented(text: str) -> str:
    return "true\n" + "\n".join(f"# {line}" for line in text.strip().split("\n"))


CASES = {
    "nothing": {},
    "hollow": {".github/workflows/ci.yml": "", "azure-pipelines.yml": "", ".pre-commit-config.yaml": ""},
    "echo": {".github/workflows/ci.yml": workflow(echoed(EVERYTHING))},
    "comments": {".github/workflows/ci.yml": workflow(commented(EVERYTHING))},
    "if false": {".github/workflows/ci.yml": workflow(EVERYTHING, job="    if: false\n")},
    "never called": {".github/workflows/ci.yml": workflow(EVERYTHING, on="workflow_call")},
    "a function that nothing calls": {
        ".github/workflows/ci.yml": workflow("everything() {\n" + EVERYTHING.strip() + "\n}\ntrue")
    },
    "a document": {"README.md": "# Ways\n\n## Quality\n\n```bash\n" + EVERYTHING.split("az ml online-end")[0] + "```\n"},
    "a script that the repository lacks": {".github/workflows/ci.yml": workflow("./everything.sh\nmake all")},
    "python that does nothing": {
        ".github/workflows/ci.yml": workflow("python all.py"),
        "all.py": "def lint():\n    pass\n\n\ndef test_all():\n    ...\n\n\nlint()\n",
    },
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _rules() -> None:
    load_rules({item.section for item in ITEMS})


@pytest.mark.parametrize("case", CASES)
def test_nothing_passes_on_looks(case: str, tmp_path: Path) -> None:
    for path, text in CASES[case].items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    facts = Facts(Repository(tmp_path))
    states = {i: run_item(BY_ID[i], facts, Settings()) for i in MINE}
    assert {i: r.crash for i, r in states.items() if r.crash} == {}
    assert [i for i, r in states.items() if r.verdict.state == "passed"] == []


def test_the_same_commands_pass_when_they_run(tmp_path: Path) -> None:
    file = tmp_path / ".github/workflows/ci.yml"
    file.parent.mkdir(parents=True)
    file.write_text(workflow(EVERYTHING))
    facts = Facts(Repository(tmp_path))
    passing = {i for i in MINE if run_item(BY_ID[i], facts, Settings()).verdict.state == "passed"}
    assert passing >= {"DEV2", "DEV3", "CI1", "CI3", "CI5", "CI6", "SEC6", "SEC7", "GOV5"}
