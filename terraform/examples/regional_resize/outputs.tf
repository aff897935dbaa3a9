output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
