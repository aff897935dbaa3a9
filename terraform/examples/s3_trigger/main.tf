# Uploads are resized into a second bucket, which CloudFront delivers.
module "edge_images" {
  source = "../.."

  name     = "holiday-pictures"
  region   = "eu-central-1"
  variants = ["s3_trigger"]

  trigger_delivery = "cloudfront"
  trigger_size     = { width = 640, height = 400 }
  trigger_suffixes = [".jpg", ".jpeg", ".png", ".webp"]
}

output "bucket_name" {
  description = "Where to put pictures, below source-folder/."
  value       = module.edge_images.bucket_name
}

output "example_url" {
  description = "How to ask for a picture, once source-folder/photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
