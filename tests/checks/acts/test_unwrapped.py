"""What a command line runs, without what only starts it."""

from __future__ import annotations

import pytest
from plomada.facts.shell.commandline import unwrapped
from plomada.facts.strings import known, shown


@pytest.mark.parametrize(
    ("line", "inner"),
    [
        ("uvx checkov@3.3.30 --quiet", "checkov --quiet"),
        ("uvx --from build pip-audit==2.10.1", "pip-audit"),
        ("pipx run plomada~=0.1 check", "plomada check"),
        ("npx @scope/tool@1.2.3 run", "@scope/tool run"),
        ("docker run --rm -v .:/src aquasec/trivy:0.60 fs /src", "trivy fs /src"),
        ("docker run ghcr.io/gitleaks/gitleaks@sha256:0 detect", "gitleaks detect"),
        ("stdbuf -o L setsid pytest -q", "pytest -q"),
        ("op run --env-file .env -- dotenv run -- pytest", "pytest"),
        ("docker run python:3.13 pip-audit", "docker run python:3.13 pip-audit"),
    ],
)
def test_the_command_is_found(line: str, inner: str) -> None:
    assert " ".join(shown(v) for v in unwrapped([known(w) for w in line.split()])) == inner
