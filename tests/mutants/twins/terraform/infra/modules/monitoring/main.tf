variable "names" { type = map(string) }
variable "resource_group" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "retention_days" { type = number }
variable "alert_email" { type = string }

resource "azurerm_log_analytics_workspace" "this" {
  name                            = var.names.logAnalytics
  resource_group_name             = var.resource_group
  location                        = var.location
  tags                            = var.tags
  sku                             = "PerGB2018"
  retention_in_days               = var.retention_days
  allow_resource_only_permissions = true
}

resource "azurerm_application_insights" "this" {
  name                = var.names.applicationInsights
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags
  application_type    = "web"
  workspace_id        = azurerm_log_analytics_workspace.this.id
}

resource "azurerm_monitor_action_group" "this" {
  name                = var.names.actionGroup
  resource_group_name = var.resource_group
  short_name          = "mlops"
  tags                = var.tags

  email_receiver {
    name                    = "team"
    email_address           = var.alert_email
    use_common_alert_schema = true
  }
}

output "log_analytics_id" { value = azurerm_log_analytics_workspace.this.id }
output "application_insights_id" { value = azurerm_application_insights.this.id }
output "action_group_id" { value = azurerm_monitor_action_group.this.id }
