output "arn" {
  description = "ARN of the distribution: what a bucket's policy names."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "The *.cloudfront.net name; aliases point to it."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "id" {
  description = "Id of the distribution: what an invalidation names."
  value       = aws_cloudfront_distribution.this.id
}
