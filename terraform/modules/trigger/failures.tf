locals {
  queue_name = "${var.name}-failures"

  # Known before the queue exists, so that the role of the function, and so the function, need not wait for the queue.
  queue_arn = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${local.queue_name}"
}

# Events that Lambda gave up, with the reason. SQS keeps a message for 14 days at most.
resource "aws_sqs_queue" "failures" {
  name                       = local.queue_name
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = 900

  # As an argument, because a policy resource of its own would make the provider wait half a minute longer.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyInsecureTransport"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.queue_arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # The output for the notification waits for the queue, and the provider waits about half a minute for the queue. In that time a new
  # permission reaches S3, which otherwise refuses the notification ("Unable to validate the following destination configurations").
  depends_on = [aws_lambda_permission.this]
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  alarm_name          = aws_sqs_queue.failures.name
  alarm_description   = "Uploads that could not be resized wait in the failure queue. When the cause is gone: ./invokew redrive"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.failures.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
}
