"""The model's versions: in the workspace that trained them, and in the registry that all share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import BadInput, MissingStep
from ..settings import DISTRIBUTION
from .client import az
from .reference import share_reference
from .settings import Environment, model_name, registry, setting, workspace

DATA = "data"
"""Tag with the data assets that a job trained on, each as `name:version`."""

LINEAGE = ("commit", DATA, "data_digest", "schema_version", "run")
"""Tags that lead from a deployment back to code, data, schema and training run."""

METRIC = "test_"
"""Prefix of the tags with the metrics that `register` wrote."""


@dataclass(frozen=True)
class Model:
    """One version of the model.

    Attributes:
        version: Its number, the same in workspace and registry.
        tags: Lineage, approvals and metrics.
    """

    version: str
    tags: dict[str, str]

    @property
    def address(self) -> str:
        """Where the registry keeps it: what jobs and deployments of every environment name."""
        registry_name = setting("AZURE_ML_REGISTRY")
        return f"azureml://registries/{registry_name}/models/{model_name()}/versions/{self.version}"

    @property
    def label(self) -> str:
        """Name and version for people, and for the tag `model` of a deployment."""
        return f"{model_name()}:{self.version}"

    def lineage(self, environment: Environment) -> dict[str, str]:
        """Return a deployment's tags; the metrics in one of them, as `name=value` words.

        Args:
            environment: Where it is deployed: costs are told apart by it.
        """
        kept = {key: self.tags[key] for key in LINEAGE if key in self.tags}
        metrics = [
            f"{k.removeprefix(METRIC)}={v}"
            for k, v in sorted(self.tags.items())
            if k.startswith(METRIC)
        ]
        tags = {"environment": environment, "model": self.label, **kept}
        return tags | ({"metrics": " ".join(metrics)} if metrics else {})


def _model(answer: Any) -> Model:
    return Model(str(answer["version"]), {k: str(v) for k, v in (answer.get("tags") or {}).items()})


def trained(version: str) -> Model | None:
    """Return the version from the workspace's own registry, or None."""
    answer = az(
        "ml", "model", "show", "--name", model_name(), "--version", version, *workspace(),
        missing_ok=True,
    )  # fmt: skip
    if not answer:
        return None
    model, run = _model(answer), answer.get("job_name")
    return Model(model.version, {"run": str(run), **model.tags} if run else model.tags)


def newest_trained() -> Model:
    """Return the version that was registered last in this workspace.

    Raises:
        MissingStep: None has been.
    """
    answer = az(
        "ml", "model", "show", "--name", model_name(), "--label", "latest", *workspace(),
        missing_ok=True,
    )  # fmt: skip
    if not answer:
        raise MissingStep(f"a registered version of {model_name()}", f"{DISTRIBUTION} azure submit")
    return _model(answer)


def newest_approved(environment: str) -> Model:
    """Return the newest version in the registry that was promoted to an environment.

    Raises:
        MissingStep: None was.
    """
    listed = az("ml", "model", "list", "--name", model_name(), *registry()) or []
    found = [one for one in map(_model, listed) if f"approved-{environment}" in one.tags]
    if not found:
        raise MissingStep(
            f"a version of {model_name()} that was promoted to {environment}",
            f"{DISTRIBUTION} azure promote --environment {environment} --version <version>",
        )
    return max(found, key=lambda one: int(one.version))


def shared(version: str) -> Model | None:
    """Return the version from the shared registry, or None."""
    answer = az(
        "ml", "model", "show", "--name", model_name(), "--version", version, *registry(),
        missing_ok=True,
    )  # fmt: skip
    return _model(answer) if answer else None


def share(version: str) -> Model:
    """Bring a version from the workspace that trained it into the shared registry, once.

    Its training reference comes too, for the monitors of every environment. Lineage and reference
    follow in steps of their own: the next start makes good what an interrupted one has left out.

    Raises:
        BadInput: The version is not a number, or workspace and registry mean different models.
        MissingStep: Neither has it.
    """
    require_number(version)
    found, origin = shared(version), trained(version)
    if found is None and origin is None:
        raise MissingStep(f"{model_name()}:{version}", f"{DISTRIBUTION} azure submit")
    if found and origin and origin.tags.get("run") != found.tags.get("run", origin.tags.get("run")):
        raise BadInput(
            f"version {version} is of run {found.tags['run']} in the registry and of run "
            f"{origin.tags.get('run')} in this workspace: a workspace that was made anew counts "
            "from 1 again; train until its number is one that the registry does not have"
        )
    if found is None:
        az(
            "ml", "model", "share", "--name", model_name(), "--version", version,
            "--share-with-name", model_name(), "--share-with-version", version,
            "--registry-name", setting("AZURE_ML_REGISTRY"), *workspace(), changes=True,
        )  # fmt: skip
    for key, value in (origin.tags if origin else {}).items():
        if (key in LINEAGE or key.startswith(METRIC)) and not (found and key in found.tags):
            tag(version, key, value)
    if origin and "run" in origin.tags:
        share_reference(version, origin.tags["run"])
    return shared(version) or Model(version, {})


def tag_trained(version: str, key: str, value: str) -> None:
    """Set one tag in the workspace's own registry, as a text."""
    az(
        "ml", "model", "update", "--name", model_name(), "--version", version,
        "--set", f"tags.{key}={value}", "--force-string", *workspace(), changes=True,
    )  # fmt: skip


def require_number(version: str) -> None:
    """Refuse what is no version.

    Raises:
        BadInput: It is not a number.
    """
    if not version.isdecimal():
        raise BadInput(
            f"--version '{version}': give the number that `submit` printed, for example 7"
        )


def tag(version: str, key: str, value: str) -> None:
    """Set one tag in the shared registry, as a text (`--set` alone makes a number of digits)."""
    az(
        "ml", "model", "update", "--name", model_name(), "--version", version,
        "--set", f"tags.{key}={value}", "--force-string", *registry(), changes=True,
    )  # fmt: skip


def approved(version: str, environment: Environment) -> Model:
    """Return a version that was promoted to an environment.

    Raises:
        BadInput: The version is not a number.
        MissingStep: It was not promoted to this environment.
    """
    require_number(version)
    found = shared(version)
    if found is None or f"approved-{environment}" not in found.tags:
        raise MissingStep(
            f"the approval of {model_name()}:{version} for {environment}",
            f"{DISTRIBUTION} azure promote --environment {environment} --version {version}",
        )
    return found
