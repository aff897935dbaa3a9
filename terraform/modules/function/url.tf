# Only signed requests get in: https://ID.lambda-url.REGION.on.aws answers 403 to everybody else.
resource "aws_lambda_function_url" "this" {
  count = var.url ? 1 : 0

  function_name      = aws_lambda_function.this.function_name
  authorization_type = "AWS_IAM"

  # A distribution lets go of the address before it is gone.
  lifecycle {
    create_before_destroy = true
  }
}

# CloudFront has no role: what it may invoke for a distribution stands with the function. A distribution reaches it only through
# the URL or an access point, so the condition lambda:InvokedViaFunctionUrl (provider 6.29 or newer) would shut nobody else out.
# Through an access point the call is S3 Object Lambda's, for CloudFront. AWS does not document that it carries the ARN of the
# distribution, and AWS's example has no condition: the account alone is asked for. Other accounts cannot use this function in
# an access point, and distributions of this account that read the access point are named in its policy.
resource "aws_lambda_permission" "invoke" {
  count = length(var.distribution_arns)

  statement_id  = "AllowCloudFrontToInvoke${count.index}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  principal     = "cloudfront.amazonaws.com"

  source_account = var.url ? null : split(":", var.distribution_arns[count.index])[4]
  source_arn     = var.url ? var.distribution_arns[count.index] : null
}

# A URL made since October 2025 asks for both permissions.
resource "aws_lambda_permission" "invoke_url" {
  count = var.url ? length(var.distribution_arns) : 0

  statement_id           = "AllowCloudFrontToUseUrl${count.index}"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.this.function_name
  function_url_auth_type = aws_lambda_function_url.this[0].authorization_type
  principal              = "cloudfront.amazonaws.com"
  source_arn             = var.distribution_arns[count.index]
}
