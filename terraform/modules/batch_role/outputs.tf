output "arn" {
  description = "ARN of the role: what a job is created with."
  value       = aws_iam_role.this.arn

  depends_on = [aws_iam_role_policy.this]
}
