"""Markdown to sections, blocks and links with places, by pyromark's events (CommonMark and GFM)."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any, Literal

import pyromark

from plomada.patterns import regex
from plomada.readers.text import Places
from plomada.records import dataclass
from plomada.spans import Span

BlockKind = Literal["paragraph", "item", "header", "row", "code", "html"]

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_GFM
    | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
)
_HTML_NAMES = frozenset({
    "a", "b", "blockquote", "br", "center", "code", "details", "div", "em", "h1", "h2", "h3", "h4",
    "hr", "i", "img", "kbd", "li", "ol", "p", "picture", "pre", "s", "source", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "tt", "u", "ul", "video",
})  # fmt: skip
_TAG = regex(r"</?([A-Za-z][A-Za-z0-9-]*)")


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """Inline code."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """A leaf of a document.

    Attributes:
        kind: ``paragraph``, ``item`` (of a list), ``header`` and ``row`` (of a table), ``code``
            (fenced or indented), ``html``.
        text: its text without markup, line ends kept; cells of a row are joined by `` | ``.
        span: its place; of code the place of the text, without the fences.
        language: what the fence names, lower case, "" for none.
        cells: of a header or row.
        codes: its inline code.
        header: the header cells of the table that a row stands in.
    """

    kind: BlockKind
    text: str
    span: Span
    language: str = ""
    cells: tuple[str, ...] = ()
    codes: tuple[CodeSpan, ...] = ()
    header: tuple[str, ...] = ()

    def line_span(self, offset: int, end: int) -> Span:
        """Return the lines' places of a range of ``text``, columns only for code."""
        first = self.span.line + self.text.count("\n", 0, offset)
        last = self.span.line + self.text.count("\n", 0, end)
        column = 1 if first != self.span.line else self.span.column
        return Span(self.span.path, first, column, last, column)


