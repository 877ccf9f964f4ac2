"""`life`: every step of a model's life, one after the other, on this machine."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .evaluate import evaluate
from .gate import gate
from .monitor import monitor
from .prepare import prepare, read_prepared
from .promote import promote
from .register import register
from .score import score, write_ground_truth
from .serve import running_server
from .train import train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .protocol import ModelCode
    from .settings import Settings


def live(
    code: ModelCode, settings: Settings, tell: Callable[[str], None], data: Path | None
) -> None:
    """Prepare, train, evaluate, gate, register, promote, serve, score and monitor.

    Args:
        code: The model code.
        settings: Where it runs.
        tell: Takes one line per step, as it ends.
        data: What `prepare` reads; None for the default data.

    Raises:
        LifecycleError: Whatever ends a step ends the life.
    """
    with _step("prepare", tell) as done:
        rows = prepare(code, data, settings.data, settings.test_fraction)
        done.append(f"{len(rows.train)} rows to train on, {len(rows.test)} held out")
    with _step("train", tell) as done:
        done.append(f"run {train(code, settings.data, settings.candidate, settings).run_id}")
    with _step("evaluate", tell) as done:
        measured = evaluate(code, settings.data, settings.candidate, settings.evaluation, settings)
        primary = code.THRESHOLDS.primary
        done.append(
            f"{primary} {measured.candidate[primary]:.4f}; champion: {measured.champion_name}"
        )
    with _step("gate", tell) as done:
        done.append(
            f"{len(gate(code, settings.evaluation, settings.decision).checks)} checks passed"
        )
    with _step("register", tell) as done:
        registered = register(
            code, settings.candidate, settings.evaluation, settings.registration, settings
        )
        done.append(f"{registered.name} version {registered.version}")
    with _step("promote", tell) as done:
        done.append(f"version {promote(settings, registered.version).champion} is champion")
    _serve_and_watch(code, settings, tell)


def _serve_and_watch(code: ModelCode, settings: Settings, tell: Callable[[str], None]) -> None:
    with _step("serve, score", tell) as done, running_server(settings) as server:
        rows = read_prepared(code, settings.data).test
        scored = score(code.SCHEMA, server.url, rows)
        write_ground_truth(code.SCHEMA, rows, settings.ground_truth)
        done.append(f"{len(scored.predictions)} rows by version {scored.model_version}")
    with _step("monitor", tell) as done:
        report = monitor(
            code,
            settings.collected,
            settings.report,
            settings,
            ground_truth=settings.ground_truth,
        )
        done.append(f"{report.rows} rows, {report.truths} truths, no drift, no decay")


@contextmanager
def _step(name: str, tell: Callable[[str], None]) -> Iterator[list[str]]:
    began = time.perf_counter()
    done: list[str] = []
    yield done
    tell(f"{name:<13} {time.perf_counter() - began:5.1f} s  {'; '.join(done)}")
