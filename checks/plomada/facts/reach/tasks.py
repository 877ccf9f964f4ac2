"""Targets of task runners: make, just, npm, tox, nox, poe, hatch, pdm, mise, Taskfile, invoke."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from plomada.facts.reach import tox
from plomada.facts.reach.task import Task
from plomada.patterns import regex
from plomada.readers import makefile
from plomada.readers.nodes import Node
from plomada.readers.source import Source, of_file, of_line, of_node

if TYPE_CHECKING:
    from plomada.facts import Facts

DEEPEST_INCLUDE = 5
_IMPORTED = regex(r"^import\??\s+[\"']([^\"']+)[\"']", re.MULTILINE)
_MISE_FILE = regex(
    r"^(?P<root>(?:.*/)?)(?:\.?mise-tasks|\.?mise/tasks|\.config/mise/tasks)/(?P<name>[^.]+?)(?:\.sh)?$"
)
_DECORATED = regex(
    r"@(?:\w+\.)?(?:session|task)\(([^@]*?)\)\s*(?:@[^\n]*\n\s*)*def\s+(\w+)", re.DOTALL
)


class Tasks:
    """All task runners' targets of a repository, by file.

    Args:
        facts: gives files and nodes.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def find(self, runner: str, directory: str, name: str, file: str = "") -> Task | None:
        """Return a target as the runner started in a folder would find it.

        ``name`` "" is the default target. Runners look in the folder and then above it.
        """
        for task in self._nearest(runner, directory, file):
            if task.name == name or (not name and task.runner != "npm"):
                return task
        return None

    def all_of(self, runner: str, directory: str, file: str = "") -> tuple[Task, ...]:
        """Return every target that a runner started in a folder knows, or those of a file."""
        return tuple(self._nearest(runner, directory, file))

    def _nearest(self, runner: str, directory: str, file: str) -> list[Task]:
        mine = [t for t in self.all if t.runner == runner]
        if file:
            wanted = {posixpath.normpath(posixpath.join(directory, file)), posixpath.normpath(file)}
            return [t for t in mine if t.path in wanted]
        folder = directory.strip("/")
        while True:
            here = [t for t in mine if t.directory == folder]
            if here or not folder:
                return here
            folder = folder.rpartition("/")[0]

    @cached_property
    def all(self) -> tuple[Task, ...]:
        """Every target, in the order of files and text."""
        return tuple(self._read())

    def _read(self) -> Iterator[Task]:
        for path in self._facts.repository.paths:
            name = path.rpartition("/")[2].lower()
            if name in self._readers:
                yield from self._readers[name](path)
            elif name.endswith((".mk", ".mak")):
                yield from self._make(path)
            elif "mise" in path and (match := _MISE_FILE.match(path)) is not None:
                yield self._mise_file(path, match)

    @cached_property
    def _readers(self) -> dict[str, Callable[[str], Iterator[Task]]]:
        """What reads a file, by its lower-case name."""
        return {
            **dict.fromkeys(("makefile", "gnumakefile"), self._make),
            **dict.fromkeys(("justfile", ".justfile"), self._just),
            "package.json": self._npm,
            "pyproject.toml": self._pyproject,
            **dict.fromkeys(("tox.ini", "setup.cfg"), self._tox),
            "tox.toml": lambda path: tox.of_tables(path, self._root(path)),
            "hatch.toml": lambda path: self._hatch(path, self._root(path)),
            "pixi.toml": lambda path: self._pixi(path, self._root(path)),
            **dict.fromkeys(("mise.toml", ".mise.toml"), self._mise),
            **dict.fromkeys(("taskfile.yml", "taskfile.yaml"), self._taskfile),
            "noxfile.py": lambda path: self._python(path, "nox"),
            "tasks.py": lambda path: self._python(path, "invoke"),
        }

    def _root(self, path: str) -> Node | None:
        return next(iter(self._facts.nodes(path)), None)

    def _make(self, path: str) -> Iterator[Task]:
        text = self._facts.repository.text(path) or ""
        made = makefile.read(text)
        folder = posixpath.dirname(path)
        included = self._include(made, folder, 0)
        yield from self._targets(path, made, folder)
        for inner_path, inner in included:
            inner.variables = {**inner.variables, **made.variables}
            yield from self._targets(inner_path, inner, folder)

    def _targets(self, path: str, made: makefile.Makefile, folder: str) -> Iterator[Task]:
        """Yield the targets of a file, the default one first."""
        for name in dict.fromkeys([made.default, *made.targets]):
            target = made.targets.get(name)
            if target is None or name.startswith("."):
                continue
            scripts = tuple(
                (of_line(path, _shell_text(made.expand(r.text)), r.line, r.column), r.soft)
                for r in target.recipe
            )
            yield Task(path, name, "make", scripts, tuple(target.needs), folder)

    def _include(
        self, made: makefile.Makefile, folder: str, depth: int
    ) -> list[tuple[str, makefile.Makefile]]:
        """Return the included files, and take over their variables."""
        found: list[tuple[str, makefile.Makefile]] = []
        for name in made.includes if depth < DEEPEST_INCLUDE else ():
            path = posixpath.normpath(posixpath.join(folder, made.expand(name)))
            text = self._facts.repository.text(path)
            if text is not None:
                inner = makefile.read(text)
                found += [(path, inner), *self._include(inner, folder, depth + 1)]
                made.variables = {**inner.variables, **made.variables}
        return found

    def _just(self, path: str, folder: str | None = None, depth: int = 0) -> Iterator[Task]:
        """Yield the recipes of a file, and those of the files that it imports."""
        text = self._facts.repository.text(path) or ""
        folder = posixpath.dirname(path) if folder is None else folder
        yield from self._recipes(path, text, folder)
        for named in _IMPORTED.findall(text) if depth < DEEPEST_INCLUDE else ():
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), named))
            yield from self._just(inner, folder, depth + 1)

    def _recipes(self, path: str, text: str, folder: str) -> Iterator[Task]:
        variables = dict(re.findall(r"^(\w+)\s*:=\s*[\"']([^\"']*)[\"']", text, re.MULTILINE))
        name = ""
        needs: tuple[str, ...] = ()
        scripts: list[tuple[Source, bool]] = []
        for number, line in enumerate(text.split("\n"), start=1):
            head = re.match(r"^@?([A-Za-z_][\w\-]*)((?:\s+[^:=]*)?):(?!=)(.*)$", line)
            if head is not None:
                if name:
                    yield Task(path, name, "just", tuple(scripts), needs, folder)
                name, scripts = head[1], []
                words = re.sub(r"[()&]", " ", head[3].split("#")[0]).split()
                needs = tuple(word for word in words if re.match(r"^[\w\-]+$", word))
            elif (
                name
                and line[:1] in (" ", "\t")
                and line.strip()
                and not line.strip().startswith("#")
            ):
                body = line.lstrip().lstrip("@-")
                column = len(line) - len(body) + 1
                body = re.sub(
                    r"\{\{\s*(\w+)\s*\}\}", lambda m: variables.get(m[1], f"${m[1]}"), body
                )
                soft = line.lstrip()[:2].count("-") > 0
                scripts.append((of_line(path, body, number, column), soft))
        if name:
            yield Task(path, name, "just", tuple(scripts), needs, folder)

    def _npm(self, path: str) -> Iterator[Task]:
        root = self._root(path)
        scripts = root.get("scripts") if root is not None else None
        for name, value in scripts.items() if scripts else ():
            yield self._one(path, name, "npm", [value])

    def _one(
        self, path: str, name: str, runner: str, values: list[Node], needs: tuple[str, ...] = ()
    ) -> Task:
        text = self._facts.repository.text(path) or ""
        sources = tuple(
            (
                of_node(v, text)
                if path.endswith((".yml", ".yaml"))
                else of_line(path, v.text, v.span.line, v.span.column + 1),
                False,
            )
            for v in values
            if v.string
        )
        return Task(path, name, runner, sources, needs, posixpath.dirname(path))

    def _pyproject(self, path: str) -> Iterator[Task]:
        if not self._facts.repository.mentions(
            path, "[tool.poe", "scripts", "[tool.taskipy", "[tool.tox", "[tool.pixi", "tasks"
        ):
            return
        root = self._root(path)
        if root is None:
            return
        for table, runner in (
            ("tool.poe.tasks", "poe"),
            ("tool.pdm.scripts", "pdm"),
            ("tool.taskipy.tasks", "task"),
            ("tool.rye.scripts", "rye"),
        ):
            found = root.find(table)
            for name, value in found.items() if found else ():
                yield self._table_task(path, name, value, runner)
        yield from self._hatch(path, root.find("tool.hatch"))
        yield from self._pixi(path, root.find("tool.pixi"))
        yield from tox.of_tables(path, root.find("tool.tox"))
        legacy = root.find("tool.tox.legacy_tox_ini")
        if legacy is not None:
            yield from tox.of_text(path, legacy.string, legacy.span.line)

    def _hatch(self, path: str, root: Node | None) -> Iterator[Task]:
        environments = root.get("envs") if root is not None else None
        for _, environment in environments.items() if environments else ():
            scripts = environment.get("scripts")
            for name, value in scripts.items() if scripts else ():
                yield self._table_task(path, name, value, "hatch")

    def _pixi(self, path: str, root: Node | None) -> Iterator[Task]:
        features = root.get("feature") if root is not None else None
        for holder in (root, *(f for _, f in (features.items() if features else ()))):
            tasks = holder.get("tasks") if holder is not None else None
            for name, value in tasks.items() if tasks else ():
                yield self._table_task(path, name, value, "pixi")

    def _table_task(self, path: str, name: str, value: Node, runner: str) -> Task:
        """Read a task written as text, list, or table with ``cmd``, ``shell``, ``sequence`` ..."""
        if value.kind == "scalar":
            return self._one(path, name, runner, [value])
        if value.kind == "sequence":
            steps = [e.get("cmd") or e.get("shell") or e.get("ref") or e for e in value.elements]
            named = tuple(e.string for e in steps if e.string and " " not in e.string)
            return self._one(path, name, runner, steps, named)
        held: list[Node] = []
        needs: tuple[str, ...] = ()
        for key in (
            "cmd",
            "shell",
            "script",
            "run",
            "composite",
            "sequence",
            "chain",
            "deps",
            "depends",
            "depends_on",
            "depends-on",
        ):
            found = value.get(key)
            if found is None:
                continue
            if found.kind == "scalar":
                held.append(found)
            elif key == "cmd":
                words = " ".join(e.string for e in found.elements)
                held.append(Node("scalar", found.span, words, words))
            else:
                for element in found.elements:
                    inner = element.get("cmd") or element.get("ref") or element
                    needs += (inner.string,) if inner.string else ()
                    if " " in inner.string:
                        held.append(inner)
        return self._one(path, name, runner, held, needs)

    def _tox(self, path: str) -> Iterator[Task]:
        text = self._facts.repository.text(path) or ""
        if not path.endswith("setup.cfg") or "tox:" in text:
            yield from tox.of_text(path, text, 1)

    def _mise(self, path: str) -> Iterator[Task]:
        root = self._root(path)
        tasks = root.get("tasks") if root is not None else None
        for name, value in tasks.items() if tasks else ():
            yield self._table_task(path, name, value, "mise")

    def _mise_file(self, path: str, match: re.Match[str]) -> Task:
        """Return the task that a script of mise's own folders is."""
        source = of_file(path, self._facts.repository.text(path) or "")
        root = match["root"].rstrip("/")
        return Task(path, match["name"].replace("/", ":"), "mise", ((source, False),), (), root)

    def _taskfile(self, path: str) -> Iterator[Task]:
        root = self._root(path)
        tasks = root.get("tasks") if root is not None else None
        for name, value in tasks.items() if tasks else ():
            held, needs = [], []
            commands = value.get("cmds") or (value if value.kind == "sequence" else None)
            for element in commands.elements if commands else ():
                inner = element.get("cmd") or element
                called = element.get("task")
                if called is not None:
                    needs.append(called.string)
                elif inner.string:
                    held.append(inner)
            single = value.get("cmd")
            held += [single] if single is not None else []
            deps = value.get("deps")
            needs += (
                [d.string or (d.get("task") or d).string for d in deps.elements] if deps else []
            )
            yield self._one(path, name, "task-go", held, tuple(needs))

    def _python(self, path: str, runner: str) -> Iterator[Task]:
        module = self._facts.code.module(path)
        aliases = _aliases(self._facts.repository.text(path) or "")
        for scope in module.scopes if module is not None else ():
            if not scope.is_function or "." in scope.name:
                continue
            function = self._facts.code.function_of(scope)
            marks = {d.rpartition(".")[2] for d in function.decorators}
            if marks & {"session", "task", "nox_session"}:
                name = scope.name.replace("_", "-") if runner == "invoke" else scope.name
                folder, other = posixpath.dirname(path), aliases.get(scope.name, ())
                yield Task(path, name, runner, (), (), folder, function.address, other)


def _shell_text(text: str) -> str:
    """Return a recipe as its shell sees it: ``$$`` is ``$``, make's own references stay open."""
    text = text.replace("$$", "\x00")
    text = re.sub(r"\$\(MAKE\)|\$\{MAKE\}", "make", text)
    text = re.sub(r"\$\((?:CURDIR|PWD)\)|\$\{(?:CURDIR|PWD)\}", ".", text)
    text = re.sub(r"\$\(([A-Za-z_]\w*)\)", r"${\1}", text)
    return text.replace("\x00", "$")


def _aliases(text: str) -> dict[str, tuple[str, ...]]:
    """Return by function the names and tags that its decorator gives to a session or task."""
    found: dict[str, tuple[str, ...]] = {}
    for arguments, function in _DECORATED.findall(text):
        names = re.findall(r"\bname\s*=\s*[\"']([^\"']+)", arguments)
        tags = re.findall(r"\b(?:tags|aliases)\s*=\s*[\[(]([^\])]*)", arguments)
        found[function] = (*names, *re.findall(r"[\"']([^\"']+)[\"']", " ".join(tags)))
    return found
