"""Submitting, following and scheduling training; logins that run out on the way."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import DISTRIBUTION, World
from .fake_azure import Trouble

EXPERIMENT = f"{DISTRIBUTION}-monitoring"
SUBMIT = ("submit", "--poll-seconds", "0")


def test_submit_trains_and_names_the_version(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    output = world.folder / "output.txt"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    assert "registered version 1" in world.run(*SUBMIT).output
    assert output.read_text() == "model_version=1\n"
    created = next(line for line in world.azure.log if line.startswith("ml job create"))
    assert "settings.default_compute=azureml:cpu-test" in created


def test_submit_uploads_the_sample_once(world: World) -> None:
    world.run(*SUBMIT)
    world.run(*SUBMIT)
    assert len([line for line in world.azure.log if line.startswith("ml data create")]) == len(
        world.azure.data
    )


def test_unchanged_environment_is_registered_once(world: World) -> None:
    world.run(*SUBMIT)
    world.run(*SUBMIT)
    conda = world.folder / "aml" / "environments" / "training" / "conda.yml"
    created = [line for line in world.azure.log if line.startswith("ml environment create")]
    assert len(created) == 1
    conda.write_text(conda.read_text() + "\n# changed\n")
    world.run(*SUBMIT)
    created = [line for line in world.azure.log if line.startswith("ml environment create")]
    assert len(created) == 2


def test_refused_by_the_gate(world: World) -> None:
    world.azure.failing_step = "gate"
    output = world.run(*SUBMIT, expect=1).output
    assert "ended as Failed at gate: `az ml job stream --name gate` shows why" in output
    assert not world.azure.trained


def test_same_run_follows_its_own_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    world.azure.troubles.append(Trouble("ml job create", after=True))
    world.run(*SUBMIT, expect=1)
    world.run(*SUBMIT)
    assert len(world.azure.jobs) == 1
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    world.run(*SUBMIT)
    assert len(world.azure.jobs) == 2


def test_dry_run_submits_nothing(world: World) -> None:
    output = world.run(*SUBMIT, "--dry-run").output
    assert "would run: az ml job create" in output
    assert not world.azure.jobs
    assert not world.azure.data


def test_schedules_are_applied_with_the_compute(world: World) -> None:
    world.run("schedule")
    assert len(world.azure.schedules) == len(
        list((world.folder / "aml" / "schedules").glob("*.yml"))
    )
    for overrides in world.azure.schedules.values():
        assert {"create_job.settings.default_compute": "azureml:cpu-test"} in overrides


def test_one_schedule_alone(world: World) -> None:
    world.run("schedule", "--only", "monitoring")
    assert len(world.azure.schedules) == 1
    assert (
        "aml/schedules/nothing.yml" in world.run("schedule", "--only", "nothing", expect=2).output
    )


def test_newest_version_is_told_to_the_pipeline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "azure submit` first" in world.run("newest", expect=2).output
    world.azure.trained = {"9": {}, "10": {}}
    output = world.folder / "output.txt"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    world.run("newest")
    assert output.read_text() == "model_version=10\n"


def finished(status: str, age: timedelta, experiment: str = EXPERIMENT) -> dict[str, Any]:
    began = (datetime.now(UTC) - age).isoformat()
    return {
        "name": f"job-{status}", "status": status, "experiment_name": experiment,
        "creation_context": {"created_at": began},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("jobs", "code", "message"),
    [
        ([], 2, "azure schedule` first"),
        ([finished("Completed", timedelta(hours=1), "other")], 2, "azure schedule` first"),
        ([finished("Running", timedelta(hours=1))], 2, "azure schedule` first"),
        ([finished("Completed", timedelta(hours=1))], 0, "neither drift nor decay"),
        ([finished("Failed", timedelta(hours=1))], 1, "ended as Failed"),
        (
            [finished("Failed", timedelta(hours=1)), finished("Completed", timedelta(hours=9))],
            1,
            "ended as Failed",
        ),
        ([finished("Completed", timedelta(days=3))], 2, "look at the schedule"),
    ],
)
def test_monitor_says_what_the_last_job_found(
    world: World, jobs: list[dict[str, Any]], code: int, message: str
) -> None:
    world.azure.finished = jobs
    assert message in world.run("monitor", expect=code).output


class _Tokens(http.server.BaseHTTPRequestHandler):
    status = 200
    body = json.dumps({"value": "fresh-token"})

    def do_GET(self) -> None:
        asked = (
            self.headers["Authorization"] == "Bearer bearer"
            and "audience=api%3A%2F%2FAzureADTokenExchange" in self.path
        )
        self.send_response(self.status if asked else 401)
        self.end_headers()
        self.wfile.write(self.body.encode())

    def log_message(self, *words: object) -> None:
        """Be silent."""


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Tokens]]:
    """The code host's address for identity tokens."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Tokens)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(
        "ACTIONS_ID_TOKEN_REQUEST_URL", f"http://127.0.0.1:{server.server_address[1]}/?v=2"
    )
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "bearer")
    yield _Tokens
    _Tokens.status = 200
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("calls", range(1, 10))
def test_login_that_runs_out_is_renewed(world: World, tokens: type[_Tokens], calls: int) -> None:
    world.azure.calls_until_expiry = calls
    world.run(*SUBMIT)
    assert any(line.startswith("login --service-principal") for line in world.azure.log)
    assert len(world.azure.jobs) == 1


def test_refused_identity_token_is_explained(world: World, tokens: type[_Tokens]) -> None:
    tokens.status = 403
    world.azure.logged_in = False
    assert "no identity token (403)" in world.run(*SUBMIT, expect=2).output


def test_code_host_that_cannot_be_reached_is_explained(
    world: World, tokens: type[_Tokens], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "http://127.0.0.1:9/?secret=address")
    world.azure.logged_in = False
    output = world.run(*SUBMIT, expect=2).output
    assert "no identity token (ConnectionError)" in output
    assert "secret=address" not in output


@pytest.mark.parametrize("body", ["{}", "[]", "sorry"])
def test_answer_without_identity_token_is_explained(
    world: World, tokens: type[_Tokens], body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "body", body)
    world.azure.logged_in = False
    assert "no identity token (" in world.run(*SUBMIT, expect=2).output


def test_refused_login_is_explained(world: World, tokens: type[_Tokens]) -> None:
    world.azure.logged_in = False
    world.azure.login = lambda *_: (_ for _ in ()).throw(_rejected())  # type: ignore[method-assign]
    output = world.run(*SUBMIT, expect=2).output
    assert "could not be renewed" in output
    assert "fresh-token" not in output


def _rejected() -> Exception:
    from .commands import Rejected

    return Rejected("AADSTS70021: unrecognized arguments: --federated-token fresh-token")


def test_login_on_a_laptop_is_asked_for(world: World) -> None:
    world.azure.logged_in = False
    assert "run `az login`" in world.run(*SUBMIT, expect=2).output


def test_missing_az_is_explained(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "`az` is not on the PATH" in world.run(*SUBMIT, expect=2).output


def test_missing_registration_is_explained(world: World) -> None:
    world.azure.ml_job_download = lambda command, folder: None  # type: ignore[method-assign]
    assert "registration.json" in world.run(*SUBMIT, expect=2).output
