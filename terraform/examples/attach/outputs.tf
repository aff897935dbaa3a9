output "bucket_name" {
  description = "Bucket for the images."
  value       = module.edge_images.bucket_name
}

output "example_url" {
  description = "URL of an image of the site once images/photo.jpg is in the bucket."
  value       = "https://${aws_cloudfront_distribution.site.domain_name}/images/photo.jpg?size=M&to_webp=1"

  # Without the policy of the bucket CloudFront returns 403.
  depends_on = [module.edge_images]
}
