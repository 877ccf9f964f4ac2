terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.10"
    }
  }

  backend "azurerm" {
    container_name   = "tfstate"
    use_azuread_auth = true
    use_oidc         = true
  }
}

provider "azurerm" {
  storage_use_azuread = true
  use_oidc            = true

  features {
    key_vault {
      purge_soft_delete_on_destroy = false
    }
  }
}
