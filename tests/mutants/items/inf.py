"""Infrastructure: what of it goes missing, and other ways to say it."""

from __future__ import annotations

import re

from tests.mutants.items import ACTIONS, INFRA, MAIN, MODULES
from tests.mutants.mutation import (
    Add,
    Change,
    Delete,
    Edit,
    Everywhere,
    Harmless,
    Move,
    Mutant,
    Place,
    Rewrite,
    comment_out,
    insert_after,
)

DEPLOYING = f"{ACTIONS}/infra.yml"
RELEASE = f"{ACTIONS}/release-to.yml"
WORKSPACE = f"{MODULES}/workspace.bicep"
STORAGE = f"{MODULES}/storage.bicep"
VAULT = f"{MODULES}/key-vault.bicep"
REGISTRY = f"{MODULES}/container-registry.bicep"
NETWORK = f"{MODULES}/network.bicep"
ASSIGNMENT = "'Microsoft.Authorization/roleAssignments@2022-04-01' ="
NO_ROLES = {"SEC3": "role assignments are declared"}


def module(name: str, variable: str) -> str:
    """Return the text of a private endpoint's module call in main.bicep."""
    target, group, zones = {
        "vaultEndpoint": ("keyVault", "vault", "dnsZones.outputs.zoneIds.vault"),
        "registryEndpoint": ("containerRegistry", "registry", "dnsZones.outputs.zoneIds.registry"),
    }[variable]
    condition = "if (privateRegistry) " if variable == "registryEndpoint" else ""
    return f"""\
module {variable} 'modules/private-endpoint.bicep' = {condition}{{
  name: 'private-endpoint-{name}'
  params: {{
    name: '${{names.privateEndpoint}}-{name}'
    location: location
    tags: tags
    subnetId: network.outputs.endpointSubnetId
    targetId: {target}.outputs.id
    groupId: '{group}'
    zoneIds: [{zones}]
  }}
}}
"""


VAULT_ENDPOINT = module("vault", "vaultEndpoint")
REGISTRY_ENDPOINT = module("registry", "registryEndpoint")
SUBNET = "          networkSecurityGroup: { id: endpointSecurityGroup.id }\n"
RUNNERS = "          networkSecurityGroup: { id: runnerSecurityGroup.id }\n"
MAIN_DEPLOY = 'az deployment group create --name "infra-$GITHUB_RUN_ID"'
SHARED_DEPLOY = 'az deployment group create --name "shared-$GITHUB_RUN_ID"'
GROUPED = """\
--resource-group "$AZURE_RESOURCE_GROUP"
          --template-file infra/main.bicep --parameters "infra/$ENVIRONMENT.bicepparam\""""
FIRST_TAGGED = (Place(f"{INFRA}/bootstrap-shared.bicep", "var tags = union("),)


def blocks_of(kind: str) -> re.Pattern[str]:
    """Return the pattern of whole top-level resources of a type in Bicep."""
    return re.compile(rf"^resource \w+ '{re.escape(kind)}@[^']+' = .*?^\}}\]?\n", re.M | re.S)


def without_assignments(text: str) -> str:
    """Take the role assignments out of a Bicep file."""
    return blocks_of("Microsoft.Authorization/roleAssignments").sub("", text)


def commented_assignments(text: str) -> str:
    """Make the role assignments of a Bicep file comments."""
    return blocks_of("Microsoft.Authorization/roleAssignments").sub(
        lambda found: re.sub(r"(?m)^", "// ", found[0].rstrip("\n")) + "\n", text
    )


ONE_ENVIRONMENT: tuple[Change, ...] = (
    Everywhere("environment: dev", "environment: prod", ".github/"),
    Everywhere("environment: test", "environment: prod", ".github/"),
    Everywhere("[dev, test, prod]", "[prod]  # dev, test", ".github/"),
    Everywhere("[shared, dev, test, prod]", "[shared, prod]", ".github/"),
    Everywhere('["dev", "test"]', '["prod"]', ".github/"),
    Everywhere('["dev"]', '["prod"]', ".github/"),
    Everywhere('["dev", "test", "prod"]', '["prod"]', ".github/"),
    Everywhere("default: dev", "default: prod", ".github/"),
)
SAME_SETTINGS: tuple[Change, ...] = tuple(
    change
    for name in ("dev", "test")
    for change in (
        Delete(f"{INFRA}/{name}.bicepparam"),
        Add(f"{INFRA}/{name}.bicepparam", "using 'main.bicep'\n\nparam environmentName = 'prod'\n"),
    )
)

