variable "name" { type = string }
variable "resource_group" { type = string }
variable "location" { type = string }
variable "tags" { type = map(string) }
variable "subnet_id" { type = string }
variable "network_id" { type = string }
variable "target_id" { type = string }
variable "group_id" { type = string }
variable "zone" { type = string }

resource "azurerm_private_dns_zone" "this" {
  name                = var.zone
  resource_group_name = var.resource_group
  tags                = var.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "this" {
  name                = var.group_id
  private_dns_zone_id = azurerm_private_dns_zone.this.id
  virtual_network_id  = var.network_id
}

resource "azurerm_private_endpoint" "this" {
  name                          = var.name
  resource_group_name           = var.resource_group
  location                      = var.location
  tags                          = var.tags
  subnet_id                     = var.subnet_id
  custom_network_interface_name = "${var.name}-nic"

  private_service_connection {
    name                           = var.group_id
    private_connection_resource_id = var.target_id
    subresource_names              = [var.group_id]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "default"
    private_dns_zone_ids = [azurerm_private_dns_zone.this.id]
  }
}
