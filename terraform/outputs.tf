locals {
  distributions = {
    for variant, distribution in { edge_resize = one(module.edge_resize_distribution) } :
    variant => distribution if distribution != null
  }

  example_host = try(sort(var.aliases)[0], values(local.distributions)[0].domain_name)
  example_size = var.sizes == null ? "M" : keys(var.sizes)[0]
}

output "bucket_name" {
  description = "Name of the bucket to put pictures into."
  value       = local.bucket.name
}

output "bucket_names" {
  description = "What a bucket is for => its name."
  value       = { originals = local.bucket.name }
}

output "distribution_domain_names" {
  description = "Variant => domain name of its distribution; aliases point to it."
  value       = { for variant, distribution in local.distributions : variant => distribution.domain_name }
}

output "distribution_ids" {
  description = "Variant => id of its distribution, as an invalidation names it."
  value       = { for variant, distribution in local.distributions : variant => distribution.id }
}

output "example_url" {
  description = "How to ask for a picture, once photo.jpg is in the bucket."
  value       = "https://${local.example_host}/photo.jpg?size=${local.example_size}&to_webp=1"

  # Before the bucket's policy is there, CloudFront answers 403.
  depends_on = [module.bucket]
}

output "existing_bucket_policy" {
  description = "For create_bucket = false: the statement to add to the bucket's policy before CloudFront can read from it; otherwise null."
  value = var.create_bucket ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${local.bucket.arn}/*"
      Condition = { StringEquals = { "AWS:SourceArn" = values(local.distributions)[*].arn } }
    }]
  })
}

output "function_arns" {
  description = "Function => ARN of its newest published version."
  value       = { for function in module.edge_resize_function : "edge_resize" => function.qualified_arn }
}
