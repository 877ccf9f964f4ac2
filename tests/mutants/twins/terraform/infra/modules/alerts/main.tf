variable "prefix" { type = string }
variable "resource_group" { type = string }
variable "group_id" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "action_group_id" { type = string }
variable "log_analytics_id" { type = string }
variable "workspace_id" { type = string }
variable "storage_id" { type = string }
variable "key_vault_id" { type = string }
variable "queries" { type = string }

locals {
  metrics = {
    quota                = { target = var.workspace_id, namespace = "Microsoft.MachineLearningServices/workspaces", metric = "Quota Utilization Percentage", operator = "GreaterThan", threshold = 80 }
    storage-availability = { target = var.storage_id, namespace = "Microsoft.Storage/storageAccounts", metric = "Availability", operator = "LessThan", threshold = 99 }
    vault-availability   = { target = var.key_vault_id, namespace = "Microsoft.KeyVault/vaults", metric = "Availability", operator = "LessThan", threshold = 99 }
  }
  logs = { failed-jobs = 0, vault-refusals = 5, storage-refusals = 20 }
}

resource "azurerm_monitor_metric_alert" "this" {
  for_each = local.metrics

  name                = "${var.prefix}-${each.key}"
  resource_group_name = var.resource_group
  tags                = var.tags
  scopes              = [each.value.target]
  severity            = 2
  frequency           = "PT5M"
  window_size         = "PT15M"

  criteria {
    metric_namespace = each.value.namespace
    metric_name      = each.value.metric
    aggregation      = "Average"
    operator         = each.value.operator
    threshold        = each.value.threshold
  }

  action {
    action_group_id = var.action_group_id
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "this" {
  for_each = local.logs

  name                  = "${var.prefix}-${each.key}"
  resource_group_name   = var.resource_group
  location              = var.location
  tags                  = var.tags
  scopes                = [var.log_analytics_id]
  severity              = 2
  evaluation_frequency  = "PT15M"
  window_duration       = "PT15M"
  skip_query_validation = true

  criteria {
    query                   = file("${var.queries}/${each.key}.kql")
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = each.value

    failing_periods {
      number_of_evaluation_periods             = 1
      minimum_failing_periods_to_trigger_alert = 1
    }
  }

  action {
    action_groups = [var.action_group_id]
  }
}

resource "azurerm_monitor_activity_log_alert" "roles" {
  name                = "${var.prefix}-role-change"
  resource_group_name = var.resource_group
  location            = "global"
  tags                = var.tags
  scopes              = [var.group_id]

  criteria {
    category       = "Administrative"
    operation_name = "Microsoft.Authorization/roleAssignments/write"
    status         = "Succeeded"
  }

  action {
    action_group_id = var.action_group_id
  }
}
