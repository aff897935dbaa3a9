output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "qualified_arn" {
  description = "ARN of the newest published version: what a distribution is given."
  value       = "${aws_lambda_function.this.arn}:${aws_lambda_function.this.version}"

  # A version without its permissions answers every request with an error.
  depends_on = [aws_iam_role_policy.this]
}

output "role_name" {
  description = "Name of the role the function runs under."
  value       = aws_iam_role.this.name
}
