"""The command line: one verb per step of a model's life.

Every step reads and writes folders. On a laptop they are under `artifacts/`; a component on Azure
passes its inputs and outputs as options. Exit codes: 0 done, 1 the gate or the monitor said no,
2 wrong usage or a missing predecessor.

| step     | reads                                                   | writes              |
|----------|---------------------------------------------------------|---------------------|
| prepare  | --data                                                  | --output            |
| train    | --data (of prepare) --commit                            | --output            |
| evaluate | --data (of prepare) --candidate (of train) --champion   | --output            |
| gate     | --evaluation (of evaluate)                              | --output            |
| register | --candidate (of train) --evaluation (of evaluate)       | --output            |
| promote  | --version                                               | the registry        |
| rollback |                                                         | the registry        |
| serve    | --port                                                  |                     |
| score    | --data (of prepare) --url                               | --ground-truth      |
| monitor  | --collected --reference --ground-truth --version        | --output            |
| export   |                                                         | --output (CSV)      |
| pins     | --group, --check                                        | standard output     |
| azure    | what happens on Azure: `azure/cli.py`                   |                     |

Commands import what they need when they run: `--help` costs no MLflow and no scikit-learn.
"""

from __future__ import annotations

import atexit
import gc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from .azure.cli import app as azure
from .errors import BadInput, LifecycleError

if TYPE_CHECKING:
    from .settings import Settings


class _Group(TyperGroup):
    """Turns an expected error into its message and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LifecycleError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(error.exit_code) from None


app = typer.Typer(
    cls=_Group,
    help="The life of the model, step by step; `life` runs it all.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(azure, name="azure", help="What happens on Azure: set up, submit, deploy, roll back.")

# Python would look for garbage among all that MLflow has imported once more before a command ends.
atexit.register(gc.freeze)

Folder = Annotated[Path | None, typer.Option(help="Default: under artifacts/.")]


def _settings() -> Settings:
    from pydantic import ValidationError

    from .settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadInput(f"environment: {first['loc'][0]}: {first['msg']}") from None


@app.command()
def prepare(
    data: Annotated[Path | None, typer.Option(help="File or folder; default: the sample.")] = None,
    output: Folder = None,
) -> None:
    """Read the data, hold the schema to them, put a part aside."""
    from .code import model_code
    from .prepare import prepare as step

    settings = _settings()
    done = step(model_code(), data, output or settings.data, settings.test_fraction)
    typer.echo(f"{len(done.train)} rows to train on, {len(done.test)} held out ({done.digest})")


@app.command()
def train(
    data: Folder = None,
    output: Folder = None,
    commit: Annotated[str, typer.Option(help="Of this code; default: the checkout's.")] = "",
) -> None:
    """Train a candidate and record it with MLflow."""
    from .code import model_code
    from .train import train as step

    settings = _settings()
    done = step(model_code(), data or settings.data, output or settings.candidate, settings, commit)
    typer.echo(f"candidate {done.model_uri}")


@app.command()
def evaluate(
    data: Folder = None,
    candidate: Folder = None,
    output: Folder = None,
    champion: Annotated[
        str | None, typer.Option(help="MLflow model to compare with; default: the registry's.")
    ] = None,
) -> None:
    """Score candidate and champion on the same held-out rows."""
    from .code import model_code
    from .evaluate import evaluate as step

    settings = _settings()
    done = step(
        model_code(),
        data or settings.data,
        candidate or settings.candidate,
        output or settings.evaluation,
        settings,
        champion,
    )
    for metric, value in done.candidate.items():
        against = f"champion {done.champion[metric]:.4f}" if done.champion else ""
        typer.echo(f"{metric:<18} candidate {value:.4f}  {against}".rstrip())
    typer.echo(f"champion: {done.champion_name}")


@app.command()
def gate(evaluation: Folder = None, output: Folder = None) -> None:
    """Refuse a candidate that misses a threshold or is worse than the champion (exit 1)."""
    from .code import model_code
    from .gate import gate as step

    settings = _settings()
    done = step(model_code(), evaluation or settings.evaluation, output or settings.decision)
    typer.echo(f"{done.summary}\nthe gate is open")


@app.command()
def register(candidate: Folder = None, evaluation: Folder = None, output: Folder = None) -> None:
    """Register the candidate as a new version, if the gate lets it pass."""
    from .code import model_code
    from .register import register as step

    settings = _settings()
    done = step(
        model_code(),
        candidate or settings.candidate,
        evaluation or settings.evaluation,
        output or settings.registration,
        settings,
    )
    typer.echo(f"{done.name} version {done.version}, from run {done.run_id}")


@app.command()
def promote(
    version: Annotated[str | None, typer.Option(help="Default: the challenger.")] = None,
) -> None:
    """Make a version the champion, and remember the one before."""
    from .promote import promote as step

    done = step(_settings(), version)
    typer.echo(f"version {done.champion} is champion, before: {done.former or 'none'}")


@app.command()
def rollback() -> None:
    """Put the former champion back."""
    from .rollback import rollback as step

    done = step(_settings())
    typer.echo(f"version {done.champion} is champion again, instead of {done.former}")


@app.command()
def serve(port: Annotated[int, typer.Option(min=1, max=65535)] = 5001) -> None:
    """Serve the champion with Azure ML's inference server until interrupted."""
    from .serve import serve as step

    raise typer.Exit(step(_settings(), port))


