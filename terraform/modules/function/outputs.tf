output "arn" {
  description = "ARN of the function without a version: what an access point or a permission names."
  value       = aws_lambda_function.this.arn

  # A function without its permissions answers every request with an error.
  depends_on = [aws_iam_role_policy.this]
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "qualified_arn" {
  description = "ARN of the newest published version, which a distribution is given; ends with $LATEST for a function that is not at the edge."
  value       = "${aws_lambda_function.this.arn}:${aws_lambda_function.this.version}"

  depends_on = [aws_iam_role_policy.this]
}

output "role_name" {
  description = "Name of the role the function runs under."
  value       = aws_iam_role.this.name
}

output "url_id" {
  description = "First label of the URL's domain name, ID.lambda-url.REGION.on.aws; null without a URL."
  value       = one(aws_lambda_function_url.this[*].url_id)
}
