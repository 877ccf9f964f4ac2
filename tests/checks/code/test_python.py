"""Python is read as far as it goes, and names resolve through the repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.readers import notebook, python
from plomada.repository import Repository


def facts_of(tmp_path: Path, files: dict[str, str]) -> Facts:
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Facts(Repository(tmp_path))


def names(facts: Facts, path: str) -> list[str]:
    module = facts.code.module(path)
    assert module is not None
    return [facts.code.name(site) for site in module.sites]


HOSTILE = {
    "brackets": "(" * 100_000,
    "minus": "x = " + "-" * 100_000 + "1\n",
    "sum": "x = " + "+".join(["1"] * 20_000) + "\n",
    "if": "\n".join(" " * n + "if x:" for n in range(150)),
    "null": "x = 1\0\n",
    "unclosed": "def f(\n" * 50,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_a_reason_at_most(tmp_path: Path, text: str) -> None:
    facts = facts_of(tmp_path, {"a.py": f"import azure\n{text}"})
    assert len(facts.code.calls) == 0


def test_a_broken_statement_hides_only_itself() -> None:
    source = python.read("import os\nprint 'old'\ndef broken(:\n    x\nos.getcwd()\n", "a.py")
    assert len(source.unread) == 1
    assert any("getcwd" in python.ast.dump(node) for node in source.tree.body)


def test_a_text_is_read_whole_but_for_a_few_statements_or_it_is_not() -> None:
    old = "try:\n    print 'old', x\nexcept KeyError, error:\n    f(error)\n"
    little = python.read(old * 20 + "x = = 1\n", "a.py")
    assert python.ast.dump(little.tree).count("'error'") == 40
    assert [u.rest for u in little.unread] == [False]
    much = python.read(HOSTILE["unclosed"], "a.py")
    assert [u.rest for u in much.unread] == [True]


def test_what_python_2_prints_is_no_loss() -> None:
    printing = 'if x:\n    print "%d %d" % \\\n        (a,\n         b)\n' * 20
    source = python.read(f"import mlflow\n{printing}mlflow.log_metric('a', 1)\n", "a.py")
    assert "log_metric" in python.ast.dump(source.tree)
    assert [part.rest for part in source.unread] == [False]


def test_little_that_was_not_read_leaves_the_verdict_to_the_rest(tmp_path: Path) -> None:
    facts = facts_of(
        tmp_path,
        {
            "a.py": "import azure\nprint 'old'\nx = 1\n",
            "b.py": "import azure\n" + HOSTILE["unclosed"],
        },
    )
    assert len(facts.code.calls) == 0
    assert [problem.path for problem in facts.hiding("code")] == ["b.py"]


def test_a_template_is_read(tmp_path: Path) -> None:
    text = "{% if cloud %}\nimport mlflow\n{% endif %}\nmlflow.log_metric('a', 1)\n"
    assert names(facts_of(tmp_path, {"a.py": text}), "a.py") == ["mlflow.log_metric"]


def test_a_notebook_knows_its_lines() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# title\n"]},
        {
            "cell_type": "code",
            "source": ["%pip install x\n", "!az ml job create\n", "call('ä \"q\"')\n"],
        },
        {"cell_type": "code", "source": "print 'broken'"},
        {"cell_type": "code", "source": ["after()"]},
    ]
    raw = json.dumps({"cells": cells}, indent=1)
    found = notebook.read(raw, "a.ipynb")
    source = python.read(found.text, "a.ipynb", found.lines, found.cells)
    lines = raw.split("\n")
    for name in ("call(", "after("):
        node = next(
            part
            for part in python.ast.walk(source.tree)
            if isinstance(part, python.ast.Call) and part.func.id == name[:-1]  # type: ignore[attr-defined]
        )
        span = source.span(node)
        assert lines[span.line - 1][span.column - 1 :].startswith(name)
    assert [shell.text for shell in found.shell] == ["az ml job create"]


RESOLVED = {
    "import as": "import mlflow as m\nm.log_metric('a', 1)\n",
    "from import": "from mlflow import log_metric as note\nnote('a', 1)\n",
    "assigned": "import mlflow\nnote = mlflow.log_metric\nnote('a', 1)\n",
    "own module": "from helper import note\nnote('a', 1)\n",
    "own package": "import helper\nhelper.note('a', 1)\n",
}


@pytest.mark.parametrize("text", RESOLVED.values(), ids=RESOLVED)
def test_names_resolve(tmp_path: Path, text: str) -> None:
    helper = "from mlflow import log_metric as note\n"
    facts = facts_of(tmp_path, {"a.py": text, "helper.py": helper})
    assert names(facts, "a.py")[-1] == "mlflow.log_metric"


INSTANCES = {
    "variable": "client = MLClient()\nclient.models.list()\n",
    "factory": "client = MLClient.from_config()\nclient.models.list()\n",
    "function": "def make():\n    return MLClient()\n\nmake().models.list()\n",
    "annotation": "def use(client: MLClient):\n    client.models.list()\n",
    "passed": "def use(client):\n    client.models.list()\n\nuse(MLClient())\n",
    "attribute by name": (
        "def use(client: object):\n    models = getattr(client, 'models')\n"
        "    models.list()\n\nuse(MLClient())\n"
    ),
    "attribute by name, with a default": (
        "client = MLClient()\ngetattr(client, 'models', None).list()\n"
    ),
    "module by name": (
        "import importlib\nmodule = importlib.import_module('azure.ai.ml')\n"
        "module.MLClient().models.list()\n"
    ),
    "attribute": (
        "class A:\n    def __init__(self):\n        self.client = MLClient()\n\n"
        "    def use(self):\n        self.client.models.list()\n"
    ),
    "property": (
        "class A:\n    _client = None\n\n    @property\n    def client(self) -> MLClient:\n"
        "        return self._client\n\n    def use(self):\n        self.client.models.list()\n"
    ),
    "inherited": (
        "class B:\n    def __init__(self):\n        self.client = MLClient()\n\n"
        "class A(B):\n    def use(self):\n        self.client.models.list()\n"
    ),
    "with": "with MLClient() as client:\n    client.models.list()\n",
}


@pytest.mark.parametrize("text", INSTANCES.values(), ids=INSTANCES)
def test_instances_resolve(tmp_path: Path, text: str) -> None:
    facts = facts_of(tmp_path, {"a.py": "from azure.ai.ml import MLClient\n" + text})
    assert "azure.ai.ml.MLClient.models.list" in names(facts, "a.py")


VALUES = {
    "default of an option": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', default='blue')\n"
        "show(p.parse_args().n)\n"
    ),
    "environment default": "import os\nshow(os.environ.get('N', 'blue'))\n",
    "caller": "def f(n):\n    show(n)\n\nf('blue')\n",
    "parameter default": "def f(n='blue'):\n    show(n)\n\nf()\n",
    "format": "show('{}ue'.format('bl'))\n",
    "f-string": "x = 'ue'\nshow(f'bl{x}')\n",
    "dictionary": "d = {}\nd['n'] = 'blue'\nshow(d['n'])\n",
    "dataclass": "class S:\n    n: str = 'blue'\n\nshow(S().n)\n",
    "configuration file": "import yaml\nc = yaml.safe_load(open('c.yml'))\nshow(c['a']['n'])\n",
    "constant of a module": "from other import N\nshow(N)\n",
    "overwritten": "n = 'green'\nn = 'blue'\nshow(n)\n",
}


@pytest.mark.parametrize("text", VALUES.values(), ids=VALUES)
def test_values_are_followed(tmp_path: Path, text: str) -> None:
    files = {"a.py": text, "other.py": "N = 'blue'\n", "c.yml": "a:\n  n: blue\n"}
    facts = facts_of(tmp_path, files)
    module = facts.code.module("a.py")
    assert module is not None
    call = next(s for s in module.sites if facts.code.name(s) == "?show")
    assert facts.code.value_of(call.node.args[0], call.scope).text == "blue"


def test_a_package_gives_out_its_modules_names_when_asked(tmp_path: Path) -> None:
    lazy = (
        "from importlib import import_module\n"
        "_EXPORTS = {'make': '.client', 'note': '.notes'}\n"
        "def __getattr__(name):\n"
        "    return getattr(import_module(_EXPORTS[name], __name__), name)\n"
    )
    files = {
        "src/cloud/__init__.py": lazy,
        "src/cloud/client.py": (
            "from azure.ai.ml import MLClient\ndef make() -> MLClient:\n    return MLClient()\n"
        ),
        "src/cloud/notes.py": "from .client import make\ndef note():\n    make()\n",
        "a.py": "from src.cloud import make\nmake().models.list()\n",
    }
    assert "azure.ai.ml.MLClient.models.list" in names(facts_of(tmp_path, files), "a.py")


SETTINGS = """\
import os

