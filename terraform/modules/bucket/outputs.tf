output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "log_destination_arn" {
  description = "ARN of the bucket, available once its policy allows the deliveries in `log_delivery_source_arns`."
  value       = aws_s3_bucket.this.arn

  # Otherwise CloudWatch adds a statement of its own to the policy, perhaps while Terraform writes the policy:
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
  depends_on = [aws_s3_bucket_policy.this]
}

output "name" {
  description = "Name of the bucket, available once the bucket is private, encrypted and owner-enforced."
  value       = aws_s3_bucket.this.id

  depends_on = [
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_public_access_block.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "regional_domain_name" {
  description = "Domain name of the bucket in its Region: the origin of a distribution."
  value       = aws_s3_bucket.this.bucket_regional_domain_name
}
