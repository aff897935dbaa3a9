output "changes_queue" {
  description = "ARN and URL of the queue that starts the function at once, for functions that send messages. The output does not wait for the queue."
  value = {
    arn = local.queue_arns["changes"]
    # Not the attribute of the queue: Terraform finds a cycle if the function that sends messages is destroyed while purge changes.
    url = "https://sqs.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}/${data.aws_caller_identity.current.account_id}/${local.queues["changes"].name}"
  }
}

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
