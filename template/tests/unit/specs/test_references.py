"""What the loaders do not look at: whether the specs fit each other and the repository."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from typer.main import get_command

from .entities import AML, ROOT, content, named, specs

REFERENCE = re.compile(r"\$\{\{(.+?)\}\}")
ASSET = re.compile(r"azureml:(?P<name>[\w-]+)(@latest)?$")
OPTIONAL = ("training-table", "ground-truth", "collected-outputs")
"""Assets that whoever applies the optional monitor has to make."""
COMPUTE = "cpu-cluster"
"""Stands for the compute in every spec; the commands fill in AZURE_ML_COMPUTE."""


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a spec."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def ids(path: Path) -> str:
    return path.relative_to(AML).as_posix()


def component_of(step: dict[str, Any], pipeline: Path) -> Any:
    return content(pipeline.parent / step["component"])


@pytest.mark.parametrize("path", specs("components", "jobs"), ids=ids)
def test_commands_use_declared_inputs_and_outputs_and_all_of_them(path: Path) -> None:
    spec = content(path)
    used = set(REFERENCE.findall(spec["command"]))
    declared = {f"{kind}.{name}" for kind in ("inputs", "outputs") for name in spec.get(kind, {})}
    assert used <= declared
    # An input that only orders the steps says so.
    ordering = {
        f"inputs.{n}" for n, i in spec["inputs"].items() if "wait" in i.get("description", "")
    }
    assert declared - used == ordering


@pytest.mark.parametrize("path", specs("components", "jobs"), ids=ids)
def test_commands_are_verbs_of_the_command_line_with_its_options(path: Path) -> None:
    import importlib

    command = content(path)["command"].replace("$[[", "").replace("]]", "")
    words = shlex.split(REFERENCE.sub("value", command))
    assert words[:2] == ["python", "-m"]
    current: Any = get_command(importlib.import_module(words[2]).app)
    rest = words[3:]
    while hasattr(current, "commands"):
        current = current.commands[rest.pop(0)]
    known = {option for parameter in current.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known


@pytest.mark.parametrize("path", specs("pipelines"), ids=ids)
def test_steps_give_components_what_they_declare(path: Path) -> None:
    for name, step in content(path)["jobs"].items():
        component = component_of(step, path)
        required = {key for key, value in component["inputs"].items() if not value.get("optional")}
        given = set(step.get("inputs", {}))
        assert required <= given <= set(component["inputs"]), name
        assert set(step.get("outputs", {})) <= set(component["outputs"]), name


@pytest.mark.parametrize("path", specs("pipelines"), ids=ids)
def test_bindings_name_what_is_there_and_of_the_same_type(path: Path) -> None:
    spec = content(path)
    for name, step in spec["jobs"].items():
        component = component_of(step, path)
        for key, text in step.get("inputs", {}).items():
            assert source_type(text, spec, path) == component["inputs"][key]["type"], (
                f"{name}.{key}"
            )
        for key, text in step.get("outputs", {}).items():
            bound = REFERENCE.fullmatch(text)
            assert bound is not None
            target = bound[1].removeprefix("parent.outputs.")
            assert spec["outputs"][target]["type"] == component["outputs"][key]["type"]


def source_type(text: str, spec: Any, path: Path) -> str:
    """Return the type of what a step's input is bound to."""
    found = REFERENCE.fullmatch(text)
    assert found is not None, text
    parts = found[1].split(".")
    if parts[:2] == ["parent", "inputs"]:
        given = spec["inputs"][parts[2]]
        return str(given["type"]) if isinstance(given, dict) else "string"
    assert parts[:2] == ["parent", "jobs"] and parts[3] == "outputs", text
    return str(component_of(spec["jobs"][parts[2]], path)["outputs"][parts[4]]["type"])


@pytest.mark.parametrize("path", specs("pipelines"), ids=ids)
def test_steps_wait_for_nothing_that_comes_later(path: Path) -> None:
    steps = content(path)["jobs"]
    seen: set[str] = set()
    for name, step in steps.items():
        needed = {
            m.split(".")[2] for t in texts(step) for m in REFERENCE.findall(t) if ".jobs." in m
        }
        assert needed <= seen, name
        seen.add(name)


def test_nothing_is_registered_before_the_gate() -> None:
    training = content(AML / "pipelines" / "training.yml")["jobs"]
    assert any("jobs.gate" in text for text in texts(training["register"]["inputs"]))


@pytest.mark.parametrize("path", specs(), ids=ids)
def test_assets_that_are_named_are_declared(path: Path) -> None:
    from importlib import import_module

    package = next(item.name for item in (ROOT / "src").iterdir() if (item / "lifecycle").is_dir())
    model = import_module(f"{package}.lifecycle.settings").DISTRIBUTION
    declared = named("environments") | named("data") | {COMPUTE, model}
    optional = {f"{model}-{name}" for name in OPTIONAL} if path.parent.name == "monitors" else set()
    for text in texts(content(path)):
        found = ASSET.match(text)
        if found:
            assert found["name"] in {*declared, *optional, f"{model}-reference"}, text


@pytest.mark.parametrize("path", specs(), ids=ids)
def test_files_and_folders_that_are_named_exist(path: Path) -> None:
    spec = content(path)
    code = spec.get("code_configuration", {"code": spec.get("code")})
    if code["code"]:
        folder = (path.parent / code["code"]).resolve()
        assert folder == ROOT / "src"
        assert (folder / code.get("scoring_script", "")).exists()
    for name in (spec.get("conda_file"), spec.get("build", {}).get("path")):
        assert name is None or (path.parent / name).exists()
    job = spec.get("create_job")
    assert job is None or (path.parent / job["job"]).is_file()


@pytest.mark.parametrize("path", specs("environments"), ids=ids)
def test_environments_have_an_image(path: Path) -> None:
    spec = content(path)
    assert spec.get("image") or (path.parent / spec["build"]["path"] / "Dockerfile").is_file()


@pytest.mark.parametrize("path", specs("schedules", "monitors"), ids=ids)
def test_triggers_are_possible(path: Path) -> None:
    trigger = content(path)["trigger"]
    # Azure ML takes names of Windows time zones; UTC is one of both kinds.
    assert trigger.get("time_zone", "UTC") in available_timezones()
    if trigger["type"] == "cron":
        fields = trigger["expression"].split()
        assert len(fields) == 5
        limits = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
        for field, (low, high) in zip(fields, limits, strict=True):
            assert field == "*" or low <= int(field) <= high


@pytest.mark.parametrize("path", specs("environments"), ids=ids)
def test_pins_are_those_of_the_project(path: Path) -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    folder = path.parent / path.stem
    pin = re.compile(r"^(?:\s+- )?([a-z][\w.-]*)==([\w.]+)$", re.MULTILINE)
    pins = [
        found
        for file in folder.iterdir()
        for found in pin.findall(file.read_text(encoding="utf-8"))
    ]
    runtime = re.findall(r'^  "([\w-]+)==', project.split("[project.scripts]")[0], re.MULTILINE)
    assert set(runtime) <= {name for name, _ in pins}
    for name, version in pins:
        # The batch driver's own package is in no group: it is never installed beside the tests.
        if name != "azureml-core":
            assert f'"{name}=={version}"' in project, name
