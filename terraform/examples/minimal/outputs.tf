output "bucket_name" {
  description = "Bucket for the images."
  value       = module.edge_images.bucket_name
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
