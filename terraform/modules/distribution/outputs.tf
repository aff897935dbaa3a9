output "arn" {
  description = "ARN of the distribution, for the policy of a bucket."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "The `*.cloudfront.net` name, the target of the aliases."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "id" {
  description = "Id of the distribution, for an invalidation."
  value       = aws_cloudfront_distribution.this.id
}
