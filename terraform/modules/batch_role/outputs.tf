output "arn" {
  description = "ARN of the role, for the creation of jobs."
  value       = aws_iam_role.this.arn

  depends_on = [aws_iam_role_policy.this]
}
