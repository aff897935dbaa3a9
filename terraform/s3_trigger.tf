locals {
  s3_trigger = contains(var.variants, "s3_trigger") ? 1 : 0

  trigger_delivery = local.s3_trigger == 1 && var.trigger_delivery == "cloudfront" ? 1 : 0

  # Single outputs are named, not whole modules: the bucket's policy names the distribution.
  destination = local.s3_trigger == 0 ? null : var.trigger_create_destination_bucket ? {
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
  count  = var.trigger_create_destination_bucket ? local.s3_trigger : 0
  source = "./modules/bucket"

  name = coalesce(
    var.trigger_destination_bucket_name,
    "${local.name}-resized-${data.aws_caller_identity.current.account_id}-${var.region}",
  )
  distribution_arns = module.s3_trigger_distribution[*].arn
  force_destroy     = var.force_destroy
  versioning        = var.versioning
}

data "aws_s3_bucket" "destination" {
  count = var.trigger_create_destination_bucket ? 0 : local.s3_trigger

  bucket = var.trigger_destination_bucket_name

  lifecycle {
    postcondition {
      condition     = strcontains(self.bucket_regional_domain_name, ".${var.region}.")
      error_message = "The bucket ${var.trigger_destination_bucket_name} is not in ${var.region}. S3 invokes functions in the bucket's own Region."
    }
  }
}

module "s3_trigger_function" {
  count  = local.s3_trigger
  source = "./modules/function"

  name                 = "${local.name}-s3-trigger"
  description          = "Resizes uploads into another bucket"
  zip_file             = "${path.module}/../dist/s3_trigger.zip"
  handler              = "s3_trigger.handler.lambda_handler"
  edge                 = false
  log_retention_days   = var.log_retention_days
  memory_size          = var.memory_size
  reserved_concurrency = var.trigger_reserved_concurrency
  timeout_seconds      = 120

  environment = {
    SOURCE_BUCKET      = local.bucket.name
    SOURCE_PREFIX      = var.trigger_source_prefix
    RESTORE_PREFIX     = var.trigger_restore_prefix
    DESTINATION_BUCKET = local.destination.name
    WIDTH              = tostring(var.trigger_size.width)
    HEIGHT             = tostring(var.trigger_size.height)
    FIT                = var.trigger_fit
    QUALITY            = tostring(var.quality)
  }

  grants = { for sid, grant in {
    ReadOriginals = {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/${var.trigger_source_prefix}*"]
    }
    # It looks before it writes, and writes only over what it saw.
    LookAtDerivatives = {
      actions   = ["s3:GetObject"]
      resources = ["${local.destination.arn}/*"]
    }
    WriteDerivatives = {
      actions   = ["s3:PutObject"]
      resources = ["${local.destination.arn}/*"]
    }
    # Without it S3 answers 403 for a missing key, and nobody could tell it from a permission that is missing.
    TellMissingFromForbidden = {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn, local.destination.arn]
    }
    RestoreOriginals = !var.restore_on_manual_upload ? null : {
      actions   = ["s3:GetObject", "s3:PutObject"]
      resources = ["${local.bucket.arn}/${var.trigger_restore_prefix}*"]
    }
    # Lambda does it for the function, under this role.
    HandOverFailures = {
      actions   = ["sqs:SendMessage"]
      resources = [module.trigger[0].failure_queue_arn]
    }
  } : sid => grant if grant != null }
}

module "trigger" {
  count  = local.s3_trigger
  source = "./modules/trigger"

  name                  = "${local.name}-s3-trigger"
  alarm_actions         = var.trigger_alarm_actions
  function_arn          = module.s3_trigger_function[0].arn
  function_name         = module.s3_trigger_function[0].name
  max_event_age_seconds = var.trigger_max_event_age_seconds
  max_retries           = var.trigger_max_retries

  listeners = merge(
    {
      source = {
        bucket_arn  = local.bucket.arn
        bucket_name = local.bucket.name
        prefix      = var.trigger_source_prefix
        suffixes    = var.trigger_suffixes
      }
    },
    # Derivatives carry a mark by which the function tells them from uploads by hand: no loop.
    var.restore_on_manual_upload ? {
      destination = {
        bucket_arn  = local.destination.arn
        bucket_name = local.destination.name
        prefix      = ""
        suffixes    = var.trigger_suffixes
      }
    } : {},
  )
}

# Manifests and reports of backfills list every key: they lie where no distribution reads, and as long as S3 knows
# the job, 90 days.
module "jobs_bucket" {
  count  = local.s3_trigger
  source = "./modules/bucket"

  name          = "${local.name}-jobs-${data.aws_caller_identity.current.account_id}-${var.region}"
  force_destroy = var.force_destroy

  expiration = {
    prefix = "backfill/"
    days   = 90
  }
}

module "batch_role" {
  count  = local.s3_trigger
  source = "./modules/batch_role"

  name            = "${local.name}-backfill"
  function_arn    = module.s3_trigger_function[0].arn
  jobs_bucket_arn = module.jobs_bucket[0].arn
}

module "s3_trigger_distribution" {
  count  = local.trigger_delivery
  source = "./modules/distribution"

  name                = "${local.name}-s3-trigger"
  comment             = "${local.name}: pictures resized when they were uploaded"
  aliases             = var.aliases
  acm_certificate_arn = var.acm_certificate_arn
  missing_page_path   = "/${local.missing_page_key}"
  price_class         = var.price_class
  wait_for_deployment = var.wait_for_deployment
  web_acl_id          = var.web_acl_id

  origin = {
    domain_name = local.destination.regional_domain_name
  }

  ttl = {
    default_seconds = var.default_ttl_seconds
    max_seconds     = var.max_ttl_seconds
  }
}
