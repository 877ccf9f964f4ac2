"""Regular expressions wait for their first use, and each of them is one."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re

import plomada
import pytest
from plomada import patterns


def test_every_expression_compiles() -> None:
    for module in pkgutil.walk_packages(plomada.__path__, "plomada."):
        importlib.import_module(module.name)
    waiting = [o for o in gc.get_objects() if isinstance(o, patterns._Waiting)]
    assert len(waiting) > 200
    assert all(isinstance(expression.pattern, str) for expression in waiting)


def test_one_is_used_like_a_compiled_one() -> None:
    word = patterns.regex(r"(\w)\w*", re.IGNORECASE)
    assert "search" not in vars(word)
    assert word.sub("x", "a bc") == "x x"
    assert word.findall("a bc") == ["a", "b"]
    assert "search" in vars(word)
    assert (word.pattern, word.groups, bool(word.flags & re.IGNORECASE)) == (r"(\w)\w*", 1, True)


def test_a_wrong_one_says_so_at_its_first_use() -> None:
    wrong = patterns.regex("(")
    with pytest.raises(re.error):
        wrong.match("")
