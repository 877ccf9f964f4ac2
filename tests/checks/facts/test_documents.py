"""Markdown as facts: sections, blocks, links and where they lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.facts.documents.documents import Documents
from plomada.readers import markdown
from plomada.repository import Repository

TEXT = """---
title: "front matter [no](link.md)"
---
# Größe *x*

Some `code` and [a link](a%20b.md "t"),
[ref][r] <https://example.com> <me@example.com>.

[r]: docs/

| Name | Pattern |
|---|---|
| group | `rg-<env>` |

## Rollback

1. First ![i](i.png)

   ```bash
   az ml online-endpoint update
   ```

<img src="logo.png">

    make rollback
"""


def test_sections_hold_what_stands_under_them() -> None:
    document = markdown.read(TEXT, "a.md")
    assert [(s.title, s.level, s.span.line, s.parents) for s in document.sections] == [
        ("", 0, 1, ()),
        ("Größe x", 1, 4, ()),
        ("Rollback", 2, 15, ("Größe x",)),
    ]
    _, first, second = document.sections
    assert [block.kind for block in first.blocks] == ["paragraph", "header", "row"]
    assert first.blocks[2].header == ("Name", "Pattern")
    assert first.blocks[2].text == "group | rg-<env>"
    assert [block.kind for block in second.blocks] == ["item", "code", "code"]
    assert [block.span.line for block in second.blocks] == [17, 20, 25]
    assert second.blocks[1].language == "bash"


def test_links_have_kind_and_place() -> None:
    document = markdown.read(TEXT, "a.md")
    assert [(link.target, link.kind, link.span.line) for link in document.links] == [
        ("a%20b.md", "inline", 6),
        ("docs/", "reference", 7),
        ("https://example.com", "autolink", 7),
        ("mailto:me@example.com", "autolink", 7),
        ("i.png", "inline", 17),
        ("logo.png", "html", 23),
    ]
    assert document.links[0].span.column == 17


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    for name in ("README.md", "docs/a b.md", "docs/deep/c.md", "node_modules/x/y.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# x\n")
    return Documents(Facts(Repository(tmp_path)))


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ("a%20b.md", "file"), ("./a%20b.md#part", "file"), ("a%20b.md?raw=true", "file"),
        ("/README.md", "file"), ("../README.md", "file"), ("deep", "folder"), ("deep/", "folder"),
        ("..", "folder"), ("/", "folder"), ("#part", "external"), ("https://x.y/z", "external"),
        ("//x.y/z", "external"), ("mailto:a@b.c", "external"), ("../../issues", "outside"),
        ("", "empty"), ("A%20B.md", "missing"), ("deep\\c.md", "missing"), ("c.md", "missing"),
        ("a%20b.md/", "missing"), ("{{ url }}/x", "template"),
        ("data:image/png;base64,x", "external"),
    ],
)  # fmt: skip
def test_links_resolve_as_on_a_code_host(target: str, outcome: str, documents: Documents) -> None:
    link = markdown.Link(target, markdown.read("x", "x").sections[0].span)
    assert documents.resolve(link, "docs/index.md").outcome == outcome


def test_vendored_documents_are_not_the_repositorys_own(documents: Documents) -> None:
    assert [document.path for document in documents.all] == [
        "README.md", "docs/a b.md", "docs/deep/c.md",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "readme"),
    [
        (["readme.MD"], "readme.MD"),
        (["docs/README.md", "README.rst"], "README.rst"),
        ([".github/README.md", "README.md"], ".github/README.md"),
        (["docs/README.md", "src/README.md"], "docs/README.md"),
        (["src/README.md"], None),
    ],
)
def test_the_readme_is_the_one_that_a_code_host_shows(
    names: list[str], readme: str | None, tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# x\n")
    assert next(iter(Documents(Facts(Repository(tmp_path))).readmes), None) == readme
