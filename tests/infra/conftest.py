from pathlib import Path

import pytest

from tests.infra.sources import Source, read_sources
from tests.rendering import Renderer

NETWORKS = ("managed", "vnet")


@pytest.fixture(scope="session", params=NETWORKS)
def repository(request: pytest.FixtureRequest, render: Renderer) -> Path:
    """A rendered repository, once for each network."""
    return render({"network": request.param})


@pytest.fixture(scope="session")
def infra(repository: Path) -> Path:
    """Its infrastructure."""
    return repository / "infra"


@pytest.fixture(scope="session")
def sources(infra: Path) -> dict[str, Source]:
    """Its Bicep files."""
    return read_sources(infra)
