"""What a person gets who keeps answers of their own as Copier's defaults (settings of the user)."""

from pathlib import Path

import pytest
import yaml
from pytest_copie.plugin import Copie

from tests.rendering import Renderer

OWN = {"project_name": "Wind yield", "owner": "energy-team", "task": "regression"}


@pytest.fixture
def template(render: Renderer) -> Path:
    return render.template


def test_own_defaults_are_taken_and_the_rest_follows_from_them(
    copie: Copie, template: Path
) -> None:
    result = copie.copy(extra_answers=OWN, template_dir=template)
    # The plug-in keeps exceptions to itself.
    assert result.exception is None
    assert result.project_dir is not None
    assert result.answers == result.answers | OWN | {"package_name": "wind_yield"}
    kept = yaml.safe_load((result.project_dir / ".copier-answers.yml").read_text())
    assert kept == kept | OWN
    assert (result.project_dir / "src/wind_yield/lifecycle/gate.py").is_file()


def test_an_own_default_is_held_to_the_question_s_rule(copie: Copie, template: Path) -> None:
    result = copie.copy(extra_answers={"alert_email": "nobody"}, template_dir=template)
    assert result.exit_code != 0
    assert "alert_email" in str(result.exception)
