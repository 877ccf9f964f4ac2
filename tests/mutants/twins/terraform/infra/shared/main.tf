# What all environments share: the registry through which one model travels from dev to prod.
terraform {
  required_providers {
    azapi = {
      source  = "azure/azapi"
      version = "~> 2.7"
    }
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

variable "location" {
  type    = string
  default = "westeurope"
}

locals {
  names = jsondecode(file("${path.module}/../names.json")).shared
  tags  = merge(jsondecode(file("${path.module}/../tags.json")), { environment = "shared" })
}

data "azurerm_resource_group" "this" {
  name = local.names.resourceGroup
}

resource "azapi_resource" "registry" {
  type      = "Microsoft.MachineLearningServices/registries@2026-05-01"
  name      = local.names.registry
  parent_id = data.azurerm_resource_group.this.id
  location  = var.location
  tags      = local.tags

  identity {
    type = "SystemAssigned"
  }

  body = {
    properties = {
      publicNetworkAccess = "Enabled"
      regionDetails = [
        {
          location = var.location
          storageAccountDetails = [
            {
              systemCreatedStorageAccount = {
                storageAccountType       = "Standard_LRS"
                storageAccountHnsEnabled = false
                allowBlobPublicAccess    = false
              }
            }
          ]
          acrDetails = [
            {
              systemCreatedAcrAccount = { acrAccountSku = "Premium" }
            }
          ]
        }
      ]
    }
  }
}

resource "azurerm_management_lock" "registry" {
  name       = "keep"
  scope      = azapi_resource.registry.id
  lock_level = "CanNotDelete"
  notes      = "Holds the models and images of every environment."
}
