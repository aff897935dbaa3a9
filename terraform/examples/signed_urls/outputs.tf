output "bucket_name" {
  description = "Bucket for the images."
  value       = module.edge_images.bucket_name
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}

output "key_value_store_arn" {
  description = "Key value store with the secrets, by key ID."
  value       = module.edge_images.key_value_store_arn
}
