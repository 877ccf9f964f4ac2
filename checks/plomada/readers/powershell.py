"""PowerShell scripts to commands in order, in the same form as shell scripts.

Commands, here-strings and plain assignments only: the grammar errs in every third real script,
and what it does not understand is skipped, never guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from plomada.patterns import regex
from plomada.readers.shell import MAX_COMMANDS, MAX_SCRIPT, Part, Script, Statement, Word

if TYPE_CHECKING:
    from tree_sitter import Node as Tree
    from tree_sitter import Parser

_VARIABLE = regex(r"\$(?:\{([^}]+)\}|((?:env:|script:|global:)?\w+)|(\([^)]*\)))", re.I)
_SKIPPED = {"comment", "command_argument_sep", "redirection"}


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_powershell
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_powershell.language()))


@lru_cache(maxsize=1024)
def read(text: str) -> Script:
    """Return the commands of a PowerShell script."""
    text = text[:MAX_SCRIPT]
    return _Reader(text).run(_parser().parse(text.encode()).root_node)


class _Reader:
    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.statements: list[Statement] = []
        self.functions: set[str] = set()

    def run(self, root: Tree) -> Script:
        stack: list[tuple[Tree, str, bool]] = [(root, "", False)]
        while stack and len(self.statements) < MAX_COMMANDS:
            node, function, soft = stack.pop()
            if node.type == "function_statement":
                function = self._function_name(node) or function
            elif node.type == "try_statement":
                soft = soft or not re.search(r"\b(throw|exit\s+[1-9])", self._text(node))
            elif node.type == "command":
                self._command(node, function, soft)
            elif node.type in ("assignment_expression", "script_parameter"):
                self._assignment(node, function)
            stack.extend((child, function, soft) for child in reversed(node.named_children))
        return Script(tuple(self.statements), frozenset(self.functions))

    def _text(self, node: Tree) -> str:
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def _offset(self, byte: int) -> int:
        return len(self.data[:byte].decode(errors="replace"))

    def _function_name(self, node: Tree) -> str:
        for child in node.named_children:
            if child.type == "function_name":
                self.functions.add(self._text(child))
                return self._text(child)
        return ""

    def _command(self, node: Tree, function: str, soft: bool) -> None:
        words: list[Word] = []
        for child in node.named_children:
            if child.type == "command_elements":
                words += [self._word(c) for c in child.named_children if c.type not in _SKIPPED]
            elif child.type in ("command_name", "command_name_expr"):
                words.append(self._word(child))
        start, end = self._offset(node.start_byte), self._offset(node.end_byte)
        text = self._text(node).lower()
        ignored = soft or "silentlycontinue" in text
        self.statements.append(Statement(tuple(words), start, end, soft=ignored, function=function))

    def _assignment(self, node: Tree, function: str) -> None:
        """Note ``$name = literal`` and the defaults of parameters."""
        match = re.match(
            r"(?:\[[^\]]*\]\s*(?:\([^)]*\))?\s*)*\$(?:env:|script:)?(\w+)\s*=\s*(.+)$",
            self._text(node),
            re.DOTALL,
        )
        if match is None or "\n" in match[2]:
            return
        value = match[2].strip()
        if not re.fullmatch(r"\"[^\"]*\"|'[^']*'|\d+|\$\w+", value):
            word: Word = (Part("command", value),)
        else:
            word = _parts(value)
        start, end = self._offset(node.start_byte), self._offset(node.end_byte)
        assigned = ((match[1], (word,)),)
        self.statements.append(Statement((), start, end, assigned, function=function))

    def _word(self, node: Tree) -> Word:
        return _parts(self._text(node))


def _parts(text: str) -> Word:
    """Return the parts of a word as it stands: single quotes hold text, others expand."""
    text = text.strip().replace("`\n", "")
    if len(text) > 1 and text[0] == text[-1] == "'":
        return (Part("text", text[1:-1]),)
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    parts: list[Part] = []
    position = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > position:
            parts.append(Part("text", text[position : match.start()]))
        name = match[1] or match[2]
        kind = Part("variable", re.sub(r"(?i)^(env|script|global):", "", name)) if name else None
        parts.append(kind or Part("command", match[0]))
        position = match.end()
    if position < len(text) or not parts:
        parts.append(Part("text", text[position:].replace("`", "")))
    return tuple(parts)
