"""How many milliseconds a generated file costs, beside copier-uv's template in the same run.

Both are rendered by Copier in this process from a git clone, in turns; the median counts.
``--copier-uv`` is a working copy of pawamoy/copier-uv; without one that part is left out and says
so.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from copier import run_copy
from plomada.template import commit_template, template_folder

PROJECT = Path(__file__).resolve().parents[1]
COPIER_UV = PROJECT.parent / "copies" / "pawamoy__copier-uv"


@dataclass(frozen=True)
class Measured:
    """What one template costs: files, and the median seconds of all rounds."""

    name: str
    files: int
    seconds: float

    @property
    def milliseconds_a_file(self) -> float:
        return 1000 * self.seconds / self.files


def main() -> int:
    """Print both rows; exit code 1 if this template is the slower one a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copier-uv", type=Path, default=COPIER_UV, help="its working copy")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="plomada-generation-") as scratch:
        sources = {"plomada": _clone_of_ours(Path(scratch, "plomada"))}
        if arguments.copier_uv.exists():
            sources["copier-uv"] = _clone(arguments.copier_uv, Path(scratch, "copier-uv"))
        else:
            print(f"copier-uv is skipped: no working copy at {arguments.copier_uv}")
        rows = _measure(sources, Path(scratch), arguments.rounds)
    print(f"{'template':<10} {'files':>5} {'seconds':>8} {'ms a file':>10}")
    for row in rows:
        print(f"{row.name:<10} {row.files:>5} {row.seconds:>8.2f} {row.milliseconds_a_file:>10.1f}")
    ours, *theirs = rows
    return int(any(ours.milliseconds_a_file > row.milliseconds_a_file for row in theirs))


def _measure(sources: dict[str, Path], scratch: Path, rounds: int) -> list[Measured]:
    seconds: dict[str, list[float]] = {name: [] for name in sources}
    files: dict[str, int] = {}
    for number in range(rounds + 1):
        for name, source in sources.items():
            target = scratch / f"{name}-{number}"
            took = _seconds_to_render(source, target)
            files[name] = sum(path.is_file() for path in target.rglob("*"))
            # The first round pays for imports.
            if number:
                seconds[name].append(took)
    return [Measured(name, files[name], median(seconds[name])) for name in sources]


def _seconds_to_render(source: Path, target: Path) -> float:
    began = time.perf_counter()
    _render(source, target)
    return time.perf_counter() - began


def _render(source: Path, target: Path) -> None:
    """Render with all defaults; what copier-uv asks without one is answered for it."""
    run_copy(
        str(source),
        target,
        data={"project_name": "Credit risk", "project_description": "Credit risk"},
        user_defaults={"author_fullname": "A", "author_email": "a@example.com"},
        vcs_ref="HEAD",
        defaults=True,
        quiet=True,
        unsafe=True,
        skip_tasks=True,
    )


def _clone(source: Path, target: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(source), str(target)], check=True)
    return target


def _clone_of_ours(target: Path) -> Path:
    """Commit the template as it stands in the work tree."""
    commit_template(template_folder(), target)
    return target


if __name__ == "__main__":
    sys.exit(main())
