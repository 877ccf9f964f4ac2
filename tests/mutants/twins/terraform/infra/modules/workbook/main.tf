variable "title" { type = string }
variable "resource_group" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "log_analytics_id" { type = string }
variable "queries" { type = string }

locals {
  panels = {
    endpoint-requests = { title = "Requests, errors and latency", view = "timechart" }
    model-metrics     = { title = "What the model reports of itself", view = "timechart" }
    failed-jobs       = { title = "Failed jobs", view = "table" }
  }
}

resource "azurerm_application_insights_workbook" "this" {
  name                = uuidv5("url", "${var.resource_group}/workbook")
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags
  display_name        = var.title
  source_id           = lower(var.log_analytics_id)

  data_json = jsonencode({
    version = "Notebook/1.0"
    items = [for name, panel in local.panels : {
      type = 3
      name = name
      content = {
        version                 = "KqlItem/1.0"
        title                   = panel.title
        query                   = file("${var.queries}/${name}.kql")
        queryType               = 0
        resourceType            = "microsoft.operationalinsights/workspaces"
        crossComponentResources = [var.log_analytics_id]
        visualization           = panel.view
      }
    }]
    fallbackResourceIds = [var.log_analytics_id]
  })
}
