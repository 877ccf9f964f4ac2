"""What a security review and a bill ask of the files, over all of them."""

import json
import re
from pathlib import Path

from plomada.readers.expressions import Literal, Member, Name, ObjectOf
from plomada.readers.templates import Declaration

from tests.infra.sources import Source, literal, walk
from tests.infra.test_types import TYPES, declared

LOGGED = {
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.KeyVault/vaults",
    "Microsoft.MachineLearningServices/registries",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/fileServices",
    "Microsoft.Storage/storageAccounts/queueServices",
    "Microsoft.Storage/storageAccounts/tableServices",
}
LOCKED = {
    "Microsoft.ContainerRegistry/registries",
    "Microsoft.KeyVault/vaults",
    "Microsoft.MachineLearningServices/registries",
    "Microsoft.Storage/storageAccounts",
}
FORBIDDEN_ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}


def scope_type(source: Source, extension: Declaration) -> str:
    scope = extension.body.get("scope")
    assert isinstance(scope, Name), (source.path, extension.symbol)
    return next(d.type for d in source.resources if d.symbol == scope.name)


def targets(sources: dict[str, Source], kind: str) -> list[str]:
    found = ((s, d) for s, d, name in declared(sources) if name == kind)
    return [scope_type(source, extension) for source, extension in found]


def test_everything_taggable_takes_its_tags_from_one_place(sources: dict[str, Source]) -> None:
    tagged = 0
    for source, resource, name in declared(sources):
        taggable = "tags" in TYPES[name][resource.api_version]["body"]["properties"]
        if resource.existing or not taggable:
            continue
        tags = resource.body.get("tags")
        assert isinstance(tags, Name) and tags.name == "tags", (source.path, resource.symbol)
        tagged += 1
    assert tagged > 25


def test_logs_of_everything_that_has_them(infra: Path, sources: dict[str, Source]) -> None:
    network = set() if (infra / "modules" / "network.bicep").exists() else {"Microsoft.Network"}
    wanted = {kind for kind in LOGGED if kind.split("/")[0] not in network}
    assert set(targets(sources, "Microsoft.Insights/diagnosticSettings")) == wanted


def test_locks_are_on_what_holds_something(sources: dict[str, Source]) -> None:
    assert set(targets(sources, "Microsoft.Authorization/locks")) == LOCKED


def test_nobody_is_given_everything(infra: Path, sources: dict[str, Source]) -> None:
    text = "".join(s.text for s in sources.values()) + (infra / "roles.json").read_text()
    assert not [name for guid, name in FORBIDDEN_ROLES.items() if guid in text]
    actions = [
        value
        for source, role, name in declared(sources)
        if name == "Microsoft.Authorization/roleDefinitions"
        for part in walk(role.body)
        if isinstance(part, ObjectOf)
        for value in [part.get("actions")]
        if value is not None
    ]
    allowed = {literal(p) for a in actions for p in walk(a) if isinstance(p, Literal)}
    assert len(actions) == 3
    assert "*" not in allowed and "*/write" not in allowed
    assert not [a for a in allowed if str(a).startswith("Microsoft.Authorization/roleA")]


CLAUSE = re.compile(r":(RoleDefinitionId|PrincipalId|PrincipalType)\] \w+:\w+ \{([^{}]*)\}")


class Condition:
    """The pipeline's condition on role assignments, as modules/deployer.bicep puts it together.

    Args:
        source: that module.
        roles: GUIDs by name, as roles.json lists them.
    """

    def __init__(self, source: Source, roles: dict[str, str]) -> None:
        found = re.search(r"var assignments = \[for source in [^:]+: '(.+)'\]\n", source.text)
        assert found is not None
        lists = {"everyRole": set(roles.values()), "workloads": {"workload"}}
        for name in ("ownRoles", "peoplesRoles"):
            listed = re.search(rf"var {name} = join\(\[(.+?)\]", source.text, re.S)
            assert listed is not None
            lists[name] = {roles[one] for one in re.findall(r"assigned\.(\w+)", listed[1])}
        lists["principalId"] = {"pipeline"}
        text = found[1].replace("${source}", "").replace("\\'", "")
        for name, values in lists.items():
            text = text.replace(f"${{{name}}}", ", ".join(sorted(values)))
        self.groups = [
            [(kind, set(values.split(", "))) for kind, values in CLAUSE.findall(group)]
            for group in text.split(" OR ")
        ]

    def allows(self, role: str, principal: str, kind: str = "ServicePrincipal") -> bool:
        """Tell whether the pipeline may give a role to a principal."""
        asked = {"RoleDefinitionId": role, "PrincipalId": principal, "PrincipalType": kind}
        return any(all(asked[what] in values for what, values in group) for group in self.groups)


