"""Microsoft's own loaders accept every spec and find nothing wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .entities import AML, content, entity, kind_of, specs


@pytest.mark.parametrize("path", specs(), ids=lambda path: path.relative_to(AML).as_posix())
def test_spec_loads_and_validates(path: Path) -> None:
    loaded = entity(path)
    if path.parent.name == "monitors":
        pytest.skip("azure-ai-ml has no validation of monitor schedules; it was loaded")
    validate = getattr(loaded, "_validate", None)
    result = validate() if validate is not None else None
    # Some entities raise instead of returning what they found.
    assert result is None or result.passed, result.error_messages


def test_every_file_is_of_a_known_kind() -> None:
    assert {kind_of(path) for path in specs()} >= {
        "component",
        "data",
        "environment",
        "job",
        "schedule",
    }


@pytest.mark.parametrize("path", specs(), ids=lambda path: path.relative_to(AML).as_posix())
def test_no_spec_fixes_a_version(path: Path) -> None:
    assert "version" not in content(path)


def test_loader_would_refuse_an_unknown_key(tmp_path: Path) -> None:
    path = specs("environments")[0]
    broken = tmp_path / "environment.yml"
    broken.write_text(path.read_text(encoding="utf-8") + "\nimge: typo\n", encoding="utf-8")
    from azure.ai.ml import load_environment

    with pytest.raises(Exception, match="imge"):
        load_environment(str(broken))
