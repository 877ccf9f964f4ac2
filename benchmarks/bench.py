"""How fast the checker is, as ratios to what nobody can avoid on the same machine in the same run.

    python benchmarks/bench.py [--examples FOLDER] [--runs N]

``--examples`` is a working copy of Azure/azureml-examples; without one that part is left out and
says so. The exit code is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PLOMADA = Path(sys.executable).with_name("plomada")
FLOOR = Path(__file__).with_name("floor.py")

STARTUP_SECONDS, STARTUP_RATIO = 0.08, 8.0
SMALL_SECONDS, SMALL_FILES = 0.25, 200
FLOOR_RATIO = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    seconds: float
    beside: str
    ratio: float | None
    goal: str
    holds: bool


def timed(command: Sequence[str | Path]) -> float:
    """Return the wall time of one run, bytecode cached as an installation has it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(
        [str(word) for word in command], env=environment, capture_output=True, check=False
    )
    return time.perf_counter() - started


def interleaved(
    first: Sequence[str | Path], second: Sequence[str | Path], runs: int
) -> list[float]:
    """Return the medians of two commands that run in turns, after one run each to warm caches."""
    timed(first)
    timed(second)
    pairs = [(timed(first), timed(second)) for _ in range(runs)]
    return [statistics.median(times) for times in zip(*pairs, strict=True)]


def startup(runs: int) -> Row:
    bare, ours = interleaved([PYTHON, "-c", "pass"], [PLOMADA, "--version"], runs * 3)
    return Row(
        "plomada --version", ours, f"bare Python {bare:.3f} s", ours / bare,
        f"< {STARTUP_SECONDS} s, <= {STARTUP_RATIO:.0f}x",
        ours < STARTUP_SECONDS and ours <= STARTUP_RATIO * bare,
    )  # fmt: skip


def small(runs: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_small(root)
        timed([PLOMADA, "check", root])
        ours = statistics.median(timed([PLOMADA, "check", root]) for _ in range(runs))
    return Row(
        f"check of {SMALL_FILES} files", ours, "", None, f"< {SMALL_SECONDS} s",
        ours < SMALL_SECONDS,
    )  # fmt: skip


def make_small(root: Path) -> None:
    """Write a repository of the usual mix: code, specs, infrastructure, pipelines, documents."""
    texts = {
        "src/credit/module_{n}.py": (
            60,
            "import mlflow\n\n\ndef train_{n}(rows):\n    total = sum(rows)\n"
            '    mlflow.log_metric("rows", total)\n    return total\n',
        ),
        "tests/test_{n}.py": (
            40,
            "from credit import module_{n}\n\n\ndef test_{n}():\n"
            "    assert module_{n}.train_{n}([1, 2]) == 3\n",
        ),
        "mlops/job_{n}.yml": (
            30,
            "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n"
            "command: python train.py --data ${{{{inputs.data}}}}\ncode: ../src\n"
            "environment: azureml:credit@latest\ncompute: azureml:cpu\n",
        ),
        "infra/modules/storage_{n}.bicep": (
            30,
            "param name string\nparam tags object\n"
            "resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {{\n"
            "  name: name\n  location: 'westeurope'\n  tags: tags\n"
            "  properties: {{ minimumTlsVersion: 'TLS1_2' }}\n}}\n",
        ),
        ".github/workflows/flow_{n}.yml": (
            10,
            "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n"
            "      - uses: actions/checkout@v5\n      - run: pytest tests/test_{n}.py\n",
        ),
        "docs/page_{n}.md": (29, "# Page {n}\n\nSee [the README](../README.md).\n"),
        "README.md": (1, "# Credit\n\n## Set-up\n\n    pip install .\n\n## Use\n\n    make\n"),
    }
    for name, (count, text) in texts.items():
        for number in range(count):
            file = root / name.format(n=number)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.format(n=number), encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)


def large(examples: Path, runs: int) -> Row:
    floor, ours = interleaved([PYTHON, FLOOR, examples], [PLOMADA, "check", examples], runs)
    return Row(
        "check of azureml-examples", ours, f"floor {floor:.2f} s", ours / floor,
        f"<= {FLOOR_RATIO:.0f}x", ours <= FLOOR_RATIO * floor,
    )  # fmt: skip


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| what | seconds | beside | ratio | goal | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        ratio = f"{row.ratio:.1f}x" if row.ratio is not None else ""
        word = "holds" if row.holds else "MISSED"
        lines.append(
            f"| {row.what} | {row.seconds:.3f} | {row.beside} | {ratio} | {row.goal} | {word} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the checker's speed.")
    default = ROOT.parent / "copies" / "Azure__azureml-examples"
    parser.add_argument("--examples", type=Path, default=default)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(arguments)
    rows = [startup(options.runs), small(options.runs)]
    if options.examples.is_dir():
        rows.append(large(options.examples, options.runs))
    else:
        print("left out: azureml-examples: there is no working copy (--examples FOLDER)")
    print(table(rows))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