MUTANTS = (
    Mutant(
        "INF1", "violate", "a script makes a storage account by hand",
        (Add("scripts/quick.sh", "#!/bin/sh\n"
             'az storage account create --name "$1" --resource-group rg-ml --sku Standard_LRS\n'),),
        (Place("scripts/quick.sh", "az storage account create"),),
    ),
    Mutant(
        "INF1", "comment", "every deployment is a comment",
        (Edit(DEPLOYING, MAIN_DEPLOY, f"# {MAIN_DEPLOY}"), Edit(DEPLOYING, SHARED_DEPLOY, f"# {SHARED_DEPLOY}")),
        (Place(WORKSPACE, "resource workspace '"),),
    ),
    Mutant(
        "INF1", "unreachable", "no step that deploys ever runs",
        (Edit(DEPLOYING, "    name: Deploy ${{ matrix.environment }}\n", "    name: Deploy ${{ matrix.environment }}\n    if: false\n"),
         Edit(DEPLOYING, "    if: github.event_name != 'pull_request' && github.ref_name == 'main'\n",
              "    if: false  # github.event_name != 'pull_request' && github.ref_name == 'main'\n"),),
        (Place(WORKSPACE, "resource workspace '"),),
    ),
    Mutant(
        "INF1", "violate", "a pipeline makes the key vault by hand, by REST",
        (Edit(DEPLOYING, "          group=$(jq", '          az keyvault create --name "kv-$ENVIRONMENT" --resource-group "rg-$ENVIRONMENT"\n' "          group=$(jq"),),
        (Place(DEPLOYING, "az keyvault create"),),
    ),
    Mutant(
        "INF2", "delete", "production alone is left",
        (*ONE_ENVIRONMENT, Delete(f"{INFRA}/dev.bicepparam"), Delete(f"{INFRA}/test.bicepparam")),
        (Place(f"{ACTIONS}/deploy.yml", "environment: prod", "timeout-minutes: 15\n    "),),
    ),
    Mutant(
        "INF2", "constant", "all three have the same settings",
        (*ONE_ENVIRONMENT, *SAME_SETTINGS,
         Delete(f"{INFRA}/prod.bicepparam"),
         Add(f"{INFRA}/prod.bicepparam", "using 'main.bicep'\n\nparam environmentName = 'prod'\n")),
        (Place(f"{INFRA}/dev.bicepparam", "using 'main.bicep'"),),
    ),
    Mutant(
        "INF2", "retarget", "production's settings go to every environment",
        (*ONE_ENVIRONMENT,
         Edit(DEPLOYING, '--parameters "infra/$ENVIRONMENT.bicepparam"\n',
              '--parameters "infra/prod.bicepparam"\n'),
         Edit(DEPLOYING, '--parameters "infra/$ENVIRONMENT.bicepparam" >',
              '--parameters "infra/prod.bicepparam" >'),
         Edit(DEPLOYING, "for file in infra/*.bicepparam; do", "for file in infra/prod.bicepparam; do"),
         Everywhere("infra/dev.bicepparam", "infra/prod.bicepparam", "docs/infrastructure.md")),
        (Place(f"{INFRA}/dev.bicepparam", "param environmentName"),),
    ),
    Mutant(
        "INF3", "delete", "the storage's module lost its tags",
        (Edit(STORAGE, "  tags: tags\n", ""),),
        (Place(STORAGE, "resource account '"),),
    ),
    Mutant(
        "INF3", "hollow", "the vault's tags are empty",
        (Edit(VAULT, "  tags: tags\n", "  tags: {}\n"),),
        (Place(VAULT, "resource vault '"),),
    ),
    Mutant(
        "INF3", "constant", "the network's module is called with no tags",
        (Edit(MAIN, "    runnerSecurityGroupName: names.runnerSecurityGroup\n    location: location\n    tags: tags\n",
              "    runnerSecurityGroupName: names.runnerSecurityGroup\n    location: location\n    tags: {}\n"),),
        (Place(NETWORK, "resource network '"),),
    ),
    Mutant(
        "INF3", "violate", "a resource without tags is added",
        (insert_after(f"{INFRA}/shared.bicep", "var names = loadJsonContent('names.json').shared\n", """\

resource scratch 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: 'stscratch'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Disabled'
  }
}
"""),),
        (Place(f"{INFRA}/shared.bicep", "resource scratch '"),),
        {"INF7": "each declared storage account has a private endpoint"},
    ),
    Mutant(
        "INF4", "delete", "the cost centre is gone",
        (Edit(f"{INFRA}/tags.json", '  "cost-center": "CC-0000",\n', ""),),
        FIRST_TAGGED,
    ),
    Mutant(
        "INF4", "forge", "the cost centre is a word in another tag's value",
        (Edit(f"{INFRA}/tags.json", '"cost-center": "CC-0000"', '"note": "cost-center CC-0000"'),),
        FIRST_TAGGED,
    ),
    Mutant(
        "INF4", "constant", "the project's tags are overwritten everywhere",
        (Everywhere("union(loadJsonContent('tags.json'), { environment:",
                    "union({} /* loadJsonContent('tags.json') */, { environment:", "infra/"),),
        FIRST_TAGGED,
    ),
    Mutant(
        "INF5", "delete", "no role is assigned any more",
        (Rewrite((".bicep",), without_assignments),), (), NO_ROLES,
    ),
    Mutant(
        "INF5", "comment", "the role assignments are comments",
        (Rewrite((".bicep",), commented_assignments),), (), NO_ROLES,
    ),
    Mutant(
        "INF5", "retarget", "the assignments are those that somebody else made",
        (Everywhere(ASSIGNMENT, f"{ASSIGNMENT[:-1]}existing =", "infra/"),), (), NO_ROLES,
    ),
    Mutant(
        "INF6", "delete", "the groups are attached to nothing",
        (Edit(NETWORK, SUBNET, ""), Edit(NETWORK, RUNNERS, "")),
        (Place(NETWORK, "resource endpointSecurityGroup '"),),
    ),
    Mutant(
        "INF6", "comment", "attaching them is a comment",
        (comment_out(NETWORK, SUBNET, "//"), comment_out(NETWORK, RUNNERS, "//")),
        (Place(NETWORK, "resource endpointSecurityGroup '"),),
    ),
    Mutant(
        "INF6", "constant", "the subnets' groups are null",
        (Edit(NETWORK, SUBNET, SUBNET.replace("{ id: endpointSecurityGroup.id }", "null")),
         Edit(NETWORK, RUNNERS, RUNNERS.replace("{ id: runnerSecurityGroup.id }", "null"))),
        (Place(NETWORK, "resource endpointSecurityGroup '"),),
    ),
    Mutant(
        "INF7", "delete", "one of the four lost its private endpoint",
        (Edit(MAIN, VAULT_ENDPOINT, ""),),
        (Place(VAULT, "resource vault '"),),
    ),
    Mutant(
        "INF7", "comment", "the registry's private endpoint is a comment",
        (comment_out(MAIN, REGISTRY_ENDPOINT, "//"),),
        (Place(REGISTRY, "resource registry '"),),
    ),
    Mutant(
        "INF7", "retarget", "the vault's private endpoint leads to the storage",
        (Edit(MAIN, VAULT_ENDPOINT, VAULT_ENDPOINT.replace("keyVault.outputs.id", "storage.outputs.id")
              .replace("groupId: 'vault'", "groupId: 'dfs'")),),
        (Place(VAULT, "resource vault '"),),
    ),
)  # fmt: skip


