# The configuration as a module of a larger one. It configures its own providers from the credentials in the environment, and therefore
# accepts neither count, for_each, depends_on nor providers.
module "edge_images" {
  source = "../.."

  name        = "holiday-images"
  region      = "eu-central-1"
  edge_resize = { derivative_expiration_days = 90 }

  sizes = {
    thumbnail = [320, 240]
    screen    = [1920, 1080]
  }
}

output "bucket_name" {
  description = "Bucket for the images."
  value       = module.edge_images.bucket_name
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
