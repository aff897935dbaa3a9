# The URL https://ID.lambda-url.REGION.on.aws accepts signed requests only and responds with 403 to all others.
resource "aws_lambda_function_url" "this" {
  count = var.url ? 1 : 0

  function_name      = aws_lambda_function.this.function_name
  authorization_type = "AWS_IAM"

  # Detach the distribution before deleting the URL.
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # Callers that the permissions name. Through an access point, this is the account.
  callers = [for arn in var.distribution_arns : var.url ? arn : split(":", arn)[4]]

  # Another caller gets another permission, and the new one is added before the old one is removed. Both exist for a moment.
  statement_suffixes = [for index, caller in local.callers : "${index}${substr(sha256(caller), 0, 6)}"]
}

# CloudFront has no role, so the function itself grants the right to be invoked. A distribution reaches the function only through the
# URL or an access point, so the condition lambda:InvokedViaFunctionUrl (provider 6.29 or newer) would exclude no other caller.
# Through an access point, S3 Object Lambda makes the call for CloudFront. AWS does not document that this call carries the ARN of the
# distribution, and AWS's example has no condition, so only the account is required. Other accounts cannot use this function in an
# access point, and the policy of the access point names the distributions of this account that may read.
resource "aws_lambda_permission" "invoke" {
  count = length(var.distribution_arns)

  statement_id  = "AllowCloudFrontToInvoke${local.statement_suffixes[count.index]}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  principal     = "cloudfront.amazonaws.com"

  source_account = var.url ? null : local.callers[count.index]
  source_arn     = var.url ? local.callers[count.index] : null

  # Permissions of versions before 1.0.0 have other identifiers and keep them.
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [statement_id]
  }
}

# A URL created since October 2025 requires both permissions.
resource "aws_lambda_permission" "invoke_url" {
  count = var.url ? length(var.distribution_arns) : 0

  statement_id           = "AllowCloudFrontToUseUrl${local.statement_suffixes[count.index]}"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.this.function_name
  function_url_auth_type = aws_lambda_function_url.this[0].authorization_type
  principal              = "cloudfront.amazonaws.com"
  source_arn             = local.callers[count.index]

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [statement_id]
  }
}