def test_the_pipeline_gives_only_what_the_condition_lists(
    infra: Path, sources: dict[str, Source]
) -> None:
    roles = json.loads((infra / "roles.json").read_text(encoding="utf-8"))
    condition = Condition(sources["modules/deployer.bicep"], roles["assigned"])
    assert [len(group) for group in condition.groups] == [2, 2, 2]
    own = {"storageBlobDataContributor", "keyVaultUser"}
    people = {"machineLearningDataScientist", "storageFileDataPrivilegedContributor"}
    for name, role in roles["assigned"].items():
        assert condition.allows(role, "workload")
        assert condition.allows(role, "pipeline") == (name in own), name
        allowed = name in people | {"storageBlobDataContributor"}
        assert condition.allows(role, "somebody", "Group") == allowed, name
        assert not condition.allows(role, "somebody")
    for role in (*FORBIDDEN_ROLES, *roles["bootstrap"].values()):
        assert not condition.allows(role, "workload")
        assert not condition.allows(role, "pipeline")


def test_what_is_given_is_allowed_by_the_condition(infra: Path, sources: dict[str, Source]) -> None:
    roles = json.loads((infra / "roles.json").read_text(encoding="utf-8"))["assigned"]
    condition = Condition(sources["modules/deployer.bicep"], roles)
    grant = re.compile(r"principalId: (\w+)PrincipalId, role: roles\.(\w+)")
    given = [pair for source in sources.values() for pair in grant.findall(source.text)]
    assert len(given) > 14
    for principal, name in given:
        who = "pipeline" if principal == "deployer" else "workload"
        assert condition.allows(roles[name], who), (principal, name)


def test_the_condition_holds_for_giving_and_for_taking_away(sources: dict[str, Source]) -> None:
    text = sources["modules/deployer.bicep"].text
    assert "for source in ['@Request', '@Resource']" in text
    assert text.count("(!(ActionMatches{\\'Microsoft.Authorization/roleAssignments/write") == 1
    assert "roleAssignments/write\\'})) OR (${assignments[0]})" in text
    assert "roleAssignments/delete\\'})) OR (${assignments[1]})" in text


def test_an_identity_that_is_made_again_gets_its_roles_again(sources: dict[str, Source]) -> None:
    # Azure refuses to give an assignment's name to another principal.
    seen = 0
    for source, assignment, name in declared(sources):
        if name == "Microsoft.Authorization/roleAssignments":
            called, given = (assignment.body.get(k) for k in ("name", "properties"))
            assert called is not None and isinstance(given, ObjectOf)
            principal = given.get("principalId")
            assert principal is not None
            wanted = {p.name for p in walk(principal) if isinstance(p, Name | Member)}
            found = {p.name for p in walk(called) if isinstance(p, Name | Member)}
            assert wanted <= found, (source.path, assignment.symbol)
            seen += 1
    assert seen > 10


def test_only_test_and_production_pay_for_isolation(infra: Path) -> None:
    premium = {
        name: "privateRegistry = true" in (infra / f"{name}.bicepparam").read_text(encoding="utf-8")
        for name in ("dev", "test", "prod")
    }
    assert premium == {"dev": False, "test": True, "prod": True}


def test_every_query_is_used_and_ends(infra: Path, sources: dict[str, Source]) -> None:
    text = "".join(source.text for source in sources.values())
    queries = sorted((infra / "queries").glob("*.kql"))
    assert len(queries) > 8
    for query in queries:
        assert f"queries/{query.name}" in text
        assert query.read_text(encoding="utf-8").startswith("// ")


def test_bicep_s_linter_is_strict(infra: Path) -> None:
    config = json.loads((infra / "bicepconfig.json").read_text(encoding="utf-8"))
    rules = config["analyzers"]["core"]["rules"]
    assert {rule["level"] for rule in rules.values()} <= {"error", "warning"}
    assert {"use-recent-api-versions", "outputs-should-not-contain-secrets"} <= set(rules)


def test_a_way_out_for_runners_survives_the_next_deployment(sources: dict[str, Source]) -> None:
    if "modules/network.bicep" in sources:
        text = sources["modules/network.bicep"].text
        for name, parameter in (("natGateway", "Nat"), ("routeTable", "Route")):
            assert re.search(rf"{name}: empty\(runner{parameter}\w+Id\) \? null : ", text)
        assert {"runnerNatGatewayId", "runnerRouteTableId"} <= set(
            sources["main.bicep"].syntax.parameters
        )
