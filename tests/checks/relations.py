"""Changes of a repository that must not change what is true of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

NAMED_BY_TOOLS = re.compile(
    r"(^|/)(\.|readme|contributing|security|changelog|license|codeowners|makefile|justfile|"
    r"dockerfile|pyproject|setup\.|conftest|test_|tox|noxfile|tasks\.py|mkdocs|zensical|conf\.py|"
    r"index\.|_|mlproject|chart|values|kustomization|docker-compose|azure\.ya?ml|renovate|"
    r"codecov|lefthook|prek|mise|package|requirements|environment|conda|bicepconfig|"
    r"terraform\.tfvars|outputs|variables|versions|providers|backend|poetry|uv\.|pipfile|plomada)",
    re.I,
)
MOVABLE = (".py", ".sh", ".ps1", ".yml", ".yaml", ".bicep", ".bicepparam", ".json", ".tfvars")


def word_renamed(files: dict[str, str], old: str, new: str) -> dict[str, str]:
    """Rename a word in every path and text, its case kept (first letter or all)."""
    pattern = re.compile(re.escape(old), re.I)

    def as_written(found: re.Match[str]) -> str:
        word = found[0]
        return new.upper() if word.isupper() else new.title() if word[0].isupper() else new

    return {pattern.sub(as_written, p): pattern.sub(as_written, t) for p, t in files.items()}


def files_renamed(files: dict[str, str]) -> dict[str, str]:
    """Give files whose names are nobody's convention another name, in the paths and in all texts.

    Modules that something imports and files that one text names by pattern keep theirs.
    """
    names = _free_names(files)
    if not names:
        return files
    every = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.*$}}-])({every})(?![\w-]|\.\w)")
    texts = {path: pattern.sub(r"zq_\1", text) for path, text in files.items()}
    return {_moved(path, names): text for path, text in texts.items()}


def _moved(path: str, names: set[str]) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}zq_{name}" if name in names else path


def _free_names(files: dict[str, str]) -> set[str]:
    texts = "\n".join(text for path, text in files.items() if not path.endswith(".ipynb"))
    words = set(re.findall(r"[\w-]+", "\n".join(re.findall(r".*\bimport\b.*", texts))))
    words |= set(re.findall(r"[\w-]+(?=:\w)", texts))  # module:function
    words |= set(re.findall(r"-m +(?:\w+\.)*(\w+)", texts))
    names = [path.rpartition("/")[2] for path in files]
    return {
        name
        for path, name in zip(files, names, strict=True)
        if name.endswith(MOVABLE)
        and not NAMED_BY_TOOLS.search(path)
        and name.rpartition(".")[0] not in words
        and names.count(name) == 1
        and not _named_in_parts(name, texts)
    }


def _named_in_parts(name: str, texts: str) -> bool:
    """Tell whether a text builds the name: ``*.yml``, ``$ENV.yml``, ``train`` + ``.py``."""
    stem, _, suffix = name.rpartition(".")
    bare = len(re.findall(rf"(?<![\w-]){re.escape(stem)}(?![\w-])", texts))
    whole = len(re.findall(rf"(?<![\w-]){re.escape(name)}(?![\w-])", texts))
    return bare != whole or bool(re.search(rf"[*}}\])]\.?[\w.-]*\.{suffix}\b", texts))


def crlf(files: dict[str, str]) -> dict[str, str]:
    """End every line as Windows does."""
    return {path: text.replace("\r", "").replace("\n", "\r\n") for path, text in files.items()}


def hollow_beside(files: dict[str, str]) -> dict[str, str]:
    """Add files that say nothing."""
    return {"notes/hollow.txt": "", "hollow_module.py": "", "zz_hollow.yml": "", **files}


UNRELATED = {
    "garden/README.md": "# Garden\n\nWhat grows where. Water it in the morning.\n",
    "garden/beds.py": "def rows(width: int) -> list[int]:\n    return list(range(width))\n",
    "garden/beds.yml": "beds:\n  - name: north\n    grows: [beans, corn]\n",
    "garden/site.css": "body { color: green; }\n",
    "garden/beds.json": '{"beds": [{"name": "south"}]}\n',
    "garden/water.sh": "set -eu\ntouch watered\n",
}


def unrelated_beside(files: dict[str, str]) -> dict[str, str]:
    """Add a project of another trade."""
    return {**files, **UNRELATED}


def reordered(files: dict[str, str]) -> dict[str, str]:
    """Turn the order of the keys around in every YAML and JSON file that takes it."""
    return {path: _reordered(path, text) for path, text in files.items()}


def _reordered(path: str, text: str) -> str:
    if path.endswith((".yml", ".yaml")):
        return _reordered_yaml(text)
    return _reordered_json(text) if path.endswith(".json") else text


def _reordered_json(text: str) -> str:
    try:
        document = json.loads(text, object_pairs_hook=_turned)
    except ValueError:
        return text
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _turned(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    return dict(reversed(pairs)) if len(set(keys)) == len(keys) else dict(pairs)


def _reordered_yaml(text: str) -> str:
    """Move the top-level blocks and the blocks of each mapping below, their lines kept."""
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return text
    if len(documents) != 1 or "<<" in text or re.search(r"(^|[\s\[])[&*]\w", text):
        return text
    lines = text.split("\n")
    node = documents[0]
    last = len(lines) - (lines[-1] == "")
    return "\n".join(_block(node, 0, last, lines)) + "\n"


def _block(node: yaml.Node | None, start: int, end: int, lines: list[str]) -> list[str]:
    """Return the lines of a block mapping with its keys turned around."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return list(_items(node, start, end, lines))
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
        return lines[start:end]
    starts = [key.start_mark.line for key, _ in node.value]
    heads = [
        lines[n][: key.start_mark.column] for n, (key, _) in zip(starts, node.value, strict=True)
    ]
    if len(set(starts)) < len(starts) or any(head.strip() for head in heads):
        return lines[start:end]
    ends = [*starts[1:], end]
    blocks = [
        _entry(value, first, after, lines)
        for (_, value), first, after in zip(node.value, starts, ends, strict=True)
    ]
    return [*lines[start : starts[0]], *(line for block in reversed(blocks) for line in block)]


