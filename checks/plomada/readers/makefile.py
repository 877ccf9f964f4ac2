"""Makefiles: targets with prerequisites and recipes, variables, includes."""

from __future__ import annotations

import re
from dataclasses import field

from plomada.patterns import regex
from plomada.records import dataclass

MOST_RULES = 2_000
_RULE = regex(r"^([^\s:#=][^:=#]*?)\s*::?(?!=)\s*([^;#]*)(?:;([^#]*))?(?:#.*)?$")
_VARIABLE = regex(r"^(?:export\s+|override\s+)?([A-Za-z_][\w.\-]*)\s*(\?|:|::|\+|!)?=\s*(.*)$")
_INCLUDE = regex(r"^-?s?include\s+(.+)$")
_REFERENCE = regex(r"\$[({]([A-Za-z_][\w.\-]*)[)}]")
_DEEPEST = 6


@dataclass(slots=True)
class Recipe:
    """A line of a recipe: its text, line number, column, whether ``-`` ignores its failure."""

    text: str
    line: int
    column: int
    soft: bool


@dataclass(slots=True)
class Target:
    """A target: prerequisites in order, recipe lines, the line of its rule."""

    name: str
    line: int
    needs: list[str] = field(default_factory=list)
    recipe: list[Recipe] = field(default_factory=list)


@dataclass(slots=True)
class Makefile:
    """What a Makefile declares."""

    targets: dict[str, Target] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)
    default: str = ""

    def expand(self, text: str) -> str:
        """Put variables in; what is not declared stays as it stands."""
        for _ in range(_DEEPEST):
            changed = _REFERENCE.sub(lambda m: self.variables.get(m[1], m[0]), text)
            if changed == text or len(changed) > 20_000:
                break
            text = changed
        return text


def read(text: str) -> Makefile:
    """Return the targets and variables of a Makefile."""
    made = Makefile()
    current: list[Target] = []
    for number, column, line in _logical_lines(text):
        if line.startswith("\t"):
            _recipe(line, number, column, current)
            continue
        variable, include = _VARIABLE.match(line), _INCLUDE.match(line)
        rule = _RULE.match(line)
        if variable is not None:
            _assign(made, variable)
        elif include is not None:
            made.includes += include[1].split()
        elif rule is not None and len(made.targets) < MOST_RULES:
            current = _rule(made, rule, number)
        elif line.strip() and not line.lstrip().startswith("#"):
            current = current if line.startswith((" ", "if", "else", "endif")) else []
    return made


def _logical_lines(text: str) -> list[tuple[int, int, str]]:
    """Return line number, column and text, continued lines joined (in recipes a blank apart)."""
    found: list[tuple[int, int, str]] = []
    buffer, start = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not buffer:
            start = number
        if line.endswith("\\"):
            buffer += line[:-1] + " "
            continue
        found.append((start, 1, buffer + line))
        buffer = ""
    if buffer:
        found.append((start, 1, buffer))
    return found


def _recipe(line: str, number: int, column: int, targets: list[Target]) -> None:
    text = line.lstrip("\t ")
    marks = re.match(r"[@\-+]*", text)
    prefix = marks[0] if marks else ""
    skipped = len(line) - len(text) + len(prefix)
    body = text[len(prefix) :]
    if body.strip() and not body.startswith("#"):
        for target in targets:
            target.recipe.append(Recipe(body, number, column + skipped, "-" in prefix))


def _assign(made: Makefile, match: re.Match[str]) -> None:
    name, operator, value = match[1], match[2] or "", match[3].split(" #")[0].strip()
    if operator == "+" and name in made.variables:
        made.variables[name] += " " + value
    elif operator != "?" or name not in made.variables:
        made.variables[name] = value


def _rule(made: Makefile, match: re.Match[str], number: int) -> list[Target]:
    names = made.expand(match[1]).split()
    if names and names[0] == ".DEFAULT_GOAL":
        return []
    needs = [n for n in made.expand(match[2]).split() if n != "|"]
    targets = []
    for name in names:
        target = made.targets.setdefault(name, Target(name, number))
        target.needs += needs
        if not name.startswith("."):
            targets.append(target)
            made.default = made.default or name
    if match[3] and match[3].strip():
        for target in targets:
            target.recipe.append(Recipe(match[3].strip(), number, 1, soft=False))
    return targets
