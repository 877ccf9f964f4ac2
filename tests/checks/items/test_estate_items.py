# ruff: noqa: E501 - little files as data
"""Realistic cases for the items that the labels leave unproven, six and more on each side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plomada.facts import Facts
from plomada.items import RULES, Settings, gov_estate, inf_estate, mon_estate, sec_estate
from plomada.repository import Repository

assert all((gov_estate, inf_estate, mon_estate, sec_estate))

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def bicep(kind: str, body: str = "", symbol: str = "r") -> str:
    return f"resource {symbol} '{kind}@2024-01-01' = {{\n  name: '{symbol}name'\n  location: 'westeurope'\n{body}\n}}\n"


def arm(*resources: dict[str, object]) -> str:
    listed = [{"apiVersion": "2024-01-01", "name": "n", **r} for r in resources]
    return json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": listed})


STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
REGISTRY = "Microsoft.ContainerRegistry/registries"
WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
ENDPOINT = "Microsoft.Network/privateEndpoints"


def tagged(key: str) -> dict[str, str]:
    return {"main.bicep": bicep(STORAGE, f"  tags: {{ '{key}': 'x' }}")}


def endpoint(target: str, group: str, symbol: str = "pe") -> str:
    connection = (
        f"{{ name: 'c', properties: {{ privateLinkServiceId: {target}, groupIds: ['{group}'] }} }}"
    )
    return bicep(
        ENDPOINT, f"  properties: {{ privateLinkServiceConnections: [{connection}] }}", symbol
    )


def setting(scope: str, body: str, symbol: str = "d") -> str:
    return f"resource {symbol} 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {{\n  name: 'd'\n  scope: {scope}\n  properties: {{ {body} }}\n}}\n"


LOGS = "workspaceId: 'w', logs: [{ categoryGroup: 'allLogs', enabled: true }]"
WORKFLOW = (
    "on: [pull_request]\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {}\n"
)
BUDGET = '{\n  name = "b"\n  amount = 5\n  time_grain = "Monthly"\n}\n'

CASES = {
    # INF4
    "INF4 cost-center": ("INF4", "passed", tagged("cost-center")),
    "INF4 Cost Centre": ("INF4", "passed", tagged("Cost Centre")),
    "INF4 billing_code": ("INF4", "passed", tagged("billing_code")),
    "INF4 chargeback": ("INF4", "passed", tagged("ChargeBack")),
    "INF4 budget code on a group": ("INF4", "passed", {"main.tf": 'resource "azurerm_resource_group" "g" {\n  name = "g"\n  location = "l"\n  tags = { "budget-code" = "1" }\n}\n'}),
    "INF4 a parameter file brings it": ("INF4", "passed", {"main.bicep": f"param tags object = {{}}\n{bicep(STORAGE, '  tags: tags')}", "prod.bicepparam": "using 'main.bicep'\nparam tags = { costOwner: 'x' }"}),
    "INF4 merged": ("INF4", "passed", {"main.bicep": f"param extra object\n{bicep(STORAGE, chr(32) * 2 + 'tags: union(extra, { CostCenter: 1 })')}"}),
    "INF4 name alone": ("INF4", "failed", tagged("name")),
    "INF4 cost alone": ("INF4", "failed", tagged("cost")),
    "INF4 centre alone": ("INF4", "failed", tagged("center")),
    "INF4 as a value": ("INF4", "failed", {"main.bicep": bicep(STORAGE, "  tags: { team: 'cost-center' }")}),
    "INF4 commented out": ("INF4", "failed", {"main.bicep": bicep(STORAGE, "  tags: {\n    a: 'b'\n    // costCenter: 'x'\n  }")}),
    "INF4 on a child alone": ("INF4", "failed", {"main.bicep": bicep(f"{WORKSPACE}/computes", "  tags: { costCenter: 'x' }")}),
    "INF4 on an existing one": ("INF4", "failed", {"main.bicep": f"resource g '{STORAGE}@2024-01-01' existing = {{ name: 'x' }}\nvar tags = {{ costCenter: 'x' }}\n"}),
    # INF7
    "INF7 by resource id": ("INF7", "passed", {"main.bicep": bicep(STORAGE) + endpoint(f"resourceId('{STORAGE}', 'rname')", "blob")}),
    "INF7 through a module": ("INF7", "passed", {"main.bicep": bicep(VAULT) + "module e 'e.bicep' = { name: 'e', params: { id: r.id, group: 'vault' } }\n", "e.bicep": "param id string\nparam group string\n" + endpoint("id", "vault").replace("'vault'", "group")}),
    "INF7 one unresolved endpoint for one vault": ("INF7", "passed", {"main.bicep": "param id string\n" + bicep(VAULT) + endpoint("id", "vault")}),
    "INF7 behind a switch": ("INF7", "passed", {"main.bicep": "param private bool = false\n" + bicep(REGISTRY) + endpoint("r.id", "registry").replace("= {", "= if (private) {", 1)}),
    "INF7 a loop over both": ("INF7", "passed", {"main.tf": 'resource "azurerm_storage_account" "s" {\n  for_each = toset(["a", "b"])\n  name = each.key\n}\nresource "azurerm_private_endpoint" "e" {\n  for_each = azurerm_storage_account.s\n  name = each.key\n  private_service_connection {\n    private_connection_resource_id = azurerm_storage_account.s[each.key].id\n    subresource_names = ["blob"]\n  }\n}\n'}),
    "INF7 outbound rule": ("INF7", "passed", {"main.tf": 'resource "azurerm_storage_account" "s" { name = "s" }\nresource "azurerm_machine_learning_workspace_network_outbound_rule_private_endpoint" "o" {\n  name = "o"\n  workspace_id = var.w\n  service_resource_id = azurerm_storage_account.s.id\n  sub_resource_target = "blob"\n}\n'}),
    "INF7 verified module": ("INF7", "passed", {"main.bicep": "module s 'br/public:avm/res/storage/storage-account:0.9.0' = { name: 's', params: { name: 's', privateEndpoints: [{ service: 'blob', subnetResourceId: 'x' }] } }"}),
    "INF7 one unresolved endpoint for two vaults": ("INF7", "failed", {"main.bicep": "param id string\n" + bicep(VAULT) + bicep(VAULT, "", "q") + endpoint("id", "vault")}),
    "INF7 unresolved endpoint of another kind": ("INF7", "failed", {"main.bicep": "param id string\n" + bicep(VAULT) + endpoint("id", "blob")}),
    "INF7 service endpoints alone": ("INF7", "failed", {"main.bicep": bicep(STORAGE, "  properties: { networkAcls: { defaultAction: 'Deny' } }")}),
    "INF7 a zone without endpoint": ("INF7", "failed", {"main.bicep": bicep(STORAGE) + bicep("Microsoft.Network/privateDnsZones", "", "z")}),
    "INF7 in development alone": ("INF7", "failed", {"main.bicep": "param environment string = 'prod'\n" + bicep(STORAGE) + endpoint("r.id", "blob").replace("= {", "= if (environment == 'dev') {", 1)}),
    "INF7 the second tree": ("INF7", "failed", {"a/main.bicep": bicep(STORAGE) + endpoint("r.id", "blob"), "b/main.tf": 'resource "azurerm_storage_account" "s" { name = "s" }\n'}),
    "INF7 no such resource": ("INF7", "failed", {"main.bicep": bicep("Microsoft.Insights/components")}),
    # MON4
    "MON4 dashboard": ("MON4", "passed", {"main.bicep": bicep("Microsoft.Portal/dashboards")}),
    "MON4 workbook behind a switch": ("MON4", "passed", {"main.bicep": "param w bool = false\n" + bicep("Microsoft.Insights/workbooks").replace("= {", "= if (w) {", 1)}),
    "MON4 portal in Terraform": ("MON4", "passed", {"main.tf": 'resource "azurerm_portal_dashboard" "d" {\n  name = "d"\n  dashboard_properties = "{}"\n}\n'}),
    "MON4 azapi": ("MON4", "passed", {"main.tf": 'resource "azapi_resource" "w" {\n  type = "Microsoft.Insights/workbooks@2022-04-01"\n  name = "w"\n  body = { properties = {} }\n}\n'}),
    "MON4 Grafana in Terraform": ("MON4", "passed", {"main.tf": 'resource "grafana_dashboard" "d" {\n  config_json = "{}"\n}\n'}),
    "MON4 Grafana export": ("MON4", "passed", {"g.json": json.dumps({"dashboard": {"panels": [{"type": "graph"}]}})}),
    "MON4 a dashboard in a template": ("MON4", "passed", {"main.json": arm({"type": "Microsoft.Portal/dashboards"})}),
    "MON4 mentioned": ("MON4", "failed", {"README.md": "Open the Azure Portal dashboard.\n", "main.bicep": bicep(STORAGE)}),
    "MON4 commented out": ("MON4", "failed", {"main.tf": '# resource "azurerm_portal_dashboard" "d" {}\nresource "azurerm_resource_group" "g" { name = "g" }\n'}),
    "MON4 existing": ("MON4", "failed", {"main.bicep": "resource d 'Microsoft.Portal/dashboards@2020-09-01-preview' existing = { name: 'd' }"}),
    "MON4 Grafana instance": ("MON4", "failed", {"main.tf": 'resource "azurerm_dashboard_grafana" "g" { name = "g" }\n'}),
    "MON4 empty JSON": ("MON4", "failed", {"dashboard.json": json.dumps({"panels": [], "schemaVersion": 3})}),
    "MON4 script named dashboard": ("MON4", "failed", {"dashboard.py": "def create_dashboard():\n    pass\n"}),
    # GOV2
    "GOV2 built-in by reference": ("GOV2", "passed", {"main.tf": 'data "azurerm_policy_definition" "t" { display_name = "Require a tag on resources" }\nresource "azurerm_resource_group_policy_assignment" "a" {\n  name = "a"\n  resource_group_id = "x"\n  policy_definition_id = "/providers/Microsoft.Authorization/policyDefinitions/871b6d14-10aa-478d-b590-94f262ecfa99"\n}\n'}),
    "GOV2 own definition assigned": ("GOV2", "passed", {"main.bicep": "targetScope = 'subscription'\nresource d 'Microsoft.Authorization/policyDefinitions@2023-04-01' = {\n  name: 'd'\n  properties: { policyRule: { if: { field: 'tags[owner]', exists: 'false' }, then: { effect: 'deny' } } }\n}\n"}),
    "GOV2 any of several": ("GOV2", "passed", {"main.json": arm({"type": "Microsoft.Authorization/policyDefinitions", "properties": {"policyRule": {"if": {"allOf": [{"field": "type", "equals": "x"}, {"field": "tags", "exists": False}]}, "then": {"effect": "audit"}}}})}),
    "GOV2 an initiative": ("GOV2", "passed", {"main.bicep": "targetScope = 'subscription'\nresource s 'Microsoft.Authorization/policySetDefinitions@2023-04-01' = {\n  name: 's'\n  properties: { policyDefinitions: [{ policyDefinitionId: '/providers/Microsoft.Authorization/policyDefinitions/cd3aa116-8754-49c9-a813-ad46512ece54' }] }\n}\n"}),
    "GOV2 conftest": ("GOV2", "passed", {".github/workflows/a.yml": WORKFLOW.format("conftest test infra"), "policy/tags.rego": "package main\ndeny[m] { not input.tags.owner; m := \"x\" }\n"}),
    "GOV2 this checker": ("GOV2", "passed", {".github/workflows/a.yml": WORKFLOW.format("plomada check")}),
    "GOV2 locations": ("GOV2", "failed", {"main.bicep": "targetScope = 'subscription'\nresource d 'Microsoft.Authorization/policyDefinitions@2023-04-01' = {\n  name: 'tags'\n  properties: { displayName: 'Tags', policyRule: { if: { field: 'location', notIn: [] }, then: { effect: 'deny' } } }\n}\n"}),
    "GOV2 conftest without tags": ("GOV2", "failed", {".github/workflows/a.yml": WORKFLOW.format("conftest test infra"), "policy/a.rego": "package main\ndeny[m] { input.public; m := \"x\" }\n"}),
    "GOV2 rego that nothing runs": ("GOV2", "failed", {"policy/tags.rego": "package main\ndeny[m] { not input.tags.owner; m := \"x\" }\n"}),
    "GOV2 checkov": ("GOV2", "failed", {".github/workflows/a.yml": WORKFLOW.format("checkov -d infra")}),
    "GOV2 this checker without the items": ("GOV2", "failed", {".github/workflows/a.yml": WORKFLOW.format("plomada check --select DEV")}),
    "GOV2 existing assignment": ("GOV2", "failed", {"main.bicep": "resource a 'Microsoft.Authorization/policyAssignments@2023-04-01' existing = { name: '871b6d14-10aa-478d-b590-94f262ecfa99' }"}),
    # GOV3
    "GOV3 subscription budget": ("GOV3", "passed", {"main.tf": f'resource "azurerm_consumption_budget_subscription" "b" {BUDGET}'}),
    "GOV3 export": ("GOV3", "passed", {"main.tf": f'resource "azurerm_subscription_cost_management_export" "b" {BUDGET}'}),
    "GOV3 budget in ARM": ("GOV3", "passed", {"b.json": arm({"type": "Microsoft.Consumption/budgets"})}),
    "GOV3 allocation rule": ("GOV3", "passed", {"main.bicep": bicep("Microsoft.CostManagement/costAllocationRules")}),
    "GOV3 budget of a verified module": ("GOV3", "passed", {"main.bicep": "targetScope = 'subscription'\nmodule b 'br/public:avm/res/consumption/budget:0.3.5' = { name: 'b', params: { name: 'b', amount: 5 } }"}),
    "GOV3 by PowerShell": ("GOV3", "passed", {"b.ps1": "New-AzConsumptionBudget -Name b -Amount 5 -Category Cost\n"}),
    "GOV3 existing": ("GOV3", "failed", {"main.bicep": "resource b 'Microsoft.Consumption/budgets@2023-11-01' existing = { name: 'b' }"}),
    "GOV3 in a document": ("GOV3", "failed", {"README.md": "```bash\naz consumption budget create --amount 5\n```\n"}),
    "GOV3 commented out": ("GOV3", "failed", {"b.sh": "# az consumption budget create --amount 5\n"}),
    "GOV3 echoed": ("GOV3", "failed", {"b.sh": "echo az consumption budget create --amount 5\n"}),
    "GOV3 shown": ("GOV3", "failed", {"b.sh": "az consumption budget list\n"}),
    "GOV3 a parameter of that name": ("GOV3", "failed", {"main.bicep": "param budget int = 5\n" + bicep(STORAGE)}),
    # GOV4
    "GOV4 vault": ("GOV4", "passed", {"main.bicep": bicep(VAULT) + setting("r", LOGS)}),
    "GOV4 existing workspace": ("GOV4", "passed", {"main.bicep": f"resource r '{WORKSPACE}@2024-10-01' existing = {{ name: 'w' }}\n" + setting("r", LOGS)}),
    "GOV4 to storage": ("GOV4", "passed", {"main.bicep": bicep(VAULT) + setting("r", "storageAccountId: 's', logs: [{ category: 'AuditEvent', enabled: true }]")}),
    "GOV4 old ARM form": ("GOV4", "passed", {"main.json": arm({"type": f"{VAULT}/providers/diagnosticSettings", "name": "kv/Microsoft.Insights/d", "properties": {"workspaceId": "w", "logs": [{"category": "AuditEvent", "enabled": True}]}})}),
    "GOV4 dynamic logs": ("GOV4", "passed", {"main.tf": 'resource "azurerm_key_vault" "k" { name = "k" }\nresource "azurerm_monitor_diagnostic_setting" "d" {\n  name = "d"\n  target_resource_id = azurerm_key_vault.k.id\n  log_analytics_workspace_id = var.l\n  dynamic "enabled_log" {\n    for_each = toset(["AuditEvent"])\n    content { category = enabled_log.value }\n  }\n}\n'}),
    "GOV4 by command": ("GOV4", "passed", {"d.sh": "az monitor diagnostic-settings create --name d --resource /subscriptions/x/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv --workspace w --logs '[{\"category\": \"AuditEvent\", \"enabled\": true}]'\n"}),
    "GOV4 logs off": ("GOV4", "failed", {"main.bicep": bicep(VAULT) + setting("r", "workspaceId: 'w', logs: [{ category: 'AuditEvent', enabled: false }]")}),
    "GOV4 metrics": ("GOV4", "failed", {"main.bicep": bicep(VAULT) + setting("r", "workspaceId: 'w', metrics: [{ category: 'AllMetrics', enabled: true }]")}),
    "GOV4 nowhere": ("GOV4", "failed", {"main.bicep": bicep(VAULT) + setting("r", "logs: [{ category: 'AuditEvent', enabled: true }]")}),
    "GOV4 an endpoint's": ("GOV4", "failed", {"main.bicep": bicep(f"{WORKSPACE}/onlineEndpoints") + setting("r", LOGS)}),
    "GOV4 storage's": ("GOV4", "failed", {"main.bicep": bicep(STORAGE) + setting("r", LOGS)}),
    "GOV4 an endpoint's by command": ("GOV4", "failed", {"d.sh": "az monitor diagnostic-settings create --name d --resource /subscriptions/x/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/e --workspace w --logs '[]'\n"}),
    # prohibitions and dialects beyond the pages
    "SEC3 unresolved role": ("SEC3", "passed", {"main.bicep": "param role string\nresource a 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: 'a'\n  properties: { roleDefinitionId: role, principalId: 'p' }\n}\n"}),
    "SEC3 by GUID in a map": ("SEC3", "failed", {"main.bicep": "var roles = { owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635' }\nresource a 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: 'a'\n  properties: { roleDefinitionId: resourceId('Microsoft.Authorization/roleDefinitions', roles.owner), principalId: 'p' }\n}\n"}),
    "SEC3 data source role": ("SEC3", "failed", {"main.tf": 'data "azurerm_role_definition" "c" { name = "Contributor" }\nresource "azurerm_resource_group" "g" { name = "g" }\nresource "azurerm_role_assignment" "a" {\n  scope = azurerm_resource_group.g.id\n  role_definition_id = data.azurerm_role_definition.c.id\n  principal_id = "p"\n}\n'}),
    "SEC3 subscription by text": ("SEC3", "failed", {"main.tf": 'resource "azurerm_role_assignment" "a" {\n  scope = "/subscriptions/${var.s}"\n  role_definition_name = "Owner"\n  principal_id = "p"\n}\n'}),
    "SEC3 resource by text": ("SEC3", "passed", {"main.tf": 'resource "azurerm_role_assignment" "a" {\n  scope = "${azurerm_resource_group.g.id}/providers/Microsoft.Storage/storageAccounts/s"\n  role_definition_name = "Owner"\n  principal_id = "p"\n}\nresource "azurerm_resource_group" "g" { name = "g" }\n'}),
    "SEC4 unresolved": ("SEC4", "failed", {"main.bicep": "param access string\n" + bicep(WORKSPACE, "  properties: { publicNetworkAccess: access }")}),
    "SEC4 endpoint off in production": ("SEC4", "failed", {"main.bicep": "param private bool\n" + bicep(WORKSPACE) + endpoint("r.id", "amlworkspace").replace("= {", "= if (private) {", 1), "prod.bicepparam": "using 'main.bicep'\nparam private = false"}),
    "SEC4 isolation off": ("SEC4", "failed", {"main.bicep": bicep(WORKSPACE, "  properties: { managedNetwork: { isolationMode: 'Disabled' } }")}),
    "SEC4 a verified module": ("SEC4", "passed", {"main.bicep": "module w 'br/public:avm/res/machine-learning-services/workspace:0.8.1' = { name: 'w', params: { name: 'w', sku: 'Basic' } }"}),
    "SEC5 either of two versions": ("SEC5", "failed", {"main.bicep": "param old bool\n" + bicep(STORAGE, "  properties: { minimumTlsVersion: old ? 'TLS1_0' : 'TLS1_2' }")}),
    "SEC5 HTTP admitted": ("SEC5", "failed", {"main.bicep": bicep(STORAGE, "  properties: { minimumTlsVersion: 'TLS1_2', supportsHttpsTrafficOnly: false }")}),
    "SEC5 infrastructure encryption off": ("SEC5", "passed", {"main.bicep": bicep(STORAGE, "  properties: { minimumTlsVersion: 'TLS1_2', encryption: { requireInfrastructureEncryption: false } }")}),
    "SEC5 public container on 80": ("SEC5", "failed", {"main.bicep": bicep(STORAGE, "  properties: { minimumTlsVersion: 'TLS1_2' }") + bicep("Microsoft.ContainerInstance/containerGroups", "  properties: { ipAddress: { type: 'Public', ports: [{ port: 80 }] } }", "c")}),
    "INF3 a private endpoint without": ("INF3", "failed", {"main.bicep": bicep(STORAGE, "  tags: { a: 'b' }") + endpoint("r.id", "blob")}),
    "INF3 compute is a child": ("INF3", "passed", {"main.bicep": bicep(WORKSPACE, "  tags: { a: 'b' }") + bicep(f"{WORKSPACE}/computes", "", "c")}),
    "INF3 unresolved": ("INF3", "passed", {"main.bicep": "param tags object\n" + bicep(STORAGE, "  tags: tags")}),
    "INF6 n/a needs the managed network": ("INF6", "failed", {"main.bicep": bicep(WORKSPACE)}),
    "INF6 inline subnet": ("INF6", "passed", {"main.tf": 'resource "azurerm_network_security_group" "g" { name = "g" }\nresource "azurerm_virtual_network" "v" {\n  name = "v"\n  subnet {\n    name = "a"\n    security_group = azurerm_network_security_group.g.id\n  }\n}\n'}),
    "INF5 verified module": ("INF5", "passed", {"main.bicep": "module s 'br/public:avm/res/storage/storage-account:0.9.0' = { name: 's', params: { name: 's', roleAssignments: [{ principalId: 'p', roleDefinitionIdOrName: 'Storage Blob Data Reader' }] } }"}),
    "MON3 Prometheus object": ("MON3", "passed", {"r.yaml": "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n    - name: g\n      rules:\n        - alert: A\n          expr: up == 0\n"}),
    "MON3 recording rules": ("MON3", "failed", {"r.yaml": "groups:\n  - name: g\n    rules:\n      - record: a\n        expr: up\n"}),
}  # fmt: skip


@pytest.mark.parametrize(("item", "state", "files"), CASES.values(), ids=CASES)
def test_case(item: str, state: str, files: dict[str, str], tmp_path: Path) -> None:
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    verdict = RULES[item](Facts(Repository(tmp_path)), Settings())
    assert verdict.state == state, verdict


@pytest.mark.parametrize("item", ["INF4", "INF7", "MON4", "GOV2", "GOV3", "GOV4"])
def test_items_that_labels_leave_unproven_have_six_cases_on_each_side(item: str) -> None:
    for state in ("passed", "failed"):
        assert sum(1 for i, s, _ in CASES.values() if (i, s) == (item, state)) >= 6


@pytest.mark.parametrize(
    "item",
    [
        "INF3",
        "INF4",
        "INF5",
        "INF6",
        "INF7",
        "SEC3",
        "SEC4",
        "SEC5",
        "MON3",
        "MON4",
        "GOV2",
        "GOV3",
        "GOV4",
    ],
)
def test_an_unreadable_file_makes_absence_unknown(item: str, tmp_path: Path) -> None:
    (tmp_path / "main.bicep").write_text("resource x = ((((\n", encoding="utf-8")
    assert RULES[item](Facts(Repository(tmp_path)), Settings()).state == "unknown"
    (tmp_path / "main.bicep").unlink()
    assert RULES[item](Facts(Repository(tmp_path)), Settings()).state == "failed"
