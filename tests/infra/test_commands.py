"""Every command line of `az` in documents, workflows and actions, against Microsoft's reference.

A group and a workspace may be missing where the page sets them as defaults (`az configure`).
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rendering import PROJECT

TABLES = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in (
        PROJECT / "template/tests/unit/azure/options.json",
        Path(__file__).parent / "data" / "az-options.json",
    )
]
COMMANDS: dict[str, dict[str, Any]] = {k: v for t in TABLES for k, v in t["commands"].items()}
NAMES = sorted(COMMANDS, key=len, reverse=True)
GLOBAL = set(TABLES[0]["global"])
DEFAULTED = {"--resource-group", "--workspace-name"}
CONFIGURES = "az configure --defaults group="
BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.M | re.S)
LINE = re.compile(r"\baz [a-z][^`|#\n]*")
OPTION = re.compile(r"(?<![\w.-])--?[a-z][a-z-]*")


def scripts(file: Path) -> str:
    """Return the scripts of a document, a workflow or an action, one command a line."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        text = "\n".join(BLOCK.findall(text))
    return re.sub(r"\\\n\s*|\n\s+(?=--)", " ", text)


def written(repository: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield where a command line stands, the line, and whether the page sets defaults."""
    files = [*(repository / "docs").rglob("*.md"), *(repository / ".github").rglob("*.yml")]
    for file in sorted(files):
        text = scripts(file)
        for line in LINE.findall(text):
            yield file.name, line, CONFIGURES in text


def problem(line: str, defaults: bool) -> str:
    """Return what the reference has against a command line; empty where nothing."""
    words = re.sub(r"\s+", " ", line).removeprefix("az ")
    name = next((n for n in NAMES if words.startswith(f"{n} ") or words == n), "")
    if not name:
        return f"no such command: {line}"
    given = set(OPTION.findall(re.sub(r"\$\([^)]*\)|\"[^\"]*\"|'[^']*'", "x", words)))
    required = [set(names) for names in COMMANDS[name]["required"]]
    allowed = GLOBAL | set(COMMANDS[name]["optional"]) | set().union(*required)
    if given - allowed:
        return f"unknown {sorted(given - allowed)}: {line}"
    missing = [names for names in required if not names & given]
    missing = [names for names in missing if not (defaults and names & DEFAULTED)]
    return f"missing {sorted(map(sorted, missing))}: {line}" if missing else ""


def test_commands_are_written_as_microsoft_documents_them(repository: Path) -> None:
    found = list(written(repository))
    assert len(found) > 30
    assert [(place, said) for place, *line in found if (said := problem(*line))] == []


@pytest.mark.parametrize(
    ("line", "defaults", "said"),
    [
        ("az ml job stream --name <job>", True, ""),
        ("az ml job stream --name <job>", False, "missing"),
        ("az ml job stream --job <job>", True, "unknown ['--job']"),
        ("az ml job watch --name <job>", True, "no such command"),
        ("az ml workspace delete --permanently-delete", True, "missing [['--name', '-n']]"),
        ("az group delete -n x --query \"[?name=='--yes']\" --output tsv", False, ""),
    ],
)
def test_the_check_finds(line: str, defaults: bool, said: str) -> None:
    assert problem(line, defaults).startswith(said)
    assert bool(problem(line, defaults)) == bool(said)
