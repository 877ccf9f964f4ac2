import pytest

from tests.rendering import Renderer, export_template


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    folder = tmp_path_factory.mktemp("rendered")
    return Renderer(export_template(folder / "template"), folder)