def with_comments(text: str) -> str:
    """Put comments and empty lines between the resources of a Bicep file."""
    return re.sub(r"(?m)^((?:resource|module|param|var) )", r"/* part of the estate */\n\n\1", text)


def on_fewer_lines(text: str) -> str:
    """Write each object of a private endpoint or tag on other lines, and indent by four."""
    return re.sub(r"(?m)^( +)", r"\1\1", text)


ESTATE = ("INF3", "INF4", "INF5", "INF6", "INF7")

HARMLESS = (
    Harmless(
        (*ESTATE, "SEC3", "SEC4", "SEC5", "MON1", "MON3", "MON4", "MON5", "GOV2", "GOV3", "GOV4"),
        "Bicep gets comments, empty lines and another indentation",
        (Rewrite((".bicep",), with_comments), Rewrite((".bicep",), on_fewer_lines)),
    ),
    Harmless(
        ("INF1", *ESTATE, "MON1", "MON4", "GOV3", "GOV4", "SEC2", "SEC5"),
        "the folder of the infrastructure is called deploy/azure",
        (Everywhere("infra/", "deploy/azure/"),),
    ),
    Harmless(
        ("INF1", "INF2"), "deploying is a script's work",
        (Edit(DEPLOYING, f"{MAIN_DEPLOY} {GROUPED}", './scripts/deploy.sh "$ENVIRONMENT"'),
         Add("scripts/deploy.sh", """\
#!/usr/bin/env bash
set -euo pipefail
az deployment group create --name "infra-$GITHUB_RUN_ID" --resource-group "$AZURE_RESOURCE_GROUP" \\
  --template-file infra/main.bicep --parameters "infra/$1.bicepparam"
""")),
    ),
    Harmless(
        ("INF2",), "the matrix says the environments one a line",
        (Edit(DEPLOYING, "[shared, dev, test, prod]", "\n          - shared\n          - dev\n          - test\n          - prod"),),
    ),
    Harmless(
        ("INF3", "INF4"), "the tags stand in the code",
        (Everywhere("loadJsonContent('tags.json')",
                    "{ project: 'credit', owner: 'team', 'cost-center': 'CC-1' }", "infra/"),),
    ),
    Harmless(
        ("INF7",), "the private endpoints are called by a loop's neighbour: another module's name",
        (Move(f"{MODULES}/private-endpoint.bicep", f"{MODULES}/inbound.bicep"),
         Everywhere("modules/private-endpoint.bicep", "modules/inbound.bicep", "infra/")),
    ),
)  # fmt: skip
