variable "name" { type = string }
variable "resource_group" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "is_private" { type = bool }
variable "locked" { type = bool }
variable "log_analytics_id" { type = string }

resource "azurerm_container_registry" "this" {
  name                = var.name
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags
  sku                 = var.is_private ? "Premium" : "Standard"

  admin_enabled                 = false
  anonymous_pull_enabled        = false
  public_network_access_enabled = !var.is_private
  network_rule_bypass_option    = "AzureServices"
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  name                       = "logs"
  target_resource_id         = azurerm_container_registry.this.id
  log_analytics_workspace_id = var.log_analytics_id

  enabled_log {
    category_group = "allLogs"
  }

  enabled_metric {
    category = "AllMetrics"
  }
}

resource "azurerm_management_lock" "this" {
  count = var.locked ? 1 : 0

  name       = "keep"
  scope      = azurerm_container_registry.this.id
  lock_level = "CanNotDelete"
  notes      = "Holds the images of running deployments."
}

output "id" { value = azurerm_container_registry.this.id }
