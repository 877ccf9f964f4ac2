"""Which functions the words of a click or typer program run, and which they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.repository import Repository

WORKFLOW = "on: push\njobs:\n  one:\n    runs-on: x\n    steps:\n      - run: {run}\n"
SETUP = '[project.scripts]\ntool = "pkg.cli:{start}"\n'
STEPS = "import subprocess\n\n\ndef types():\n    subprocess.run(['mypy', 'src'])\n"
TYPER = {
    "pkg/__init__.py": "",
    "pkg/steps.py": STEPS,
    "pkg/cli.py": (
        "import typer\n\nfrom .quality.cli import app as quality\n\napp = typer.Typer()\n"
        'app.add_typer(quality, name="quality")\n\n\n'
        "@app.command()\ndef check():\n    print('another check')\n\n\n"
        "def main():\n    app()\n"
    ),
    "pkg/quality/__init__.py": "",
    "pkg/quality/cli.py": (
        "import typer\n\napp = typer.Typer()\ninner = typer.Typer(name='deep')\n"
        "app.add_typer(inner)\n\n\n"
        "@app.command()\ndef check():\n    from ..steps import types as step\n\n    step()\n\n\n"
        "@app.command()\ndef other():\n    print('nothing')\n\n\n"
        "@inner.command('all-types')\ndef everything():\n"
        "    from ..steps import types\n\n    types()\n"
    ),
}
CLICK = {
    "pkg/__init__.py": "",
    "pkg/steps.py": STEPS,
    "pkg/cli.py": (
        "import click\n\nfrom pkg.quality import quality\n\n\n"
        "@click.group()\ndef main():\n    pass\n\n\n"
        "@main.command()\ndef check():\n    print('another check')\n\n\n"
        "main.add_command(quality)\n"
    ),
    "pkg/quality.py": (
        "import click\n\nfrom pkg.steps import types\n\n\n"
        "@click.group()\ndef quality():\n    pass\n\n\n"
        "@quality.command()\ndef check():\n    types()\n\n\n"
        "@quality.command()\ndef other():\n    print('nothing')\n"
    ),
}
REACHED = {
    "a typer group by its name": ("app", TYPER, "uv run tool --verbose quality check --fast"),
    "a group in a group, named by itself": ("app", TYPER, "tool quality deep all-types"),
    "a function that calls the program": ("main", TYPER, "tool quality check"),
    "a click group added by a call": ("main", CLICK, "tool quality check"),
    "words that are not known": ("app", TYPER, "tool $STEPS"),
}
NOT_REACHED = {
    "the command of the same name outside the group": ("app", TYPER, "tool check"),
    "another command of the group": ("app", TYPER, "tool quality other"),
    "click's command of the same name": ("main", CLICK, "tool check"),
    "click's other command of the group": ("main", CLICK, "tool quality other"),
}


def _checks_types(folder: Path, start: str, files: dict[str, str], run: str) -> bool:
    more = {
        "pyproject.toml": SETUP.format(start=start),
        ".github/workflows/ci.yml": WORKFLOW.format(run=run),
    }
    for path, text in {**files, **more}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    facts = Facts(Repository(folder))
    return any(a.verb == "type-check" and a.job is not None for a in facts.acts)


@pytest.mark.parametrize("case", REACHED)
def test_the_words_choose_it(case: str, tmp_path: Path) -> None:
    assert _checks_types(tmp_path, *REACHED[case])


@pytest.mark.parametrize("case", NOT_REACHED)
def test_the_words_choose_something_else(case: str, tmp_path: Path) -> None:
    assert not _checks_types(tmp_path, *NOT_REACHED[case])


@pytest.mark.parametrize("prefix", ["./", "$/"])
def test_workflows_and_actions_of_the_same_repository(prefix: str, tmp_path: Path) -> None:
    inner = (
        "on: workflow_call\njobs:\n  two:\n    runs-on: x\n    steps:\n"
        f"      - uses: {prefix}.github/actions/types\n"
    )
    files = {
        ".github/workflows/ci.yml": (
            f"on: push\njobs:\n  one:\n    uses: {prefix}.github/workflows/inner.yml\n"
        ),
        ".github/workflows/inner.yml": inner,
        ".github/actions/types/action.yml": (
            "runs:\n  using: composite\n  steps:\n    - run: mypy src\n      shell: bash\n"
        ),
    }
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    acts = [a for a in Facts(Repository(tmp_path)).acts if a.verb == "type-check"]
    assert acts
    assert acts[0].job is not None
    assert {t.kind for t in acts[0].job.triggers} == {"push"}


def test_a_helper_makes_a_path_of_the_arguments_of_each_call(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/specs.py": (
            "from pathlib import Path\n\nSPECS = Path('aml')\n\n\n"
            "def spec(*parts):\n    path = SPECS.joinpath(*parts)\n"
            "    if not path.is_file():\n        raise SystemExit(2)\n"
            "    return path.as_posix()\n"
        ),
        "pkg/jobs.py": (
            "import subprocess\n\nfrom .specs import spec\n\n\n"
            "def train():\n"
            "    subprocess.run(['az', 'ml', 'job', 'create', '--file', spec('jobs', 'a.yml')])\n"
            "\n\ndef compare():\n"
            "    subprocess.run(['az', 'ml', 'job', 'create', '--file', spec('b.yml')])\n"
        ),
    }
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    facts = Facts(Repository(tmp_path))
    given = {c.text.rpartition(" ")[2] for c in facts.commands if "--file" in c.text}
    assert given == {"aml/jobs/a.yml", "aml/b.yml"}
