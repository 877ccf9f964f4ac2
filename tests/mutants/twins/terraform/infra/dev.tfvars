# Development: cheap, open to the internet on the way out, gone without ceremony.
environment = "dev"
alert_email = "ml-team@example.com"

isolation_mode = "AllowInternetOutbound"
lock_resources = false

address_prefix  = "10.20.0.0/24"
endpoint_prefix = "10.20.0.0/26"
runner_prefix   = "10.20.0.64/26"

storage_replication = "LRS"
data_retention_days = 7
private_registry    = false

cluster_max_nodes = 2
cluster_priority  = "LowPriority"
cluster_idle_time = "PT2M"

log_retention_days = 30
monthly_budget     = 150
