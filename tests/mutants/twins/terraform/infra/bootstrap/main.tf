# Run once per environment by an administrator: what the pipeline's own identity must not be able to do.
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

variable "environment" { type = string }

variable "location" { type = string }

variable "deploy_subject" {
  description = "Subject of the token with which a pipeline deploys to this environment."
  type        = string
}

locals {
  names = jsondecode(file("${path.module}/../names.json"))[var.environment]
  tags  = merge(jsondecode(file("${path.module}/../tags.json")), { environment = var.environment })

  duties = ["deployerIdentity", "planIdentity", "workspaceIdentity", "trainingIdentity", "scoringIdentity"]
}

resource "azurerm_resource_group" "this" {
  name     = local.names.resourceGroup
  location = var.location
  tags     = local.tags
}

resource "azurerm_user_assigned_identity" "this" {
  for_each = toset([for duty in local.duties : local.names[duty] if contains(keys(local.names), duty)])

  name                = each.key
  resource_group_name = azurerm_resource_group.this.name
  location            = var.location
  tags                = local.tags
}

resource "azurerm_federated_identity_credential" "pipeline" {
  name                      = "pipeline"
  user_assigned_identity_id = azurerm_user_assigned_identity.this[local.names.deployerIdentity].id
  issuer                    = "https://token.actions.githubusercontent.com"
  subject                   = var.deploy_subject
  audience                  = ["api://AzureADTokenExchange"]
}

resource "azurerm_role_definition" "deployer" {
  name        = "${local.names.resourceGroup} deployer"
  scope       = azurerm_resource_group.this.id
  description = "Deploys the infrastructure, endpoints and jobs of the resource group."

  permissions {
    actions = [
      "Microsoft.Authorization/*/read",
      "Microsoft.Authorization/locks/*",
      "Microsoft.Consumption/budgets/*",
      "Microsoft.ContainerRegistry/registries/*",
      "Microsoft.Insights/*",
      "Microsoft.KeyVault/vaults/*",
      "Microsoft.MachineLearningServices/workspaces/*",
      "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
      "Microsoft.Network/*",
      "Microsoft.OperationalInsights/*",
      "Microsoft.Storage/storageAccounts/*",
    ]
    not_actions = ["Microsoft.MachineLearningServices/workspaces/listKeys/action"]
  }
}

resource "azurerm_role_assignment" "deployer" {
  scope              = azurerm_resource_group.this.id
  role_definition_id = azurerm_role_definition.deployer.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.this[local.names.deployerIdentity].principal_id
  principal_type     = "ServicePrincipal"
}

output "deployerClientId" {
  value = azurerm_user_assigned_identity.this[local.names.deployerIdentity].client_id
}

output "planClientId" {
  value = try(azurerm_user_assigned_identity.this[local.names.planIdentity].client_id, "")
}
