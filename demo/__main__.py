"""Generates a repository into .demo and lives a model's whole life there; ends with a table."""

import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from demo import steps
from demo.running import Outcome, Runner, StepError

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / ".demo"
REPOSITORY = FOLDER / "credit-risk"
MODEL = "credit-risk"
PLOMADA = str(Path(sys.executable).with_name("plomada"))


def main() -> int:
    """Run the demonstration.

    Returns:
        0 if everything went well, 1 if a step failed, 130 if the user stopped.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    began = time.perf_counter()
    generating = Runner(FOLDER, FOLDER / "logs", _environment())
    living = Runner(REPOSITORY, FOLDER / "logs", _environment())
    living.outcomes = generating.outcomes
    print(f"Working in {FOLDER}\n")
    try:
        generating.run(_generate())
        _live(living)
    except StepError as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    _print_table(living.outcomes, time.perf_counter() - began)
    return 0


def _generate() -> steps.Step:
    new = (PLOMADA, "new", REPOSITORY.name, "--defaults", "--quiet")
    git = ("git", "-C", REPOSITORY.name, "-c", "user.name=demo", "-c", "user.email=demo@localhost")
    return steps.Step(
        "generate",
        (
            new,
            (*git, "init", "--quiet", "--initial-branch", "main"),
            (*git, "add", "--all"),
            (*git, "commit", "--quiet", "--message", "chore: generate from Plomada"),
        ),
        ".",
    )


def _live(runner: Runner) -> None:
    """Install; then the tests on one side, the model's life and all other checks on the other.

    The checker needs no environment: it runs while the package index is asked. The analyses come
    after the life: they use what is left of two cores while tests wait for their servers.
    """
    runner.side_by_side(lambda: runner.run(steps.INSTALL), lambda: runner.run(_check()))
    runner.side_by_side(lambda: runner.run(steps.TESTS), lambda: _live_and_analyse(runner))


def _live_and_analyse(runner: Runner) -> None:
    _model(runner)
    for step in steps.ANALYSES:
        runner.run(step)


def _model(runner: Runner) -> None:
    """Live the model's life; it tells the seconds of each of its steps itself."""
    said = runner.run(steps.life(MODEL))
    told = dict(re.findall(r"^(\S.*?) +([\d.]+) s", said, re.MULTILINE))
    runner.outcomes.extend(
        Outcome(f"  {name}", float(told[name]), result) for name, result in steps.RESULTS.items()
    )


def _check() -> steps.Step:
    return steps.Step("check", ((PLOMADA, "check", "."),), "../logs")


def _environment() -> Mapping[str, str]:
    """Let uv find its own Python and environments, wherever this process came from."""
    kept = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    tools = os.pathsep.join([str(PROJECT / ".tools/bin"), os.environ.get("PATH", "")])
    return kept | {"PATH": tools, "UV_COMPILE_BYTECODE": "0", "PYTHONDONTWRITEBYTECODE": ""}


def _print_table(outcomes: list[Outcome], elapsed: float) -> None:
    print(f"\n{'step':<14}  {'seconds':>7}  result (below {REPOSITORY})")
    for outcome in outcomes:
        print(f"{outcome.name:<14}  {outcome.seconds:>7.1f}  {outcome.result}".rstrip())
    print(f"{'all':<14}  {elapsed:>7.1f}  tests and the model's life ran side by side")


if __name__ == "__main__":
    sys.exit(main())
