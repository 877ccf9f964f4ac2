"""What the demonstration does in the generated repository: a user's first day, step by step."""

from dataclasses import dataclass

Command = tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One line of the table.

    Attributes:
        name: What is done.
        commands: What is run for it, in the generated repository.
        result: Where the outcome is, relative to that repository; empty if it leaves none.
    """

    name: str
    commands: tuple[Command, ...]
    result: str = ""


def uv_run(*arguments: str) -> Command:
    """Run a command in the generated repository's own environment."""
    return ("uv", "run", *arguments)


INSTALL = Step("install", (("uv", "sync"),), "uv.lock")
TESTS = Step("tests", (uv_run("pytest", "-n", "2", "--quiet", "--cov"),))
ANALYSES = (
    Step("lint", (uv_run("ruff", "check"), uv_run("ruff", "format", "--check"))),
    Step("types", (uv_run("mypy"),)),
    Step("security", (uv_run("bandit", "--quiet", "--recursive", "src"),)),
)

# Steps of the model's life, as `life` names them, and where each leaves its result.
RESULTS = {
    "prepare": "artifacts/data",
    "train": "artifacts/candidate",
    "evaluate": "artifacts/evaluation",
    "gate": "artifacts/gate",
    "register": "artifacts/registration",
    "promote": "artifacts/mlflow.db",
    "serve, score": "artifacts/collected",
    "monitor": "artifacts/monitor",
}


def life(model: str) -> Step:
    """Live the model's whole life; `model` is the generated repository's command."""
    return Step("life", (uv_run(model, "life"),), "artifacts")
