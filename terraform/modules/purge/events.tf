data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # Known before the resources exist, so that policies need not wait for them.
  rule_arn = "arn:${data.aws_partition.current.partition}:events:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:rule/${var.name}"

  queues = {
    changes  = { name = "${var.name}-changes", delay_seconds = 0 }
    rechecks = { name = "${var.name}-rechecks", delay_seconds = 120 }
  }

  queue_arns = {
    for purpose, queue in merge(local.queues, { failures = { name = "${var.name}-failures" } }) :
    purpose => "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${queue.name}"
  }

  # As is_original in functions/purge/purge/settings.py: the samples of the doctor are originals, the rest of their folder is not.
  internal_prefixes = concat([".edge-images/"], var.resized_path == null ? [] : ["${var.resized_path}/"])
  original_keys     = [{ prefix = ".edge-images/doctor/" }, { anything-but = { prefix = local.internal_prefixes } }]
}

# EventBridge delivers the events of a bucket to any number of rules. S3's own notifications refuse a second one for the same keys.
resource "aws_cloudwatch_event_rule" "this" {
  name        = var.name
  description = "Uploads and deletions of originals"

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created", "Object Deleted"]
    detail      = { bucket = { name = [var.bucket_name] }, object = { key = local.original_keys } }
  })
}

# A function may store a derivative of the old original after the purge of the new one, and end before it notices: at a crash or at
# its timeout of 30 seconds. So every event is processed a second time.
resource "aws_cloudwatch_event_target" "this" {
  for_each = local.queues

  rule      = aws_cloudwatch_event_rule.this.name
  target_id = each.key
  arn       = aws_sqs_queue.this[each.key].arn
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                      = each.value.name
  delay_seconds             = each.value.delay_seconds
  message_retention_seconds = 345600
  sqs_managed_sse_enabled   = true

  # At least the timeout of the function. A message whose invalidation CloudFront refused is delivered again after this time.
  visibility_timeout_seconds = 90

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failures.arn
    maxReceiveCount     = 20
  })

  # The policy is an argument, because the provider waits half a minute longer for a resource of its own.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AllowEventBridgeToSend"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arns[each.key]
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
      },
      {
        Sid       = "DenyInsecureTransport"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = local.queue_arns[each.key]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# Batches join the invalidations of many originals. Two invocations at a time leave CloudFront's limit of 15 wildcards in progress
# to a few of them.
resource "aws_lambda_event_source_mapping" "this" {
  for_each = local.queues

  event_source_arn                   = aws_sqs_queue.this[each.key].arn
  function_name                      = var.function_name
  batch_size                         = 100
  function_response_types            = ["ReportBatchItemFailures"]
  maximum_batching_window_in_seconds = 1

  scaling_config {
    maximum_concurrency = 2
  }
}
