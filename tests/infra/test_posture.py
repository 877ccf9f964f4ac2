"""What a security review and a bill ask of the files, over all of them."""

import json
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


def test_the_pipeline_s_condition_lists_the_assigned_roles(sources: dict[str, Source]) -> None:
    [condition] = [
        part.get("condition")
        for _, resource, name in declared(sources)
        if name == "Microsoft.Authorization/roleAssignments"
        for part in walk(resource.body)
        if isinstance(part, ObjectOf) and part.get("condition") is not None
    ]
    assert condition is not None
    names = {p.name for p in walk(condition) if isinstance(p, Name)}
    assert names == {"roleList", "principalTypes"}
    lists = sources["modules/deployer.bicep"].syntax.variables["assignableRoles"]
    assert "assigned" in {p.name for p in walk(lists) if isinstance(p, Member)}


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
