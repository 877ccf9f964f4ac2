"""The least that any checker of a repository does: list, read and parse it, and nothing else.

One thread, one process, the fastest common parsers: ``git ls-files``, texts up to 1 MiB, libyaml's
``compose``, ``json.loads``, ``tomllib.loads``, ``ast.parse``.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path

import yaml

LARGEST = 1 << 20


def _compose(text: str) -> None:
    for _ in yaml.compose_all(text, Loader=yaml.CSafeLoader):
        pass


PARSERS: dict[str, Callable[[str], object]] = {
    ".yml": _compose,
    ".yaml": _compose,
    ".json": json.loads,
    ".ipynb": json.loads,
    ".toml": tomllib.loads,
    ".py": ast.parse,
}


def main(root: Path) -> None:
    warnings.simplefilter("ignore")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    for name in listing.stdout.decode(errors="surrogateescape").split("\0"):
        file = root / name
        if not name or not file.is_file() or file.stat().st_size > LARGEST:
            continue
        text = file.read_bytes().decode("utf-8", errors="replace")
        parse = PARSERS.get(file.suffix)
        if parse is not None:
            try:
                parse(text)
            except (yaml.YAMLError, ValueError, SyntaxError):
                continue


if __name__ == "__main__":
    main(Path(sys.argv[1]))
