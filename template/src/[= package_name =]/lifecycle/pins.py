"""The exact packages of the project's own resolution, for the environments on Azure.

The training and the scoring environment must hold what was tested here. `pins` prints the
resolution (`uv.lock`) as requirement lines for the one platform that they run on; a test compares
the files under `aml/environments/` with it.
"""

from __future__ import annotations

import re
import subprocess  # nosec B404
from importlib.metadata import version
from typing import TYPE_CHECKING

from .errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MODEL_PACKAGES = ("mlflow-skinny", "scikit-learn", "pandas", "numpy", "scipy", "cloudpickle")
DRIVER_PACKAGES = frozenset({"azureml-core"})
"""What Azure ML's batch driver needs in its environment, and no laptop has."""
PIN = re.compile(r"^\s*-?\s*([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)\s*(?:;.*)?$")


def model_requirements() -> list[str]:
    """Return what a logged model needs, as installed. MLflow takes 14 to 22 s to infer the same."""
    return [f"{package}=={version(package)}" for package in MODEL_PACKAGES]


def export(groups: Sequence[str]) -> str:
    """Return the runtime dependencies and those of `groups`, one `name==version` a line.

    Raises:
        BadInput: uv is missing, or the lock file does not fit pyproject.toml.
    """
    command = ["uv", "export", "--locked", "--quiet", "--no-hashes", "--no-annotate", "--no-header"]
    command += ["--no-default-groups", "--no-emit-project"]
    command += [f"--group={group}" for group in groups]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603
    except FileNotFoundError:
        raise BadInput("uv is not on the PATH: install it, it resolves the pins") from None
    if answer.returncode != 0:
        raise BadInput(f"uv export failed: {answer.stderr.strip()}")
    return answer.stdout


def read_pins(text: str) -> dict[str, str]:
    """Return name to version of every pin in a requirements or conda file."""
    found = (PIN.match(line) for line in text.splitlines())
    return {normalised(pin[1]): pin[2] for pin in found if pin}


def differences(path: Path, resolved: dict[str, str]) -> list[str]:
    """Say where the pins of a file differ from the resolution.

    Args:
        path: A requirements or conda file.
        resolved: Name to version, of the project's resolution.
    """
    pins = read_pins(path.read_text(encoding="utf-8"))
    return [
        f"{path}: {name}=={pinned}, resolved is {resolved.get(name, 'not at all')}"
        for name, pinned in pins.items()
        if resolved.get(name) != pinned and name not in DRIVER_PACKAGES
    ]


def normalised(name: str) -> str:
    """Return a distribution's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()
