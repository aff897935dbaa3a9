# The configuration as a module of a larger one. It configures its providers itself, from the credentials in the
# environment, and therefore takes neither count, for_each, depends_on nor providers.
module "edge_images" {
  source = "../.."

  name   = "holiday-pictures"
  region = "eu-central-1"

  sizes = {
    thumbnail = [320, 240]
    screen    = [1920, 1080]
  }

  derivative_expiration_days = 90
}

output "example_url" {
  description = "How to ask for a picture, once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}

output "bucket_name" {
  description = "Where to put pictures."
  value       = module.edge_images.bucket_name
}
