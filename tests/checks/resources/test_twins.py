"""One estate in Bicep, ARM JSON and Terraform gives equal resources and links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plomada.facts.estate.resources import Estate
from plomada.facts.model import Resource, Value
from plomada.facts.values import Reference, canonical

BICEP = """
param project string = 'credit'
var tags = { owner: 'ml', CostCenter: 'A-17' }

resource group 'Microsoft.Network/networkSecurityGroups@2024-01-01' = {
  name: 'nsg-${project}'
  location: 'westeurope'
  tags: tags
}
resource network 'Microsoft.Network/virtualNetworks@2024-01-01' = {
  name: 'vnet-${project}'
  location: 'westeurope'
  tags: tags
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] } }

  resource subnet 'subnets' = {
    name: 'training'
    properties: {
      addressPrefixes: ['10.0.0.0/24']
      networkSecurityGroup: { id: group.id }
    }
  }
}
resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: toLower('ST${project}')
  location: 'westeurope'
  tags: tags
  kind: 'StorageV2'
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    allowSharedKeyAccess: false
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' }
  }
}
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-${project}'
  location: 'westeurope'
  tags: tags
  properties: {
    sku: { name: 'standard' }
    enablePurgeProtection: true
    enableRbacAuthorization: true
    publicNetworkAccess: 'Disabled'
  }
}
resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'cr${project}'
  location: 'westeurope'
  tags: tags
  sku: { name: 'Premium' }
  properties: { adminUserEnabled: false, publicNetworkAccess: 'Disabled' }
}
resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${project}'
  location: 'westeurope'
  tags: tags
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 }
}
resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${project}'
  location: 'westeurope'
  tags: tags
  properties: { Application_Type: 'web', WorkspaceResourceId: logs.id }
}
resource workspace 'Microsoft.MachineLearningServices/workspaces@2024-10-01' = {
  name: 'mlw-${project}'
  location: 'westeurope'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    storageAccount: storage.id
    keyVault: vault.id
    containerRegistry: registry.id
    applicationInsights: insights.id
    publicNetworkAccess: 'Disabled'
    managedNetwork: { isolationMode: 'AllowOnlyApprovedOutbound' }
  }
}
resource endpoint 'Microsoft.Network/privateEndpoints@2024-01-01' = {
  name: 'pe-${project}'
  location: 'westeurope'
  tags: tags
  properties: {
    subnet: { id: network::subnet.id }
    privateLinkServiceConnections: [
      { name: 'storage', properties: { privateLinkServiceId: storage.id, groupIds: ['blob'] } }
    ]
  }
}
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: workspace
  properties: { workspaceId: logs.id, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
}
"""

TERRAFORM = """
variable "project" { default = "credit" }
locals { tags = merge({ owner = "ml" }, { CostCenter = "A-17" }) }

