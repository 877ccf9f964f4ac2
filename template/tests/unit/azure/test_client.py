"""The one client: what it repeats, what it believes, what it never shows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import World
from .fake_azure import Trouble

UPDATING = "Cannot create a deployment in endpoint x because it is in Updating provisioning state"
WORKSPACE_MISSING = (
    "(ResourceNotFound) The Resource 'Microsoft.MachineLearningServices/workspaces/mlw-test' under "
    "resource group 'rg-test' was not found."
)
BEARER = "eyJ0eXAi.eyJzdWIi.c2lnbmF0dXJl"

Answers = Callable[..., None]


@pytest.fixture
def answering(world: World, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Let every command answer the same."""

    def answer(code: int, out: str = "", err: str = "") -> None:
        monkeypatch.setattr(world.azure, "answer", lambda call: (code, out, err))

    return answer


def said(world: World, command: str) -> list[str]:
    return [line for line in world.azure.log if line.startswith(command)]


@pytest.mark.parametrize(
    "says", ["(429) Too Many Requests", "TooManyRequests: slow down", UPDATING]
)
def test_change_is_repeated_when_azure_did_not_begin_it(world: World, says: str) -> None:
    world.azure.troubles.append(Trouble("ml job create", times=4, says=says))
    assert "again in 0 s" in world.run("submit", "--poll-seconds", "0").output
    assert len(said(world, "ml job create")) == 5
    assert len(world.azure.jobs) == 1


@pytest.mark.parametrize(
    "says", ["ServiceUnavailable", "HTTPSConnectionPool: Max retries exceeded", "Read timed out."]
)
def test_look_is_repeated_when_its_answer_was_lost(world: World, says: str) -> None:
    world.azure.troubles.append(Trouble("ml job show", after=True, times=3, says=says))
    world.run("submit", "--poll-seconds", "0")


def test_change_is_never_repeated_when_its_answer_was_lost(world: World) -> None:
    world.azure.troubles.append(Trouble("ml job create", after=True, says="GatewayTimeout"))
    world.run("submit", "--poll-seconds", "0", expect=1)
    assert len(said(world, "ml job create")) == 1


@pytest.mark.parametrize(
    ("says", "runs"),
    [("(429) Too Many Requests", 6), (UPDATING, 13), ("(Conflict) it exists already", 1)],
)
def test_patience_ends(world: World, says: str, runs: int) -> None:
    world.azure.troubles.append(Trouble("ml job create", times=99, says=says))
    assert says in world.run("submit", "--poll-seconds", "0", expect=1).output
    assert len(said(world, "ml job create")) == runs


def test_waits_double_and_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setenv("AZURE_RETRY_SECONDS", "5")
    world.azure.troubles.append(Trouble("ml model show", times=99, says=UPDATING))
    world.run("newest", expect=1)
    assert slept[:5] == [5, 10, 20, 40, 60]
    # Less than a lease lasts: what waits must not lose it.
    assert sum(slept) < 20 * 60


def test_wrong_time_is_explained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_RETRY_SECONDS", "soon")
    world.azure.troubles.append(Trouble("ml model show", says=UPDATING))
    assert "AZURE_RETRY_SECONDS is 'soon'" in world.run("newest", expect=2).output


@pytest.mark.parametrize(
    "says",
    [
        WORKSPACE_MISSING,
        "(ResourceGroupNotFound) Resource group 'rg-test' could not be found.",
        "(SubscriptionNotFound) The subscription 'sub' could not be found.",
        "AADSTS700016: Application with identifier 'x' was not found in the directory 'y'.",
    ],
)
def test_wrong_place_is_no_absent_thing(world: World, answering: Answers, says: str) -> None:
    answering(1, err=f"ERROR: {says}")
    assert says in world.run("newest", expect=1).output
    assert says in world.run("destroy", "--confirm", "rg-test", expect=1).output


@pytest.mark.parametrize("before", ["", "........", "WARNING: upgrade soon\n...\n"])
def test_answer_is_read_behind_the_dots_of_waiting(
    world: World, answering: Answers, before: str
) -> None:
    answering(0, out=before + json.dumps({"version": "7", "tags": {}}, indent=2) + "\n")
    assert "newest version: 7" in world.run("newest").output


@pytest.mark.parametrize("out", ['{"version": "7", "ta', "welcome"])
def test_answer_that_is_cut_off_is_an_error(world: World, answering: Answers, out: str) -> None:
    answering(0, out=out)
    assert "the answer is no JSON" in world.run("newest", expect=1).output


def test_registered_image_is_asked_for_when_its_answer_is_only_dots(world: World) -> None:
    real = world.azure.answer

    def dotted(call: dict[str, Any]) -> tuple[int, str, str]:
        code, out, err = real(call)
        return code, "....." if call["words"][2] == "create" else out, err

    world.azure.answer = dotted  # type: ignore[method-assign]
    world.azure.trained = {"1": {}}
    world.run("promote", "--version", "1", "--environment", "dev")
    assert "approved-dev" in world.azure.shared["1"]


def test_error_shows_neither_key_nor_token(world: World, answering: Answers) -> None:
    answering(2, err=f"ERROR: unrecognized arguments: InstrumentationKey=abc-1;X=y {BEARER}")
    output = world.run("newest", expect=1).output
    assert "InstrumentationKey=***;X=y ***" in output
    assert "abc-1" not in output
