"""Submitting, following and scheduling training; logins that run out on the way."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import DISTRIBUTION, World, champion_serves
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


def test_version_leads_back_to_commit_and_data(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_SHA", "c0ffee1")
    training = f"{DISTRIBUTION}-training"
    world.azure.data[training] = 3
    world.run(*SUBMIT)
    created = next(line for line in world.azure.log if line.startswith("ml job create"))
    assert f"inputs.data.path=azureml:{training}:3" in created
    tags = world.azure.trained["1"]
    assert tags["commit"] == "c0ffee1"
    assert tags["data"] == f"{training}:3"
    world.run("promote", "--version", "1", "--environment", "dev")
    assert world.azure.shared["1"]["data"] == f"{training}:3"


def test_later_attempt_notes_the_data_of_the_job_that_it_follows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    world.azure.data[f"{DISTRIBUTION}-training"] = 3
    world.azure.troubles.append(Trouble("ml job download"))
    world.run(*SUBMIT, expect=1)
    world.azure.data[f"{DISTRIBUTION}-training"] = 4
    world.run(*SUBMIT)
    assert world.azure.trained["1"]["data"] == f"{DISTRIBUTION}-training:3"


def test_data_of_the_user_are_not_overwritten_by_the_sample(world: World) -> None:
    for file in (world.folder / "aml" / "data").glob("*.yml"):
        lines = file.read_text().splitlines()
        changed = [
            "path: azureml://datastores/own/paths/artifacts/asset" if "path:" in line else line
            for line in lines
        ]
        file.write_text("\n".join(changed))
    before = sorted(world.folder.rglob("*.csv"))
    world.run(*SUBMIT)
    assert sorted(world.folder.rglob("*.csv")) == before
    assert len(world.azure.data) == len(list((world.folder / "aml" / "data").glob("*.yml")))


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


def test_later_attempt_follows_the_job_that_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    world.azure.troubles.append(Trouble("ml job show", holds="train-77-1"))
    world.azure.troubles.append(Trouble("ml job create", after=True))
    world.run(*SUBMIT, expect=1)
    world.run(*SUBMIT, expect=1)
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "3")
    assert "registered version 1 (job " in world.run(*SUBMIT).output
    assert list(world.azure.jobs) == [f"{DISTRIBUTION}-train-77-1"]


@pytest.mark.parametrize("status", ["Failed", "Canceled", "CancelRequested"])
def test_later_attempt_replaces_a_job_that_failed(
    world: World, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    world.azure.states = [status] * 9
    world.run(*SUBMIT, expect=1) if status != "CancelRequested" else _begin(world)
    world.azure.states = []
    monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
    world.run(*SUBMIT)
    assert list(world.azure.jobs) == [f"{DISTRIBUTION}-train-77-{n}" for n in (1, 2)]


def _begin(world: World) -> None:
    """Submit, and be stopped before the end."""
    world.azure.troubles.append(Trouble("ml job show"))
    world.azure.troubles.append(Trouble("ml job create", after=True))
    world.run(*SUBMIT, expect=1)
    world.run(*SUBMIT, expect=1)


def test_each_step_of_a_run_has_a_job_of_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    for step in ("first", "second", "__run_2"):
        monkeypatch.setenv("GITHUB_ACTION", step)
        world.run(*SUBMIT)
    assert list(world.azure.trained) == ["1", "2", "3"]


def test_whoever_stops_waiting_learns_that_the_job_goes_on(world: World) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    world.azure.troubles.append(Trouble("ml job show", then=interrupt, fails=False))
    output = world.run(*SUBMIT, expect=130).output
    assert "goes on: `az ml job cancel --name " in output


def test_silent_job_may_speak_again(world: World) -> None:
    world.azure.states = ["NotResponding", "NotResponding", "Running"]
    assert "registered version 1" in world.run(*SUBMIT).output


def test_job_that_stays_silent_is_taken_for_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.azure.states = ["NotResponding"] * 1000
    clock = iter(range(0, 10**9, 600))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    assert "ended as NotResponding" in world.run(*SUBMIT, expect=1).output


def test_newest_that_was_tested_is_not_the_newest(world: World) -> None:
    for version, environment in (("9", "test"), ("10", "test"), ("11", "dev")):
        world.approve(version, environment)
    assert "newest version: 10" in world.run("newest", "--promoted-to", "test").output
    output = world.run("newest", "--promoted-to", "prod", expect=2).output
    assert "promoted to prod is missing" in output


def test_dry_run_submits_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = world.folder / "output.txt"
    monkeypatch.setenv("GITHUB_OUTPUT", str(told))
    before = sorted(world.folder.rglob("*"))
    output = world.run(*SUBMIT, "--dry-run").output
    assert "would run: az ml job create" in output
    assert not world.azure.jobs
    assert not world.azure.data
    world.azure.trained = {"1": {}}
    world.run("newest", "--dry-run")
    assert sorted(world.folder.rglob("*")) == before


def serving(world: World, version: str) -> None:
    """Let a version that this workspace trained be live."""
    world.azure.trained[version] = {}
    world.run("promote", "--version", version, "--environment", "prod")
    champion_serves(world, version)


def test_schedules_are_applied_with_the_compute(world: World) -> None:
    world.azure.data[f"{DISTRIBUTION}-training"] = 1
    serving(world, "1")
    world.run("schedule")
    assert len(world.azure.schedules) == len(
        list((world.folder / "aml" / "schedules").glob("*.yml"))
    )
    for overrides in world.azure.schedules.values():
        assert {"create_job.settings.default_compute": "azureml:cpu-test"} in overrides


def test_scheduled_training_knows_its_commit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SHA", "c0ffee1")
    world.azure.data[f"{DISTRIBUTION}-training"] = 1
    serving(world, "1")
    world.run("schedule")
    told = {
        name: {"create_job.inputs.commit": "c0ffee1"} in overrides
        for name, overrides in world.azure.schedules.items()
    }
    assert told == {f"{DISTRIBUTION}-training": True, f"{DISTRIBUTION}-monitoring": False}


def test_monitoring_is_told_what_is_live_and_what_it_was_trained_on(world: World) -> None:
    serving(world, "4")
    world.run("schedule", "--only", "monitoring")
    told = world.azure.schedules[f"{DISTRIBUTION}-monitoring"]
    address = f"azureml://registries/mlrtest/data/{DISTRIBUTION}-reference/versions/4"
    assert {"create_job.inputs.version": "4"} in told
    assert {"create_job.inputs.reference.path": address} in told


def test_nothing_live_is_nothing_to_monitor(world: World) -> None:
    world.azure.data[f"{DISTRIBUTION}-training"] = 1
    words = ("schedule", "--only", "monitoring")
    assert "a live version to monitor is missing" in world.run(*words, expect=2).output
    assert "monitoring.yml is left out" in world.run("schedule").output
    assert list(world.azure.schedules) == [f"{DISTRIBUTION}-training"]
    world.approve("1")
    champion_serves(world, "1")
    world.run(*words, expect=2)


def test_one_schedule_alone(world: World) -> None:
    serving(world, "1")
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
        ([finished("Failed", timedelta(hours=1))], 1, "raised alarm"),
        (
            [finished("Failed", timedelta(hours=1)), finished("Completed", timedelta(hours=9))],
            1,
            "raised alarm",
        ),
        ([finished("Completed", timedelta(days=3))], 2, "look at the schedule"),
    ],
)
def test_monitor_says_what_the_last_job_found(
    world: World, jobs: list[dict[str, Any]], code: int, message: str
) -> None:
    world.azure.finished = jobs
    world.azure.failing_step, world.azure.alarm = "monitor", True
    assert message in world.run("monitor", expect=code).output


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_fault_of_the_monitoring_is_no_alarm(world: World, status: str) -> None:
    world.azure.finished = [finished(status, timedelta(hours=1))]
    world.azure.failing_step = "monitor"
    output = world.run("monitor", expect=2).output
    assert f"ended as {status} without raising alarm" in output
    world.azure.failing_step = ""
    world.run("monitor", expect=2)


def test_monitor_finds_its_job_behind_many_others(world: World) -> None:
    others = [finished("Completed", timedelta(minutes=n), "other") for n in range(120)]
    world.azure.finished = [*others, finished("Completed", timedelta(hours=3))]
    assert "neither drift nor decay" in world.run("monitor").output


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
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
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
