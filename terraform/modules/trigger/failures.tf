locals {
  queue_name = "${var.name}-failures"

  # Known before the queue is there: the function's role, and so the function, does not wait for it.
  queue_arn = "arn:${data.aws_partition.current.partition}:sqs:*:${data.aws_caller_identity.current.account_id}:${local.queue_name}"
}

# What Lambda gave up, with the reason: nothing is lost for as long as SQS keeps it.
resource "aws_sqs_queue" "failures" {
  name                       = local.queue_name
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = 900

  # Here, not in a resource of its own: the provider waits half a minute for each of the two.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefusePlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.queue_arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # The notification waits for the queue, and the provider for about half a minute until the queue is settled: time for a new
  # permission to reach S3, which otherwise refuses the notification ("Unable to validate the following destination
  # configurations").
  depends_on = [aws_lambda_permission.this]
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  alarm_name          = aws_sqs_queue.failures.name
  alarm_description   = "Uploads that could not be resized wait in the failure queue. When the cause is gone: invoke redrive"
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
