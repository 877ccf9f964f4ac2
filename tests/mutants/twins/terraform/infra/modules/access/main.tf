variable "storage_id" { type = string }
variable "key_vault_id" { type = string }
variable "registry_id" { type = string }
variable "group_id" { type = string }
variable "deployer" { type = string }
variable "workspace" { type = string }
variable "training" { type = string }
variable "scoring" { type = string }

locals {
  # Who, what, where: data roles, each at the one resource that it is for.
  grants = {
    workspace-blobs    = { principal = var.workspace, role = "Storage Blob Data Contributor", scope = var.storage_id }
    workspace-files    = { principal = var.workspace, role = "Storage File Data Privileged Contributor", scope = var.storage_id }
    workspace-secrets  = { principal = var.workspace, role = "Key Vault Administrator", scope = var.key_vault_id }
    workspace-approver = { principal = var.workspace, role = "Azure AI Enterprise Network Connection Approver", scope = var.group_id }
    training-blobs     = { principal = var.training, role = "Storage Blob Data Contributor", scope = var.storage_id }
    training-secrets   = { principal = var.training, role = "Key Vault Secrets User", scope = var.key_vault_id }
    training-images    = { principal = var.training, role = "AcrPull", scope = var.registry_id }
    scoring-blobs      = { principal = var.scoring, role = "Storage Blob Data Contributor", scope = var.storage_id }
    scoring-images     = { principal = var.scoring, role = "AcrPull", scope = var.registry_id }
    deployer-blobs     = { principal = var.deployer, role = "Storage Blob Data Contributor", scope = var.storage_id }
  }
}

resource "azurerm_role_assignment" "this" {
  for_each = local.grants

  principal_id         = each.value.principal
  principal_type       = "ServicePrincipal"
  role_definition_name = each.value.role
  scope                = each.value.scope
}