@app.command()
def score(
    url: Annotated[
        str, typer.Option(help="Where `serve` listens.")
    ] = "http://127.0.0.1:5001/score",
    data: Folder = None,
    ground_truth: Folder = None,
) -> None:
    """Send the held-out rows to the server and check its answer."""
    from .code import model_code
    from .prepare import read_prepared
    from .score import score as step
    from .score import write_ground_truth

    settings = _settings()
    code = model_code()
    rows = read_prepared(code, data or settings.data).test
    done = step(code.SCHEMA, url, rows)
    write_ground_truth(code.SCHEMA, rows, ground_truth or settings.ground_truth)
    typer.echo(done.predictions[[code.SCHEMA.row_id, "prediction"]].head().to_string(index=False))
    typer.echo(f"{len(done.predictions)} rows scored by version {done.model_version}")


@app.command()
def monitor(
    collected: Folder = None,
    output: Folder = None,
    reference: Annotated[Path | None, typer.Option(help="Default: the champion's.")] = None,
    ground_truth: Folder = None,
    version: Annotated[str | None, typer.Option(help="Default: the champion.")] = None,
) -> None:
    """Look for drift and for decay in what was collected (exit 1 where there is some)."""
    from .code import model_code
    from .monitor import monitor as step

    settings = _settings()
    if ground_truth is None and settings.ground_truth.is_file():
        ground_truth = settings.ground_truth
    done = step(
        model_code(),
        collected or settings.collected,
        output or settings.report,
        settings,
        reference,
        ground_truth,
        version,
    )
    for drift in done.drift:
        typer.echo(f"{drift.column:<24} PSI {drift.psi:.3f}  {drift.test} p = {drift.p_value:.2g}")
    for check in done.performance:
        typer.echo(check.sentence)
    typer.echo(f"{done.rows} rows of version {done.version}: no drift; {done.truths} truths known")


@app.command()
def life(
    data: Annotated[Path | None, typer.Option(help="File or folder; default: the sample.")] = None,
) -> None:
    """Run every step once: prepare, train, evaluate, ... serve, score, monitor."""
    from .code import model_code
    from .life import live

    live(model_code(), _settings(), typer.echo, data)


@app.command()
def export(output: Annotated[Path, typer.Option(help="CSV file to write.")]) -> None:
    """Write the default data as CSV, to make a data asset of them."""
    from .code import model_code
    from .prepare import with_row_ids
    from .rows import conform

    code = model_code()
    rows = with_row_ids(code.SCHEMA, conform(code.SCHEMA, code.load_data(None), target=True))
    output.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(output, index=False)
    typer.echo(f"{len(rows)} rows written to {output}")


@app.command()
def pins(
    group: Annotated[list[str] | None, typer.Option(help="Dependency group to add.")] = None,
    check: Annotated[list[Path] | None, typer.Option(help="File to compare instead.")] = None,
) -> None:
    """Print the resolved packages, or compare files with them (exit 1 where they differ)."""
    from .errors import Refused
    from .pins import differences, export, read_pins

    exported = export(group or [])
    if not check:
        typer.echo(exported, nl=False)
        return
    found = [line for path in check for line in differences(path, read_pins(exported))]
    if found:
        raise Refused("\n".join(found))
    typer.echo(f"{len(check)} files hold the resolved packages")


if __name__ == "__main__":
    app()
