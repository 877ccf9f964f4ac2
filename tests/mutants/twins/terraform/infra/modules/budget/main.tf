variable "name" { type = string }
variable "group_id" { type = string }
variable "amount" { type = number }
variable "start" { type = string }
variable "alert_email" { type = string }

resource "azurerm_consumption_budget_resource_group" "this" {
  name              = var.name
  resource_group_id = var.group_id
  amount            = var.amount
  time_grain        = "Monthly"

  time_period {
    start_date = var.start
  }

  notification {
    operator       = "GreaterThanOrEqualTo"
    threshold      = 80
    threshold_type = "Actual"
    contact_emails = [var.alert_email]
  }

  notification {
    operator       = "GreaterThan"
    threshold      = 100
    threshold_type = "Forecasted"
    contact_emails = [var.alert_email]
  }
}
