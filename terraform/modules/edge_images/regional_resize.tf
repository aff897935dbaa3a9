locals {
  regional_resize = contains(var.variants, "regional_resize")

  # The last copy of a derivative ends one TTL after the derivative, and the trace beside the derivative is up to
  # derivative_expiration_days older (libs/derivatives/derivatives/traces.py). S3 may delete the derivative some days late.
  trace_expiration_days = (
    var.regional_resize.derivative_expiration_days == null ? null :
    2 * var.regional_resize.derivative_expiration_days + ceil(var.distribution.max_ttl_seconds / 86400) + 7
  )
}

# Every derivative can be made again, so that the bucket is deleted with its objects and keeps no old versions.
module "derivatives_bucket" {
  count  = local.regional_resize ? 1 : 0
  source = "../bucket"

  name              = "${local.name}-derivatives-${data.aws_caller_identity.current.account_id}-${local.region}"
  distribution_arns = concat([module.regional_resize_distribution[0].arn], var.attached_distribution_arns)
  force_destroy     = true
  kms_key_arn       = var.kms_key_arn

  expiration = var.regional_resize.derivative_expiration_days == null ? null : {
    days              = var.regional_resize.derivative_expiration_days
    empty_object_days = local.trace_expiration_days
  }
}

module "regional_resize_function" {
  count  = local.regional_resize ? 1 : 0
  source = "../function"

  name                     = "${local.name}-regional-resize"
  description              = "Makes and stores a derivative on its first request"
  package                  = local.packages["regional_resize"]
  handler                  = "regional_resize.handler.lambda_handler"
  edge                     = false
  log_class                = var.log_class
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  memory_size              = var.memory_size

  # CloudFront waits 30 seconds for an origin, so a late response must start before that.
  timeout_seconds = 28

  environment = { for name, value in {
    BUCKET_NAME                = local.bucket.name
    DERIVATIVE_EXPIRATION_DAYS = local.purges_regional_resize ? var.regional_resize.derivative_expiration_days : null
    DERIVATIVES_BUCKET_NAME    = module.derivatives_bucket[0].name
    IMAGE_CACHE_CONTROL        = local.cache_control
    PURGE_QUEUE_URL            = local.purges_regional_resize ? module.purge[0].changes_queue.url : null
  } : name => value if value != null }

  distribution_arns = concat([module.regional_resize_distribution[0].arn], var.attached_distribution_arns)
  url               = true

  grants = { for sid, grant in merge(local.key_grants["readwrite"], {
    # Without s3:ListBucket, S3 returns 403 for a missing key too, as if a permission were missing.
    DistinguishMissingKeys = {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn, module.derivatives_bucket[0].arn]
    }
    ReadOriginals = {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/*"]
    }
    # A derivative of an original that was replaced meanwhile is read, compared and deleted.
    StoreDerivatives = {
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      resources = ["${module.derivatives_bucket[0].arn}/*"]
    }
    # CloudFront may have read such a derivative, so the function purge has to invalidate it.
    RequestPurge = !local.purges_regional_resize ? null : {
      actions   = ["sqs:SendMessage"]
      resources = [module.purge[0].changes_queue.arn]
    }
  }) : sid => grant if grant != null }
}

# CloudFront reads the bucket of derivatives, and invokes the function for a derivative that is not there. It reads no original.
module "regional_resize_distribution" {
  count  = local.regional_resize ? 1 : 0
  source = "../distribution"

  additional_behaviors = var.additional_behaviors
  name                 = "${local.name}-regional-resize"
  comment              = "${local.name}: images resized in the Region on their first request"
  forwarded_headers    = ["x-viewer-url"]
  key_value_store_arn  = one(module.signing_keys[*].arn)
  negotiates_formats   = true
  origin_shield_region = try(coalesce(var.regional_resize.origin_shield, var.distribution.origin_shield_region), null)
  settings             = local.settings_by_variant["regional_resize"]
  viewer_request_code  = local.viewer_request_code["regional_resize"]

  # Single outputs are referenced instead of whole modules, because the policies in those modules reference the distribution.
  origin = {
    domain_name = module.derivatives_bucket[0].regional_domain_name
  }

  secondary_origin = {
    domain_name = "${module.regional_resize_function[0].url_id}.lambda-url.${local.region}.on.aws"
  }
}
