"""Step `serve`: Azure ML's own inference server on this machine, with the champion in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess  # nosec B404
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from .errors import BadInput
from .registry import Registry
from .tracking import MODEL_PATH, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .settings import Settings

PORT = 5001
START_TIMEOUT = 60.0
"""Seconds that the server may take to load the model; 6 are usual."""
STOP_TIMEOUT = 10.0
LOCALHOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        url: Where requests go.
        version: Version of the model that answers.
    """

    url: str
    version: str


def fetch_champion(settings: Settings) -> Path:
    """Put the champion where a deployment on Azure would find it.

    Returns:
        `<home>/azureml-models/<name>/<version>`, what `AZUREML_MODEL_DIR` is there.

    Raises:
        MissingStep: Nothing has been promoted.
    """
    client = connect(settings)
    champion = Registry(client, settings).require_champion()
    folder = settings.home / "azureml-models" / settings.model_name / str(champion.version)
    if not (folder / MODEL_PATH / "MLmodel").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        client.download_artifacts(str(champion.run_id), MODEL_PATH, str(folder))
    return folder.resolve()


def server_command(port: int) -> list[str]:
    """Return the command that starts the inference server on the scoring script."""
    script = Path(__file__).with_name("scoring.py")
    return [
        sys.executable, "-m", "azureml_inference_server_http",
        "--entry_script", str(script), "--port", str(port),
    ]  # fmt: skip


def server_environment(model: Path, collected: Path) -> dict[str, str]:
    """Return the environment that a deployment gives to the server."""
    return {
        **os.environ,
        "AZUREML_MODEL_DIR": str(model),
        "LIFECYCLE_COLLECT": str(collected.resolve()),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def serve(settings: Settings, port: int) -> int:
    """Serve the champion until interrupted, and return the server's exit code.

    Raises:
        MissingStep: Nothing has been promoted.
    """
    environment = server_environment(fetch_champion(settings), settings.collected)
    command = server_command(port)
    try:
        return subprocess.run(command, env=environment, check=False).returncode  # nosec B603
    except KeyboardInterrupt:
        return 0


@contextmanager
def running_server(settings: Settings, port: int | None = None) -> Iterator[Server]:
    """Serve the champion while the block runs.

    Args:
        settings: Where it runs.
        port: Port on this machine; None for a free one.

    Raises:
        MissingStep: Nothing has been promoted.
        BadInput: The server did not start: the message has the end of its log.
    """
    model = fetch_champion(settings)
    port = port or free_port()
    log = settings.home / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # nosec B603
            server_command(port),
            env=server_environment(model, settings.collected),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_healthy(process, port, log)
            yield Server(f"http://{LOCALHOST}:{port}/score", model.name)
        finally:
            _stop(process)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"http://{LOCALHOST}:{port}/", timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    raise BadInput(f"the inference server did not start; the end of {log}:\n{tail}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
