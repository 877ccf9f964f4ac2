"""What estates are made of: modules, loops, conditions, production values, broken files."""

# ruff: noqa: E501 - files as data, one to a line
from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from plomada.facts import Facts
from plomada.facts.estate.encryption import plain_http
from plomada.facts.estate.resources import Estate
from plomada.facts.serving.kubernetes import manifests
from plomada.facts.values import elements

Make = Callable[[dict[str, str]], Estate]
STORAGE = "microsoft.storage/storageaccounts"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def bicep_storage(body: str = "") -> str:
    return f"""
resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {{
  name: 'st'
{body}
}}
"""


def names(estate: Estate, kind: str = STORAGE) -> list[str | None]:
    return [r.name.text for r in estate.of_type(kind)]


def test_a_module_called_twice_gives_two(estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.bicep": """
            module a 'm.bicep' = { name: 'a', params: { name: 'one' } }
            module b 'm.bicep' = { name: 'b', params: { name: a.outputs.name } }
            """,
            "m.bicep": """
            param name string
            resource s 'Microsoft.Storage/storageAccounts@2023-05-01' = { name: '${name}st' }
            output name string = s.name
            """,
        }
    )
    assert names(estate) == ["onest", "onestst"]
    assert len({r.address for r in estate.resources}) == 2
    assert all(len(r.call_chain) == 1 for r in estate.resources)


def test_a_loop_unrolls_or_stays_symbolic(estate_of: Make) -> None:
    text = """
        param names array{default}
        resource s 'Microsoft.Storage/storageAccounts@2023-05-01' = [for (n, i) in names: {{
          name: '${{n}}${{i}}'
        }}]
        """
    known = estate_of({"main.bicep": text.format(default=" = ['a', 'b']")})
    assert names(known) == ["a0", "b1"]
    unknown = estate_of({"main.bicep": text.format(default="")})
    assert names(unknown) == [None]


def test_a_nested_resource_has_its_parents_name_and_type(estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.bicep": bicep_storage("""
  resource blobs 'blobServices' = {
    name: 'default'
    resource data 'containers' = { name: 'data' }
  }"""),
        }
    )
    assert names(estate, f"{STORAGE}/blobservices/containers") == ["st/default/data"]


@pytest.mark.parametrize(
    ("condition", "absent"),
    [
        ("environment == 'prod'", False),
        ("environment != 'prod'", True),
        ("isProduction", False),
        ("private", False),
    ],
)
def test_a_condition_about_the_environment_is_judged_for_production(
    condition: str, absent: bool, estate_of: Make
) -> None:
    estate = estate_of(
        {
            "main.bicep": f"""
            param environment string = 'dev'
            param private bool = false
            var isProduction = environment == 'prod'
            resource s 'Microsoft.Storage/storageAccounts@2023-05-01' = if ({condition}) {{
              name: 'st'
            }}
            """,
        }
    )
    assert [r.absent for r in estate.resources] == [absent]


def _production(estate: Estate, path: str = "publicnetworkaccess") -> list[object]:
    return [r.properties[path].data for r in estate.of_type(STORAGE)]


PARAMETERISED = """
param access string = 'Enabled'
resource s 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'st'
  properties: { publicNetworkAccess: access }
}
"""


def _json_parameters(value: str) -> str:
    schema = SCHEMA.replace("deploymentTemplate", "deploymentParameters")
    return json.dumps({"$schema": schema, "parameters": {"access": {"value": value}}})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ["Enabled"]),
        ({"prod.bicepparam": "using 'main.bicep'\nparam access = 'A'"}, ["A"]),
        (
            {
                "dev.bicepparam": "using 'main.bicep'\nparam access = 'D'",
                "env/production.bicepparam": "using '../main.bicep'\nparam access = 'P'",
            },
            ["P"],
        ),
        ({"only.bicepparam": "using 'main.bicep'\nparam access = 'O'"}, ["O"]),
        (
            {"main.parameters.dev.json": _json_parameters("D"), "main.parameters.prod.json": _json_parameters("P")},
            ["P"],
        ),
        ({"nonprod.bicepparam": "using 'main.bicep'\nparam access = 'N'", "x.bicepparam": "using 'main.bicep'\nparam access = 'X'"}, ["Enabled"]),
        (
            {
                "prod-a.bicepparam": "using 'main.bicep'\nparam access = 'A'",
                "prod-b.bicepparam": "using 'main.bicep'\nparam access = 'B'",
            },
            ["A", "B"],
        ),
        (
            {
                "dev.bicepparam": "using 'main.bicep'\nparam access = 'D'",
                "deploy.sh": "az deployment group create -g rg -f main.bicep -p access=S env=prod\n",
            },
            ["S"],
        ),
        (
            {
                ".github/workflows/d.yml": "on: workflow_dispatch\njobs:\n  deploy:\n    runs-on: x\n    steps:\n      - run: az deployment group create -g rg -f main.bicep -p ${{ inputs.environment }}.bicepparam\n",
                "dev.bicepparam": "using 'main.bicep'\nparam access = 'D'",
                "prod.bicepparam": "using 'main.bicep'\nparam access = 'P'",
            },
            ["P"],
        ),
        (
            {
                "deploy.sh": "az deployment group create -g rg -f main.bicep -p environment=prod access=S\n",
                "dev.bicepparam": "using 'main.bicep'\nparam access = 'D'",
            },
            ["S"],
        ),
    ],
    ids=["default", "prod file", "folder", "only", "json", "nonprod", "two", "script by env", "chosen by the run", "script"],
)  # fmt: skip
def test_production_values(files: dict[str, str], expected: list[object], estate_of: Make) -> None:
    estate = estate_of({"main.bicep": PARAMETERISED, **files})
    assert _production(estate) == expected


def test_folders_of_environments_are_judged_by_production(estate_of: Make) -> None:
    call = 'module "app" {{\n  source = "../../app"\n  access = {}\n}}\n'
    estate = estate_of(
        {
            "live/envs/dev/main.tf": call.format("true"),
            "live/envs/prod/main.tf": call.format("false"),
            "live/app/main.tf": 'variable "access" {}\nresource "azurerm_storage_account" "s" {\n  name = "s"\n  public_network_access_enabled = var.access\n}\n',
        }
    )
    assert [t.root for t in estate.trees] == ["live/envs/prod"]
    assert _production(estate) == ["Disabled"]


def test_an_apply_without_values_says_nothing_of_production(estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.tf": 'variable "environment" { default = "dev" }\nresource "azurerm_storage_account" "s" {\n  count = var.environment == "prod" ? 1 : 0\n  name = "s"\n}\n',
            ".github/workflows/d.yml": "on: push\njobs:\n  deploy-prod:\n    runs-on: x\n    steps:\n      - run: terraform apply plan\n",
        }
    )
    assert [r.absent for r in estate.resources] == [False]
    assert [t.scope.stage for t in estate.trees] == ["default"]


def test_a_shared_folder_tells_no_stage(estate_of: Make) -> None:
    estate = estate_of(
        {
            "production/main.bicep": PARAMETERISED,
            "production/dev.bicepparam": "using 'main.bicep'\nparam access = 'D'",
            "production/prod.bicepparam": "using 'main.bicep'\nparam access = 'P'",
        }
    )
    assert _production(estate) == ["P"]


def test_arm_copies_conditions_and_nested_deployments(estate_of: Make) -> None:
    inner = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"type": "string"}},
        "resources": [
            {"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-05-01", "name": "[parameters('name')]"}
        ],
    }  # fmt: skip
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"prefix": {"type": "string", "defaultValue": "st"}},
        "variables": {"copy": [{"name": "tags", "count": 2, "input": "[concat('t', copyIndex('tags'))]"}]},
        "resources": [
            {
                "type": "Microsoft.Storage/storageAccounts",
                "apiVersion": "2023-05-01",
                "name": "[format('{0}{1}', parameters('prefix'), copyIndex())]",
                "condition": "[equals(parameters('prefix'), 'no')]",
                "copy": {"name": "many", "count": 2},
                "properties": {"list": "[variables('tags')]"},
            },
            {
                "type": "Microsoft.Resources/deployments",
                "apiVersion": "2022-09-01",
                "name": "inner",
                "properties": {
                    "expressionEvaluationOptions": {"scope": "inner"},
                    "parameters": {"name": {"value": "[concat(parameters('prefix'), 'x')]"}},
                    "template": inner,
                },
            },
        ],
    }  # fmt: skip
    estate = estate_of({"azuredeploy.json": json.dumps(template)})
    assert names(estate) == ["st0", "st1", "stx"]
    assert [r.deployed for r in estate.resources] == [False, False, True]
    assert [v.text for v in elements(estate.resources[0].properties["list"])] == ["t0", "t1"]


def test_arm_made_by_bicep_is_not_read_beside_bicep(estate_of: Make) -> None:
    made = json.dumps({
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "metadata": {"_generator": {"name": "bicep"}},
        "resources": [{"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-05-01", "name": "st"}],
    })  # fmt: skip
    assert len(estate_of({"main.json": made}).resources) == 1
    assert len(estate_of({"main.json": made, "main.bicep": bicep_storage()}).resources) == 1


def test_terraform_loops_dynamic_blocks_and_modules(estate_of: Make) -> None:
    estate = estate_of(
        {
            "infra/main.tf": """
            module "accounts" {
              source   = "./account"
              for_each = { a = "TLS1_2", b = "TLS1_0" }
              name     = each.key
              settings = { tls = each.value }
            }
            output "first" { value = module.accounts["a"].id }
            """,
            "infra/account/main.tf": """
            variable "name" {}
            variable "settings" {
              type = object({ tls = string, rules = optional(list(string), ["x", "y"]) })
            }
            resource "azurerm_storage_account" "this" {
              name            = "st${var.name}"
              min_tls_version = var.settings.tls
              dynamic "network_rules" {
                for_each = var.settings.rules
                content { default_action = network_rules.value }
              }
            }
            output "id" { value = azurerm_storage_account.this.id }
            """,
        }
    )
    assert names(estate) == ["sta", "stb"]
    assert _production(estate, "minimumtlsversion") == ["TLS1_2", "TLS1_0"]
    assert [t.root for t in estate.trees] == ["infra"]


@pytest.mark.parametrize(
    "body", ["{ properties = { x = { y = 1 } } }", "jsonencode({ properties = { x = { y = 1 } } })"]
)
def test_azapi_bodies(body: str, estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.tf": f"""
            resource "azapi_resource" "ws" {{
              type      = "Microsoft.MachineLearningServices/workspaces@2024-10-01"
              name      = "ws"
              parent_id = azurerm_resource_group.rg.id
              body      = {body}
              tags      = {{ a = "b" }}
            }}
            resource "azurerm_resource_group" "rg" {{ name = "rg" }}
            """,
        }
    )
    found = estate.of_type("microsoft.machinelearningservices/workspaces")[0]
    assert found.properties["x.y"].data == 1
    assert found.api_version == "2024-10-01"
    assert found.name.text == "ws"


@pytest.mark.parametrize(
    ("constraint", "default"),
    [("~> 4.0", "TLS1_2"), (">= 2.0", "TLS1_2"), ("=2.99.0", None), ("~> 2.99", None), (">= 2.0, < 3.0", None)],
)  # fmt: skip
def test_the_provider_version_decides_defaults(
    constraint: str, default: str | None, estate_of: Make
) -> None:
    estate = estate_of(
        {
            "main.tf": f"""
            terraform {{
              required_providers {{
                azurerm = {{ source = "hashicorp/azurerm", version = "{constraint}" }}
              }}
            }}
            resource "azurerm_storage_account" "s" {{ name = "st" }}
            """,
        }
    )
    value = estate.of_type(STORAGE)[0].properties.get("minimumtlsversion")
    assert (value.data if value else None) == default


def test_the_lock_file_wins_over_the_constraint(estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.tf": 'resource "azurerm_storage_account" "s" { name = "st" }',
            ".terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/azurerm" {\n  version = "2.46.1"\n}\n',
        }
    )
    assert "minimumtlsversion" not in estate.of_type(STORAGE)[0].properties


def test_a_verified_module_is_the_resource_that_it_creates(estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.bicep": """
            module storage 'br/public:avm/res/storage/storage-account:0.14.3' = {
              name: 'storage'
              params: {
                name: 'st'
                tags: { owner: 'ml' }
                managedIdentities: { systemAssigned: true }
                privateEndpoints: [{ service: 'blob', subnetResourceId: 'x' }]
                roleAssignments: [{ principalId: 'p', roleDefinitionIdOrName: 'Contributor' }]
                diagnosticSettings: [{ workspaceResourceId: 'w' }]
              }
            }
            module other 'br:example.azurecr.io/modules/vault:v1' = { name: 'o', params: {} }
            """,
        }
    )
    kinds = [r.type for r in estate.declared]
    assert kinds == [
        STORAGE,
        "microsoft.network/privateendpoints",
        "microsoft.authorization/roleassignments",
        "microsoft.insights/diagnosticsettings",
    ]
    account = estate.of_type(STORAGE)[0]
    assert account.properties["minimumtlsversion"].text == "TLS1_2"
    assert account.properties["publicnetworkaccess"].text == "Disabled"
    assert estate.links_to(account, "private-endpoint")
    assert [r.name.text for r in estate.external] == ["br:example.azurecr.io/modules/vault:v1"]


def test_a_verified_terraform_module_too(estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.tf": """
            module "vault" {
              source = "Azure/avm-res-keyvault-vault/azurerm"
              name   = "kv"
              tags   = { owner = "ml" }
              public_network_access_enabled = false
              private_endpoints = { one = { subnet_resource_id = "x" } }
            }
            """,
        }
    )
    vault = estate.of_type("microsoft.keyvault/vaults")[0]
    assert vault.properties["publicnetworkaccess"].text == "Disabled"
    assert [k.detail for k in estate.links_to(vault, "private-endpoint")] == ["vault"]


def test_an_existing_resource_is_found_where_it_is_declared(estate_of: Make) -> None:
    estate = estate_of(
        {
            "main.bicep": """
            module s 's.bicep' = { name: 's', params: { name: 'st' } }
            module e 'e.bicep' = { name: 'e', params: { name: 'st' } }
            """,
            "s.bicep": "param name string\nresource s 'Microsoft.Storage/storageAccounts@2023-05-01' = { name: name }",
            "e.bicep": """
            param name string
            resource s 'Microsoft.Storage/storageAccounts@2023-05-01' existing = { name: name }
            resource e 'Microsoft.Network/privateEndpoints@2024-01-01' = {
              name: 'pe'
              properties: {
                privateLinkServiceConnections: [{ properties: { privateLinkServiceId: s.id } }]
              }
            }
            """,
        }
    )
    assert estate.links_to(estate.of_type(STORAGE)[0], "private-endpoint")


@pytest.mark.parametrize(
    "files",
    [
        {"a.bicep": "module b 'b.bicep' = { name: 'b' }", "b.bicep": "module a 'a.bicep' = { name: 'a' }", "main.bicep": "module a 'a.bicep' = { name: 'a' }"},
        {"main.bicep": "param a string = b\nparam b string = a\n" + bicep_storage("  kind: a")},
        {"main.bicep": "module m 'm.bicep' = [for i in range(0, 60): { name: 'm' }]", "m.bicep": "module n 'n.bicep' = [for i in range(0, 60): { name: 'n' }]", "n.bicep": "module o 'o.bicep' = [for i in range(0, 60): { name: 'o' }]", "o.bicep": bicep_storage()},
        {"main.tf": 'locals {\n  a = local.b\n  b = local.a\n}\nresource "azurerm_storage_account" "s" { name = local.a }'},
        {"main.tf": 'module "a" { source = "./a" }', "a/main.tf": 'module "a" { source = "../a" }\nresource "azurerm_resource_group" "r" { name = "r" }'},
        {"main.tf": "resource \"azurerm_storage_account\" \"s\" {\n  name = "},
        {"azuredeploy.json": '{"$schema": "https://x/deploymentTemplate.json#", "resources": [{"type": 3, "name": [1]}, 7]}'},
        {"main.parameters.json": "[1, 2]", "main.bicep": bicep_storage("  kind: 'k'")},
    ],
    ids=["module cycle", "value cycle", "explosion", "local cycle", "tf cycle", "unfinished", "odd arm", "odd parameters"],
)  # fmt: skip
def test_odd_repositories_end(
    files: dict[str, str], facts_of: Callable[[dict[str, str]], Facts]
) -> None:
    facts = facts_of(files)
    assert len(facts.estate.resources) <= 6000


def test_a_broken_file_is_reported_once_with_what_it_may_hide(
    facts_of: Callable[[dict[str, str]], Facts],
) -> None:
    facts = facts_of({"main.bicep": "resource x 'A/b@1' = {\n  name: ???\n}\nvar ok = 1\n"})
    assert [r.type for r in facts.estate.resources] == ["a/b"]
    assert [p.path for p in facts.hiding("resources")] == ["main.bicep"]


HELM = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ .Values.name }}
spec:
  {{- if .Values.tls }}
  tls:
    - secretName: {{ .Values.tls.secret | quote }}
  {{- end }}
  rules: []
"""


def test_helm_templates_are_read_with_their_values(
    facts_of: Callable[[dict[str, str]], Facts],
) -> None:
    facts = facts_of({
        "chart/Chart.yaml": "name: c",
        "chart/values.yaml": "name: credit\ntls:\n  secret: s\n",
        "chart/templates/ingress.yaml": HELM,
        "plain.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n",
    })  # fmt: skip
    found = {m.name: plain_http(m) for m in manifests(facts)}
    assert found["credit"] is None
    assert found["s"] is not None
