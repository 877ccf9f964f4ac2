"""How tests are divided, and little else: the process that only hands out work loads this too."""

from __future__ import annotations

import gc
from pathlib import PurePosixPath
from typing import Any

import pytest

TOGETHER = {
    "azure": "azure-ai-ml",
    "specs": "azure-ai-ml",
    "integration": "mlflow",
    "e2e": "mlflow",
    "test_service.py": "mlflow",
    "test_bootstrap.py": "bootstrap",
    "test_readiness.py": "readiness",
}
"""Folders of tests by what they import: some seconds of every worker that runs one of them.

A file's own entry goes before its folder's. What imports neither stays by itself and fills up the
worker that has nothing left.
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Load the fixtures where tests run, once coverage has begun."""
    if not session.config.getoption("numprocesses", None):
        gc.disable()
        session.config.pluginmanager.import_plugin("tests.homes")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the garbage collector from what was imported: to look at it is a tenth of the time."""
    gc.enable()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Collect what the tests left, for the last time: the interpreter's end would do it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 2`, keep together what shares imports of seconds or a trained model."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = PurePosixPath(nodeid.partition("::")[0])
            return TOGETHER.get(file.name, TOGETHER.get(file.parent.name, str(file)))

    return Scheduling(config, log)
