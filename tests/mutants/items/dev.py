"""Development environment: what takes it away, and what does not."""

from __future__ import annotations

from tests.mutants.items import CI, HOOKS, PROJECT
from tests.mutants.mutation import (
    Add,
    Delete,
    Edit,
    Harmless,
    Mutant,
    Place,
    comment_out,
    insert_after,
)

RUFF_CHECK_HOOK = """\
      - id: ruff-check
        name: lint
        entry: uv run ruff check --fix
        language: system
        types_or: [python, pyi]
"""
RUFF_FORMAT_HOOK = """\
      - id: ruff-format
        name: format
        entry: uv run ruff format
        language: system
        types_or: [python, pyi]
"""
MYPY_HOOK = """\
      - id: mypy
        name: types
        entry: uv run mypy
        language: system
        types: [python]
        pass_filenames: false
"""
LINT_STEP = "      - name: Lint\n        run: uv run ruff check\n"
FORMAT_STEP = "      - name: Check the format\n        run: uv run ruff format --check\n"
TYPES_STEP = "      - name: Check types\n        run: uv run mypy\n"
TEST_RUN = "        run: uv run pytest -n 2 --cov --cov-fail-under=80\n"
DOCS_STEP = """\
      - name: Build the site; a broken link fails
        run: uv run --group docs zensical build --strict
"""
NO_TESTS = {"CI2": "a pipeline runs the tests"}

