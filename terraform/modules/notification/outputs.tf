output "bucket_name" {
  description = "Name of the bucket, which waits for the notification."
  value       = aws_s3_bucket_notification.this.bucket
}
