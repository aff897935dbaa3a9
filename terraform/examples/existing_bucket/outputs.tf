output "existing_bucket_policy" {
  description = "Statements for the policy of the bucket, empty if the policy needs none."
  value       = module.edge_images.existing_bucket_policy
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
