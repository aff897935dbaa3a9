locals {
  s3_trigger          = contains(var.variants, "s3_trigger")
  s3_trigger_delivery = local.s3_trigger && var.s3_trigger.delivery == "cloudfront"

  create_destination_bucket = local.s3_trigger && var.s3_trigger.create_destination_bucket

  # Single outputs are referenced instead of the whole module, because the bucket's policy references the distribution.
  destination = !local.s3_trigger ? null : var.s3_trigger.create_destination_bucket ? {
    arn                  = module.destination_bucket[0].arn
    name                 = module.destination_bucket[0].name
    regional_domain_name = module.destination_bucket[0].regional_domain_name
    } : {
    arn                  = data.aws_s3_bucket.destination[0].arn
    name                 = data.aws_s3_bucket.destination[0].id
    regional_domain_name = data.aws_s3_bucket.destination[0].bucket_regional_domain_name
  }
}

module "destination_bucket" {
  count  = local.create_destination_bucket ? 1 : 0
  source = "../bucket"

  name = coalesce(
    var.s3_trigger.destination_bucket_name,
    "${local.name}-resized-${data.aws_caller_identity.current.account_id}-${local.region}",
  )
  distribution_arns = local.s3_trigger_delivery ? concat(module.s3_trigger_distribution[*].arn, var.attached_distribution_arns) : []
  force_destroy     = var.force_destroy
  kms_key_arn       = var.kms_key_arn
  versioning        = var.versioning
}

data "aws_s3_bucket" "destination" {
  count = local.s3_trigger && !var.s3_trigger.create_destination_bucket ? 1 : 0

  bucket = var.s3_trigger.destination_bucket_name

  lifecycle {
    postcondition {
      condition     = strcontains(self.bucket_regional_domain_name, ".${local.region}.")
      error_message = "The bucket ${var.s3_trigger.destination_bucket_name} is not in ${local.region}. S3 invokes functions in the bucket's own Region."
    }
  }
}

module "s3_trigger_function" {
  count  = local.s3_trigger ? 1 : 0
  source = "../function"

  name                     = "${local.name}-s3-trigger"
  description              = "Resizes uploads into another bucket"
  package                  = local.packages["s3_trigger"]
  handler                  = "s3_trigger.handler.lambda_handler"
  edge                     = false
  log_class                = var.log_class
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  memory_size              = var.memory_size
  reserved_concurrency     = var.s3_trigger.reserved_concurrency
  timeout_seconds          = 120

  environment = { for name, value in {
    SOURCE_BUCKET      = local.bucket.name
    SOURCE_PREFIX      = var.s3_trigger.source_prefix
    RESTORE_PREFIX     = var.s3_trigger.restore_prefix
    DESTINATION_BUCKET = local.destination.name
    WIDTH              = tostring(var.s3_trigger.size.width)
    HEIGHT             = tostring(var.s3_trigger.size.height)
    FIT                = var.s3_trigger.fit
    QUALITY            = tostring(var.quality)
    CACHE_CONTROL      = local.s3_trigger_delivery ? local.cache_control : null
    PURGE_QUEUE_URL    = local.invalidates_s3_trigger ? module.purge[0].changes_queue.url : null
  } : name => value if value != null }

  grants = { for sid, grant in merge(local.key_grants["readwrite"], {
    ReadOriginals = {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/${var.s3_trigger.source_prefix}*"]
    }
    # The function reads the stored derivative first and overwrites only that version.
    ReadDerivatives = {
      actions   = ["s3:GetObject"]
      resources = ["${local.destination.arn}/*"]
    }
    WriteDerivatives = {
      actions   = ["s3:PutObject"]
      resources = ["${local.destination.arn}/*"]
    }
    # Without s3:ListBucket, S3 returns 403 for a missing key too, as if a permission were missing.
    DistinguishMissingKeys = {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn, local.destination.arn]
    }
    RestoreOriginals = !var.s3_trigger.restore_on_manual_upload ? null : {
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["${local.bucket.arn}/${var.s3_trigger.restore_prefix}*"]
    }
    # CloudFront may have copies of a replaced derivative, which the function purge invalidates.
    RequestPurge = !local.invalidates_s3_trigger ? null : {
      actions   = ["sqs:SendMessage"]
      resources = [module.purge[0].changes_queue.arn]
    }
    # Lambda sends failed events to the queue with the rights of this role.
    SendFailures = {
      actions   = ["sqs:SendMessage"]
      resources = [module.trigger[0].failure_queue_arn]
    }
  }) : sid => grant if grant != null }
}

module "trigger" {
  count  = local.s3_trigger ? 1 : 0
  source = "../trigger"

  name                  = "${local.name}-s3-trigger"
  alarm_actions         = distinct(concat(var.s3_trigger.alarm_actions, local.monitoring_actions))
  function_arn          = module.s3_trigger_function[0].arn
  function_name         = module.s3_trigger_function[0].name
  max_event_age_seconds = var.s3_trigger.max_event_age_seconds
  max_retries           = var.s3_trigger.max_retries

  bucket_arns = merge(
    { source = local.bucket.arn },
    var.s3_trigger.restore_on_manual_upload ? { destination = local.destination.arn } : {},
  )
}

# Derivatives carry a mark that distinguishes them from manual uploads, so the notifications of both buckets form no loop.
module "destination_notification" {
  count  = local.s3_trigger && var.s3_trigger.restore_on_manual_upload ? 1 : 0
  source = "../notification"

  bucket_name = local.destination.name

  listeners = {
    "${local.name}-s3-trigger" = {
      function_arn = module.trigger[0].function_arn
      suffixes     = var.s3_trigger.suffixes
    }
  }
}

module "s3_trigger_distribution" {
  count  = local.s3_trigger_delivery ? 1 : 0
  source = "../distribution"

  additional_behaviors = var.additional_behaviors
  name                 = "${local.name}-s3-trigger"
  comment              = "${local.name}: images resized on upload"
  key_value_store_arn  = one(module.signing_keys[*].arn)
  missing_page_path    = "/${local.missing_page_key}"
  origin_shield_region = var.distribution.origin_shield_region
  settings             = local.settings_by_variant["s3_trigger"]
  viewer_request_code  = local.viewer_request_code["s3_trigger"]

  origin = {
    domain_name = local.destination.regional_domain_name
  }
}