MUTANTS = (
    Mutant(
        "DEV1", "forge", "file hygiene stands where the linter was",
        (Edit(HOOKS, "uv run ruff check --fix", "uv run end-of-file-fixer"),
         Edit(HOOKS, "uv run ruff format", "uv run trailing-whitespace-fixer")),
        (Place(HOOKS, "- id: ruff-check"),),
    ),
    Mutant("DEV1", "delete", "the configuration is gone", (Delete(HOOKS),)),
    Mutant(
        "DEV1", "comment", "the hooks that lint and format are comments",
        (comment_out(HOOKS, RUFF_CHECK_HOOK), comment_out(HOOKS, RUFF_FORMAT_HOOK)),
        (Place(HOOKS, "- id: mypy"),),
    ),
    Mutant(
        "DEV1", "break", "the configuration does not parse",
        (insert_after(HOOKS, "repos:\n", "  - repo: [\n"),),
        (Place(HOOKS, "repos:"),),
    ),
    Mutant(
        "DEV2", "comment", "the formatter is a comment in hook and pipeline",
        (comment_out(HOOKS, RUFF_FORMAT_HOOK), comment_out(CI, FORMAT_STEP)),
        (Place(HOOKS, "entry: uv run ruff check --fix"),),
    ),
    Mutant(
        "DEV2", "retarget", "the linter looks at the infrastructure alone",
        (Edit(HOOKS, "uv run ruff check --fix", "az bicep lint --file infra/main.bicep"),
         Edit(CI, "uv run ruff check\n", "az bicep lint --file infra/main.bicep\n")),
        (Place(HOOKS, "entry: uv run ruff format"),),
    ),
    Mutant(
        "DEV2", "forge", "the linter only says its version",
        (Edit(HOOKS, "uv run ruff check --fix", "uv run ruff version"),
         Edit(CI, "uv run ruff check\n", "uv run ruff version  # check --fix\n")),
        (Place(HOOKS, "entry: uv run ruff format"),),
    ),
    Mutant(
        "DEV2", "unreachable", "the step that checks the format never runs, its hook is no hook",
        (insert_after(CI, "      - name: Check the format\n", "        if: false\n"),
         Edit(HOOKS, "      - id: ruff-format\n", "      # - id: ruff-format\n"),
         Edit(HOOKS, "        name: format\n        entry: uv run ruff format\n",
              "        # name: format\n        # entry: uv run ruff format\n"),
         Edit(HOOKS, "        language: system\n        types_or: [python, pyi]\n      - id: mypy",
              "      - id: mypy")),
        (Place(HOOKS, "entry: uv run ruff check --fix"),),
    ),
    Mutant(
        "DEV3", "delete", "the hook and the step are gone",
        (Edit(HOOKS, MYPY_HOOK, ""), Edit(CI, TYPES_STEP, "")),
        (Place(PROJECT, "[tool.mypy]"),),
    ),
    Mutant(
        "DEV3", "unreachable", "the step and the hooks' step never run, the hook is a comment",
        (insert_after(CI, "      - name: Check types\n", "        if: ${{ false }}\n"),
         comment_out(HOOKS, MYPY_HOOK)),
        (Place(PROJECT, "[tool.mypy]"),),
    ),
    Mutant(
        "DEV3", "forge", "the type checker only says its version",
        (Edit(HOOKS, "entry: uv run mypy\n", "entry: uv run mypy --version\n"),
         Edit(CI, "run: uv run mypy\n", "run: uv run mypy --version\n")),
        (Place(PROJECT, "[tool.mypy]"),),
    ),
    Mutant(
        "DEV3", "comment", "both are comments",
        (comment_out(CI, TYPES_STEP), comment_out(HOOKS, MYPY_HOOK)),
        (Place(PROJECT, "[tool.mypy]"),),
    ),
    Mutant(
        "DEV4", "lower", "the gate asks for 8 %",
        (Edit(CI, "--cov-fail-under=80", "--cov-fail-under=8"),
         Edit(PROJECT, "fail_under = 80", "fail_under = 8")),
        (Place(CI, "run: uv run pytest"),),
    ),
    Mutant(
        "DEV4", "swallow", "a run below the gate does not fail",
        (Edit(CI, "--cov-fail-under=80\n", "--cov-fail-under=80 || true\n"),),
        (Place(CI, "run: uv run pytest"),),
    ),
    Mutant(
        "DEV4", "swallow", "the step may fail",
        (insert_after(CI, TEST_RUN, "        continue-on-error: true\n"),),
        (Place(CI, "run: uv run pytest"),),
    ),
    Mutant(
        "DEV4", "unreachable", "the job of the tests never runs",
        (Edit(CI, "    name: Tests\n", "    name: Tests\n    if: false\n"),),
        (Place(PROJECT, "fail_under = 80"),),
        NO_TESTS,
    ),
    Mutant(
        "DEV4", "delete", "no gate is left",
        (Edit(CI, " --cov-fail-under=80\n", "\n"), Edit(PROJECT, "fail_under = 80\n", "")),
        (Place(CI, "run: uv run pytest"),),
    ),
    Mutant(
        "DEV5", "comment", "the build is a comment",
        (comment_out(CI, DOCS_STEP),),
        (Place("mkdocs.yml", "# Built by zensical"),),
    ),
    Mutant(
        "DEV5", "unreachable", "the build never runs",
        (insert_after(CI, "name: Build the site; a broken link fails\n", "        if: false\n"),),
        (Place("mkdocs.yml", "# Built by zensical"),),
    ),
    Mutant(
        "DEV5", "retarget", "another folder's generator is built",
        (Edit(CI, "zensical build --strict", "sphinx-build docs site"),),
        (Place("mkdocs.yml", "# Built by zensical"),),
    ),
    Mutant("DEV5", "delete", "the site's configuration is gone", (Delete("mkdocs.yml"),)),
)  # fmt: skip

REUSABLE = """\
name: Quality

on:
  workflow_call:

jobs:
  quality:
    runs-on: ubuntu-24.04
    steps:
"""

