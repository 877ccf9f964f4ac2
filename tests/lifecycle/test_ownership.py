"""The table of the generated documents says what copier.yml does."""

import re

import yaml

from tests.rendering import PROJECT, Renderer

ROW = re.compile(r"^\| `([^`]+)` \| yours \|$", re.MULTILINE)


def test_the_table_names_what_copier_never_touches(render: Renderer) -> None:
    settings = yaml.safe_load((PROJECT / "copier.yml").read_text(encoding="utf-8"))
    page = (render() / "docs/ownership.md").read_text(encoding="utf-8")
    assert ROW.findall(page) == settings["_skip_if_exists"]


def test_every_path_of_the_table_is_generated(render: Renderer) -> None:
    repository = render()
    page = (repository / "docs/ownership.md").read_text(encoding="utf-8")
    missing = [path for path in ROW.findall(page) if not list(repository.glob(path.strip("/")))]
    assert missing == []
