output "failure_queue_name" {
  description = "Name of the failure queue, for an alarm."
  value       = aws_sqs_queue.failures.name
}

output "failure_queue_url" {
  description = "URL of the failure queue."
  value       = aws_sqs_queue.failures.url
}

output "queue_arns" {
  description = "ARNs of both queues, for the permissions of the function's role. The output does not wait for the queues."
  value       = [for purpose in ["changes", "rechecks"] : local.queue_arns[purpose]]
}
