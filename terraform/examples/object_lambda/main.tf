# Images transformed while they are read, for an account without S3 Object Lambda. The bucket already exists: add the statements of the
# output existing_bucket_policy to its policy, if there are any.
module "edge_images" {
  source = "../.."

  name     = "holiday-images"
  region   = "eu-central-1"
  bucket   = { create = false, name = "holiday-images-originals" }
  variants = ["object_lambda"]
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket."
  value       = module.edge_images.example_url
}

output "existing_bucket_policy" {
  description = "Statements for the policy of the bucket."
  value       = module.edge_images.existing_bucket_policy
}
