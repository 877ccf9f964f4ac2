"""The template rendered in process, every set of answers once a session."""

import json
import shutil
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from copier import run_copy

PROJECT = Path(__file__).resolve().parents[1]
TEMPLATE_PARTS = ("copier.yml", "extensions", "template")

Answers = Mapping[str, Any]

# What this version accepts, choice by choice; test_questions.py compares it with copier.yml.
ACCEPTED: dict[str, list[Any]] = {
    "task": ["classification", "regression"],
    "ci": ["github"],
    "iac": ["bicep"],
    "serving": [["managed-online", "batch"], ["managed-online"], ["batch"]],
    "network": ["managed", "vnet"],
}
COMBINATIONS: list[dict[str, Any]] = [
    dict(zip(ACCEPTED, values, strict=True)) for values in product(*ACCEPTED.values())
]


def label(answers: Answers) -> str:
    """Name a set of answers in a test's id."""
    values = ("+".join(v) if isinstance(v, list) else str(v) for v in answers.values())
    return "-".join(values) or "defaults"


def export_template(target: Path) -> Path:
    """Copy the template as it stands in the work tree, so that no render pays for git."""
    target.mkdir(parents=True)
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache")
    for part in TEMPLATE_PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=ignore)
        else:
            shutil.copy2(source, target / part)
    return target


class Renderer:
    """Renders sets of answers below a folder and remembers where each one is."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.template = template
        self.folder = folder
        self._rendered: dict[str, Path] = {}

    def __call__(self, answers: Answers | None = None) -> Path:
        """Return the repository of these answers (defaults otherwise); do not write into it."""
        key = json.dumps(answers or {}, sort_keys=True)
        if key not in self._rendered:
            target = self.folder / f"repository-{len(self._rendered)}"
            self.render(target, answers)
            self._rendered[key] = target
        return self._rendered[key]

    def render(self, target: Path, answers: Answers | None = None) -> None:
        """Render into a folder of the caller's own; raises what Copier raises."""
        run_copy(
            str(self.template),
            target,
            data=dict(answers or {}),
            defaults=True,
            quiet=True,
            unsafe=True,
        )


def files_of(repository: Path) -> list[Path]:
    """List the files of a rendered repository."""
    return sorted(path for path in repository.rglob("*") if path.is_file())
