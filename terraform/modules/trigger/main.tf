data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# The account is named beside the bucket, because after a deletion another account can create a bucket of the same name.
resource "aws_lambda_permission" "this" {
  for_each = var.bucket_arns

  statement_id   = "AllowS3ToInvokeFor${title(each.key)}"
  action         = "lambda:InvokeFunction"
  function_name  = var.function_name
  principal      = "s3.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn     = each.value
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
