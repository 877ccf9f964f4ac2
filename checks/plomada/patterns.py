"""Regular expressions that are compiled at their first use: a run needs a part of them."""

from __future__ import annotations

import re
from typing import Any, cast


class _Waiting:
    """Stands in for a compiled expression, and takes its methods over when one is asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        compiled = re.compile(self._text, self._flags)
        vars(self).update(
            {
                method: getattr(compiled, method)
                for method in (
                    "search",
                    "match",
                    "fullmatch",
                    "sub",
                    "findall",
                    "finditer",
                    "split",
                )
            }
        )
        return getattr(compiled, name)


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression for a module's constant, to be used like a compiled one.

    Args:
        text: the expression.
        flags: as ``re.compile`` takes them.

    Raises:
        re.error: at its first use, if the expression is wrong (a test uses each once).
    """
    return cast(re.Pattern[str], _Waiting(text, flags))
