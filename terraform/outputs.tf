locals {
  distributions = {
    for variant, distribution in {
      edge_resize   = one(module.edge_resize_distribution)
      object_lambda = one(module.object_lambda_distribution)
      s3_trigger    = one(module.s3_trigger_distribution)
    } : variant => distribution if distribution != null
  }

  example_host = try(sort(var.aliases)[0], values(local.distributions)[0].domain_name, null)
  example_size = var.sizes == null ? "M" : keys(var.sizes)[0]

  # What s3_trigger has made has its size already.
  example_query = keys(local.distributions) == ["s3_trigger"] ? "" : "?size=${local.example_size}&to_webp=1"
}

output "bucket_name" {
  description = "Name of the bucket to put pictures into."
  value       = local.bucket.name
}

output "bucket_names" {
  description = "What a bucket is for => its name."
  value = merge(
    { originals = local.bucket.name },
    local.s3_trigger == 0 ? {} : { destination = local.destination.name, jobs = module.jobs_bucket[0].name },
  )
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
  description = "How to ask for a picture, once photo.jpg is in the bucket; null where nobody delivers."
  value       = local.example_host == null ? null : "https://${local.example_host}/photo.jpg${local.example_query}"

  # Before the policies are there, CloudFront answers 403.
  depends_on = [module.bucket, module.access_points, module.object_lambda_function]
}

output "existing_bucket_policy" {
  description = "For create_bucket = false: the statements to add to the bucket's policy before CloudFront can read from it; otherwise null. Empty where a function of the same account reads."
  value = var.create_bucket ? null : jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for distribution in module.edge_resize_distribution : {
        Sid       = "AllowCloudFrontToRead"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${local.bucket.arn}/*"
        Condition = { StringEquals = { "AWS:SourceArn" = [distribution.arn] } }
      }],
      [for access_points in module.access_points : {
        Sid       = "LeaveReadingToAccessPoints"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["s3:GetObject", "s3:ListBucket"]
        Resource  = [local.bucket.arn, "${local.bucket.arn}/*"]
        Condition = { StringEquals = { "s3:DataAccessPointArn" = [access_points.supporting_arn] } }
      }],
    )
  })
}

output "function_arns" {
  description = "Function => its ARN; of an edge function that of its newest published version."
  value = merge(
    { for function in module.edge_resize_function : "edge_resize" => function.qualified_arn },
    { for function in module.edge_signer_function : "edge_signer" => function.qualified_arn },
    { for function in module.object_lambda_function : "object_lambda" => function.arn },
    { for function in module.s3_trigger_function : "s3_trigger" => function.arn },
  )
}
