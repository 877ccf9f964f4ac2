variable "names" { type = map(string) }
variable "resource_group" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "identity_id" { type = string }
variable "training_identity_id" { type = string }
variable "storage_id" { type = string }
variable "key_vault_id" { type = string }
variable "registry_id" { type = string }
variable "application_insights_id" { type = string }
variable "log_analytics_id" { type = string }
variable "isolation_mode" { type = string }
variable "public_access" { type = bool }
variable "cluster_vm_size" { type = string }
variable "cluster_max_nodes" { type = number }
variable "cluster_priority" { type = string }
variable "cluster_idle_time" { type = string }

resource "azurerm_machine_learning_workspace" "this" {
  name                = var.names.workspace
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags

  application_insights_id        = var.application_insights_id
  key_vault_id                   = var.key_vault_id
  storage_account_id             = var.storage_id
  storage_account_access_type    = "Identity"
  container_registry_id          = var.registry_id
  public_network_access_enabled  = var.public_access
  primary_user_assigned_identity = var.identity_id

  identity {
    type         = "UserAssigned"
    identity_ids = [var.identity_id]
  }

  managed_network {
    isolation_mode                = var.isolation_mode
    provision_on_creation_enabled = true
  }
}

resource "azurerm_machine_learning_compute_cluster" "this" {
  name                          = var.names.computeCluster
  machine_learning_workspace_id = azurerm_machine_learning_workspace.this.id
  location                      = var.location
  tags                          = var.tags
  vm_size                       = var.cluster_vm_size
  vm_priority                   = var.cluster_priority
  local_auth_enabled            = false
  node_public_ip_enabled        = false

  identity {
    type         = "UserAssigned"
    identity_ids = [var.training_identity_id]
  }

  scale_settings {
    min_node_count                       = 0
    max_node_count                       = var.cluster_max_nodes
    scale_down_nodes_after_idle_duration = var.cluster_idle_time
  }
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  name                       = "logs"
  target_resource_id         = azurerm_machine_learning_workspace.this.id
  log_analytics_workspace_id = var.log_analytics_id

  enabled_log {
    category_group = "allLogs"
  }

  enabled_metric {
    category = "AllMetrics"
  }
}

output "id" { value = azurerm_machine_learning_workspace.this.id }
