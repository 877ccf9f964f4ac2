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


VERIFY = (
    Step("install", (("uv", "sync"),), "uv.lock"),
    Step("lint", (uv_run("ruff", "check"), uv_run("ruff", "format", "--check"))),
    Step("types", (uv_run("mypy"),)),
    Step("security", (uv_run("bandit", "--quiet", "--recursive", "src"),)),
    Step("tests", (uv_run("pytest", "-n", "2", "--quiet", "--cov"),)),
)


def steps_before_serving(model: str) -> list[Step]:
    """List what leads to a champion; `model` is the generated repository's command."""
    return [
        Step("prepare", (uv_run(model, "prepare"),), "artifacts/data"),
        Step("train", (uv_run(model, "train"),), "artifacts/candidate"),
        Step("evaluate", (uv_run(model, "evaluate"),), "artifacts/evaluation"),
        Step("gate", (uv_run(model, "gate"),), "artifacts/gate"),
        Step("register", (uv_run(model, "register"),), "artifacts/registration"),
        Step("promote", (uv_run(model, "promote"),), "artifacts/mlflow.db"),
    ]


def serve(model: str, port: int) -> Step:
    """Start the server; it runs until it is stopped."""
    return Step("serve", (uv_run(model, "serve", "--port", str(port)),))


def score(model: str, url: str) -> Step:
    """Send rows to the server."""
    return Step("score", (uv_run(model, "score", "--url", url),), "artifacts/collected")


def monitor(model: str) -> Step:
    """Compare what was served with the training data and the truth."""
    return Step("monitor", (uv_run(model, "monitor"),), "artifacts/monitor")
