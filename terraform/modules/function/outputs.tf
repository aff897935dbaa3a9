output "arn" {
  description = "ARN of the function without a version, for an access point or a permission."
  value       = aws_lambda_function.this.arn

  # A function without its permissions responds to every request with an error.
  depends_on = [aws_iam_role_policy.this]
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name

  # A metric filter with this name needs the log group.
  depends_on = [aws_cloudwatch_log_group.this]
}

output "qualified_arn" {
  description = "ARN of the newest published version, for a distribution. It ends with `$LATEST` for a function in a Region."
  value       = "${aws_lambda_function.this.arn}:${aws_lambda_function.this.version}"

  depends_on = [aws_iam_role_policy.this]
}

output "role_name" {
  description = "Name of the role of the function."
  value       = aws_iam_role.this.name
}

output "url_id" {
  description = "First label of the domain name of the function URL, `ID.lambda-url.REGION.on.aws`. `null` without a URL."
  value       = one(aws_lambda_function_url.this[*].url_id)
}
