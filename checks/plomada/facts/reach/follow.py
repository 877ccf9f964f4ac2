"""What a command line starts inside the repository: scripts, targets, modules, Azure ML specs."""

from __future__ import annotations

import fnmatch
import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.acts.tools import table
from plomada.facts.model import Command, Value
from plomada.facts.reach.compose import started_services
from plomada.facts.reach.goals import VERBS, chosen, goals
from plomada.facts.reach.task import Task
from plomada.facts.reach.tasks import Tasks
from plomada.facts.serving.images import ImageBuild, image_name
from plomada.facts.shell.commandline import (
    BUILDERS,
    arguments,
    joined,
    module_form,
    option,
    option_texts,
    program,
    unwrapped,
)
from plomada.facts.shell.containers import folder, given
from plomada.facts.strings import glob, known, shown, texts
from plomada.patterns import regex
from plomada.records import dataclass, replace

if TYPE_CHECKING:
    from plomada.facts import Facts

MOST_MATCHES = 12
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "pwsh", "powershell"})
_SCRIPT = regex(r"\.(sh|bash|zsh|ps1|bat|cmd)$", re.I)
_VALUED = frozenset(["-W", "-X", "-Q", "--check-hash-based-pycs"])
_MAKE_VALUED = frozenset(
    ["-C", "-f", "-j", "-o", "-I", "--directory", "--file", "--jobs", "--makefile"]
)
_HOOK_VALUED = frozenset(
    ["--hook-stage", "--stage", "-c", "--config", "--from-ref", "--to-ref", "-s", "-o", "--files",
     "--skip", "--color", "-C", "--directory"]
)  # fmt: skip
_PROVISIONERS = frozenset({"terraform", "tofu", "terragrunt"})
_TEMPLATES = (".bicep", ".json", ".bicepparam")
_CMDLET = regex(r"(?:new|set)-az\w*deployment(?:stack)?$", re.I)
_SPEC = regex(
    r"^ml (job|component|schedule|pipeline|run|parallel) "
    r"(create|submit|submit-pipeline|submit-script|update)\b"
)


_NOTEBOOKS = ("papermill", "jupyter", "jupyter-nbconvert", "jupyter-execute", "nbconvert", "runipy")


@dataclass(frozen=True, slots=True)
class Start:
    """Something that a command starts.

    Attributes:
        kind: ``script``, ``python`` (a file or a function), ``inline-shell``, ``inline-python``,
            ``task``, ``spec``, ``hooks``, ``azd``, ``iac`` (a template or folder that is deployed),
            ``image`` (a Dockerfile that is built), ``container`` (one that is run).
        target: path or address; the text for inline ones; of an image with the stage behind it.
        how: as ``Edge.how``.
        arguments: what is passed.
        certain: False where it was chosen among several.
        task: the target, for ``task``.
        directory: the folder that it runs in.
        shell: ``bash`` or ``pwsh``.
        steps: what the steps of a pipeline that start it are called (``name``) and pass to it.
    """

    kind: str
    target: str
    how: str
    arguments: tuple[Value, ...] = ()
    certain: bool = True
    task: Task | None = None
    directory: str = ""
    shell: str = "bash"
    steps: tuple[tuple[str, Value], ...] = ()


def hooks_start(words: Sequence[str], directory: str = "") -> Start:
    """Return the run of hooks that the words behind ``pre-commit run`` ask for.

    Its arguments are the stage and the hooks that are left out.
    """
    options = arguments([known(word) for word in words])
    before_files = list(itertools.takewhile(lambda word: word != "--files", words))
    named = [
        word
        for previous, word in itertools.pairwise(["", *before_files])
        if not word.startswith("-") and previous not in _HOOK_VALUED
    ]
    given = option(options, "--hook-stage", "--stage")
    stage = shown(given) if given is not None else "pre-commit"
    passed = tuple(known(text) for text in (stage, *option_texts(options, "--skip")))
    return Start("hooks", named[0] if named else "", "hook", passed, directory=directory)


