# Production: closed in both directions, redundant across zones and regions, locked.
environment = "prod"
alert_email = "ml-team@example.com"

isolation_mode = "AllowOnlyApprovedOutbound"
lock_resources = true

address_prefix  = "10.20.2.0/24"
endpoint_prefix = "10.20.2.0/26"
runner_prefix   = "10.20.2.64/26"

storage_replication = "GZRS"
data_retention_days = 30
private_registry    = true

cluster_max_nodes = 4
cluster_priority  = "Dedicated"
cluster_idle_time = "PT10M"

log_retention_days = 90
monthly_budget     = 800
