# Governance of the project's resource groups, applied by an administrator.
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.10"
    }
  }
}

provider "azurerm" {
  features {}
}

variable "location" {
  type    = string
  default = "westeurope"
}

locals {
  names    = jsondecode(file("${path.module}/../names.json"))
  required = ["owner", "cost-center", "environment", "project", "data-classification"]
}

data "azurerm_resource_group" "this" {
  for_each = local.names

  name = each.value.resourceGroup
}

resource "azurerm_policy_definition" "require_tag" {
  name         = "mlops-require-tag"
  display_name = "Require a tag on resources"
  policy_type  = "Custom"
  mode         = "Indexed"

  parameters = jsonencode({
    tagName = {
      type     = "String"
      metadata = { displayName = "Tag" }
    }
  })

  policy_rule = jsonencode({
    if   = { field = "[concat('tags[', parameters('tagName'), ']')]", exists = "false" }
    then = { effect = "deny" }
  })
}

resource "azurerm_policy_set_definition" "tagging" {
  name         = "mlops-tagging"
  display_name = "Tags of machine-learning projects"
  policy_type  = "Custom"

  dynamic "policy_definition_reference" {
    for_each = local.required

    content {
      policy_definition_id = azurerm_policy_definition.require_tag.id
      reference_id         = "require-${policy_definition_reference.value}"
      parameter_values     = jsonencode({ tagName = { value = policy_definition_reference.value } })
    }
  }
}

resource "azurerm_resource_group_policy_assignment" "tagging" {
  for_each = data.azurerm_resource_group.this

  name                 = "mlops-tagging"
  display_name         = "Tags of machine-learning projects"
  resource_group_id    = each.value.id
  policy_definition_id = azurerm_policy_set_definition.tagging.id
  location             = var.location
}
