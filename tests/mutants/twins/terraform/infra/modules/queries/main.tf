variable "pack" { type = string }
variable "resource_group" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "log_analytics_id" { type = string }
variable "queries" { type = string }

locals {
  titles = {
    failed-jobs       = "Failed jobs"
    endpoint-requests = "Endpoint requests, errors and latency"
    model-metrics     = "The model's own metrics"
    cluster-nodes     = "Nodes of the clusters"
    log-volume        = "What the logs cost, by table"
  }
}

resource "azurerm_log_analytics_saved_search" "this" {
  for_each = local.titles

  name                       = each.key
  log_analytics_workspace_id = var.log_analytics_id
  category                   = "MLOps"
  display_name               = each.value
  query                      = file("${var.queries}/${each.key}.kql")
}

resource "azurerm_log_analytics_query_pack" "this" {
  name                = var.pack
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags
}

resource "azurerm_log_analytics_query_pack_query" "this" {
  for_each = local.titles

  query_pack_id  = azurerm_log_analytics_query_pack.this.id
  display_name   = each.value
  body           = file("${var.queries}/${each.key}.kql")
  resource_types = ["microsoft.machinelearningservices/workspaces"]
}
