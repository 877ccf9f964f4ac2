"""Shell scripts to commands in order, by tree-sitter-bash.

What a command means is no matter here. Words keep their parts (literal text, variables, command
substitutions), so that whoever knows the variables can put them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from plomada.patterns import regex
from plomada.records import dataclass, replace

if TYPE_CHECKING:
    from tree_sitter import Node as Tree
    from tree_sitter import Parser

PartKind = Literal["text", "variable", "command"]
MAX_SCRIPT = 200_000
MAX_COMMANDS = 4_000
_FAILS = regex(r"\b(exit|return)\s+([1-9]|\$)|\bfalse\b|\bthrow\b|\bdie\b|\bexit\s*$")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word.

    Attributes:
        kind: ``text``, ``variable`` (``text`` is its name) or ``command`` (a substitution).
        text: what stands there.
        default: of ``${NAME:-default}``, None where there is none.
        splits: an unquoted expansion, which the shell splits at blanks.
    """

    kind: PartKind
    text: str
    default: str | None = None
    splits: bool = False


Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A command, or assignments without one.

    Attributes:
        words: the words, the program first; empty for bare assignments.
        start: offset of its first character in the text.
        end: offset just past its last.
        assigned: variables set for it, or by it where there are no words.
        stdin: text of a here-document or here-string.
        stdin_start: offset of that text, -1 without one.
        soft: its failure is ignored where it stands.
        function: name of the shell function that it stands in.
        loops: variables of the loops around it, each with the words it takes.
        conditional: it stands under an ``if``, ``case`` or ``&&``.
        subshell: the number of the group whose directory it changes, 0 for the script's.
        writes: the files that its output goes to.
    """

    words: tuple[Word, ...]
    start: int
    end: int
    assigned: tuple[tuple[str, tuple[Word, ...]], ...] = ()
    stdin: str = ""
    stdin_start: int = -1
    soft: bool = False
    function: str = ""
    loops: tuple[tuple[str, tuple[Word, ...]], ...] = ()
    conditional: bool = False
    subshell: int = 0
    writes: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """What a script says.

    Attributes:
        statements: commands and assignments in the order of the text.
        functions: names of the functions that it defines.
        broken: offset of the first place that could not be parsed, -1 where all could.
    """

    statements: tuple[Statement, ...]
    functions: frozenset[str] = frozenset()
    broken: int = -1


@dataclass(slots=True)
class _Context:
    soft: bool = False
    function: str = ""
    loops: tuple[tuple[str, tuple[Word, ...]], ...] = ()
    conditional: bool = False
    subshell: int = 0
    stdin: str = ""
    stdin_start: int = -1
    writes: tuple[Word, ...] = ()


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


@lru_cache(maxsize=4096)
def read(text: str) -> Script:
    """Return the commands of a script; text beyond ``MAX_SCRIPT`` characters is not read."""
    text = text[:MAX_SCRIPT]
    root = _parser().parse(text.encode()).root_node
    return _Reader(text).run(root)


class _Reader:
    """Walks one tree with a stack of its own, for foreign scripts may nest deep."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.ascii = len(self.data) == len(text)
        self.statements: list[Statement] = []
        self.functions: set[str] = set()
        self.subshells = 0
        self.lenient = False

    def run(self, root: Tree) -> Script:
        broken = self._first_error(root) if root.has_error else -1
        stack: list[tuple[Tree, _Context]] = [(root, _Context())]
        while stack and len(self.statements) < MAX_COMMANDS:
            node, context = stack.pop()
            children = list(self._visit(node, context))
            stack.extend(reversed(children))
        return Script(tuple(self.statements), frozenset(self.functions), broken)

    def _first_error(self, root: Tree) -> int:
        stack = [root]
        while stack:
            node = stack.pop()
            if node.type == "ERROR" or node.is_missing:
                return self._offset(node.start_byte)
            stack.extend(child for child in reversed(node.children) if child.has_error)
        return -1

    def _offset(self, byte: int) -> int:
        return byte if self.ascii else len(self.data[:byte].decode(errors="replace"))

    def _text(self, node: Tree) -> str:
        return self.data[node.start_byte : node.end_byte].decode(errors="replace")

    def _visit(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        kind = node.type
        if kind == "command":
            yield from self._command(node, context)
        elif kind in ("variable_assignment", "declaration_command", "variable_assignments"):
            yield from self._assignment(node, context)
        elif kind == "function_definition":
            yield from self._function(node, context)
        elif kind == "list":
            yield from self._list(node, context)
        elif kind == "redirected_statement":
            yield from self._redirected(node, context)
        elif kind in ("for_statement", "c_style_for_statement"):
            yield from self._for(node, context)
        elif kind in ("if_statement", "while_statement", "case_statement"):
            yield from self._branches(node, context)
        elif kind == "subshell":
            self.subshells += 1
            inner = replace_context(context, subshell=self.subshells)
            yield from ((child, inner) for child in node.named_children)
        elif kind in ("comment", "heredoc_body", "test_command"):
            yield from ((c, context) for c in self._substitutions(node))
        else:
            yield from ((child, context) for child in node.named_children)

    def _command(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        words: list[Word] = []
        assigned: list[tuple[str, tuple[Word, ...]]] = []
        stdin, stdin_start = context.stdin, context.stdin_start
        for child in node.named_children:
            if child.type == "variable_assignment":
                assigned.append(self._binding(child))
            elif child.type == "herestring_redirect":
                stdin, stdin_start = self._text(child).lstrip("< ").strip("'\""), -1
            elif child.type != "file_redirect":
                words.append(self._word(child))
        self._note_options(words)
        self.statements.append(
            Statement(
                words=tuple(words),
                start=self._offset(node.start_byte),
                end=self._offset(node.end_byte),
                assigned=tuple(assigned),
                stdin=stdin,
                stdin_start=stdin_start,
                soft=context.soft or self.lenient,
                function=context.function,
                loops=context.loops,
                conditional=context.conditional,
                subshell=context.subshell,
                writes=context.writes,
            )
        )
        yield from ((child, context) for child in self._substitutions(node))

    def _note_options(self, words: list[Word]) -> None:
        """Follow ``set +e`` and ``set -e``: after the first no failure stops the script."""
        if len(words) < 2 or literal(words[0]) != "set":
            return
        flags = [literal(word) or "" for word in words[1:]]
        if any(re.fullmatch(r"\+[a-z]*e[a-z]*", flag) for flag in flags):
            self.lenient = True
        elif any(re.fullmatch(r"-[a-z]*e[a-z]*", flag) for flag in flags):
            self.lenient = False

    def _substitutions(self, node: Tree) -> list[Tree]:
        """Return the command substitutions inside a node: their commands run as well."""
        if b"$(" not in self.data[node.start_byte : node.end_byte] and (
            b"`" not in self.data[node.start_byte : node.end_byte]
        ):
            return []
        found, stack = [], list(reversed(node.named_children))
        while stack:
            child = stack.pop()
            if child.type in ("command_substitution", "process_substitution"):
                found.append(child)
            else:
                stack.extend(reversed(child.named_children))
        return found

    def _assignment(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        bindings = [node] if node.type == "variable_assignment" else node.named_children
        assigned = [self._binding(b) for b in bindings if b.type == "variable_assignment"]
        if assigned:
            self.statements.append(
                Statement(
                    (),
                    self._offset(node.start_byte),
                    self._offset(node.end_byte),
                    tuple(assigned),
                    function=context.function,
                    loops=context.loops,
                    conditional=context.conditional,
                    subshell=context.subshell,
                )
            )
        yield from ((child, context) for child in self._substitutions(node))

    def _binding(self, node: Tree) -> tuple[str, tuple[Word, ...]]:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if value is None:
            words: tuple[Word, ...] = ((Part("text", ""),),)
        elif value.type == "array":
            words = tuple(self._word(child) for child in value.named_children)
        else:
            words = (self._word(value),)
        plain = self._text(name) if name is not None else ""
        return re.sub(r"\[.*", "", plain), words

    def _function(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return
        self.functions.add(self._text(name))
        yield body, replace_context(context, function=self._text(name), soft=False)

    def _list(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        children = node.named_children
        operators = [c.type for c in node.children if not c.is_named]
        if len(children) < 2 or not operators:
            yield from ((child, context) for child in children)
            return
        left, right = children[0], children[-1]
        if operators[0] == "||":
            soft = context.soft or not _FAILS.search(self._text(right))
            yield left, replace_context(context, soft=soft)
            yield right, replace_context(context, conditional=True)
        else:
            yield left, context
            yield right, context

    def _redirected(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        """Give a here-document to the first command of the body, and read what it is piped to."""
        body = node.child_by_field_name("body")
        inner = context
        rest: list[Tree] = []
        writes: list[Word] = []
        for child in node.named_children:
            if child.type == "heredoc_redirect":
                inner = self._heredoc(child, inner)
                rest += [c for c in child.named_children if not c.type.startswith("heredoc_")]
                rest += [s for s in self._substitutions(child) if s.parent != child]
            elif child.type == "herestring_redirect":
                text = self._text(child).lstrip("< ").strip("'\"")
                inner = replace_context(inner, stdin=text, stdin_start=-1)
            elif child.type == "file_redirect":
                writes += self._targets(child)
        if body is not None:
            yield body, replace_context(inner, writes=tuple(writes))
        yield from ((child, context) for child in rest)

    def _targets(self, node: Tree) -> list[Word]:
        if not self._text(node).lstrip("0123456789&").startswith(">"):
            return []
        return [self._word(child) for child in node.named_children[-1:]]

    def _heredoc(self, node: Tree, context: _Context) -> _Context:
        for child in node.named_children:
            if child.type == "heredoc_body":
                start = self._offset(child.start_byte)
                return replace_context(context, stdin=self._text(child), stdin_start=start)
        return context

    def _for(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        variable = node.child_by_field_name("variable")
        body = node.child_by_field_name("body")
        values = node.children_by_field_name("value")
        inner = context
        if variable is not None and values:
            bound = (self._text(variable), tuple(self._word(v) for v in values))
            inner = replace_context(context, loops=(*context.loops, bound))
        for value in values:
            yield from ((child, context) for child in self._substitutions(value))
        if body is not None:
            yield body, inner

    def _branches(self, node: Tree, context: _Context) -> Iterator[tuple[Tree, _Context]]:
        """Read every branch; a command that is tested is soft where no branch fails the script."""
        soft = context.soft or not _FAILS.search(self._text(node))
        conditions = {c.id for c in node.children_by_field_name("condition")}
        branch = replace_context(context, conditional=True)
        for child in node.named_children:
            tested = child.id in conditions
            yield child, (replace_context(context, soft=soft) if tested else branch)

    def _word(self, node: Tree, *, quoted: bool = False) -> Word:
        """Return a word's parts; nesting in the tree is flattened."""
        parts: list[Part] = []
        stack: list[tuple[Tree, bool]] = [(node, quoted)]
        while stack:
            current, inside = stack.pop()
            kind = current.type
            if kind in ("string", "translated_string"):
                parts += self._string(current)
            elif kind in ("concatenation", "command_name"):
                stack.extend((c, inside) for c in reversed(current.named_children))
                if not current.named_children:
                    parts.append(Part("text", self._text(current)))
            else:
                parts.append(self._part(current, inside))
        return tuple(parts)

    def _string(self, node: Tree) -> list[Part]:
        """Return the parts of a double-quoted string; text between its children counts."""
        parts: list[Part] = []
        position = node.start_byte + 1
        end = max(node.end_byte - 1, position)
        for child in node.named_children:
            if child.type == "string_content":
                continue
            # The grammar counts blanks between two expansions to the second one.
            own = self.data[child.start_byte : child.end_byte]
            start = child.end_byte - len(own.lstrip())
            if start > position:
                parts.append(Part("text", self._unescaped(position, start)))
            parts.append(self._part(child, inside=True))
            position = child.end_byte
        if end > position or not parts:
            parts.append(Part("text", self._unescaped(position, end)))
        return parts

    def _unescaped(self, start: int, end: int) -> str:
        text = self.data[start:end].decode(errors="replace")
        return re.sub(r"\\(\n)|\\([\"$`\\])", lambda m: m[2] or "", text)

    def _part(self, node: Tree, inside: bool) -> Part:
        kind, text = node.type, self._text(node)
        if kind.endswith(("expansion", "substitution")):
            text = text.lstrip()
        if kind == "simple_expansion":
            return Part("variable", text[1:].strip("{}"), splits=not inside)
        if kind == "expansion":
            return _expansion(text, splits=not inside)
        if kind in ("command_substitution", "process_substitution", "arithmetic_expansion"):
            return Part("command", text, splits=not inside)
        if kind == "raw_string":
            return Part("text", text[1:-1])
        if kind == "ansi_c_string":
            return Part("text", text[2:-1])
        return Part("text", text.replace("\\\n", "").replace("\\", ""))


def replace_context(context: _Context, **changes: object) -> _Context:
    """Return a context with changes; a here-document belongs to the first command alone."""
    return replace(context, **changes)  # type: ignore[arg-type]


def _expansion(text: str, *, splits: bool) -> Part:
    match = re.match(
        r"\$\{[#!]?([A-Za-z_]\w*|[@*#?0-9])(\[[@*]\])?(?:(:?[-=])(.*))?", text, re.DOTALL
    )
    if match is None:
        return Part("variable", text.strip("${}"), splits=splits)
    default = match[4][:-1] if match[3] else None
    return Part("variable", match[1], default, splits or bool(match[2]))


def literal(word: Word) -> str | None:
    """Return a word's text where it has nothing to expand, else None."""
    if all(part.kind == "text" for part in word):
        return "".join(part.text for part in word)
    return None
