import pytest
from hypothesis import HealthCheck, settings

from tests.rendering import Renderer, export_template

# A busy machine draws slowly; that says nothing about what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    folder = tmp_path_factory.mktemp("rendered")
    return Renderer(export_template(folder / "template"), folder)
