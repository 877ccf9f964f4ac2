# What a developer of Plomada runs. Needs git, make and Python 3.11 or newer; brings uv itself.
export UV_COMPILE_BYTECODE := 1
# Without it every process that a test starts compiles the checker anew: a second of each.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
UV := .tools/bin/uv
BIN := .venv/bin
PYTHON_SOURCES := checks extensions demo tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format accuracy bench mutants

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' Makefile

setup: .venv/.ready ## Install everything into .tools and .venv

demo: setup ## Generate a repository into .demo and live a model's whole life there
	@$(BIN)/python -m demo

test: lint ## Lint, types and security, then all tests, the quick ones first
	$(BIN)/pytest -n 2 --dist loadfile -m 'not slow'
	$(BIN)/pytest -n 2 --dist loadfile -m slow

lint: setup ## Lint, format, types, security and layers
	$(BIN)/ruff check $(PYTHON_SOURCES)
	$(BIN)/ruff format --check $(PYTHON_SOURCES)
	$(BIN)/mypy
	$(BIN)/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive checks extensions demo
	$(BIN)/lint-imports

format: setup ## Put the Python code into the project's form
	$(BIN)/ruff check --fix $(PYTHON_SOURCES)
	$(BIN)/ruff format $(PYTHON_SOURCES)

accuracy: setup ## Compare the checker's verdicts with hand-made labels
	$(BIN)/python benchmarks/accuracy.py

mutants: setup ## Break and disguise the generated repository, item by item (ITEMS=CI4,SEC)
	$(BIN)/python -m tests.mutants '$(ITEMS)'

bench: setup ## Measure generation and checking against others
	$(BIN)/python benchmarks/generation.py
	$(BIN)/python benchmarks/bench.py

.tools/bin/uv: requirements/uv.txt
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed: put one on the PATH, or say make PYTHON=/path/to/python'; exit 1; }
	$(PYTHON) -m venv .tools || { echo '$(PYTHON) lacks venv: install it (Debian: apt install python3-venv)'; exit 1; }
	.tools/bin/pip install --quiet --require-hashes --requirement requirements/uv.txt
	@touch $@

.venv/.ready: $(UV) requirements/dev.txt pyproject.toml
	@test -d .venv || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip install --quiet --python .venv --requirement requirements/dev.txt --editable .
	@touch $@
