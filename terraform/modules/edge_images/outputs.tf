locals {
  distributions = {
    for variant, distribution in {
      edge_resize     = one(module.edge_resize_distribution)
      object_lambda   = one(module.object_lambda_distribution)
      regional_resize = one(module.regional_resize_distribution)
      s3_trigger      = one(module.s3_trigger_distribution)
    } : variant => distribution if distribution != null
  }

  example_host = try(sort(local.distribution_settings.aliases)[0], values(local.distributions)[0].domain_name, null)
  example_size = var.sizes == null ? "M" : keys(var.sizes)[0]

  # A derivative of s3_trigger has its size already.
  example_query = keys(local.distributions) == ["s3_trigger"] ? "" : "?size=${local.example_size}&to_webp=1"
}

output "behaviors" {
  description = "Variant => arguments of a cache behavior and its origins, with which a distribution of yours delivers the same images."
  value       = { for variant, distribution in local.distributions : variant => distribution.behavior }
}

output "bucket_name" {
  description = "Name of the bucket for the originals."
  value       = local.bucket.name
}

output "bucket_names" {
  description = "Purpose of a bucket (`originals`, `derivatives`, `destination`, `jobs`, `access_logs`) => its name."
  value = merge(
    { originals = local.bucket.name },
    { for bucket in module.derivatives_bucket : "derivatives" => bucket.name },
    local.s3_trigger ? { destination = local.destination.name } : {},
    { for bucket in module.jobs_bucket : "jobs" => bucket.name },
    { for bucket in module.access_logs_bucket : "access_logs" => bucket.name },
  )
}

output "dashboard_url" {
  description = "Address of the dashboard in the console of CloudWatch. `null` without one."
  value       = one(module.monitoring[*].dashboard_url)
}

output "deployment" {
  description = "Values for `./invokew purge`, `./invokew erase` and `./invokew doctor`."
  value = {
    account_id   = data.aws_caller_identity.current.account_id
    region       = local.region
    resized_path = var.edge_resize.resized_path
    signed_urls  = var.image_urls.signed_urls
    variants     = sort(var.variants)
  }
}

output "distribution_domain_names" {
  description = "Variant => domain name of its distribution. Point `aliases` to it."
  value       = { for variant, distribution in local.distributions : variant => distribution.domain_name }
}

output "distribution_ids" {
  description = "Variant => id of its distribution, for an invalidation."
  value       = { for variant, distribution in local.distributions : variant => distribution.id }
}

output "example_url" {
  description = "URL of an image once photo.jpg is in the bucket. `null` without a distribution."
  value       = local.example_host == null ? null : "https://${local.example_host}/photo.jpg${local.example_query}"

  # Without the policies CloudFront returns 403.
  depends_on = [module.bucket, module.access_points, module.derivatives_bucket, module.object_lambda_function, module.regional_resize_function]
}

output "existing_bucket_eventbridge" {
  description = "With `bucket.create = false`: the command that makes the bucket send its events to EventBridge, where the function purge reads them, otherwise `null`. The command replaces the notification configuration: if there is one, add `EventBridgeConfiguration` to it instead. Also `null` with s3_trigger, which manages the notification."
  value       = var.bucket.create || !local.purge || local.s3_trigger ? null : "aws s3api put-bucket-notification-configuration --bucket ${local.bucket.name} --notification-configuration '{\"EventBridgeConfiguration\": {}}'"
}

