"""Command lines: what stands before the program, its options, its positional words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from plomada.facts.model import Value
from plomada.facts.strings import known, shown, texts
from plomada.patterns import regex

_PYTHON = regex(r"^(python|pypy|py)[\d.]*w?$")  # ``py`` launches it on Windows
_INTERPRETER = regex(r"python|(?<![a-z])(py3?|interpreter)(?![a-z])", re.IGNORECASE)
_SUFFIX = regex(r"\.(exe|cmd|bat)$", re.IGNORECASE)
_OPTION = regex(r"--?[A-Za-z]")
# What only starts another program, with the options of it that take a value.
_PREFIXES: Mapping[tuple[str, ...], frozenset[str]] = {
    ("sudo",): frozenset({"-u", "-g"}),
    ("time",): frozenset(),
    ("nohup",): frozenset(),
    ("exec",): frozenset(),
    ("command",): frozenset(),
    ("env",): frozenset({"-u"}),
    ("nice",): frozenset({"-n"}),
    ("xargs",): frozenset({"-I", "-n", "-P", "-L", "-d"}),
    ("timeout",): frozenset({"-s", "-k"}),
    ("stdbuf",): frozenset({"-i", "-o", "-e"}),
    ("setsid",): frozenset(),
    ("ionice",): frozenset({"-c", "-n"}),
    ("unbuffer",): frozenset(),
    ("dotenv", "run"): frozenset(),
    ("doppler", "run"): frozenset({"-p", "--project", "-c", "--config"}),
    ("op", "run"): frozenset({"--account", "--env-file"}),
    ("uv", "run"): frozenset(
        [
            "-p",
            "--python",
            "--with",
            "--extra",
            "--group",
            "--only-group",
            "--env-file",
            "--project",
            "--directory",
            "--package",
            "--no-group",
            "--with-requirements",
            "--index",
            "--index-url",
            "-C",
        ]
    ),
    ("uv", "tool", "run"): frozenset({"--from", "--with", "-p", "--python"}),
    ("uvx",): frozenset({"--from", "--with", "-p", "--python"}),
    ("poetry", "run"): frozenset({"-C", "--directory", "-P", "--project"}),
    ("pipenv", "run"): frozenset(),
    ("pdm", "run"): frozenset({"-p", "--project"}),
    ("rye", "run"): frozenset(),
    ("pixi", "run"): frozenset({"-e", "--environment", "--manifest-path"}),
    ("conda", "run"): frozenset({"-n", "--name", "-p", "--prefix", "--cwd"}),
    ("mamba", "run"): frozenset({"-n", "--name", "-p", "--prefix"}),
    ("micromamba", "run"): frozenset({"-n", "--name", "-p", "--prefix"}),
    ("pipx", "run"): frozenset({"--spec", "--python"}),
    ("hatch", "run"): frozenset(),
    ("hatch", "-e"): frozenset(),
    ("npx",): frozenset({"-p", "--package"}),
    ("bundle", "exec"): frozenset(),
    ("winpty",): frozenset(),
    ("xvfb-run",): frozenset(),
    ("mise", "exec"): frozenset(),
    ("mise", "x"): frozenset(),
    ("accelerate", "launch"): frozenset(),
    ("torchrun",): frozenset({"--nproc_per_node", "--nnodes"}),
    ("invoke-expression",): frozenset(),
    ("coverage", "run", "-m"): frozenset(),
}
# They take a version with the name: ``uvx checkov@3.3.30``, ``pipx run pip-audit==2.10.1``.
_FETCHING = frozenset({("uvx",), ("uv", "tool", "run"), ("pipx", "run"), ("npx",)})
_VERSION = regex(r"(?<=[\w\]])(@|==|>=|~=)[\w.*-]+$")
_LONGEST = 3
ENGINES = frozenset({"docker", "podman", "nerdctl"})
BUILDERS = ENGINES | {"buildah"}
# Options of a container engine's ``run`` and ``exec`` that take the next word.
VALUED_BY_RUN = frozenset({
    "-v", "--volume", "-e", "--env", "--env-file", "-w", "--workdir", "--name", "-u", "--user",
    "--network", "--net", "--mount", "--platform", "--entrypoint", "-p", "--publish", "--pull",
    "-h", "--hostname", "--gpus", "-m", "--memory", "--cpus", "--shm-size", "--add-host", "-l",
    "--label", "--ipc", "--cap-add", "--security-opt", "--tmpfs", "--ulimit", "--index",
    "--volumes-from", "--link", "--runtime", "--restart", "--log-driver",
})  # fmt: skip
# Images of which the scanner is the entry point: what stands behind them are its arguments.
_SCANNERS = frozenset({
    "checkov", "gitleaks", "grype", "kics", "osv-scanner", "terrascan", "tfsec", "trivy",
    "trufflehog",
})  # fmt: skip
STARTERS = frozenset({prefix[0] for prefix in _PREFIXES} | {"python", "coverage", ""})


@lru_cache(maxsize=4096)  # scripts call few programs, many times
def program(text: str) -> str:
    """Return a program's name without its folder and suffix; every Python is ``python``.

    Of names by platform (``kubectl.exe|kubectl``) the last one.
    """
    name = text.rpartition("|")[2]
    name = name.replace("\\", "/").rpartition("/")[2]
    name = _SUFFIX.sub("", name)
    return "python" if _PYTHON.match(name) else name


def words_of(values: Sequence[Value]) -> list[str]:
    """Return the words as text, names in place of what is not known."""
    return [shown(value) for value in values]


def unwrapped(values: Sequence[Value]) -> list[Value]:
    """Return a command without what only starts it: ``sudo``, ``uv run``, ``poetry run``, ..."""
    left = list(values)
    for _ in range(6):
        words = [program(shown(left[0])) if left else "", *words_of(left[1:])]
        prefix = next(
            (p for n in range(_LONGEST, 0, -1) if (p := tuple(words[:n])) in _PREFIXES), None
        )
        if not words[0] and len(words) > 1:
            left = left[1:]
            continue
        if prefix is None:
            return _interpreted(_in_container(left, words), words[1:])
        rest = after_options(left[len(prefix) :], _PREFIXES[prefix])
        if prefix[0] == "timeout":
            rest = rest[1:]
        if prefix == ("hatch", "run") and rest:
            rest = [known(shown(rest[0]).rpartition(":")[2]), *rest[1:]]
        if prefix in _FETCHING and rest:
            rest = [known(_VERSION.sub("", shown(rest[0]))), *rest[1:]]
        if not rest:
            break
        left = rest
    return left


def _interpreted(left: list[Value], rest: Sequence[str]) -> list[Value]:
    """Return ``python`` for ``$PYTHON`` out of sight that is given a module or a file of Python."""
    if not left or left[0].kind != "unknown" or not _INTERPRETER.search(shown(left[0])):
        return left
    first = next((word for word in rest if word == "-m" or not word.startswith("-")), "")
    return [known("python"), *left[1:]] if first == "-m" or first.endswith(".py") else left


def _in_container(left: list[Value], words: list[str]) -> list[Value]:
    """Return a scanner's own command for ``docker run -v .:/src aquasec/trivy fs /src``."""
    if words[:1] and words[0] in ENGINES and words[1:2] == ["run"]:
        run = after_options(left[2:], VALUED_BY_RUN)
        image = shown(run[0]).partition("@")[0] if run else ""
        name = image.rpartition("/")[2].partition(":")[0]
        if name in _SCANNERS:
            return [known(name), *run[1:]]
    return left


