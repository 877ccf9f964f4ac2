"""The model registry: which version is the champion, which one was it before.

MLflow's own registry keeps this in aliases. Azure ML's knows none, so there a version tag says the
same (`LIFECYCLE_MARK=tag`). A champion remembers the version that it replaced in a tag of its own,
so that `rollback` can go back more than once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .errors import MissingStep

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

    from .settings import Settings

CHAMPION = "champion"
CHALLENGER = "challenger"
FORMER_CHAMPION = "former_champion"


class Marks(Protocol):
    """A way to mark one version of a model."""

    def find(self, mark: str) -> str | None:
        """Return the version that carries the mark, if one does."""

    def put(self, mark: str, version: str) -> None:
        """Move the mark to a version."""

    def clear(self, mark: str) -> None:
        """Take the mark away."""


class AliasMarks:
    """Marks as MLflow aliases."""

    def __init__(self, client: MlflowClient, model: str) -> None:
        self.client = client
        self.model = model

    def find(self, mark: str) -> str | None:
        """Return the version that carries the mark, if one does."""
        registered = self.client.search_registered_models(f"name='{self.model}'")
        version = registered[0].aliases.get(mark) if registered else None
        return None if version is None else str(version)

    def put(self, mark: str, version: str) -> None:
        """Move the mark to a version."""
        self.client.set_registered_model_alias(self.model, mark, version)

    def clear(self, mark: str) -> None:
        """Take the mark away."""
        self.client.delete_registered_model_alias(self.model, mark)


class TagMarks:
    """Marks as version tags `<mark>=true`."""

    def __init__(self, client: MlflowClient, model: str) -> None:
        self.client = client
        self.model = model

    def find(self, mark: str) -> str | None:
        """Return the version that carries the mark, if one does."""
        for version in self.client.search_model_versions(f"name='{self.model}'"):
            if version.tags.get(mark) == "true":
                return str(version.version)
        return None

    def put(self, mark: str, version: str) -> None:
        """Move the mark to a version."""
        self.clear(mark)
        self.client.set_model_version_tag(self.model, version, mark, "true")

    def clear(self, mark: str) -> None:
        """Take the mark away."""
        marked = self.find(mark)
        if marked is not None:
            self.client.set_model_version_tag(self.model, marked, mark, "false")


class Registry:
    """The versions of one model.

    Args:
        client: A connected MLflow client.
        settings: The model's name and the way of marking.
    """

    def __init__(self, client: MlflowClient, settings: Settings) -> None:
        self.client = client
        self.model = settings.model_name
        kind = AliasMarks if settings.mark == "alias" else TagMarks
        self.marks: Marks = kind(client, settings.model_name)

    def champion(self) -> ModelVersion | None:
        """Return the version that is in production, if there is one."""
        version = self.marks.find(CHAMPION)
        return None if version is None else self.version(version)

    def require_champion(self) -> ModelVersion:
        """Return the version that is in production.

        Raises:
            MissingStep: Nothing has been promoted.
        """
        champion = self.champion()
        if champion is None:
            raise MissingStep(f"a champion of {self.model}", "promote")
        return champion

    def version(self, version: str) -> ModelVersion:
        """Return one version.

        Raises:
            MissingStep: There is none of that number.
        """
        for found in self.versions():
            if str(found.version) == version:
                return found
        raise MissingStep(f"version {version} of {self.model}", "register")

    def versions(self) -> list[ModelVersion]:
        """Return all versions."""
        return list(self.client.search_model_versions(f"name='{self.model}'"))

    def of_run(self, run_id: str) -> ModelVersion | None:
        """Return the version that was registered from a run, if one was."""
        return next((found for found in self.versions() if found.run_id == run_id), None)
