locals {
  names = jsondecode(file("${path.module}/names.json"))[var.environment]
  tags  = merge(jsondecode(file("${path.module}/tags.json")), { environment = var.environment })
}

data "azurerm_resource_group" "this" {
  name = local.names.resourceGroup
}

data "azurerm_user_assigned_identity" "deployer" {
  name                = local.names.deployerIdentity
  resource_group_name = data.azurerm_resource_group.this.name
}

data "azurerm_user_assigned_identity" "workspace" {
  name                = local.names.workspaceIdentity
  resource_group_name = data.azurerm_resource_group.this.name
}

data "azurerm_user_assigned_identity" "training" {
  name                = local.names.trainingIdentity
  resource_group_name = data.azurerm_resource_group.this.name
}

data "azurerm_user_assigned_identity" "scoring" {
  name                = local.names.scoringIdentity
  resource_group_name = data.azurerm_resource_group.this.name
}

module "monitoring" {
  source = "./modules/monitoring"

  names          = local.names
  resource_group = data.azurerm_resource_group.this.name
  location       = var.location
  tags           = local.tags
  retention_days = var.log_retention_days
  alert_email    = var.alert_email
}

module "network" {
  source = "./modules/network"

  names            = local.names
  resource_group   = data.azurerm_resource_group.this.name
  location         = var.location
  tags             = local.tags
  address_prefix   = var.address_prefix
  endpoint_prefix  = var.endpoint_prefix
  runner_prefix    = var.runner_prefix
  log_analytics_id = module.monitoring.log_analytics_id
}

module "storage" {
  source = "./modules/storage"

  name              = local.names.storageAccount
  resource_group    = data.azurerm_resource_group.this.name
  location          = var.location
  tags              = local.tags
  replication       = var.storage_replication
  allowed_addresses = var.allowed_addresses
  retention_days    = var.data_retention_days
  locked            = var.lock_resources
  log_analytics_id  = module.monitoring.log_analytics_id
}

module "key_vault" {
  source = "./modules/key-vault"

  name              = local.names.keyVault
  resource_group    = data.azurerm_resource_group.this.name
  location          = var.location
  tags              = local.tags
  allowed_addresses = var.allowed_addresses
  locked            = var.lock_resources
  log_analytics_id  = module.monitoring.log_analytics_id
}

module "container_registry" {
  source = "./modules/container-registry"

  name             = local.names.containerRegistry
  resource_group   = data.azurerm_resource_group.this.name
  location         = var.location
  tags             = local.tags
  is_private       = var.private_registry
  locked           = var.lock_resources
  log_analytics_id = module.monitoring.log_analytics_id
}

module "access" {
  source = "./modules/access"

  storage_id   = module.storage.id
  key_vault_id = module.key_vault.id
  registry_id  = module.container_registry.id
  group_id     = data.azurerm_resource_group.this.id

  deployer  = data.azurerm_user_assigned_identity.deployer.principal_id
  workspace = data.azurerm_user_assigned_identity.workspace.principal_id
  training  = data.azurerm_user_assigned_identity.training.principal_id
  scoring   = data.azurerm_user_assigned_identity.scoring.principal_id
}

module "workspace" {
  source     = "./modules/workspace"
  depends_on = [module.access]

  names                   = local.names
  resource_group          = data.azurerm_resource_group.this.name
  location                = var.location
  tags                    = local.tags
  identity_id             = data.azurerm_user_assigned_identity.workspace.id
  training_identity_id    = data.azurerm_user_assigned_identity.training.id
  storage_id              = module.storage.id
  key_vault_id            = module.key_vault.id
  registry_id             = module.container_registry.id
  application_insights_id = module.monitoring.application_insights_id
  log_analytics_id        = module.monitoring.log_analytics_id
  isolation_mode          = var.isolation_mode
  public_access           = length(var.allowed_addresses) > 0
  cluster_vm_size         = var.cluster_vm_size
  cluster_max_nodes       = var.cluster_max_nodes
  cluster_priority        = var.cluster_priority
  cluster_idle_time       = var.cluster_idle_time
}

locals {
  # What is reached by a private address: the resource, the part of it, the zone of its name.
  private = merge(
    {
      workspace = { target = module.workspace.id, group = "amlworkspace", zone = "privatelink.api.azureml.ms" }
      blob      = { target = module.storage.id, group = "blob", zone = "privatelink.blob.core.windows.net" }
      file      = { target = module.storage.id, group = "file", zone = "privatelink.file.core.windows.net" }
      vault     = { target = module.key_vault.id, group = "vault", zone = "privatelink.vaultcore.azure.net" }
    },
    var.private_registry ? {
      registry = { target = module.container_registry.id, group = "registry", zone = "privatelink.azurecr.io" }
    } : {},
  )
}

module "private_endpoint" {
  source   = "./modules/private-endpoint"
  for_each = local.private

  name           = "${local.names.privateEndpoint}-${each.key}"
  resource_group = data.azurerm_resource_group.this.name
  location       = var.location
  tags           = local.tags
  subnet_id      = module.network.endpoint_subnet_id
  network_id     = module.network.id
  target_id      = each.value.target
  group_id       = each.value.group
  zone           = each.value.zone
}

module "alerts" {
  source = "./modules/alerts"

  prefix           = local.names.alert
  resource_group   = data.azurerm_resource_group.this.name
  group_id         = data.azurerm_resource_group.this.id
  location         = var.location
  tags             = local.tags
  action_group_id  = module.monitoring.action_group_id
  log_analytics_id = module.monitoring.log_analytics_id
  workspace_id     = module.workspace.id
  storage_id       = module.storage.id
  key_vault_id     = module.key_vault.id
  queries          = "${path.module}/queries"
}

module "queries" {
  source = "./modules/queries"

  pack             = local.names.queryPack
  resource_group   = data.azurerm_resource_group.this.name
  location         = var.location
  tags             = local.tags
  log_analytics_id = module.monitoring.log_analytics_id
  queries          = "${path.module}/queries"
}

module "workbook" {
  source = "./modules/workbook"

  title            = local.names.workbook
  resource_group   = data.azurerm_resource_group.this.name
  location         = var.location
  tags             = local.tags
  log_analytics_id = module.monitoring.log_analytics_id
  queries          = "${path.module}/queries"
}

module "budget" {
  source = "./modules/budget"

  name        = local.names.budget
  group_id    = data.azurerm_resource_group.this.id
  amount      = var.monthly_budget
  start       = var.budget_start
  alert_email = var.alert_email
}
