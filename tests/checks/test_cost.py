"""What a check costs, counted in calls and parsed files: wall time would be the machine's."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from plomada.check import check
from plomada.checklist import BY_ID
from plomada.facts import Facts
from plomada.items import Settings
from plomada.repository import Repository
from plomada.run import load_rules, run_item

CHAIN = 5  # modules that call each other: what is reached from one stays bounded
MOST_GROWTH = 2.5  # of the calls, where the files double; a loop over pairs of files gives 4
TEXTS = {
    "src/credit/module_{n}.py": (
        "import mlflow\nfrom credit import module_{before}\n\n\ndef train_{n}(rows, limit=0.8):\n"
        "    score = module_{before}.train_{before}(rows)\n    if score < limit:\n"
        '        raise SystemExit(1)\n    mlflow.log_metric("score", score)\n    return score\n\n\n'
        'if __name__ == "__main__":\n    train_{n}([1, 2])\n'
    ),
    "tests/test_{n}.py": (
        "from credit import module_{n}\n\n\ndef test_{n}():\n"
        "    rows = [[1, 2], [3, 4]]\n    assert module_{n}.train_{n}(rows)\n"
    ),
    "mlops/job_{n}.yml": (
        "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n"
        "command: python module_{n}.py --data ${{{{inputs.data}}}}\ncode: ../src/credit\n"
        "environment: azureml:credit@latest\ncompute: azureml:cpu\n"
    ),
    ".github/workflows/flow_{n}.yml": (
        "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: pytest tests/test_{n}.py\n"
        "      - run: az ml job create --file mlops/job_{n}.yml --stream\n"
    ),
    "infra/storage_{n}.bicep": (
        "param name string\nresource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {{\n"
        "  name: name\n  properties: {{ minimumTlsVersion: 'TLS1_2' }}\n}}\n"
    ),
    "docs/page_{n}.md": "# Page {n}\n\nSee [the next](page_{before}.md).\n",
}


def write(root: Path, count: int) -> Repository:
    for number in range(count):
        for name, text in TEXTS.items():
            file = root / name.format(n=number)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.format(n=number, before=number - (number % CHAIN > 0)))
    return Repository(root)


def calls_of(action: Callable[[], object]) -> int:
    """Return the number of functions, ours and built in, that an action calls."""
    counted = 0

    def count(_: FrameType, event: str, __: Any) -> None:  # noqa: ANN401 - as sys.setprofile has it
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return counted


def test_twice_the_files_cost_about_twice_the_calls(tmp_path: Path) -> None:
    check(write(tmp_path / "warm", 6))  # imports and compiled expressions are counted for nobody
    some, twice = write(tmp_path / "some", 20), write(tmp_path / "twice", 40)
    ratio = calls_of(lambda: check(twice)) / calls_of(lambda: check(some))
    assert 1.5 < ratio < MOST_GROWTH


@pytest.mark.parametrize("item", ["GOV1", "GOV6"])
def test_an_item_of_documents_reads_no_code(tmp_path: Path, item: str) -> None:
    facts = Facts(write(tmp_path, 3))
    load_rules({BY_ID[item].section})
    assert not run_item(BY_ID[item], facts, Settings()).crash
    assert not {"code", "pipelines", "reach", "assets"} & vars(facts).keys()


def test_a_run_leaves_the_garbage_collector_as_it_was(tmp_path: Path) -> None:
    assert gc.isenabled()
    check(write(tmp_path, 1), select=("GOV6",))
    assert gc.isenabled()
