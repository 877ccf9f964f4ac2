"""GitHub's side of the trust: environments, their variables, and the subject of their tokens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .client import gh

if TYPE_CHECKING:
    from collections.abc import Sequence


def token_subject(repository: str, environment: str) -> str:
    """Return the subject that GitHub really puts into the tokens of an environment's jobs.

    Repositories made since July 2026, and older ones that opted in, carry the numbers of owner and
    repository in it (`repo:owner@1/name@2:environment:prod`); GitHub says which form it issues.

    Args:
        repository: `owner/name`.
        environment: The GitHub environment.

    Raises:
        BadInput: The repository does not exist, or composes its subject in a way of its own.
    """
    form = gh("api", f"repos/{repository}/actions/oidc/customization/sub", missing_ok=True)
    if form is None:
        raise BadInput(
            f"GitHub has no repository {repository}, or `gh auth login` may not administer it"
        )
    if not form.get("use_default", True):
        raise BadInput(
            f"{repository} composes its token subject from {form.get('include_claim_keys')}: set "
            "the default (Settings, Actions, OIDC), or federate by hand (docs/delivery.md)"
        )
    prefix = form.get("sub_claim_prefix") or _prefix(
        repository, bool(form.get("use_immutable_subject"))
    )
    return f"{prefix}:environment:{environment}"


def _prefix(repository: str, immutable: bool) -> str:
    if not immutable:
        return f"repo:{repository}"
    known = gh("api", f"repos/{repository}")
    owner, name = known["owner"], known["name"]
    return f"repo:{owner['login']}@{owner['id']}/{name}@{known['id']}"


def write_environment(
    repository: str, environment: str, reviewers: Sequence[dict[str, Any]]
) -> None:
    """Create an environment or give it its reviewers; then nobody approves what they started.

    What was set by hand stays: a wait, rules for branches, reviewers where none are given here.

    Args:
        repository: `owner/name`.
        environment: Its name.
        reviewers: As `known_reviewer` returns them; one of them must approve.
    """
    address = f"repos/{repository}/environments/{environment}"
    present = gh("api", address, missing_ok=True)
    body = _protection(present or {}, reviewers)
    if present is None or body != _protection(present, ()):
        gh(
            "api", "--method", "PUT", address, "--input", "-", stdin=json.dumps(body), changes=True
        )  # fmt: skip


def _protection(present: dict[str, Any], reviewers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the whole protection as it shall be: GitHub resets what a request leaves out."""
    rules = {rule["type"]: rule for rule in present.get("protection_rules") or []}
    review = rules.get("required_reviewers", {})
    kept = [
        {"type": one["type"], "id": one["reviewer"]["id"]} for one in review.get("reviewers", [])
    ]
    return {
        "reviewers": [*reviewers] or kept,
        "prevent_self_review": bool(reviewers) or bool(review.get("prevent_self_review")),
        "wait_timer": rules.get("wait_timer", {}).get("wait_timer", 0),
        "deployment_branch_policy": present.get("deployment_branch_policy"),
    }


def known_reviewer(name: str) -> dict[str, Any]:
    """Return a user (`name`) or a team (`organisation/team`) as GitHub identifies them.

    Raises:
        BadInput: GitHub knows no such one.
    """
    organisation, _, team = name.rpartition("/")
    address = f"orgs/{organisation}/teams/{team}" if organisation else f"users/{name}"
    found = gh("api", address, missing_ok=True)
    if found is None:
        raise BadInput(
            f"--reviewer {name}: GitHub knows no such {'team' if organisation else 'user'}"
        )
    return {"type": "Team" if organisation else "User", "id": found["id"]}


def write_variable(repository: str, environment: str, name: str, value: str) -> None:
    """Set one variable of an environment."""
    gh(
        "variable", "set", name, "--env", environment, "--body", value, "--repo", repository,
        changes=True,
    )  # fmt: skip


def write_repository_variable(repository: str, name: str, value: str) -> None:
    """Set a variable that all jobs of the repository see, those without an environment too."""
    gh("variable", "set", name, "--body", value, "--repo", repository, changes=True)
