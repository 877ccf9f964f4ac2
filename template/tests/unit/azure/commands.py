"""The fake's gate: a command line is accepted only if Microsoft documents every word of it.

`options.json` is taken from the published reference of the Azure CLI (its `source` says which
commit); nothing in it is made up, so an option that the deployment logic invents fails here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

TABLE = json.loads((Path(__file__).parent / "options.json").read_text(encoding="utf-8"))
KNOWN = {name: name.split() for name in sorted(TABLE["commands"], key=len, reverse=True)}
SWITCHES = frozenset({"--yes", "--service-principal", "--force-string"})
MANY = frozenset({"--set", "--parameters", "--metrics"})


class Rejected(Exception):
    """What `az` would answer on standard error, with its exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Command:
    """A command line, taken apart.

    Attributes:
        name: The command's words, for example `ml job create`.
        options: Values by the option's documented long name.
    """

    name: str
    options: dict[str, list[str]] = field(default_factory=dict)

    def one(self, option: str, default: str = "") -> str:
        """Return an option's only value."""
        return self.options.get(option, [default])[0]

    def overrides(self) -> list[dict[str, str]]:
        """Return the pairs of `--set`, as azure-ai-ml's loaders take them."""
        return [dict([pair.split("=", 1)]) for pair in self.options.get("--set", [])]


def parse(words: list[str]) -> Command:
    """Take a command line apart.

    Raises:
        Rejected: It has an undocumented command or option, or lacks a required one.
    """
    name = next((n for n in KNOWN if words[: len(KNOWN[n])] == KNOWN[n]), None)
    if name is None:
        raise Rejected(f"'{' '.join(words[:3])}' is not a documented command", 2)
    command = Command(name)
    _read_options(command, words[len(name.split()) :])
    documented = TABLE["commands"][name]
    for names in documented["required"]:
        if not set(names) & set(command.options):
            raise Rejected(f"the following arguments are required: {'/'.join(names)}", 2)
    required = {name for group in documented["required"] for name in group}
    allowed = {*TABLE["global"], *documented["optional"], *required}
    unknown = set(command.options) - allowed
    if unknown:
        raise Rejected(f"unrecognized arguments: {' '.join(sorted(unknown))}", 2)
    return command


def _read_options(command: Command, words: list[str]) -> None:
    option = ""
    for word in words:
        if word.startswith("--"):
            option = word
            if option in command.options:
                raise Rejected(f"{option} is given twice", 2)
            command.options[option] = []
        elif not option or option in SWITCHES:
            raise Rejected(f"unrecognized arguments: {word}", 2)
        else:
            command.options[option].append(word)
    for name, values in command.options.items():
        wanted = "none" if name in SWITCHES else "some" if name in MANY else "one"
        if (
            (wanted == "none" and values)
            or (wanted == "one" and len(values) != 1)
            or (wanted == "some" and not values)
        ):
            raise Rejected(f"argument {name}: expected {wanted}, got {values}", 2)