def after_options(values: Sequence[Value], valued: frozenset[str]) -> list[Value]:
    """Return the words behind the options at the head, those of ``valued`` with the next word."""
    index = 0
    while index < len(values):
        word = shown(values[index])
        if word == "--":
            return list(values[index + 1 :])
        if re.match(r"^[A-Za-z_]\w*=", word):
            index += 1
        elif word.startswith("-"):
            index += 2 if word in valued else 1
        else:
            break
    return list(values[index:])


def module_form(values: Sequence[Value]) -> list[Value] | None:
    """Return ``pkg args`` for ``python [options] -m pkg args``, None for anything else."""
    if not values or program(shown(values[0])) != "python":
        return None
    for index, value in enumerate(values[1:], start=1):
        word = shown(value)
        if word == "-m" and index + 1 < len(values):
            return list(values[index + 1 :])
        if not word.startswith("-"):
            return None
    return None


def arguments(values: Sequence[Value]) -> dict[str, Value]:
    """Return options by name and positional words by number, as ``Act.arguments`` has them.

    An option takes the words after it up to the next option, if there are any; one given twice
    holds both. ``--name=value`` is ``--name``.
    """
    found: dict[str, Value] = {}
    position, index = 0, 0
    while index < len(values):
        word = shown(values[index])
        if not _is_option(word):
            found[str(position)] = values[index]
            position += 1
            index += 1
            continue
        name, equals, rest = word.partition("=")
        taken: list[Value] = []
        if equals:
            taken = [_after_equals(values[index], rest)]
        index += 1
        while not equals and index < len(values) and not _is_option(shown(values[index])):
            taken.append(values[index])
            index += 1
        _add(found, name, taken)
    return found


def _is_option(word: str) -> bool:
    return _OPTION.match(word) is not None


def _after_equals(value: Value, rest: str) -> Value:
    if value.kind != "template":
        return known(rest)
    parts = list(value.parts)
    first = shown(parts[0])
    parts[0] = known(first.partition("=")[2])
    return (
        Value("template", parts=tuple(p for p in parts if p.data != "")) if parts else known(rest)
    )


def _add(found: dict[str, Value], name: str, taken: list[Value]) -> None:
    before = found.get(name)
    earlier: list[Value] = []
    if before is not None and before.data is not True:
        data = before.data
        earlier = list(data) if before.kind == "known" and isinstance(data, tuple) else [before]
    everything = [*earlier, *taken]
    if not everything:
        found[name] = known(True)
    elif len(everything) == 1:
        found[name] = everything[0]
    else:
        found[name] = Value("known", tuple(everything))


def option(found: Mapping[str, Value], *names: str) -> Value | None:
    """Return the first of these options that is given."""
    return next((found[name] for name in names if name in found), None)


def option_texts(found: Mapping[str, Value], *names: str) -> tuple[str, ...]:
    """Return what an option's value may be, as known texts."""
    return texts(option(found, *names))


def joined(values: Sequence[Value]) -> str:
    """Return words as a command line; what is known is quoted, so that it reads back the same."""
    import shlex

    return " ".join(shlex.quote(shown(v)) if v.kind == "known" else shown(v) for v in values)


def split_words(text: str) -> list[str]:
    """Split a command line at blanks, quotes kept together and taken off."""
    import shlex

    try:
        return shlex.split(text, comments=False)
    except ValueError:
        return text.split()
