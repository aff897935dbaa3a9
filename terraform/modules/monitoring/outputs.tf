output "dashboard_url" {
  description = "Address of the dashboard in the console. `null` without a dashboard."
  value       = var.dashboard ? "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${var.name}" : null
}

output "metric_namespace" {
  description = "Namespace of the metrics from the logs."
  value       = local.namespace
}
