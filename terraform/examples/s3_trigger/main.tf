# Uploads are resized into a second bucket, and CloudFront delivers that bucket.
module "edge_images" {
  source = "../.."

  name     = "holiday-images"
  region   = "eu-central-1"
  variants = ["s3_trigger"]

  s3_trigger = {
    delivery = "cloudfront"
    size     = { width = 640, height = 400 }
    suffixes = [".jpg", ".jpeg", ".png", ".webp"]
  }
}

output "bucket_name" {
  description = "Bucket for the images, below source-folder/."
  value       = module.edge_images.bucket_name
}

output "example_url" {
  description = "URL of an image once source-folder/photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}
