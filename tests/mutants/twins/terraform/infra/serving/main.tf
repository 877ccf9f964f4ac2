# What an online endpoint gets once it serves; applied after each change of its slots.
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.10"
    }
  }

  backend "azurerm" {
    container_name   = "tfstate"
    use_azuread_auth = true
  }
}

provider "azurerm" {
  features {}
}

variable "environment" { type = string }

variable "endpoint" { type = string }

variable "slots" {
  description = "Deployments of the endpoint that are there: blue, green or both."
  type        = set(string)
}

variable "location" {
  type    = string
  default = "westeurope"
}

variable "min_instances" {
  type    = number
  default = 2
}

variable "max_instances" {
  type    = number
  default = 4
}

locals {
  names = jsondecode(file("${path.module}/../names.json"))[var.environment]
  tags  = merge(jsondecode(file("${path.module}/../tags.json")), { environment = var.environment })

  endpoint_id = "${data.azurerm_machine_learning_workspace.this.id}/onlineEndpoints/${var.endpoint}"
}

data "azurerm_machine_learning_workspace" "this" {
  name                = local.names.workspace
  resource_group_name = local.names.resourceGroup
}

data "azurerm_monitor_action_group" "this" {
  name                = local.names.actionGroup
  resource_group_name = local.names.resourceGroup
}

resource "azurerm_monitor_autoscale_setting" "slot" {
  for_each = var.slots

  name                = "${local.names.autoscale}-${each.key}"
  resource_group_name = local.names.resourceGroup
  location            = var.location
  tags                = local.tags
  enabled             = true
  target_resource_id  = "${local.endpoint_id}/deployments/${each.key}"

  profile {
    name = "load"

    capacity {
      minimum = var.min_instances
      maximum = var.max_instances
      default = var.min_instances
    }

    rule {
      metric_trigger {
        metric_name        = "CpuUtilizationPercentage"
        metric_resource_id = "${local.endpoint_id}/deployments/${each.key}"
        time_grain         = "PT1M"
        time_window        = "PT5M"
        statistic          = "Average"
        time_aggregation   = "Average"
        operator           = "GreaterThan"
        threshold          = 65
      }

      scale_action {
        direction = "Increase"
        type      = "ChangeCount"
        value     = "1"
        cooldown  = "PT5M"
      }
    }

    rule {
      metric_trigger {
        metric_name        = "CpuUtilizationPercentage"
        metric_resource_id = "${local.endpoint_id}/deployments/${each.key}"
        time_grain         = "PT1M"
        time_window        = "PT15M"
        statistic          = "Average"
        time_aggregation   = "Average"
        operator           = "LessThan"
        threshold          = 25
      }

      scale_action {
        direction = "Decrease"
        type      = "ChangeCount"
        value     = "1"
        cooldown  = "PT10M"
      }
    }
  }
}

resource "azurerm_monitor_metric_alert" "latency" {
  name                = "${local.names.alert}-endpoint-latency"
  resource_group_name = local.names.resourceGroup
  tags                = local.tags
  scopes              = [local.endpoint_id]
  severity            = 2
  frequency           = "PT1M"
  window_size         = "PT5M"

  criteria {
    metric_namespace = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
    metric_name      = "RequestLatency_P95"
    aggregation      = "Average"
    operator         = "GreaterThan"
    threshold        = 1000
  }

  action {
    action_group_id = data.azurerm_monitor_action_group.this.id
  }
}