def setting(name, *, default="none"):
    return os.environ.get(name) or default

def settings(prefix):
    endpoint = setting("ENDPOINT", default="churn")
    return {"endpoint": endpoint, "slot": setting("SLOT", default="blue"), "other": prefix + "x"}

config = settings("a")
settings("b")
"""


@pytest.mark.parametrize(
    ("asked", "texts"),
    {
        "config['slot']": {"blue"},
        "config['endpoint']": {"churn"},
        "config['other']": {"ax"},
        "setting('X')": {"none"},
    }.items(),
)
def test_a_call_gives_what_its_own_arguments_make(
    tmp_path: Path, asked: str, texts: set[str]
) -> None:
    facts = facts_of(tmp_path, {"a.py": f"{SETTINGS}\nshow({asked})\n"})
    module = facts.code.module("a.py")
    assert module is not None
    call = next(s for s in module.sites if facts.code.name(s) == "?show")
    value = facts.code.value_of(call.node.args[0], call.scope)
    known = [v for v in value.parts or (value,) if v.kind == "known"]
    assert {v.text for v in known} == texts


def test_only_what_a_runner_collects_is_a_test(tmp_path: Path) -> None:
    files = {
        "tests/test_a.py": "def test_one(): ...\n\nclass TestA:\n    def test_two(self): ...\n"
        "    def helper(self): ...\n\nclass Other:\n    def test_three(self): ...\n",
        "tests/helper.py": "def test_four(): ...\n",
        "src/test.py": "def test_five(): ...\n",
    }
    found = [test.address.rpartition("::")[2] for test in facts_of(tmp_path, files).code.tests]
    assert found == ["test_one", "TestA.test_two"]


def test_one_of_several_returned_values_has_its_own_name(tmp_path: Path) -> None:
    text = (
        "from azureml.core import Run\n"
        "def train(data):\n"
        "    run = Run.get_context().submit_child(data)\n"
        "    model, other = run.get_output(), 1\n"
        "    return model, 'name', run\n"
        "_, name, best = train(1)\n"
        "best.register_model(name)\n"
    )
    found = names(facts_of(tmp_path, {"a.py": text}), "a.py")
    assert "azureml.core.Run.submit_child.register_model" in found
