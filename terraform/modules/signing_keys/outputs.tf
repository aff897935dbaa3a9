output "arn" {
  description = "ARN of the key value store, for a function that verifies signatures."
  value       = aws_cloudfront_key_value_store.this.arn
}
