data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The account is named beside the bucket, because after a deletion another account can create a bucket of the same name.
resource "aws_lambda_permission" "this" {
  for_each = var.listeners

  statement_id   = "AllowS3ToInvokeFor${title(each.key)}"
  action         = "lambda:InvokeFunction"
  function_name  = var.function_name
  principal      = "s3.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn     = each.value.bucket_arn
}

# A bucket has one notification configuration. S3 checks its permission to invoke the function when the configuration is set: see the
# queue.
resource "aws_s3_bucket_notification" "this" {
  for_each = var.listeners

  bucket = each.value.bucket_name

  # Each suffix needs its own rule.
  dynamic "lambda_function" {
    for_each = length(each.value.suffixes) == 0 ? [""] : sort(each.value.suffixes)

    content {
      id                  = "${var.name}-${lambda_function.key}"
      lambda_function_arn = var.function_arn
      events              = ["s3:ObjectCreated:*"]
      filter_prefix       = each.value.prefix
      filter_suffix       = lambda_function.value
    }
  }

  depends_on = [aws_lambda_permission.this, aws_lambda_function_event_invoke_config.this]
}

resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = var.function_name
  maximum_event_age_in_seconds = var.max_event_age_seconds
  maximum_retry_attempts       = var.max_retries

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}