def image_start(image: ImageBuild) -> Start:
    """Return the build of an image as what is started."""
    target = f"{image.path}::{image.target}" if image.target else image.path
    return Start("image", target, "image")


def _deploys(words: Sequence[Value]) -> bool:
    """Tell whether the table of tools says that a command deploys infrastructure."""
    return any(tool.verb == "deploy-iac" for tool in table().for_command(list(words)))


class Follower:
    """Finds what commands start.

    Args:
        facts: gives files, tasks and modules.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.tasks = Tasks(facts)
        self._built: dict[str, str] = {}

    # --- paths

    def paths(self, value: Value, directory: str) -> list[tuple[str, bool]]:
        """Return the files that a word may name, each with whether that is certain."""
        found: list[tuple[str, bool]] = []
        for pattern in glob(value):
            pattern = pattern.replace("\\", "/").strip("\"' ")
            if not pattern or pattern.strip("*./") == "":
                continue
            if "*" not in pattern and "?" not in pattern:
                path = self.resolve(pattern, directory)
                if path is not None:
                    found.append((path, True))
            else:
                found += [(p, False) for p in self._matching(pattern, directory)]
        return list(dict.fromkeys(found))[:MOST_MATCHES]

    def resolve(self, text: str, directory: str) -> str | None:
        """Return the file that a path names, from the folder, the root, or by its tail."""
        exists = self._facts.repository.exists
        for base in dict.fromkeys((directory, "")):
            path = posixpath.normpath(posixpath.join(base, text.lstrip("/") if not base else text))
            if exists(path):
                return path
        parts = posixpath.normpath(text).lstrip("/").split("/")
        absolute = text.startswith("/") or ".." in parts[0]
        for start in range(1, len(parts) - 1):
            tail = "/".join(parts[start:])
            if (absolute or start <= 2) and exists(tail):
                return tail
        return None

    @cached_property
    def _paths_by_depth(self) -> dict[int, list[str]]:
        """The repository's paths by their number of folders: a wild card stays within one."""
        found: dict[int, list[str]] = {}
        for path in self._facts.repository.paths:
            found.setdefault(path.count("/"), []).append(path)
        return found

    def _matching(self, pattern: str, directory: str) -> list[str]:
        """Return the files that a path with unknown parts may be; its last part says something."""
        stem = pattern.rpartition("/")[2]
        if len(stem.replace("*", "")) < 3:
            return []
        pattern = re.sub(r"^\*/", "", pattern).lstrip("./")
        found: list[str] = []
        for base in dict.fromkeys((directory, "")):
            wanted = posixpath.normpath(posixpath.join(base, pattern))
            depth = wanted.count("/")
            found += fnmatch.filter(self._paths_by_depth.get(depth, ()), wanted)
            if found:
                return found[:MOST_MATCHES]
        return found

    # --- commands

    def starts(self, command: Command) -> Iterator[Start]:
        """Yield what a command starts inside the repository."""
        words = unwrapped(command.words)
        if not words:
            return
        first = shown(words[0])
        name = program(first).lower()
        reader = self._readers.get(name)
        if reader is not None:
            yield from reader(command, words)
        elif _CMDLET.match(name):
            found = {k.lower(): v for k, v in arguments(words[1:]).items()}
            if "-templatefile" in found and _deploys(words):
                yield from self.deployed(found["-templatefile"], command.directory)
        elif _SCRIPT.search(first) or words[0].kind == "template":
            yield from self._script(words[0], words[1:], command.directory)
        elif first.endswith(".py"):
            yield from self._python_file(words[0], words[1:], command)
        elif name in self.console:
            yield Start("python", self.console[name], "console", tuple(words[1:]))
        elif first.startswith("./") or "/" in first:
            yield from self._script(words[0], words[1:], command.directory)
        starter = program(shown(command.words[0])).lower()
        if starter != name and starter in VERBS:
            yield from self._runner(command, list(command.words))

    @cached_property
    def _readers(self) -> dict[str, Callable[[Command, list[Value]], Iterator[Start]]]:
        readers: dict[str, Callable[[Command, list[Value]], Iterator[Start]]] = {
            "python": self._python,
            "ipython": self._python,
            **dict.fromkeys(_NOTEBOOKS, self._notebook),
            "make": self._make,
            "gmake": self._make,
            "az": self._az,
            "azd": self._azd,
            "pre-commit": self._hooks,
            "prek": self._hooks,
            "lefthook": self._hooks,
            "source": self._source,
            ".": self._source,
            "eval": self._eval,
            "start-process": self._source,
            "rscript": self._nothing,
            "docker-compose": self._image,
        }
        readers.update(dict.fromkeys(_SHELLS, self._shell))
        readers.update(dict.fromkeys(BUILDERS, self._image))
        readers.update(dict.fromkeys(_PROVISIONERS, self._provision))
        readers.update(dict.fromkeys(VERBS, self._runner))
        return readers

    def _nothing(self, _: Command, __: list[Value]) -> Iterator[Start]:
        yield from ()

    def _shell(self, command: Command, words: list[Value]) -> Iterator[Start]:
        power = program(shown(words[0])).lower() in ("pwsh", "powershell")
        index = 1
        while index < len(words):
            word = shown(words[index])
            if word.lower() in ("-c", "-lc", "-ec", "-euc", "-exc", "-command") and index + 1 < len(
                words
            ):
                shell = "pwsh" if power else "bash"
                text = (
                    " ".join(shown(w) for w in words[index + 1 :])
                    if power
                    else shown(words[index + 1])
                )
                yield Start(
                    "inline-shell", text, "script", directory=command.directory, shell=shell
                )
                return
            if word.lower() in ("-file", "-f"):
                index += 1
                continue
            if word.lower() in ("-executionpolicy", "-o"):
                index += 2
                continue
            if not word.startswith("-"):
                yield from self._script(words[index], words[index + 1 :], command.directory)
                return
            index += 1
        if command.stdin:
            yield Start("inline-shell", command.stdin, "script", directory=command.directory)

    def _source(self, command: Command, words: list[Value]) -> Iterator[Start]:
        if len(words) > 1:
            yield from self._script(words[1], words[2:], command.directory)

    def _eval(self, command: Command, words: list[Value]) -> Iterator[Start]:
        text = " ".join(shown(w) for w in words[1:])
        yield Start("inline-shell", text, "script", directory=command.directory)

    def _script(self, word: Value, rest: Sequence[Value], directory: str) -> Iterator[Start]:
        for path, certain in self.paths(word, directory):
            kind = "python" if path.endswith(".py") else "script"
            target = f"{path}::" if kind == "python" else path
            shell = "pwsh" if path.endswith((".ps1", ".psm1")) else "bash"
            yield Start(kind, target, "script", tuple(rest), certain, None, directory, shell)

    def _python(self, command: Command, words: list[Value]) -> Iterator[Start]:
        module = module_form(words)
        if module is not None:
            yield from self._module(command, module)
            if shown(module[0]) in _NOTEBOOKS:
                yield from self._notebook(command, module)
            return
        index = 1
        while index < len(words):
            word = shown(words[index])
            if word == "-c" and index + 1 < len(words):
                yield Start(
                    "inline-python", shown(words[index + 1]), "script", directory=command.directory
                )
                return
            if not word.startswith("-"):
                yield from self._python_file(words[index], words[index + 1 :], command)
                return
            index += 2 if word in _VALUED else 1
        if command.stdin:
            yield Start("inline-python", command.stdin, "script", directory=command.directory)

    def _python_file(self, word: Value, rest: Sequence[Value], command: Command) -> Iterator[Start]:
        directory = command.directory
        paths = self.paths(word, directory)
        converted = "nbconvert", "jupytext"
        if not paths and self._facts.repository.mentions(command.span.path, *converted):
            notebook = re.sub(r"\.py$", ".ipynb", shown(word))
            paths = self.paths(known(notebook), directory)
        for path, certain in paths:
            if path.endswith((".py", ".ipynb")):
                yield Start("python", f"{path}::", "script", tuple(rest), certain, None, directory)

    def _notebook(self, command: Command, words: list[Value]) -> Iterator[Start]:
        """Yield the notebooks that a command runs: papermill's first, those that are executed."""
        plain = [shown(word) for word in words]
        runs = {"papermill", "execute", "--execute", "run"} & set(plain)
        for word in words[1:] if runs else ():
            found = [p for p, _ in self.paths(word, command.directory) if p.endswith(".ipynb")]
            for path in found:
                yield Start("python", f"{path}::", "script", directory=command.directory)
            if found and plain[0] == "papermill":
                return

    def _module(self, command: Command, module: list[Value]) -> Iterator[Start]:
        dotted, rest = shown(module[0]), tuple(module[1:])
        stem = dotted.replace(".", "/")
        for base in dict.fromkeys((command.directory, "", "src")):
            for tail in (f"{stem}.py", f"{stem}/__main__.py"):
                path = posixpath.normpath(posixpath.join(base, tail))
                if self._facts.repository.exists(path):
                    yield Start(
                        "python", f"{path}::", "module", rest, True, None, command.directory
                    )
                    return
        found = self._facts.code.module_path(dotted) if "." in dotted else None
        if found is not None:
            main = f"{posixpath.dirname(found)}/__main__.py"
            is_package = found.endswith("__init__.py") and self._facts.repository.exists(main)
            yield Start("python", f"{main if is_package else found}::", "module", rest, False)
            return
        name = program(dotted)
        if name in self._readers and name != "python":
            yield from self._readers[name](command, [known(name), *rest])

    def _make(self, command: Command, words: list[Value]) -> Iterator[Start]:
        goals: list[str] = []
        directory, file, index = command.directory, "", 1
        while index < len(words):
            word = shown(words[index])
            following = shown(words[index + 1]) if index + 1 < len(words) else ""
            if word in ("-C", "--directory"):
                directory = posixpath.normpath(posixpath.join(directory, following))
            elif word in ("-f", "--file", "--makefile"):
                file = following
            if word in _MAKE_VALUED and word != "-j":
                index += 1
            elif not word.startswith("-") and "=" not in word:
                goals += texts(words[index])
            index += 1
        directory = "" if directory == "." else directory
        for goal in goals or [""]:
            task = self.tasks.find("make", directory, goal, file)
            if task is not None:
                yield Start("task", task.address, "make", task=task, directory=directory)

    def _runner(self, command: Command, words: list[Value]) -> Iterator[Start]:
        """Yield the targets of a task runner that the words ask for."""
        name = program(shown(words[0])).lower()
        wanted = goals(name, words[1:])
        if wanted is None:
            return
        # ``task`` is Taskfile's, and taskipy's.
        also = [replace(wanted, runner="task")] if name == "task" else []
        for one in (wanted, *also):
            known_there = self.tasks.all_of(one.runner, command.directory, one.file)
            for task in chosen(one, known_there):
                yield Start("task", task.address, "task", task=task, directory=task.directory)

    def _image(self, command: Command, words: list[Value]) -> Iterator[Start]:
        """Yield the Dockerfile that a command builds, or whose image it runs."""
        built = list(self._facts.images.of_command(words, command.directory))
        for image in built:
            self._built.update(dict.fromkeys(image.names, image.path))
            yield image_start(image)
        number = self._image_of(words)
        if number is not None and not built:
            path = self._built[image_name(shown(words[number]))]
            yield Start("container", f"{path}::CMD", "image", tuple(words[number + 1 :]))
        elif inside := given(words):
            at = folder(words, command.directory)
            yield Start("inline-shell", joined(inside), "script", directory=at)
        for task in started_services(self._facts, words, command.directory):
            yield Start("task", task.address, "image", task=task, directory=task.directory)

    def _image_of(self, words: list[Value]) -> int | None:
        """Return which word of ``run`` names an image that is built here."""
        runs = shown(words[1] if len(words) > 1 else None) in ("run", "container")
        numbers = range(2, len(words)) if runs else ()
        return next((n for n in numbers if image_name(shown(words[n])) in self._built), None)

    def _provision(self, command: Command, words: list[Value]) -> Iterator[Start]:
        """Yield the folder that ``terraform apply`` provisions."""
        if not _deploys(words):
            return
        options = (shown(word).partition("=") for word in words[1:])
        moved = next((rest for name, _, rest in options if name == "-chdir"), "")
        folder = posixpath.normpath(posixpath.join(command.directory, moved))
        yield Start("iac", "" if folder == "." else folder, "iac")

    def deployed(self, value: Value, directory: str) -> Iterator[Start]:
        """Yield the templates that a word may name."""
        for path, certain in self.paths(value, directory):
            if path.endswith(_TEMPLATES):
                yield Start("iac", path, "iac", certain=certain)

    def _az(self, command: Command, words: list[Value]) -> Iterator[Start]:
        found = arguments(words[1:])
        verbs = " ".join(shown(found[str(i)]) for i in range(4) if str(i) in found)
        if verbs.startswith("acr build"):
            yield from self._image(command, words)
        template = option(found, "--template-file", "-f", "--template")
        if template is not None and _deploys(words):
            yield from self.deployed(template, command.directory)
        if not _SPEC.match(verbs):
            return
        file = option(found, "--file", "-f", "--run-configuration-name", "-p")
        for path, certain in self.paths(file, command.directory) if file is not None else ():
            yield Start("spec", path, "aml-job", tuple(words[1:]), certain, None, command.directory)

    def _azd(self, command: Command, words: list[Value]) -> Iterator[Start]:
        verb = shown(words[1]) if len(words) > 1 else ""
        if verb in ("up", "provision", "deploy", "package", "down"):
            yield Start("azd", verb, "task", directory=command.directory)
        if verb in ("up", "provision"):
            yield from self.deployed(known("infra/main.bicep"), command.directory)
            if self._facts.repository.is_dir("infra"):
                yield Start("iac", "infra", "iac")

    def _hooks(self, command: Command, words: list[Value]) -> Iterator[Start]:
        rest = [shown(w) for w in words[1:]]
        name = program(shown(words[0]))
        if rest[:1] != ["run"] and not (name == "prek" and "install" not in rest):
            return
        rest = rest[1:] if rest[:1] == ["run"] else rest
        yield hooks_start(rest, command.directory)

    # --- console commands

    @cached_property
    def console(self) -> dict[str, str]:
        """Console commands of the project's own packages: name to address of the function."""
        found: dict[str, str] = {}
        for path in self._facts.repository.paths:
            name = path.rpartition("/")[2]
            if name == "pyproject.toml":
                found.update(self._console_of_pyproject(path))
            elif name in ("setup.cfg", "setup.py") and self._facts.repository.mentions(
                path, "console_scripts"
            ):
                text = self._facts.repository.text(path) or ""
                for script, module, function in re.findall(
                    r"[\"']?([\w\-]+)\s*=\s*([\w.]+):([\w.]+)", text
                ):
                    found.update(self._console(script, module, function))
        return found

    def _console_of_pyproject(self, path: str) -> dict[str, str]:
        found: dict[str, str] = {}
        if not self._facts.repository.mentions(path, "scripts"):
            return found
        root = next(iter(self._facts.nodes(path)), None)
        for dotted in ("project.scripts", "tool.poetry.scripts"):
            scripts = root.find(dotted) if root is not None else None
            for name, value in scripts.items() if scripts else ():
                module, _, function = value.string.partition(":")
                found.update(self._console(name, module, function))
        return found

    def _console(self, name: str, module: str, function: str) -> dict[str, str]:
        path = self._facts.code.module_path(module)
        return {name: f"{path}::{function}"} if path is not None else {}
