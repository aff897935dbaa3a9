# Messages that failed 20 times. SQS keeps a message for 14 days at most.
resource "aws_sqs_queue" "failures" {
  name                       = "${var.name}-failures"
  message_retention_seconds  = 1209600
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = 900

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyInsecureTransport"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.queue_arns["failures"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_cloudwatch_metric_alarm" "failures" {
  alarm_name          = aws_sqs_queue.failures.name
  alarm_description   = "Changed originals whose old images could not be removed wait in the failure queue. When the cause is gone: ./invokew redrive"
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

# The log of the function counts the invalidation paths beyond the budget of the month.
resource "aws_cloudwatch_log_metric_filter" "capped" {
  name           = "${var.name}-capped-paths"
  log_group_name = "/aws/lambda/${var.function_name}"
  pattern        = "{ $.outcome = \"capped\" }"

  metric_transformation {
    name       = "CappedPaths"
    namespace  = var.metric_namespace
    value      = "$.path_count"
    dimensions = { Function = "$.logger" }
  }
}

resource "aws_cloudwatch_metric_alarm" "capped" {
  alarm_name          = "${var.name}-capped-paths"
  alarm_description   = "The invalidation paths of the month are used up: CloudFront serves old images until they expire. Raise purge.max_monthly_paths, and invalidate the paths in the log"
  namespace           = aws_cloudwatch_log_metric_filter.capped.metric_transformation[0].namespace
  metric_name         = aws_cloudwatch_log_metric_filter.capped.metric_transformation[0].name
  dimensions          = { Function = "purge" }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_actions
  ok_actions          = var.alarm_actions
}
