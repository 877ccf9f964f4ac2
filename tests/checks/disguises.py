"""Practice that only looks as if it were there: the same files, made to do nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from relations import commented

WORKFLOW = re.compile(r"(^|/)\.github/workflows/[^/]+\.ya?ml$")
COMMANDS = re.compile(r"^(\s*(?:- )?)(run|script|bash|pwsh|powershell|inlineScript)\s*:\s*(.*)$")
Files = dict[str, str]


def hollow(files: Files) -> Files:
    """Keep the names of the files alone."""
    return dict.fromkeys(files, "")


def in_comments(files: Files) -> Files:
    """Comment out every line."""
    return {p: commented(p, t, [(1, t.count("\n") + 1)]) for p, t in files.items()}


def in_a_document(files: Files) -> Files:
    """Show the files in the blocks of a document."""
    blocks = (f"## {path}\n\n~~~\n{text}~~~\n" for path, text in files.items())
    return {"docs/page.md": "# How it could be\n\n" + "\n".join(blocks)}


def switched_off(files: Files) -> Files:
    """Give each job a condition that is never true."""
    return {path: _switched_off(path, text) for path, text in files.items()}


def _switched_off(path: str, text: str) -> str:
    if WORKFLOW.search(path):
        return re.sub(
            r"^( +)(runs-on|uses):(?=.*$)",
            lambda m: f"{m[1]}if: false\n{m[0]}" if _is_job(text, m) else m[0],
            re.sub(r"^    if:.*\n", "", text, flags=re.M),
            flags=re.M,
        )
    if not path.endswith((".yml", ".yaml")) or "steps:" not in text:
        return text
    text = re.sub(
        r"^( *)- (job|deployment|stage): *(\S+)$", r"\g<0>\n\1  condition: false", text, flags=re.M
    )
    return text if "condition: false" in text else _in_a_job(text)


def _is_job(text: str, found: re.Match[str]) -> bool:
    return len(found[1]) == len(re.search(r"^jobs:.*\n(?: *#.*\n)* +\S+:.*\n( +)", text, re.M)[1])  # type: ignore[index]


def _in_a_job(text: str) -> str:
    """Put the steps of an Azure pipeline without jobs into one that never runs."""
    head, mark, steps = text.partition("\nsteps:")
    if not mark:
        return text
    below = steps.replace("\n", "\n    ")
    return f"{head}\njobs:\n  - job: never\n    condition: false\n    steps:{below}"


def steps_off(files: Files) -> Files:
    """Switch each step of pipelines and composite actions off."""
    return {path: _steps_off(path, text) for path, text in files.items()}


def _steps_off(path: str, text: str) -> str:
    if not path.endswith((".yml", ".yaml")):
        return text
    if "runs-on:" in text or path.endswith(("action.yml", "action.yaml")):
        text = re.sub(r"^ +if:.*\n", "", text, flags=re.M)
        return re.sub(r"^( +)- (?=(name|uses|run|id):)", r"\1- if: false\n\1  ", text, flags=re.M)
    return re.sub(
        r"^( *)- (?=(task|script|bash|pwsh|powershell):)",
        r"\1- enabled: false\n\1  ",
        text,
        flags=re.M,
    )


def echoed(files: Files) -> Files:
    """Say each command of pipelines, scripts and targets instead of running it."""
    return {path: _echoed(path, text) for path, text in files.items()}


def _echoed(path: str, text: str) -> str:
    if path.endswith(".sh"):
        return "\n".join(_said(line) for line in text.replace("\\\n", " ").split("\n"))
    if path.endswith("Makefile"):
        return re.sub(r"^\t@?-?(.*)$", lambda m: "\t" + _said(m[1]), text, flags=re.M)
    if path.endswith((".yml", ".yaml")):
        return _echoed_yaml(text)
    return text


def _said(command: str) -> str:
    bare = command.strip()
    if not bare or bare.startswith("#"):
        return command
    indent = command[: len(command) - len(command.lstrip())]
    quoted = bare.replace("'", '"')
    return f"{indent}echo '{quoted}'"


def _echoed_yaml(text: str) -> str:
    lines: list[str] = []
    inside = -1
    for line in text.replace("\\\n", " ").split("\n"):
        indent = len(line) - len(line.lstrip())
        inside = inside if inside >= 0 and (not line.strip() or indent > inside) else -1
        found = COMMANDS.match(line)
        if inside >= 0:
            lines.append(_said(line))
        elif found and found[3][:1] in ("|", ">"):
            inside = len(found[1])
            lines.append(f"{found[1]}{found[2]}: |")
        elif found and found[3]:
            command = found[3].strip("\"'").replace("'", '"')
            lines.append(f"{found[1]}{found[2]}: 'echo ''{command}'''")
        else:
            lines.append(line)
    return "\n".join(lines)


def never_called(files: Files) -> Files:
    """Let each workflow start by a call alone, and nothing calls it."""
    return {
        path: _never_called(text) if WORKFLOW.search(path) else text for path, text in files.items()
    }


def _never_called(text: str) -> str:
    return re.sub(
        r"^(?:on|'on'|\"on\"):.*\n(?:(?:[ #].*)?\n)*", "on: workflow_call\n", text, flags=re.M
    )


def bodies_of_pass(files: Files) -> Files:
    """Keep of Python the imports, names and docstrings alone."""
    return {p: _bodies_of_pass(t) if p.endswith(".py") else t for p, t in files.items()}


def _bodies_of_pass(text: str) -> str:
    return ast.unparse(ast.fix_missing_locations(ast.Module(_outline(ast.parse(text).body), [])))


def _outline(body: list[ast.stmt]) -> list[ast.stmt]:
    kept: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            statement.body, statement.decorator_list = [ast.Pass()], []
            kept.append(statement)
        elif isinstance(statement, ast.ClassDef):
            statement.body = _outline(statement.body) or [ast.Pass()]
            kept.append(statement)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            kept.append(statement)
    return kept


def never_true(files: Files) -> Files:
    """Put the body of each function, and what each module does itself, under ``if False``."""
    return {p: _never_true(t) if p.endswith(".py") else t for p, t in files.items()}


def _never_true(text: str) -> str:
    module = ast.parse(text)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [ast.If(ast.Constant(False), node.body, [])]
            node.decorator_list = []
    kept = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    module.body = [
        s if isinstance(s, kept) else ast.If(ast.Constant(False), [s], []) for s in module.body
    ]
    return ast.unparse(ast.fix_missing_locations(module))


def in_docstrings(files: Files) -> Files:
    """Turn each Python file into one long string."""
    return {
        path: 'r"""' + text.replace('"""', "'''") + '"""\n' if path.endswith(".py") else text
        for path, text in files.items()
    }


EVERYTHING: dict[str, Callable[[Files], Files]] = {
    "hollow files": hollow,
    "in comments": in_comments,
    "in a document": in_a_document,
}
PIPELINES: dict[str, Callable[[Files], Files]] = {
    "jobs that are switched off": switched_off,
    "steps that are switched off": steps_off,
    "workflows that nothing calls": never_called,
    "behind echo": echoed,
}
PYTHON: dict[str, Callable[[Files], Files]] = {
    "bodies that are pass": bodies_of_pass,
    "conditions that are never true": never_true,
    "strings": in_docstrings,
}
