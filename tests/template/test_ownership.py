"""Which file is whose: one list, in copier.yml twice and in the generated documents."""

import re

import yaml

from tests.rendering import PROJECT, Renderer

SETTINGS = yaml.safe_load((PROJECT / "copier.yml").read_text())
USERS: list[str] = SETTINGS["_skip_if_exists"]


def test_what_is_never_overwritten_is_what_an_update_leaves_alone() -> None:
    [left_alone] = [pattern for pattern in SETTINGS["_exclude"] if "_copier_operation" in pattern]
    assert left_alone.strip().splitlines() == [
        "[% if _copier_operation == 'update' %]",
        *USERS,
        "[% endif %]",
    ]


def test_the_generated_documents_list_the_same(render: Renderer) -> None:
    table = (render() / "docs/ownership.md").read_text()
    assert re.findall(r"^\| `(.+)` \| yours \|$", table, re.MULTILINE) == USERS


def test_every_pattern_names_something_that_is_generated(render: Renderer) -> None:
    for pattern in USERS:
        assert list(render().glob(pattern.strip("/"))), pattern
