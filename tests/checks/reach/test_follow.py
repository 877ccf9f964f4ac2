# ruff: noqa: E501 - the cases are files, kept on their own lines
"""What commands start: targets, modules, console commands, wrappers, inline Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.strings import shown
from plomada.repository import Repository

STEP = "on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n      - run: {run}\n"
NOTEBOOK = '{"cells": [{"cell_type": "code", "source": ["import subprocess\\n", "subprocess.run([\\"mypy\\", \\"src\\"])"]}]}'
CASES = {
    "papermill": ("papermill one.ipynb out.ipynb -p size 3", {"one.ipynb": NOTEBOOK}),
    "papermill as a module": ("python -m papermill one.ipynb out.ipynb", {"one.ipynb": NOTEBOOK}),
    "a notebook that is executed": ("jupyter nbconvert --to notebook --execute one.ipynb", {"one.ipynb": NOTEBOOK}),
    "a notebook that is converted first": ("jupyter nbconvert --to script one.ipynb && python one.py", {"one.ipynb": NOTEBOOK}),
    "make with an include": ("make quality", {
        "Makefile": "include make/rules.mk\nquality: types\n", "make/rules.mk": "TOOL = mypy\ntypes:\n\t$(TOOL) src\n"}),
    "just": ("just check", {"justfile": "src := 'src'\ncheck: prepare\n    mypy {{src}}\nprepare:\n    echo\n"}),
    "npm": ("npm run types", {"package.json": '{"scripts": {"types": "mypy src"}}'}),
    "tox": ("tox -e types", {"tox.ini": "[testenv:types]\ncommands =\n    mypy src\n"}),
    "tox by a factor of its list": ("tox run -e py312", {"tox.ini": "[tox]\nenvlist = py{311,312}, docs\n[testenv]\ncommands = mypy src\n"}),
    "tox by an environment that is not listed": ("tox -epy313 -- -k one", {"tox.ini": "[tox]\nenvlist = docs\n[testenv]\ncommands = mypy src\n[testenv:docs]\ncommands = mkdocs build\n"}),
    "tox in parallel": ("tox -p auto", {"setup.cfg": "[tox:tox]\nenvlist = py312\n[testenv]\ncommands = mypy src\n"}),
    "tox in TOML": ("tox -e 3.13", {"tox.toml": "env_list = ['3.13']\n[env_run_base]\ncommands = [['mypy', 'src']]\n"}),
    "nox by a session's own name": ("nox -s type-check", {"noxfile.py": "import nox\n\n\n@nox.session(name='type-check')\ndef types(session):\n    session.run('mypy', 'src')\n"}),
    "nox by a tag": ("nox -t style", {"noxfile.py": "import nox\n\n\n@nox.session(tags=['style'])\ndef types(session):\n    session.run('mypy', 'src')\n"}),
    "nox by a version": ("nox -s types-3.13", {"noxfile.py": "import nox\n\n\n@nox.session(python=['3.13'])\ndef types(session):\n    session.run('mypy', 'src')\n"}),
    "nox in another file": ("nox -f ci/noxfile.py", {"ci/noxfile.py": "import nox\n\n\n@nox.session\ndef types(session):\n    session.run('mypy', 'src')\n"}),
    "just with an import": ("just types", {"justfile": "import 'ci/types.just'\n", "ci/types.just": "types:\n    mypy src\n"}),
    "mise at once": ("mise types", {"mise.toml": "[tasks]\ntypes = 'mypy src'\n"}),
    "mise by a file": ("mise run check:types", {"mise-tasks/check/types": "#!/usr/bin/env bash\nmypy src\n"}),
    "hatch.toml": ("hatch run types:check", {"hatch.toml": "[envs.types.scripts]\ncheck = 'mypy src'\n"}),
    "poe in sequence": ("poe check", {"pyproject.toml": "[tool.poe.tasks]\ncheck = [{cmd = 'ruff check .'}, {ref = 'types'}]\ntypes = 'mypy src'\n"}),
    "invoke in a namespace": ("inv ci.types", {"tasks.py": "from invoke import Collection, task\n\n\n@task\ndef types(c):\n    c.run('mypy src')\n\n\nns = Collection(ci=Collection(types))\n"}),
    "poe through uv": ("uv run poe types", {"pyproject.toml": '[tool.poe.tasks]\ntypes = "mypy src"\n'}),
    "hatch": ("hatch run lint:types", {"pyproject.toml": '[tool.hatch.envs.lint.scripts]\ntypes = "mypy src"\n'}),
    "invoke": ("inv types", {"tasks.py": "from invoke import task\n\n\n@task\ndef types(c):\n    c.run('mypy src')\n"}),
    "a module": ("python -m tools.checks", {"tools/__init__.py": "", "tools/checks.py": "import subprocess\n\nsubprocess.run(['mypy', 'src'], check=True)\n"}),
    "a console command": ("quality", {
        "pyproject.toml": '[project.scripts]\nquality = "tools.checks:main"\n', "tools/__init__.py": "",
        "tools/checks.py": "import subprocess\n\n\ndef main():\n    subprocess.check_call('mypy src', shell=True)\n"}),
    "a wrapper with literals": ("python run.py", {
        "run.py": "import subprocess\n\n\nclass Shell:\n    def call(self, *args):\n        subprocess.run(['mypy', *args])\n\n\nShell().call('src')\n"}),
    "inline Python": ("python -c \"import os; os.system('mypy src')\"", {}),
    "bash -c in a folder": ("cd scripts && bash -c './types.sh'", {"scripts/types.sh": "mypy src\n"}),
    "a variable that holds the command": ("\"TOOL=mypy; $TOOL src\"", {}),
    "an interpreter that is looked up": ("\"PY=$(which python3); $PY -m mypy src\"", {}),
    "an interpreter in a variable out of sight": ("'${{ steps.py.outputs.python-path }} -m mypy src'", {}),
    "a file by an interpreter out of sight": ("$PYTHON_BIN -u run.py", {"run.py": "import subprocess\n\nsubprocess.run(['mypy', 'src'])\n"}),
    "make with an interpreter that is looked up": ("make types", {"Makefile": "PY := $(shell command -v python3)\ntypes:\n\t$(PY) -m mypy src\n"}),
    "the launcher of Windows": ("py -3.12 -m mypy src", {}),
    "a container with the sources": ("docker run --rm -v $PWD:/w -w /w python:3.13 sh -c 'pip install mypy && mypy src'", {}),
    "a script in a folder that a container is given": ("docker run -v $PWD/app:/w -w /w tools:1 sh types.sh", {"app/types.sh": "mypy src\n"}),
    "an entry point of a container": ("docker run -v $PWD:/w --entrypoint mypy tools:1 src", {}),
    "a command in a service that runs": ("docker compose exec -T app mypy src", {}),
    "a service by its own command": ("docker compose -f ci/compose.yml run --rm types", {
        "ci/compose.yml": "services:\n  types:\n    build: ..\n    command: [mypy, src]\n"}),
    "services that come up": ("docker-compose up --build --exit-code-from types", {
        "docker-compose.yml": "services:\n  types:\n    image: tools\n    command: mypy src\n"}),
    "pre-commit": ("pre-commit run --all-files", {
        ".pre-commit-config.yaml": "repos:\n  - repo: local\n    hooks:\n      - id: t\n        entry: mypy\n        args: [src]\n        language: system\n"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_pipeline_reaches_it(case: str, tmp_path: Path) -> None:
    run, files = CASES[case]
    for path, text in {**files, ".github/workflows/ci.yml": STEP.format(run=run)}.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    facts = Facts(Repository(tmp_path))
    checks = [a for a in facts.acts if a.verb == "type-check" and a.job is not None]
    assert checks, [" ".join(map(shown, c.words)) for c in facts.commands]
    assert "mypy" in (facts.repository.text(checks[0].span.path) or "")


_MYPY = "repos:\n  - repo: https://github.com/pre-commit/mirrors-mypy\n    rev: v1\n    hooks:\n      - id: mypy\n        stages: [manual]\n"

ASIDE = {
    "a hook that is left out": ("SKIP=black,mypy pre-commit run --all-files --hook-stage manual", {".pre-commit-config.yaml": _MYPY}),
    "a hook that an option leaves out": ("prek run --all-files --hook-stage manual --skip mypy", {".pre-commit-config.yaml": _MYPY}),
    "another tool in a variable": ("$PYLINT run.py", {}),
    "a program that is looked up": ("\"$(which cat) run.py\"", {}),
    "an argument of a container's own program": ("docker run tools:1 --check 'mypy src'", {}),
    "a container that echoes": ("docker run alpine echo mypy src", {}),
    "tox by another environment": ("tox -e docs", {"tox.ini": "[testenv]\ncommands = mypy src\n[testenv:docs]\ncommands = mkdocs build\n"}),
    "what tox hands on": ("tox -e docs -- types", {"tox.ini": "[testenv:docs]\ncommands = mkdocs build\n[testenv:types]\ncommands = mypy src\n"}),
    "nox by another session": ("nox -s docs -p 3.13", {"noxfile.py": "import nox\n\n\n@nox.session\ndef types(session):\n    session.run('mypy', 'src')\n\n\n@nox.session\ndef docs(session):\n    session.run('mkdocs', 'build')\n"}),
    "another service": ("docker compose up -d api", {
        "compose.yml": "services:\n  api:\n    build: .\n  types:\n    build: .\n    command: mypy src\n"}),
    "a service with another command": ("docker compose run types echo", {
        "compose.yml": "services:\n  types:\n    build: .\n    command: mypy src\n"}),
}  # fmt: skip


@pytest.mark.parametrize("case", ASIDE)
def test_a_pipeline_does_not_reach_it(case: str, tmp_path: Path) -> None:
    run, files = ASIDE[case]
    script = {"run.py": "import subprocess\n\nsubprocess.run(['mypy', 'src'])\n"}
    workflow = {".github/workflows/ci.yml": STEP.format(run=run)}
    for path, text in {**script, **files, **workflow}.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    facts = Facts(Repository(tmp_path))
    assert not [a for a in facts.acts if a.verb == "type-check" and a.job is not None]


def test_cycles_end(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("bash b.sh\n")
    (tmp_path / "b.sh").write_text("bash a.sh\n./b.sh\n")
    (tmp_path / "Makefile").write_text("a: b\n\tmake b\nb: a\n\tmake a\n")
    workflow = tmp_path / ".github/workflows/ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(STEP.format(run="bash a.sh; make a"))
    facts = Facts(Repository(tmp_path))
    assert facts.reach.route_to("b.sh") is not None
    assert len(facts.commands) < 200


@pytest.mark.parametrize(
    ("line", "soft"),
    [
        ("pytest", False),
        ("pytest || true", True),
        ("pytest || exit 1", False),
        ("set +e; pytest", True),
        ("set +e; true; set -e; pytest", False),
        ("if ! pytest; then exit 1; fi", False),
        ("if pytest; then echo good; fi", True),
    ],
)
def test_softness(line: str, soft: bool, tmp_path: Path) -> None:
    workflow = tmp_path / ".github/workflows/ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(STEP.format(run="|\n          " + line))
    (act,) = [a for a in Facts(Repository(tmp_path)).acts if a.verb == "test"]
    assert act.soft is soft
