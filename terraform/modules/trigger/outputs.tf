output "failure_queue_arn" {
  description = "ARN of the failure queue, to which the function's role sends (sqs:SendMessage)."
  value       = aws_sqs_queue.failures.arn
}

output "failure_queue_url" {
  description = "URL of the failure queue."
  value       = aws_sqs_queue.failures.url
}
