"""One module a section: its mutants and its harmless changes."""

ACTIONS = ".github/workflows"
CI = f"{ACTIONS}/ci.yml"
HOOKS = ".pre-commit-config.yaml"
PROJECT = "pyproject.toml"
PACKAGE = "src/credit_risk"
LIFECYCLE = f"{PACKAGE}/lifecycle"
AZURE = f"{LIFECYCLE}/azure"
