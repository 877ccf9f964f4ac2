# Test: closed like production, sized like development.
environment = "test"
alert_email = "ml-team@example.com"

isolation_mode = "AllowOnlyApprovedOutbound"
lock_resources = true

address_prefix  = "10.20.1.0/24"
endpoint_prefix = "10.20.1.0/26"
runner_prefix   = "10.20.1.64/26"

storage_replication = "ZRS"
data_retention_days = 14
private_registry    = true

cluster_max_nodes = 2
cluster_priority  = "Dedicated"
cluster_idle_time = "PT5M"

log_retention_days = 30
monthly_budget     = 300
