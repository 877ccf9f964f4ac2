variable "environment" {
  description = "Environment; its names come from names.json."
  type        = string

  validation {
    condition     = contains(["dev", "test", "prod"], var.environment)
    error_message = "Say dev, test or prod."
  }
}

variable "location" {
  description = "Region of every resource."
  type        = string
  default     = "westeurope"
}

variable "alert_email" {
  description = "Address that alerts and the budget write to."
  type        = string
}

variable "allowed_addresses" {
  description = "Public IPv4 addresses or ranges that may reach workspace, storage and vault; none closes them."
  type        = list(string)
  default     = []
}

variable "isolation_mode" {
  description = "What compute may reach."
  type        = string
  default     = "AllowOnlyApprovedOutbound"
}

variable "address_prefix" {
  description = "Address range of the virtual network."
  type        = string
}

variable "endpoint_prefix" {
  description = "Address range of the private endpoints, within the network's."
  type        = string
}

variable "runner_prefix" {
  description = "Address range of the runners, within the network's."
  type        = string
}

variable "storage_replication" {
  description = "How the storage is replicated."
  type        = string
  default     = "ZRS"
}

variable "data_retention_days" {
  description = "Days for which deleted data and old versions are kept."
  type        = number
  default     = 30
}

variable "private_registry" {
  description = "Whether the container registry is private (Premium)."
  type        = bool
  default     = true
}

variable "cluster_vm_size" {
  description = "Size of the cluster's nodes."
  type        = string
  default     = "Standard_D4ds_v4"
}

variable "cluster_max_nodes" {
  description = "Greatest number of nodes."
  type        = number
  default     = 2
}

variable "cluster_priority" {
  description = "LowPriority costs about a fifth and can be taken away in the middle of a job."
  type        = string
  default     = "Dedicated"
}

variable "cluster_idle_time" {
  description = "How long a node waits for work before it is given back (ISO 8601)."
  type        = string
  default     = "PT5M"
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 90
}

variable "lock_resources" {
  description = "Whether deletion of storage, vault and registry is locked."
  type        = bool
  default     = true
}

variable "monthly_budget" {
  description = "What the resource group may cost in a month, in the currency of the bill."
  type        = number
}

variable "budget_start" {
  description = "First day of the month in which the budget was made."
  type        = string
  default     = "2026-11-01T00:00:00Z"
}
