"""What Azure ML specs run: the command lines of jobs and components, and the specs they name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.patterns import regex
from plomada.readers.nodes import Node
from plomada.records import dataclass
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts

MOST_NODES = 20_000

_OPTIONAL = regex(r"\$\[\[(.*?)\]\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SpecCommand:
    """A command of a job or component: its node and the folder of its code."""

    node: Node
    code: str


@dataclass(frozen=True, slots=True)
class SpecReference:
    """Another spec that a spec runs, by path, or by the name that it is registered under.

    Attributes:
        path: its path, "" where it is named.
        name: the name that it is registered under, "" where its path is given.
        span: the place of the reference.
        step: the step of a pipeline that runs it, with what it passes literally: what each is
            called, and its node.
    """

    path: str
    name: str
    span: Span
    step: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """What one spec file runs."""

    path: str
    commands: tuple[SpecCommand, ...]
    references: tuple[SpecReference, ...]
    is_schedule: bool


def is_spec(facts: Facts, path: str) -> bool:
    """Tell whether a YAML file looks like an Azure ML spec that runs something."""
    return facts.repository.mentions(
        path, "azuremlschemas", "azureml:"
    ) and facts.repository.mentions(
        path, "command:", "jobs:", "create_job:", "task:", "component:", "trial:"
    )


def read_spec(facts: Facts, path: str) -> Spec | None:
    """Return what a spec runs, None where it runs nothing."""
    root = next(iter(facts.nodes(path)), None)
    if root is None or root.kind != "mapping":
        return None
    folder = posixpath.dirname(path)
    commands: list[SpecCommand] = []
    references: list[SpecReference] = []
    steps = _steps(root)
    for count, (node, code) in enumerate(_mappings(root, folder)):
        if count > MOST_NODES:
            break
        command = node.get("command")
        if command is not None and command.kind == "scalar" and command.string:
            commands.append(SpecCommand(command, code))
        program = _program(node)
        if program is not None:
            commands.append(SpecCommand(program, code))
        references += _references(node, folder, steps.get(id(node), ()))
    if not commands and not references:
        return None
    schedule = root.get("create_job") is not None
    return Spec(path, tuple(commands), tuple(references), schedule)


def _mappings(root: Node, folder: str) -> Iterator[tuple[Node, str]]:
    """Yield every mapping with the code folder that holds for it."""
    stack = [(root, folder)]
    while stack:
        node, code = stack.pop()
        own = node.get("code")
        if (
            own is not None
            and own.kind == "scalar"
            and not own.string.startswith(("azureml:", "git+", "http"))
        ):
            code = posixpath.normpath(posixpath.join(folder, own.string))
        if node.kind == "mapping":
            yield node, "" if code == "." else code
        stack.extend((child, code) for child in reversed(node.elements))
        stack.extend((child, code) for _, child in reversed(node.entries))


def _program(node: Node) -> Node | None:
    """Return the entry script of a parallel or Spark job: text that is a path of Python."""
    script = node.get("entry_script") or node.find("entry.file") or node.get("program_arguments")
    if script is not None and script.kind == "scalar" and script.string.endswith(".py"):
        text = f"python {script.string}"
        return Node("scalar", script.span, text, text)
    return None


def _steps(root: Node) -> dict[int, tuple[tuple[str, Node], ...]]:
    """Return the name and the literal inputs of a pipeline's steps, by the steps' nodes."""
    found = {}
    for jobs in (root.get("jobs"), root.find("create_job.jobs")):
        for key, step in jobs.entries if jobs is not None else ():
            inputs = step.get("inputs")
            given = [
                (name.text, value)
                for name, value in (inputs.entries if inputs is not None else ())
                if value.kind == "scalar" and "${{" not in value.text
            ]
            found[id(step)] = (("name", key), *given)
    return found


def required(command: str) -> str:
    """Return a command line with what stands in ``$[[...]]``, for optional inputs, in its place."""
    return _OPTIONAL.sub(lambda found: f"   {found[1]}  ", command)


def _references(
    node: Node, folder: str, step: tuple[tuple[str, Node], ...]
) -> Iterator[SpecReference]:
    for key in ("component", "trial", "create_job", "job", "file"):
        found = node.get(key)
        if found is None or found.kind != "scalar":
            continue
        text = found.string.removeprefix("file:")
        if text.endswith((".yml", ".yaml")):
            path = posixpath.normpath(posixpath.join(folder, text))
            yield SpecReference(path, "", found.span, step)
        elif text.startswith("azureml:") and key != "file":
            name = text.removeprefix("azureml:").split("@")[0].split(":")[0].strip("/")
            yield SpecReference("", name, found.span, step)


def named_components(facts: Facts) -> dict[str, str]:
    """Return the paths of tracked component and job specs by the name that they register."""
    found: dict[str, str] = {}
    for path in facts.repository.with_suffix(".yml", ".yaml"):
        if not facts.repository.mentions(path, "component", "command:") or not is_spec(facts, path):
            continue
        root = next(iter(facts.nodes(path)), None)
        name = root.get("name") if root is not None else None
        if name is not None and name.string:
            found.setdefault(name.string, path)
    return found
