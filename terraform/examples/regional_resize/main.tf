# Images resized on their first request in the Region of a bucket that already exists. Its policy and its settings stay unchanged.
module "edge_images" {
  source = "../.."

  name     = "holiday-images"
  region   = "eu-central-1"
  bucket   = { create = false, name = "holiday-images-originals" }
  variants = ["regional_resize"]

  regional_resize = {
    derivative_expiration_days = 365
    origin_shield              = "eu-central-1"
  }
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
