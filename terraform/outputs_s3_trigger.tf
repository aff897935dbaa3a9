output "existing_destination_bucket_policy" {
  description = "For trigger_create_destination_bucket = false with trigger_delivery = \"cloudfront\": the statements to add to the destination bucket's policy before CloudFront can read from it; otherwise null."
  value = var.trigger_create_destination_bucket || local.trigger_delivery == 0 ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [for distribution in module.s3_trigger_distribution : {
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${local.destination.arn}/*"
      Condition = { StringEquals = { "AWS:SourceArn" = [distribution.arn] } }
    }]
  })
}

output "s3_trigger" {
  description = "What `invoke backfill` and `invoke redrive` work with; null without the variant s3_trigger."
  value = local.s3_trigger == 0 ? null : {
    region             = var.region
    account_id         = data.aws_caller_identity.current.account_id
    source_bucket      = local.bucket.name
    source_prefix      = var.trigger_source_prefix
    restore_prefix     = var.trigger_restore_prefix
    suffixes           = sort(var.trigger_suffixes)
    destination_bucket = local.destination.name
    jobs_bucket        = module.jobs_bucket[0].name
    batch_role_arn     = module.batch_role[0].arn
    function_arn       = module.s3_trigger_function[0].arn
    failure_queue_url  = module.trigger[0].failure_queue_url
  }

  # Before the notification is there, an upload starts nothing.
  depends_on = [module.trigger]
}
