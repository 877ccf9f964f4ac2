"""What documents tell people to do: commands, set-up and use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from plomada.facts.documents.documents import Block, Document, Documents, Section
from plomada.patterns import regex
from plomada.records import dataclass
from plomada.spans import Span

_SHELLS = frozenset({
    "azurecli", "azurecli-interactive", "azurepowershell", "azurepowershell-interactive", "bash",
    "bat", "batch", "batchfile", "cli", "cmd", "console", "dos", "dosbatch", "fish", "ksh", "posh",
    "powershell", "ps", "ps1", "pwsh", "sh", "shell", "shell-script", "shell-session",
    "shellscript", "shellsession", "terminal", "zsh",
})  # fmt: skip
_PROGRAMS = (
    "7z|apt|apt-get|az|azd|bash|bicep|brew|bundle|cargo|cd|choco|code|conda|cookiecutter|copier|cp|"
    "curl|databricks|docker|docker-compose|dotnet|dvc|export|flake8|func|gh|git|go|gradle|"
    "gunicorn|hatch|helm|invoke|java|jupyter|just|kedro|kubectl|mamba|make|mise|mkdir|mkdocs|mlflow|"
    "mv|mvn|mypy|node|nox|npm|npx|papermill|pdm|pip|pip3|pipenv|pipx|plomada|pnpm|poe|poetry|"
    "pre-commit|prek|pwsh|py|pytest|python|python3|rscript|ruff|rye|scp|set|sh|source|ssh|"
    "streamlit|sudo|task|terraform|terragrunt|tofu|tox|uv|uvicorn|uvx|virtualenv|wget|winget|yarn"
)
_COMMAND = regex(
    rf"\s*(?:(?:[$>%]|PS[^>]*>)\s+)?(?:(?:{_PROGRAMS})(?:\.exe)?\s+\S|"
    r"\.{1,2}[\\/]\S+|[A-Z][a-z]+-[A-Z][A-Za-z]+\b)",
    re.IGNORECASE,
)
_PROMPT = regex(r"\s*(?:[$%]|PS[^>]*>)\s+\S")

_SETUP_WORDS = regex(
    r"set(?:ting)?[- ]?up|install|prerequisite|requirement|quick ?start|get(?:ting)? started|"
    r"first steps|configur|provision|bootstrap|environment|deploy|onboarding|create|"
    r"instala|requisito|inicio|in[ií]cio|puesta en marcha|preparaci|primeros pasos|"
    r"vorausset|einricht|prérequis|démarr",
    re.IGNORECASE,
)
_USE_WORDS = regex(
    r"\bus(?:e|age|ing)\b|how[- ]?to|\brun|train|deploy|predict|\bexamples?\b|quick ?start|"
    r"get(?:ting)? started|tutorial|workflow|\btest|command|operat|inference|\bserv|scor|"
    r"\buso\b|\busar|ejecu|entren|despl|ejemplo|prueba|execu|trein|inicio|in[ií]cio|"
    r"utilis|verwend|nutzung",
    re.IGNORECASE,
)
_SETUP_COMMAND = regex(
    r"install|clone|venv|virtualenv|\bcreate\b|\binit\b|login|set-?up|configur|bootstrap|"
    r"\bapply\b|provision|\bcp\b|\bcopy\b|\bsync\b|docker(?:-compose| compose)? (?:build|up)|"
    r"\bexport\b|\bset\b|activate|pre-?req|\bup\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A command or a heading of a document, and what it speaks of.

    Attributes:
        text: it.
        span: its place.
        setup: it speaks of set-up.
        use: it speaks of use.
        command: it is a command.
        leads: a heading with commands below it, or a command below such a heading.
    """

    text: str
    span: Span
    setup: bool
    use: bool
    command: bool
    leads: bool = False


def told(document: Document) -> Iterator[Told]:
    """Yield the commands of a document and the headings that speak of set-up or use, in order."""
    led: set[int] = set()
    for number, section in enumerate(document.sections):
        title, below = section.title, set(_below(document, number))
        if title and (_SETUP_WORDS.search(title) or _USE_WORDS.search(title)):
            setup, use = bool(_SETUP_WORDS.search(title)), bool(_USE_WORDS.search(title))
            leads = any(True for n in below for _ in commands(document.sections[n]))
            led |= below if leads else set()
            yield Told(title, section.span, setup, use, command=False, leads=leads)
        for line, span in commands(section):
            setup = bool(_SETUP_COMMAND.search(line))
            yield Told(line, span, setup, not setup, command=True, leads=number in led)


def _below(document: Document, number: int) -> Iterator[int]:
    """Yield a section and those of lower levels that follow it; a document's title has none."""
    level = document.sections[number].level
    if level == 1 and sum(section.level == 1 for section in document.sections) == 1:
        return
    yield number
    for following in range(number + 1, len(document.sections)):
        if document.sections[following].level <= level:
            return
        yield following


def commands(section: Section) -> Iterator[tuple[str, Span]]:
    """Yield the command lines that stand in a section's code, with their places."""
    for block in section.blocks:
        if block.kind == "code":
            yield from _of_code(block)
        else:
            for code in block.codes:
                if _COMMAND.match(code.text):
                    yield code.text, code.span


def _of_code(block: Block) -> Iterator[tuple[str, Span]]:
    if block.language not in _SHELLS and block.language not in ("", "text", "plaintext"):
        return
    offset = 0
    for line in block.text.split("\n"):
        stripped = line.strip()
        shell = block.language in _SHELLS and stripped and not stripped.startswith(("#", "REM "))
        if shell or _COMMAND.match(line) or _PROMPT.match(line):
            yield stripped, block.line_span(offset, offset + len(line))
        offset += len(line) + 1


def linked_documents(documents: Documents, path: str) -> tuple[Document, ...]:
    """Return a document and those of the repository that it links to."""
    document = documents.read(path)
    if document is None:
        return ()
    found = {path: document}
    for link in document.links:
        resolution = documents.resolve(link, path)
        target = documents.entry(resolution.path) if resolution.outcome == "folder" else None
        linked = target or resolution.path
        if resolution.outcome in ("file", "folder") and documents.is_document(linked):
            other = documents.read(linked)
            if other is not None:
                found.setdefault(linked, other)
    return tuple(found.values())


def first(things: Iterable[Told], *, command: bool = False, setup: bool = False,
          use: bool = False) -> Told | None:  # fmt: skip
    """Return the first of these that is a command, or speaks of set-up or of use.

    What leads to commands goes before what only says the word.
    """
    found = [
        thing
        for thing in things
        if (command and thing.command) or (setup and thing.setup) or (use and thing.use)
    ]
    return next((thing for thing in found if thing.leads), found[0] if found else None)
