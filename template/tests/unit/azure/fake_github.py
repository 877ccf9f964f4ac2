"""A stateful GitHub: environments, variables and the form of its token subjects."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .programs import Answer

REPOSITORY = {"id": 22, "name": "model", "owner": {"login": "contoso", "id": 11}}


@dataclass
class FakeGitHub:
    """The state.

    Attributes:
        subject_form: What the repository's OIDC customization answers.
        environments: Bodies by environment name.
        puts: The addresses of the environments that were written, in their order.
        variables: Values by environment and name; the repository's own under "".
    """

    subject_form: dict[str, Any] = field(default_factory=lambda: {"use_default": True})
    environments: dict[str, Any] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    variables: dict[tuple[str, str], str] = field(default_factory=dict)

    def answer(self, call: dict[str, Any]) -> Answer:
        """Answer one command line, as the GitHub CLI's manual documents it."""
        words = call["words"]
        if words[:2] == ["variable", "set"]:
            options = dict(zip(words[3::2], words[4::2], strict=True))
            if set(options) | {"--env"} != {"--env", "--body", "--repo"} or options.get(
                "--env", ""
            ) not in {"", *self.environments}:
                return 1, "", f"wrong usage: {words}"
            self.variables[options.get("--env", ""), words[2]] = options["--body"]
            return 0, "", ""
        if words[:2] == ["repo", "view"]:
            return 0, json.dumps({"nameWithOwner": "contoso/model"}), ""
        if words[:3] == ["api", "--method", "PUT"] and words[4:] == ["--input", "-"]:
            self.environments[words[3].rpartition("/")[2]] = json.loads(call["stdin"])
            self.puts.append(words[3])
            return 0, "{}", ""
        return (
            self._read(words[1])
            if words[0] == "api" and len(words) == 2
            else (1, "", f"wrong usage: {words}")
        )

    def _read(self, address: str) -> Answer:
        known = {
            "repos/contoso/model": REPOSITORY,
            "repos/contoso/model/actions/oidc/customization/sub": self.subject_form,
            "users/ada": {"id": 1},
            "orgs/contoso/teams/owners": {"id": 2},
        }
        place, _, name = address.rpartition("/")
        if place == "repos/contoso/model/environments" and name in self.environments:
            known[address] = _shown(self.environments[name])
        if address not in known:
            return 1, "", "gh: Not Found (HTTP 404)"
        return 0, json.dumps(known[address]), ""


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    """Return an environment as GitHub shows what `body` asked for (REST, "Get an environment")."""
    reviewers = [{"type": one["type"], "reviewer": {"id": one["id"]}} for one in body["reviewers"]]
    rules: list[dict[str, Any]] = []
    if body.get("wait_timer"):
        rules.append({"type": "wait_timer", "wait_timer": body["wait_timer"]})
    if reviewers:
        own = bool(body.get("prevent_self_review"))
        rules.append(
            {"type": "required_reviewers", "prevent_self_review": own, "reviewers": reviewers}
        )
    policy = body.get("deployment_branch_policy")
    return {"protection_rules": rules, "deployment_branch_policy": policy}