resource "azurerm_network_security_group" "this" {
  name                = "nsg-${var.project}"
  resource_group_name = "rg"
  location            = "westeurope"
  tags                = local.tags
}
resource "azurerm_virtual_network" "this" {
  name                = "vnet-${var.project}"
  resource_group_name = "rg"
  location            = "westeurope"
  address_space       = ["10.0.0.0/16"]
  tags                = local.tags
}
resource "azurerm_subnet" "training" {
  name                 = "training"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = ["10.0.0.0/24"]
}
resource "azurerm_subnet_network_security_group_association" "training" {
  subnet_id                 = azurerm_subnet.training.id
  network_security_group_id = azurerm_network_security_group.this.id
}
resource "azurerm_storage_account" "this" {
  name                          = lower("ST${var.project}")
  resource_group_name           = "rg"
  location                      = "westeurope"
  account_kind                  = "StorageV2"
  public_network_access_enabled = false
  shared_access_key_enabled     = false
  tags                          = local.tags
  network_rules {
    default_action = "Deny"
    bypass         = "AzureServices"
  }
}
resource "azurerm_key_vault" "this" {
  name                          = "kv-${var.project}"
  resource_group_name           = "rg"
  location                      = "westeurope"
  sku_name                      = "standard"
  purge_protection_enabled      = true
  rbac_authorization_enabled    = true
  public_network_access_enabled = false
  tags                          = local.tags
}
resource "azurerm_container_registry" "this" {
  name                          = "cr${var.project}"
  resource_group_name           = "rg"
  location                      = "westeurope"
  sku                           = "Premium"
  admin_enabled                 = false
  public_network_access_enabled = false
  tags                          = local.tags
}
resource "azurerm_log_analytics_workspace" "this" {
  name                = "log-${var.project}"
  resource_group_name = "rg"
  location            = "westeurope"
  sku                 = "PerGB2018"
  retention_in_days   = 30
  tags                = local.tags
}
resource "azurerm_application_insights" "this" {
  name                = "appi-${var.project}"
  resource_group_name = "rg"
  location            = "westeurope"
  application_type    = "web"
  workspace_id        = azurerm_log_analytics_workspace.this.id
  tags                = local.tags
}
resource "azurerm_machine_learning_workspace" "this" {
  name                          = "mlw-${var.project}"
  resource_group_name           = "rg"
  location                      = "westeurope"
  application_insights_id       = azurerm_application_insights.this.id
  key_vault_id                  = azurerm_key_vault.this.id
  storage_account_id            = azurerm_storage_account.this.id
  container_registry_id         = azurerm_container_registry.this.id
  public_network_access_enabled = false
  tags                          = local.tags
  identity { type = "SystemAssigned" }
  managed_network { isolation_mode = "AllowOnlyApprovedOutbound" }
}
resource "azurerm_private_endpoint" "this" {
  name                = "pe-${var.project}"
  resource_group_name = "rg"
  location            = "westeurope"
  subnet_id           = azurerm_subnet.training.id
  tags                = local.tags
  private_service_connection {
    name                           = "storage"
    private_connection_resource_id = azurerm_storage_account.this.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }
}
resource "azurerm_monitor_diagnostic_setting" "audit" {
  name                       = "audit"
  target_resource_id         = azurerm_machine_learning_workspace.this.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id
  enabled_log { category_group = "allLogs" }
}
"""


def _id(kind: str, *names: str) -> str:
    return f"[resourceId('{kind}', {', '.join(names)})]"


def _arm() -> str:
    import json

    def named(prefix: str) -> str:
        return f"[concat('{prefix}', parameters('project'))]"

    def one(what: str, name: str, **rest: object) -> dict[str, object]:
        common = {"location": "westeurope", "tags": "[variables('tags')]"}
        return {"type": what, "apiVersion": "2024-01-01", "name": name, **common, **rest}

    network = "Microsoft.Network"
    project = "parameters('project')"
    storage = _id("Microsoft.Storage/storageAccounts", "variables('storage')")
    workspaces = "Microsoft.MachineLearningServices/workspaces"
    logs = _id("Microsoft.OperationalInsights/workspaces", f"concat('log-', {project})")
    subnet = {
        "type": f"{network}/virtualNetworks/subnets",
        "apiVersion": "2024-01-01",
        "name": f"[concat('vnet-', {project}, '/training')]",
        "properties": {
            "addressPrefixes": ["10.0.0.0/24"],
            "networkSecurityGroup": {
                "id": _id(f"{network}/networkSecurityGroups", f"concat('nsg-', {project})")
            },
        },
    }
    audit = {
        "type": "Microsoft.Insights/diagnosticSettings",
        "apiVersion": "2021-05-01-preview",
        "name": "audit",
        "scope": f"[format('{workspaces}/{{0}}', concat('mlw-', {project}))]",
        "properties": {
            "workspaceId": logs,
            "logs": [{"categoryGroup": "allLogs", "enabled": True}],
        },
    }
    resources = [
        one(f"{network}/networkSecurityGroups", named("nsg-")),
        one(
            f"{network}/virtualNetworks",
            named("vnet-"),
            properties={"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
        ),
        subnet,
        one(
            "Microsoft.Storage/storageAccounts",
            "[variables('storage')]",
            kind="StorageV2",
            properties={
                "minimumTlsVersion": "TLS1_2",
                "supportsHttpsTrafficOnly": True,
                "publicNetworkAccess": "Disabled",
                "allowSharedKeyAccess": False,
                "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"},
            },
        ),
        one(
            "Microsoft.KeyVault/vaults",
            named("kv-"),
            properties={
                "sku": {"name": "standard"},
                "enablePurgeProtection": True,
                "enableRbacAuthorization": True,
                "publicNetworkAccess": "Disabled",
            },
        ),
        one(
            "Microsoft.ContainerRegistry/registries",
            named("cr"),
            sku={"name": "Premium"},
            properties={"adminUserEnabled": False, "publicNetworkAccess": "Disabled"},
        ),
        one(
            "Microsoft.OperationalInsights/workspaces",
            named("log-"),
            properties={"sku": {"name": "PerGB2018"}, "retentionInDays": 30},
        ),
        one(
            "Microsoft.Insights/components",
            named("appi-"),
            properties={"Application_Type": "web", "WorkspaceResourceId": logs},
        ),
        one(
            workspaces,
            named("mlw-"),
            identity={"type": "SystemAssigned"},
            properties={
                "storageAccount": storage,
                "keyVault": _id("Microsoft.KeyVault/vaults", f"concat('kv-', {project})"),
                "containerRegistry": _id(
                    "Microsoft.ContainerRegistry/registries", f"concat('cr', {project})"
                ),
                "applicationInsights": _id(
                    "Microsoft.Insights/components", f"concat('appi-', {project})"
                ),
                "publicNetworkAccess": "Disabled",
                "managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"},
            },
        ),
        one(
            f"{network}/privateEndpoints",
            named("pe-"),
            properties={
                "subnet": {
                    "id": _id(
                        f"{network}/virtualNetworks/subnets",
                        f"concat('vnet-', {project})",
                        "'training'",
                    )
                },
                "privateLinkServiceConnections": [
                    {
                        "name": "storage",
                        "properties": {"privateLinkServiceId": storage, "groupIds": ["blob"]},
                    }
                ],
            },
        ),
        audit,
    ]
    return json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {"project": {"type": "string", "defaultValue": "credit"}},
            "variables": {
                "tags": {"owner": "ml", "CostCenter": "A-17"},
                "storage": f"[toLower(concat('ST', {project}))]",
            },
            "resources": resources,
        }
    )


def _plain(value: Value | None, estate: Estate) -> object:
    """Return a value without places; a reference as what it refers to."""
    if value is None:
        return None
    if isinstance(value, Reference):
        target = estate.by_address.get(value.target)
        name = target.name if target is not None else value.name
        return ("ref", value.type, canonical(name) if name is not None else "")
    if isinstance(value.data, dict):
        return {k.lower(): _plain(v, estate) for k, v in value.data.items()}
    if isinstance(value.data, tuple):
        return [_plain(v, estate) for v in value.data]
    return value.data if value.kind == "known" else canonical(value)


def _leaves(resource: Resource, estate: Estate) -> dict[str, object]:
    containers = dict | list
    found = {p: _plain(v, estate) for p, v in resource.properties.items() if not p.startswith("@")}
    return {p: v for p, v in found.items() if not isinstance(v, containers) and p != "location"}


def _shape(estate: Estate) -> dict[str, object]:
    """Return what an estate declares, places, dialects and addresses aside."""
    return {
        f"{r.type} {canonical(r.name)}": {
            "properties": _leaves(r, estate),
            "tags": _plain(r.tags, estate),
            "identity": _plain(r.identity, estate),
        }
        for r in estate.declared
    }


def _links(estate: Estate) -> set[tuple[str, str, str, str]]:
    def name(address: str) -> str:
        found = estate.by_address.get(address)
        return f"{found.type} {canonical(found.name)}" if found else "?"

    return {(k.relation, name(k.source), name(k.target), k.detail) for k in estate.links}


TWINS = {"main.bicep": BICEP, "main.tf": TERRAFORM, "azuredeploy.json": _arm()}


@pytest.mark.parametrize("path", ["azuredeploy.json", "main.tf"])
def test_the_same_estate_in_another_dialect_is_equal(
    path: str, estate_of: Callable[[dict[str, str]], Estate]
) -> None:
    first, second = estate_of({"main.bicep": BICEP}), estate_of({path: TWINS[path]})
    assert len(first.declared) == 11
    assert _shape(second) == _shape(first)
    assert _links(second) == _links(first)


def test_the_links_are_those_that_are_written(
    estate_of: Callable[[dict[str, str]], Estate],
) -> None:
    relations = sorted(k[0] for k in _links(estate_of({"main.bicep": BICEP})))
    assert relations == [
        "diagnostics-target",
        "private-endpoint",
        "scope",
        "subnet-nsg",
        "workspace-insights",
        "workspace-keyvault",
        "workspace-registry",
        "workspace-storage",
    ]
