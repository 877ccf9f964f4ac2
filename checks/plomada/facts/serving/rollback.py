"""The way back: what puts a previous deployment, traffic split or model version back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plomada.facts.acts.acts import acts_of
from plomada.facts.acts.tools import table
from plomada.facts.code.calls import closure
from plomada.facts.model import Act, Value
from plomada.facts.reach.follow import Follower
from plomada.facts.shell.commandline import arguments, module_form, program, unwrapped
from plomada.facts.shell.shells import Here, Run
from plomada.facts.strings import shown
from plomada.patterns import regex
from plomada.readers.source import Source
from plomada.spans import Span

if TYPE_CHECKING:
    from plomada.facts import Facts
    from plomada.facts.documents.documents import Block, Section

_WORD = regex(
    r"roll(?:ing|ed)?[\s_\-]?back|\brevert|\bundo\b|(?:restore|switch|back)[\s_\-]+(?:to[\s_\-]+)?(?:the[\s_\-]+)?(?:previous|last)|"
    r"previous[\s_\-]+(?:deployment|version|model|release)",
    re.I,
)
# The condition of a step or job that runs only after a failure.
_FAILURE = regex(r"(?<!!)(?<!! )(?<!not\()\b(?:failure|failed)\(\)|== *'(?:failure|failed)'", re.I)
_RELEASES = ("set-traffic", "promote-model")
_CHANGES = (
    "set-traffic",
    "deploy-model",
    "create-endpoint",
    "register-model",
    "promote-model",
    "roll-back",
)
_SHELLS = frozenset(
    {
        "",
        "bash",
        "sh",
        "shell",
        "console",
        "powershell",
        "pwsh",
        "ps1",
        "zsh",
        "bat",
        "cmd",
        "azurecli",
        "text",
        "shell-session",
        "shellsession",
    }
)
_BY_WORKFLOW = (
    ("gh", "workflow", "run"),
    ("gh", "run", "rerun"),
    ("az", "pipelines", "run"),
    ("git", "revert"),
    ("az", "pipelines", "build"),
)


def rollbacks(facts: Facts) -> list[Act]:
    """Return the acts that put something back, those of pipelines first.

    Tools made for it count by themselves; others where the job, step, function, script or pipeline
    that does them is called so.
    """
    found = [
        act
        for act in acts_of(facts, "roll-back")
        if act.source != "notebook" and not _of_foreign_chart(facts, act)
    ]
    for act in acts_of(facts, *_CHANGES):
        back = _is_called_so(facts, act) or (
            act.verb in _RELEASES and (_after_failure(act) or _in_handler(facts, act))
        )
        if act.source != "notebook" and act not in found and back:
            found.append(act)
    found += [a for a in _of_scripts(facts) if a not in found]
    return sorted(found, key=lambda a: a.job is None)


def named_at(act: Act) -> Iterator[Span]:
    """Yield the places on the way to an act where it is called a rollback, and its last call."""
    for edge in act.route:
        if edge.how in ("call", "make", "task", "script") and _WORD.search(edge.target):
            yield edge.span
        if edge.how == "component":
            named = [value for _, value in edge.arguments if _WORD.search(shown(value))]
            yield from (value.origins[0] for value in named if value.origins)
    if act.job is not None and _WORD.search(
        f"{act.job.address.rpartition('::')[2]} {act.job.title}"
    ):
        yield act.job.span
        templates = [e.span for e in act.route if e.how == "template"]
        yield from templates[-1:]


def _of_scripts(facts: Facts) -> Iterator[Act]:
    """Yield what functions called so do in programs that a person can start."""
    acts = {a.function: a for a in acts_of(facts, *_CHANGES) if not a.route and a.function}
    for reached in facts.reach.functions if acts else ():
        path, _, name = reached.address.partition("::")
        if reached.route or not _WORD.search(name) or reached.source == "notebook":
            continue
        if facts.repository.mentions(path, "__main__"):
            inner = closure(facts.code, reached.address)
            yield from (acts[i.address] for i in inner if i.address in acts)


def _of_foreign_chart(facts: Facts, act: Act) -> bool:
    """Tell whether Helm installs a chart of others, which serves no model, all or nothing."""
    if not act.tool.startswith("helm") or "rollback" in act.tool:
        return False
    words = [w for value in act.arguments.values() for w in shown(value).split()]
    folders = [f"{word.strip('./')}/Chart.yaml" for word in words if "/" in word]
    return not any(facts.repository.exists(f) or facts.repository.ending(f) for f in folders)


def _after_failure(act: Act) -> bool:
    """Tell whether an act runs only where a step or job before it has failed."""
    conditions = [edge.condition for edge in act.route]
    conditions += [act.job.condition] if act.job is not None else []
    return any(_FAILURE.search(text) for text in conditions)


def _in_handler(facts: Facts, act: Act) -> bool:
    """Tell whether an act stands in the handler of an error."""
    scope = facts.code.scope(act.function) if act.function and act.dialect != "cli" else None
    handlers = (
        [n for n in ast.walk(scope.node) if isinstance(n, ast.ExceptHandler)] if scope else []
    )
    return any(h.lineno <= act.span.line <= (h.end_lineno or h.lineno) for h in handlers)


def _target(facts: Facts, act: Act) -> str:
    """Return the name of the target that an act which nothing reaches stands in."""
    lines = {
        task.scripts[0][0].span(0, 1).line: task.name
        for task in facts.reach.tasks
        if task.path == act.span.path and task.scripts
    }
    before = [line for line in lines if line <= act.span.line]
    return lines[max(before)] if before else ""


def _is_called_so(facts: Facts, act: Act) -> bool:
    return any(_WORD.search(name) for name in _names(facts, act))


def _names(facts: Facts, act: Act) -> Iterator[str]:
    """Yield what is around an act: function, script, step, job, pipeline and their descriptions."""
    yield act.function.partition("::")[2]
    yield act.span.path.rpartition("/")[2]
    if act.source == "target":
        yield _target(facts, act)
    for edge in act.route:
        if edge.how in ("call", "script", "make", "task", "module", "console"):
            yield edge.target.rpartition("/")[2]
        for key, value in edge.arguments:
            text = shown(value)
            called = edge.how == "component" or (key == "name" and edge.how == "step")
            passed = key.isdigit() and (text.startswith("--") or _WORD.fullmatch(text))
            if called or passed:
                yield text
    if act.job is None:
        return
    yield act.job.address.rpartition("::")[2]
    yield act.job.title
    yield act.job.stage
    pipeline = next((p for p in facts.pipelines if p.path == act.job.pipeline), None)
    if pipeline is not None:
        yield pipeline.name
        yield pipeline.path.rpartition("/")[2]
        yield from (t.detail for t in pipeline.triggers if t.kind == "manual")


def runbooks(facts: Facts) -> list[Span]:
    """Return the commands that stand in sections of documents on rollback."""
    found = []
    for document in facts.documents.all:
        if not facts.repository.mentions(
            document.path, "roll", "revert", "previous", "restore", "undo"
        ):
            continue
        for section in document.sections:
            if _is_on_rollback(section, document.path):
                found += list(_commands(facts, section, document.path))
    return found


def bare_sections(facts: Facts) -> list[Span]:
    """Return the headings of sections on rollback, for where none of them holds a command."""
    return [
        section.span
        for document in facts.documents.all
        if facts.repository.mentions(document.path, "roll", "revert", "restore", "undo")
        for section in document.sections
        if _WORD.search(section.title)
    ]


def _is_on_rollback(section: Section, path: str) -> bool:
    """Tell whether a section or one above it is on rollback; a title counts if its file does."""
    titled = [p for p in section.parents[:1] if _WORD.search(path.rpartition("/")[2])]
    return any(_WORD.search(t) for t in (section.title, *section.parents[1:], *titled))


def _commands(facts: Facts, section: Section, path: str) -> Iterator[Span]:
    for block in section.blocks:
        if block.kind == "code" and block.language in _SHELLS:
            yield from _in_block(facts, block.text, block, path)
        elif block.kind == "code" and block.language in ("python", "py"):
            if re.search(
                r"traffic|begin_create_or_update|set_registered_model_alias|transition_model",
                block.text,
            ):
                yield block.span
        else:
            for code in block.codes:
                for _ in _in_text(facts, code.text, path):
                    yield code.span
                    break


def _in_block(facts: Facts, text: str, block: Block, path: str) -> Iterator[Span]:
    cleaned = re.sub(
        r"(?m)^(\s*)(\$|PS>|>)\s", lambda m: m[1] + " " * (len(m[0]) - len(m[1])), text
    )
    for offset in _in_text(facts, cleaned, path):
        line = block.span.line + cleaned.count("\n", 0, offset)
        yield Span(path, line, 1, line, 2)


def _in_text(facts: Facts, text: str, path: str) -> Iterator[int]:
    """Yield the offsets of the commands that put a model, deployment or workflow back."""
    run = Run(Source(path, text, ((0, 1, 1),)), Here(path, "document", file=path))
    follower = Follower(facts)
    for command in run.commands():
        words = unwrapped(command.words)
        starts = list(follower.starts(command))
        named = any(_WORD.search(s.target) for s in starts) or (
            _WORD.search(command.text) and starts
        )
        if _puts_back(facts, words) or named:
            yield command.span.column - 1


def _puts_back(facts: Facts, words: list[Value]) -> bool:
    if not words:
        return False
    if any(tool.verb in _CHANGES for tool in table().for_command(words)):
        return True
    module = module_form(words)
    plain = [program(shown(words[0])), *(shown(w) for w in words[1:])]
    if module is not None or plain[:1] == ["python"]:
        return False
    positional = [w for w in plain if not w.startswith("-")]
    by_workflow = any(tuple(positional[: len(p)]) == p for p in _BY_WORKFLOW)
    deployed = by_workflow and any(a.job is not None for a in acts_of(facts, *_CHANGES))
    return deployed or bool(arguments(words[1:]).get("--traffic"))
