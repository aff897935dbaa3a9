output "example_urls" {
  description = "Environment => URL of an image once photo.jpg is in its bucket."
  value       = { production = module.production.example_url, staging = module.staging.example_url }
}
