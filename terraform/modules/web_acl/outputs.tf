output "arn" {
  description = "ARN of the web ACL, for a distribution."
  value       = aws_wafv2_web_acl.this.arn
}
