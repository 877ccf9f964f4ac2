"""What a helper gives to one caller is told by what that caller passes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.models.training import training_acts

sys.path.insert(0, str(Path(__file__).parents[1]))
from corpus import Made

SETTINGS = {
    "joinpath": "from pathlib import Path\n\nSPECS = Path('aml')\n\n\ndef spec(*parts):\n"
    "    path = SPECS.joinpath(*parts)\n    return path.as_posix()\n",
    "os.path.join": "import os\n\n\ndef spec(*parts):\n    return os.path.join('aml', *parts)\n",
    "two parameters": "def spec(folder, name='training.yml'):\n    return f'aml/{folder}/{name}'\n",
}
SUBMIT = (
    "import subprocess\n\nfrom settings import spec\n\n\ndef submit():\n"
    "    subprocess.run(['az', 'ml', 'job', 'create', '--file', spec('jobs', 'training.yml')])\n"
    "\n\ndef compare():\n"
    "    subprocess.run(['az', 'ml', 'job', 'create', '--file', spec('jobs', 'compare.yml')])\n"
    "\n\nsubmit()\ncompare()\n"
)


def job(script: str) -> str:
    return (
        "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n"
        f"type: command\ncode: ../../src\ncommand: python {script}.py\n"
    )


FILES = {
    "submit.py": SUBMIT,
    "aml/jobs/training.yml": job("fit"),
    "aml/jobs/compare.yml": job("compare"),
    "src/fit.py": "from sklearn.svm import SVC\n\nSVC().fit([[0], [1]], [0, 1])\n",
    "src/compare.py": "print('better')\n",
    ".github/workflows/train.yml": "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n"
    "      - run: python submit.py\n",
}


@pytest.mark.parametrize("helper", SETTINGS)
def test_each_call_of_a_helper_names_its_own_file(helper: str) -> None:
    facts = Facts(Made({**FILES, "settings.py": SETTINGS[helper]}))
    files = {a.arguments["--file"].text for a in facts.acts if a.verb == "train"}
    assert files == {"aml/jobs/training.yml", "aml/jobs/compare.yml"}
    assert [act.span.line for act in training_acts(facts)] == [7]


def test_a_path_that_is_joined_in_the_argument_list_is_whole() -> None:
    submit = "import os\nimport subprocess\n\nsubprocess.run(['az', 'ml', 'job', 'create', '-f', "
    files = {**FILES, "submit.py": submit + "os.path.join('aml', 'jobs', 'training.yml')])\n"}
    (act,) = training_acts(Facts(Made(files)))
    assert act.arguments["-f"].text == "aml/jobs/training.yml"
