resource "aws_s3_bucket_notification" "this" {
  bucket      = var.bucket_name
  eventbridge = var.eventbridge

  # Each suffix needs its own rule.
  dynamic "lambda_function" {
    for_each = merge([
      for name, listener in var.listeners : {
        for index, suffix in length(listener.suffixes) == 0 ? [""] : sort(listener.suffixes) :
        "${name}-${index}" => merge(listener, { suffix = suffix })
      }
    ]...)

    content {
      id                  = lambda_function.key
      lambda_function_arn = lambda_function.value.function_arn
      events              = ["s3:ObjectCreated:*"]
      filter_prefix       = lambda_function.value.prefix
      filter_suffix       = lambda_function.value.suffix
    }
  }
}
