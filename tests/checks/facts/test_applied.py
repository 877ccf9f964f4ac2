"""What a pipeline applies to a cluster, also through pipes and files that it renders."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.serving.applied import applied_paths, is_applied
from plomada.repository import Repository

MANIFEST = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: scoring\n"
STEP = "      - run: |\n"
ACTION = """\
      - uses: azure/k8s-deploy@v5
        with:
          action: deploy
          manifests: out/one.yml
"""
HEAD = "on: push\njobs:\n  deploy:\n    runs-on: x\n    steps:\n"


def applied(folder: Path, lines: list[str], after: str = "") -> bool:
    script = "".join(f"          {line}\n" for line in lines)
    files = {"k8s/api.yml": MANIFEST, ".github/workflows/deploy.yml": HEAD + STEP + script + after}
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    facts = Facts(Repository(folder))
    return is_applied("k8s/api.yml", applied_paths(facts), facts)


@pytest.mark.parametrize(
    "lines",
    [
        ["kubectl apply -f k8s/api.yml"],
        ["kubectl apply -f k8s"],
        ["sed 's|IMAGE|app:1|' k8s/api.yml | kubectl apply -n churn -f -"],
        ["envsubst < k8s/api.yml | kubectl apply -f -"],
        ["cat k8s/api.yml |", "  envsubst | \\", "  kubectl apply -f -"],
        ["envsubst < ./k8s/api.yml > out/one.yml", "kubectl apply -f out/one.yml"],
        ["cat k8s/api.yml | envsubst > one.yml && kubectl create --filename one.yml"],
    ],
)
def test_it_is_applied(lines: list[str], tmp_path: Path) -> None:
    assert applied(tmp_path, lines)


def test_an_action_applies_what_a_step_renders(tmp_path: Path) -> None:
    assert applied(tmp_path, ["mkdir out", "envsubst < k8s/api.yml > out/one.yml"], ACTION)


@pytest.mark.parametrize(
    "lines",
    [
        ["cat k8s/api.yml; kubectl apply -f -"],
        ["cat k8s/api.yml", "kubectl get pods"],
        ["envsubst < k8s/api.yml > two.yml", "kubectl apply -f one.yml"],
        ["kubectl diff -f k8s/api.yml"],
        ["kubectl create namespace churn --dry-run=client -o yaml | kubectl apply -f -"],
    ],
)
def test_it_is_not_applied(lines: list[str], tmp_path: Path) -> None:
    assert not applied(tmp_path, lines)
