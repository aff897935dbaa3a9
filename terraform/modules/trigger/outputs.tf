output "failure_queue_arn" {
  description = "ARN of the failure queue, for the permission `sqs:SendMessage` of the function's role. The output does not wait for the queue."
  value       = local.queue_arn
}

output "failure_queue_name" {
  description = "Name of the failure queue. The output does not wait for the queue."
  value       = local.queue_name
}

output "failure_queue_url" {
  description = "URL of the failure queue."
  value       = aws_sqs_queue.failures.url
}

output "function_arn" {
  description = "ARN of the function, for the notification of a bucket. The output waits for the permission, without which S3 refuses the notification, and for the failure queue."
  value       = var.function_arn

  depends_on = [aws_lambda_permission.this, aws_lambda_function_event_invoke_config.this]
}
