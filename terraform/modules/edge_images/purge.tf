locals {
  # Variants that have their old images removed when an original changes. Not from their distributions: the function of regional_resize,
  # which one of them invokes, needs the queue.
  purging_variants = [
    for variant in var.variants : variant
    if contains([
      var.edge_resize.purge_on_change ? "edge_resize" : "",
      var.object_lambda.purge_on_change ? "object_lambda" : "",
      var.purge.enabled ? "regional_resize" : "",
    ], variant)
  ]

  purge                  = length(local.purging_variants) > 0
  purges_edge_resize     = contains(local.purging_variants, "edge_resize")
  purges_regional_resize = contains(local.purging_variants, "regional_resize")
  purges_s3_trigger      = local.purge && local.s3_trigger
  invalidates_s3_trigger = local.purge && local.s3_trigger_delivery

  purges_derivatives = local.purges_edge_resize || local.purges_regional_resize || local.purges_s3_trigger

  purged_distributions = {
    for variant in concat(local.purging_variants, local.invalidates_s3_trigger ? ["s3_trigger"] : []) :
    variant => local.distributions[variant]
  }

  # The function repeats the invalidations of distributions that serve stored derivatives.
  purge_sends_messages = local.purges_regional_resize || local.invalidates_s3_trigger

  # If derivatives are stored, ReadOriginals or DeleteDerivatives grants the reads of the counter.
  purge_counter_actions = concat(local.purges_derivatives ? [] : ["s3:GetObject"], ["s3:PutObject"])

  # The counter of invalidation paths: see counter_folder in functions/purge/purge/settings.py.
  purge_counters_arn = (
    local.purges_regional_resize ? "${module.derivatives_bucket[0].arn}/.edge-images" :
    local.derivatives_prefix != null ? "${local.bucket.arn}/${local.derivatives_prefix}/.edge-images" :
    "${local.bucket.arn}/.edge-images"
  )
}

module "purge_function" {
  count  = local.purge ? 1 : 0
  source = "../function"

  # No log_class: the alarm of used-up invalidation paths needs a metric filter, which only the class STANDARD has.
  name                     = "${local.name}-purge"
  description              = "Removes derivatives and cached copies of changed originals"
  package                  = local.packages["purge"]
  handler                  = "purge.handler.lambda_handler"
  edge                     = false
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  memory_size              = 512

  # Not above the visibility timeout of the queues.
  timeout_seconds = 60

  environment = { for name, value in {
    BUCKET_NAME             = local.bucket.name
    DERIVATIVES_BUCKET_NAME = local.purges_regional_resize ? module.derivatives_bucket[0].name : null
    DESTINATION_BUCKET      = local.purges_s3_trigger ? local.destination.name : null
    DISTRIBUTIONS           = jsonencode({ for variant, distribution in local.purged_distributions : variant => distribution.id })
    MAX_MONTHLY_PATHS       = tostring(var.purge.max_monthly_paths)
    PURGE_QUEUE_URL         = module.purge[0].changes_queue.url
    RESIZED_PATH            = local.derivatives_prefix
    RESTORE_PREFIX          = local.purges_s3_trigger ? var.s3_trigger.restore_prefix : null
    SOURCE_PREFIX           = local.purges_s3_trigger ? var.s3_trigger.source_prefix : null
  } : name => value if value != null }

  grants = { for sid, grant in merge(local.key_grants["readwrite"], {
    ReadOriginals = !local.purges_derivatives ? null : {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/*"]
    }
    # Without s3:ListBucket, S3 returns 403 for a missing key too, as if a permission were missing.
    ListDerivativesAndDistinguishMissingKeys = {
      actions = ["s3:ListBucket"]
      resources = concat(
        [local.bucket.arn],
        local.purges_regional_resize ? [module.derivatives_bucket[0].arn] : [],
        local.purges_s3_trigger ? [local.destination.arn] : [],
      )
    }
    DeleteDerivatives = !local.purges_regional_resize ? null : {
      actions   = ["s3:GetObject", "s3:DeleteObject"]
      resources = ["${module.derivatives_bucket[0].arn}/*"]
    }
    DeleteDerivativesOfEdgeResize = !local.purges_edge_resize ? null : {
      actions   = ["s3:DeleteObject"]
      resources = ["${local.bucket.arn}/${var.edge_resize.resized_path}/*"]
    }
    DeleteDerivativesOfS3Trigger = !local.purges_s3_trigger ? null : {
      actions   = ["s3:GetObject", "s3:DeleteObject"]
      resources = ["${local.destination.arn}/*"]
    }
    CountInvalidationPaths = {
      actions   = local.purge_counter_actions
      resources = ["${local.purge_counters_arn}/*"]
    }
    InvalidateCopies = {
      actions   = ["cloudfront:CreateInvalidation"]
      resources = [for distribution in values(local.purged_distributions) : distribution.arn]
    }
    # Lambda polls the queues with the rights of this role.
    ReceiveEvents = {
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      resources = module.purge[0].queue_arns
    }
    RepeatInvalidations = !local.purge_sends_messages ? null : {
      actions   = ["sqs:SendMessage"]
      resources = [module.purge[0].changes_queue.arn]
    }
  }) : sid => grant if grant != null }
}

module "purge" {
  count  = local.purge ? 1 : 0
  source = "../purge"

  name             = "${local.name}-purge"
  alarm_actions    = distinct(concat(var.purge.alarm_actions, local.monitoring_actions))
  bucket_name      = local.bucket.name
  function_name    = module.purge_function[0].name
  metric_namespace = "EdgeImages/${local.name}"
  resized_path     = local.derivatives_prefix
}
