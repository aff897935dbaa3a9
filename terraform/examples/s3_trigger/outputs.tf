output "bucket_name" {
  description = "Bucket for the images, below source-folder/."
  value       = module.edge_images.bucket_name
}

output "example_url" {
  description = "URL of an image once source-folder/photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
