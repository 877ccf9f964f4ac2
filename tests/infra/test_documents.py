"""The documents say what the files and the naming rules say."""

import importlib.util
import re
from pathlib import Path

from tests.infra.inventory import HEADER, Inventory
from tests.rendering import PROJECT

ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| (\d+) \|$", re.M)


def test_the_inventory(repository: Path) -> None:
    text = (repository / "docs" / "infrastructure.md").read_text(encoding="utf-8")
    written = text[text.index(HEADER) :].rstrip("\n").splitlines()
    assert written == list(Inventory(repository).lines())
    assert len(written) > 20


def test_the_names(repository: Path) -> None:
    source = PROJECT / "extensions" / "azure_naming.py"
    spec = importlib.util.spec_from_file_location("azure_naming", source)
    assert spec and spec.loader
    naming = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(naming)
    text = (repository / "docs" / "naming.md").read_text(encoding="utf-8")
    rules = {(rule.abbreviation, str(rule.longest)) for rule in naming.RULES.values()}
    assert set(ROW.findall(text)) == rules


def test_every_parameter_that_is_named_exists(repository: Path) -> None:
    declared = (repository / "infra" / "main.bicep").read_text(encoding="utf-8")
    for name in ("infrastructure.md", "cost.md"):
        text = (repository / "docs" / name).read_text(encoding="utf-8")
        for parameter in re.findall(r"`([a-z]+[A-Z]\w+)(?: = [^`]+)?`", text):
            known = parameter in declared or parameter in ("endpointSubnetId", "imageBuildCompute")
            assert known or parameter in (repository / "infra/roles.json").read_text(), parameter