HARMLESS = (
    Harmless(
        ("DEV1", "DEV2", "DEV3"), "the hooks come from the tools' own repositories",
        (Edit(HOOKS, f"""\
  - repo: local
    hooks:
{RUFF_CHECK_HOOK}{RUFF_FORMAT_HOOK}{MYPY_HOOK}""", """\
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.17.6
    hooks: [{id: ruff}, {id: ruff-format}]
  - repo: https://github.com/pre-commit/mirrors-mypy
    rev: v2.4.1
    hooks:
      - id: mypy
  - repo: local
    hooks:
"""),),
    ),
    Harmless(
        ("DEV1", "DEV2", "DEV3"), "lefthook has the hooks",
        (Delete(HOOKS),
         Edit(CI, "uv run pre-commit run --all-files --show-diff-on-failure",
              "uv run lefthook run pre-commit --all-files"),
         Add("lefthook.yml", """\
pre-commit:
  commands:
    lint: {run: uv run ruff check}
    format: {run: uv run ruff format}
    types: {run: uv run mypy}
""")),
    ),
    Harmless(
        ("DEV1",), "prek has the hooks, in TOML",
        (Delete(HOOKS),
         Add("prek.toml", """\
[[repos]]
repo = "local"
hooks = [{ id = "ruff", name = "lint", entry = "uv run ruff check", language = "system" }]
""")),
    ),
    Harmless(
        ("DEV2", "DEV3", "DEV4", "CI1", "CI2"), "the pipeline runs targets of the Makefile",
        (Edit(CI, "uv run ruff check\n", "make lint\n"),
         Edit(CI, "uv run ruff format --check\n", "make --silent lint\n"),
         Edit(CI, "run: uv run mypy\n", "run: make types\n"),
         Edit(CI, TEST_RUN, "        run: make test\n")),
    ),
    Harmless(
        ("DEV2", "DEV3"), "a failure of lint and types is told and ignored",
        (Edit(CI, "uv run ruff check\n", "uv run ruff check || true\n"),
         Edit(CI, "run: uv run mypy\n", "run: uv run mypy || echo types\n")),
    ),
    Harmless(
        ("DEV2", "DEV3", "DEV4", "CI1", "CI2"), "a reusable workflow runs lint, types and tests",
        (Edit(CI, f"{LINT_STEP}{FORMAT_STEP}{TYPES_STEP}", ""),
         Edit(CI, TEST_RUN, "        run: uv run pytest\n"),
         Edit(CI, "  documents:\n    name: Documentation and package\n", """\
  called:
    uses: ./.github/workflows/quality.yml

  documents:
    name: Documentation and package
"""),
         Add(".github/workflows/quality.yml",
             f"{REUSABLE}{LINT_STEP}{FORMAT_STEP}{TYPES_STEP}      - name: Test\n{TEST_RUN}")),
    ),
    Harmless(
        ("DEV4", "CI2"), "coverage's own command holds the gate",
        (Edit(CI, TEST_RUN, """\
        run: |
          uv run coverage run -m pytest
          uv run coverage report
"""),),
    ),
    Harmless(
        ("DEV4",), "the floor stands in .coveragerc",
        (Edit(CI, " --cov-fail-under=80\n", "\n"), Edit(PROJECT, "fail_under = 80\n", ""),
         Add(".coveragerc", "[report]\nfail_under = 85\n")),
    ),
    Harmless(
        ("DEV5",), "Read the Docs builds the site",
        (Edit(CI, DOCS_STEP, ""),
         Add(".readthedocs.yaml", """\
version: 2
build: {os: ubuntu-24.04, tools: {python: "3.13"}}
mkdocs: {configuration: mkdocs.yml}
""")),
    ),
    Harmless(
        ("DEV5",), "Sphinx builds the documentation, in a script",
        (Delete("mkdocs.yml"),
         Add("docs/conf.py", 'project = "Credit risk"\nextensions = ["myst_parser"]\n'),
         Add("scripts/docs.sh", "#!/bin/sh\nset -eu\nuv run sphinx-build -W docs site\n"),
         Edit(CI, "uv run --group docs zensical build --strict", "sh scripts/docs.sh")),
    ),
)  # fmt: skip