@dataclass(frozen=True, slots=True)
class Link:
    """A link or image.

    Attributes:
        target: its destination as written, unescaped.
        span: its place.
        image: it is an image.
        kind: ``inline``, ``reference``, ``autolink`` or ``html``.
    """

    target: str
    span: Span
    image: bool = False
    kind: str = "inline"


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between one heading and the next.

    Attributes:
        title: the heading's text, "" for what comes before the first one.
        level: 1 to 6, 0 before the first heading.
        span: the heading's place.
        blocks: what stands under it, up to the next heading of any level.
        parents: the titles of the headings that it stands under, outermost first.
    """

    title: str
    level: int
    span: Span
    blocks: tuple[Block, ...] = ()
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file."""

    path: str
    sections: tuple[Section, ...]
    links: tuple[Link, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, in order."""
        return tuple(block for section in self.sections for block in section.blocks)


def read(text: str, path: str) -> Document:
    """Return the sections, blocks and links of a Markdown text; every text is a document."""
    return _Builder(Places(path, text)).build()


@dataclass(slots=True)
class _Leaf:
    """A block that is being read."""

    kind: str
    start: int
    level: int = 0
    language: str = ""
    pieces: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    codes: list[CodeSpan] = field(default_factory=list)
    first: int = -1
    last: int = -1


@dataclass(slots=True)
class _Builder:
    """Turns events into a document."""

    places: Places
    links: list[Link] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    titles: list[tuple[int, str]] = field(default_factory=list)
    header: tuple[str, ...] = ()
    leaf: _Leaf | None = None
    items: int = 0
    metadata: bool = False
    comment: bool = False

    def build(self) -> Document:
        """Consume the events."""
        self.sections.append(Section("", 0, self.places.span(0, 0)))
        for event, place in pyromark.events_with_range(self.places.text, options=_OPTIONS):
            self._take(event, place["start"], place["end"])
        self._close_leaf(len(self.places.text.encode("utf-8", errors="surrogatepass")))
        self._close_section()
        return Document(self.places.path, tuple(self.sections), tuple(self.links))

    def _take(self, event: Any, start: int, end: int) -> None:  # noqa: ANN401 - pyromark's union
        if isinstance(event, str):
            if event in ("SoftBreak", "HardBreak"):
                self._text("\n", start, end)
            return
        kind, value = next(iter(event.items()))
        if kind == "Start":
            name, detail = (value, {}) if isinstance(value, str) else next(iter(value.items()))
            self._start(name, detail, start, end)
        elif kind == "End":
            self._end(value, end)
        elif kind in ("InlineHtml", "Html"):
            self._html(value, start, end)
        elif kind in ("Text", "Code"):
            if kind == "Code":
                self._code(value, start, end)
            self._text(value, start, end)

    def _start(self, name: str, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        if name in ("Link", "Image"):
            self._link(name, value, start, end)
        elif name == "Paragraph":
            self._open("item" if self.items else "paragraph", start)
        elif name == "Heading":
            self._open("heading", start, level=int(value["level"][1:]))
        elif name == "CodeBlock":
            fenced = value.get("Fenced", "") if isinstance(value, dict) else ""
            self._open("code", start, language=(fenced.split() or [""])[0].lower())
        elif name == "Item":
            self._close_leaf(start)
            self.items += 1
        elif name in ("TableHead", "TableRow"):
            self._open("header" if name == "TableHead" else "row", start)
        elif name == "HtmlBlock":
            self._open("html", start)
        elif name == "MetadataBlock":
            self.metadata = True
        elif name in ("List", "BlockQuote", "Table"):
            self._close_leaf(start)

    def _end(self, tag: Any, end: int) -> None:  # noqa: ANN401
        name = tag if isinstance(tag, str) else next(iter(tag))
        if name == "Heading":
            self._heading()
        elif name == "TableCell" and self.leaf is not None:
            self.leaf.cells.append("".join(self.leaf.pieces).strip())
            self.leaf.pieces.clear()
        elif name in ("Paragraph", "CodeBlock", "TableHead", "TableRow", "HtmlBlock"):
            self._close_leaf(end)
            self.comment = False
        elif name == "Item":
            self._close_leaf(end)
            self.items -= 1
        elif name == "MetadataBlock":
            self.metadata = False

    def _link(self, name: str, value: Any, start: int, end: int) -> None:  # noqa: ANN401
        kinds = {"Inline": "inline", "Autolink": "autolink", "Email": "autolink"}
        kind = kinds.get(str(value["link_type"]), "reference")
        scheme = "mailto:" if value["link_type"] == "Email" else ""
        span = self.places.byte_span(start, end)
        self.links.append(Link(scheme + value["dest_url"], span, name == "Image", kind))

    def _open(self, kind: str, start: int, level: int = 0, language: str = "") -> None:
        self._close_leaf(start)
        self.leaf = _Leaf(kind, start, level, language)

    def _text(self, text: str, start: int, end: int) -> None:
        if self.metadata:
            return
        if self.leaf is None:
            self.leaf = _Leaf("item" if self.items else "paragraph", start)
        if self.leaf.first < 0:
            self.leaf.first = start
        self.leaf.last = end
        self.leaf.pieces.append(text)

    def _code(self, text: str, start: int, end: int) -> None:
        if self.leaf is not None or self.items:
            if self.leaf is None:
                self.leaf = _Leaf("item", start)
            self.leaf.codes.append(CodeSpan(text, self.places.byte_span(start, end)))

    def _html(self, raw: str, start: int, end: int) -> None:
        """Keep what looks like a tag but is none (``<project>``), and the links of real tags."""
        raw = self._without_comments(raw)
        names = [name.lower() for name in _TAG.findall(raw)]
        if raw.strip() and (not names or any(name not in _HTML_NAMES for name in names)):
            self._text(raw, start, end)
        for found in _HTML_LINK.finditer(raw):
            offset = start + len(raw[: found.start()].encode("utf-8", errors="surrogatepass"))
            span = self.places.byte_span(offset, end)
            image = found[1].lower() == "img"
            self.links.append(Link(found[3], span, image, "html"))

    def _without_comments(self, raw: str) -> str:
        """Return HTML with its comments blanked; one may go on over the lines of its block."""
        kept: list[str] = []
        while raw:
            piece, mark, raw = raw.partition("-->" if self.comment else "<!--")
            kept.append(_blanked(piece + mark) if self.comment else piece + " " * len(mark))
            self.comment = self.comment != bool(mark)
        return "".join(kept)

    def _close_leaf(self, end: int) -> None:
        leaf, self.leaf = self.leaf, None
        if leaf is None or leaf.kind == "heading":
            return
        text = " | ".join(leaf.cells) if leaf.cells else "".join(leaf.pieces)
        if not text.strip():
            return
        start = leaf.first if leaf.kind == "code" and leaf.first >= 0 else leaf.start
        stop = leaf.last if leaf.last >= 0 else end
        block = Block(
            kind=leaf.kind,  # type: ignore[arg-type]
            text=text,
            span=self.places.byte_span(start, max(stop, start)),
            language=leaf.language,
            cells=tuple(leaf.cells),
            codes=tuple(leaf.codes),
            header=self.header if leaf.kind == "row" else (),
        )
        if leaf.kind == "header":
            self.header = block.cells
        self.blocks.append(block)

    def _heading(self) -> None:
        leaf, self.leaf = self.leaf, None
        if leaf is None:
            return
        self._close_section()
        title = "".join(leaf.pieces).strip()
        while self.titles and self.titles[-1][0] >= leaf.level:
            self.titles.pop()
        parents = tuple(name for _, name in self.titles)
        self.titles.append((leaf.level, title))
        span = self.places.byte_span(leaf.start, max(leaf.last, leaf.start))
        self.sections.append(Section(title, leaf.level, span, (), parents))

    def _close_section(self) -> None:
        """Give the last section the blocks that were read since its heading."""
        last = self.sections[-1]
        self.sections[-1] = Section(
            last.title, last.level, last.span, tuple(self.blocks), last.parents
        )
        self.blocks.clear()


def _blanked(text: str) -> str:
    """Return white space of as many bytes, line ends kept."""
    return "".join(c if c == "\n" else " " * len(c.encode("utf-8", "surrogatepass")) for c in text)


_HTML_LINK = regex(
    r"""<(a|img)\b[^>]*?\s(href|src)\s*=\s*["']([^"']*)["']""", re.IGNORECASE | re.DOTALL
)