def _entry(value: yaml.Node, first: int, after: int, lines: list[str]) -> list[str]:
    """Return the lines of one key, those of the block below it turned around."""
    below = _first(value, first, after)
    return [*lines[first:below], *_block(value, below, after, lines)]


def _items(node: yaml.SequenceNode, start: int, end: int, lines: list[str]) -> Iterable[str]:
    starts = [value.start_mark.line for value in node.value]
    if not starts or len(set(starts)) < len(starts):
        return lines[start:end]
    whole = [*lines[start : starts[0]]]
    for value, first, after in zip(node.value, starts, [*starts[1:], end], strict=True):
        below = lines[first:after]
        if isinstance(value, yaml.MappingNode) and not value.flow_style:
            below = _item(value, first, after, lines)
        whole += below
    return whole


def _item(node: yaml.MappingNode, first: int, after: int, lines: list[str]) -> list[str]:
    """Turn the keys of ``- a: 1`` around; the dash goes to the one that comes first then."""
    column = node.start_mark.column
    dash = lines[first][:column]
    if dash.strip() != "-":
        return lines[first:after]
    loose = [*lines]
    loose[first] = " " * column + lines[first][column:]
    turned = _block(node, first, after, loose)
    if turned[0].strip().startswith("#") or not turned[0].strip():
        return lines[first:after]
    return [dash + turned[0][column:], *turned[1:]]


def _first(value: yaml.Node, start: int, end: int) -> int:
    """Return the line that a key's own block begins in."""
    block = isinstance(value, yaml.MappingNode | yaml.SequenceNode) and not value.flow_style
    return min(max(value.start_mark.line, start + 1), end) if block else end


HASH = (
    ".yml", ".yaml", ".py", ".sh", ".tf", ".toml", ".tfvars", ".ps1", ".cfg", ".ini", ".txt", ".R",
    ".env", ".mk", ".psm1", ".psd1", ".rego",
)  # fmt: skip


def commented(path: str, text: str, places: Iterable[tuple[int, int]]) -> str:
    """Comment out ranges of lines (1-based, both ends in), as the file's language does it.

    Where it has no comments (JSON, images), the lines go.
    """
    lines = text.split("\n")
    marked = {n for first, last in places for n in range(first - 1, min(last, len(lines)))}
    fenced = _fenced(lines) if path.endswith(".md") else {}
    for number in marked:
        for gone in fenced.get(number, ()):
            lines[gone] = ""
        lines[number] = _comment(path, lines[number])
    return "\n".join(lines)


def _fenced(lines: list[str]) -> dict[int, range]:
    """Return, for each line of a fenced block, the lines of that block: it has no comments."""
    found: dict[int, range] = {}
    opened = -1
    for number, line in enumerate(lines):
        if not line.strip().startswith(("```", "~~~")):
            continue
        if opened >= 0:
            block = range(opened, number + 1)
            found.update(dict.fromkeys(block, block))
        opened = -1 if opened >= 0 else number
    return found


def _comment(path: str, line: str) -> str:
    name = path.rpartition("/")[2].lower()
    if not line.strip():
        return line
    if path.endswith((".bicep", ".bicepparam", ".kql", ".csl")):
        return "// " + line
    if path.endswith((".md", ".html")):
        return "<!-- " + line.replace("-->", "") + " -->"
    if path.endswith(".ipynb"):
        return re.sub(r'^(\s*")(?=.*",?$)', r"\1# ", line)
    if path.endswith(HASH) or "." not in name or "file" in name:
        return "# " + line
    return ""