output "existing_bucket_policy" {
  description = "With `bucket.create = false`: the statements that the bucket's policy needs before CloudFront can read the bucket, otherwise `null`. Empty if only a function of the same account reads it."
  value = var.bucket.create ? null : jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for distribution in module.edge_resize_distribution : {
        Sid       = "AllowCloudFrontToRead"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${local.bucket.arn}/*"
        Condition = { StringEquals = { "AWS:SourceArn" = concat([distribution.arn], var.attached_distribution_arns) } }
      }],
      [for access_points in module.access_points : {
        Sid       = "DelegateToAccessPoints"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = ["s3:GetObject", "s3:ListBucket"]
        Resource  = [local.bucket.arn, "${local.bucket.arn}/*"]
        Condition = { StringEquals = { "s3:DataAccessPointArn" = [access_points.supporting_arn] } }
      }],
    )
  })
}

output "existing_destination_bucket_policy" {
  description = "With `s3_trigger.create_destination_bucket = false` and `s3_trigger.delivery = \"cloudfront\"`: the statements that the policy of the destination bucket needs before CloudFront can read the bucket, otherwise `null`."
  value = var.s3_trigger.create_destination_bucket || !local.s3_trigger_delivery ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [for distribution in module.s3_trigger_distribution : {
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${local.destination.arn}/*"
      Condition = { StringEquals = { "AWS:SourceArn" = concat([distribution.arn], var.attached_distribution_arns) } }
    }]
  })
}

output "function_arns" {
  description = "Function => its ARN; for an edge function the ARN of the newest published version."
  value = merge(
    { for function in module.edge_resize_function : "edge_resize" => function.qualified_arn },
    { for function in module.edge_signer_function : "edge_signer" => function.qualified_arn },
    { for function in module.object_lambda_function : "object_lambda" => function.arn },
    { for function in module.purge_function : "purge" => function.arn },
    { for function in module.regional_resize_function : "regional_resize" => function.arn },
    { for function in module.s3_trigger_function : "s3_trigger" => function.arn },
  )
}

output "key_value_store_arn" {
  description = "ARN of the key value store with the keys of signed URLs. `null` with `image_urls.signed_urls = \"none\"`."
  value       = one(module.signing_keys[*].arn)
}

output "kms_key_policy" {
  description = "With `kms_key_arn`: the statements that the key's policy needs before CloudFront can decrypt images, otherwise `null`."
  value       = local.key_policy
}

output "purge" {
  description = "Values for `./invokew redrive`, and variant => id of the distribution that the function purge invalidates. `null` if nothing is purged."
  value = !local.purge ? null : {
    region            = local.region
    account_id        = data.aws_caller_identity.current.account_id
    distribution_ids  = { for variant, distribution in local.purged_distributions : variant => distribution.id }
    failure_queue_url = module.purge[0].failure_queue_url
    function_arn      = module.purge_function[0].arn
  }

  # Without the notification a change starts nothing.
  depends_on = [module.originals_notification, module.purge]
}

output "regional_resize" {
  description = "Values for `./invokew backfill --variant regional_resize`. `null` without the variant regional_resize."
  value = !local.regional_resize ? null : {
    region             = local.region
    account_id         = data.aws_caller_identity.current.account_id
    source_bucket      = local.bucket.name
    excluded_prefix    = local.derivatives_prefix == null ? null : "${local.derivatives_prefix}/"
    destination_bucket = module.derivatives_bucket[0].name
    jobs_bucket        = module.jobs_bucket[0].name
    batch_role_arn     = module.batch_role[0].arn
    function_arn       = module.regional_resize_function[0].arn
    quality            = local.viewer_request.quality
    qualities          = local.viewer_request.qualities
    sizes              = var.sizes == null ? null : jsonencode(var.sizes)
    widths             = local.viewer_request.widths
  }
}

output "s3_trigger" {
  description = "Values for `./invokew backfill` and `./invokew redrive`. `null` without the variant s3_trigger."
  value = !local.s3_trigger ? null : {
    region             = local.region
    account_id         = data.aws_caller_identity.current.account_id
    source_bucket      = local.bucket.name
    source_prefix      = var.s3_trigger.source_prefix
    restore_prefix     = var.s3_trigger.restore_prefix
    suffixes           = sort(var.s3_trigger.suffixes)
    destination_bucket = local.destination.name
    jobs_bucket        = module.jobs_bucket[0].name
    batch_role_arn     = module.batch_role[0].arn
    function_arn       = module.s3_trigger_function[0].arn
    failure_queue_url  = module.trigger[0].failure_queue_url
  }

  # Without the notification an upload starts nothing.
  depends_on = [module.originals_notification, module.destination_notification]
}
