# Pictures cleaned while they are read, for an account without S3 Object Lambda. The bucket is there already: add the statements of
# the output existing_bucket_policy to its policy, if there are any.
module "edge_images" {
  source = "../.."

  name     = "holiday-pictures"
  region   = "eu-central-1"
  variants = ["object_lambda"]

  create_bucket = false
  bucket_name   = "holiday-pictures-originals"
}

output "example_url" {
  description = "How to ask for a picture, once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}

output "existing_bucket_policy" {
  description = "What the bucket's policy needs."
  value       = module.edge_images.existing_bucket_policy
}
