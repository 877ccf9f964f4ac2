"""Every file is read whole by three readers: ours, and the two that are published."""

from pathlib import Path

import pycep
import tree_sitter
import tree_sitter_bicep

from tests.infra.sources import Source, read_parameter_files

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))


def broken(node: tree_sitter.Node) -> list[int]:
    here = [node.start_point[0] + 1] if node.is_error or node.is_missing else []
    return here + [line for child in node.children for line in broken(child)]


def test_there_are_files(sources: dict[str, Source]) -> None:
    roots = {"main", "shared", "serving", "policy", "bootstrap", "bootstrap-shared"}
    assert {f"{root}.bicep" for root in roots} <= set(sources)


def test_our_reader(sources: dict[str, Source]) -> None:
    assert not {s.path: s.syntax.faults for s in sources.values() if s.syntax.faults}


def test_tree_sitter(sources: dict[str, Source]) -> None:
    lines = {s.path: broken(PARSER.parse(s.text.encode()).root_node) for s in sources.values()}
    assert not {path: found for path, found in lines.items() if found}


def test_pycep(sources: dict[str, Source]) -> None:
    parser = pycep.BicepParser()
    for source in sources.values():
        assert parser.parse(text=source.text), source.path


def test_parameter_files(infra: Path) -> None:
    files = read_parameter_files(infra)
    assert set(files) == {f"{n}.bicepparam" for n in ("dev", "test", "prod", "shared", "policy")}
    assert not {name: file.faults for name, file in files.items() if file.faults}
