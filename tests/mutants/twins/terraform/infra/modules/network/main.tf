variable "names" { type = map(string) }
variable "resource_group" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "address_prefix" { type = string }
variable "endpoint_prefix" { type = string }
variable "runner_prefix" { type = string }
variable "log_analytics_id" { type = string }

resource "azurerm_virtual_network" "this" {
  name                = var.names.virtualNetwork
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags
  address_space       = [var.address_prefix]
}

resource "azurerm_network_security_group" "endpoints" {
  name                = var.names.endpointSecurityGroup
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags

  security_rule {
    name                       = "allow-https-from-network"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_address_prefix      = "VirtualNetwork"
    source_port_range          = "*"
    destination_address_prefix = "VirtualNetwork"
    destination_port_ranges    = ["443", "445"]
  }

  security_rule {
    name                       = "deny-all-inbound"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_network_security_group" "runners" {
  name                = var.names.runnerSecurityGroup
  resource_group_name = var.resource_group
  location            = var.location
  tags                = var.tags

  security_rule {
    name                       = "deny-all-inbound"
    priority                   = 4096
    direction                  = "Inbound"
    access                     = "Deny"
    protocol                   = "*"
    source_address_prefix      = "*"
    source_port_range          = "*"
    destination_address_prefix = "*"
    destination_port_range     = "*"
  }
}

resource "azurerm_subnet" "endpoints" {
  name                              = var.names.endpointSubnet
  resource_group_name               = var.resource_group
  virtual_network_name              = azurerm_virtual_network.this.name
  address_prefixes                  = [var.endpoint_prefix]
  default_outbound_access_enabled   = false
  private_endpoint_network_policies = "NetworkSecurityGroupEnabled"
}

resource "azurerm_subnet" "runners" {
  name                            = var.names.runnerSubnet
  resource_group_name             = var.resource_group
  virtual_network_name            = azurerm_virtual_network.this.name
  address_prefixes                = [var.runner_prefix]
  default_outbound_access_enabled = false
}

resource "azurerm_subnet_network_security_group_association" "endpoints" {
  subnet_id                 = azurerm_subnet.endpoints.id
  network_security_group_id = azurerm_network_security_group.endpoints.id
}

resource "azurerm_subnet_network_security_group_association" "runners" {
  subnet_id                 = azurerm_subnet.runners.id
  network_security_group_id = azurerm_network_security_group.runners.id
}

resource "azurerm_monitor_diagnostic_setting" "network" {
  name                       = "logs"
  target_resource_id         = azurerm_virtual_network.this.id
  log_analytics_workspace_id = var.log_analytics_id

  enabled_log {
    category_group = "allLogs"
  }
}

output "id" { value = azurerm_virtual_network.this.id }
output "endpoint_subnet_id" { value = azurerm_subnet.endpoints.id }
