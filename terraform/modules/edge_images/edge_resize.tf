locals {
  edge_resize = contains(var.variants, "edge_resize")
}

module "edge_resize_function" {
  count  = local.edge_resize ? 1 : 0
  source = "../function"

  providers = {
    aws = aws.us_east_1
  }

  name                     = "${local.name}-edge-resize"
  description              = "Resizes images at the edge on their first request"
  package                  = local.packages["edge_resize"]
  handler                  = "edge_resize.handler.lambda_handler"
  memory_size              = var.memory_size
  log_class                = var.log_class
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  skip_destroy             = var.retain_edge_functions

  grants = merge(local.key_grants["readwrite"], {
    # Without s3:ListBucket, S3 returns 403 for a missing key too, as if a permission were missing.
    DistinguishMissingKeys = {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn]
    }
    ReadImages = {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/*"]
    }
    WriteDerivatives = {
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket.arn}/${var.edge_resize.resized_path}/*"]
    }
  })
}

module "edge_resize_distribution" {
  count  = local.edge_resize ? 1 : 0
  source = "../distribution"

  additional_behaviors        = var.additional_behaviors
  name                        = "${local.name}-edge-resize"
  comment                     = "${local.name}: images resized at the edge"
  key_value_store_arn         = one(module.signing_keys[*].arn)
  missing_page_path           = "/${local.missing_page_key}"
  negotiates_formats          = true
  origin_request_function_arn = module.edge_resize_function[0].qualified_arn
  query_strings               = local.url_parameters
  origin_shield_region        = var.distribution.origin_shield_region
  settings                    = local.settings_by_variant["edge_resize"]
  viewer_request_code         = local.viewer_request_code["edge_resize"]

  # Lambda@Edge has no environment variables, so the settings of the function are headers of the origin.
  origin = {
    domain_name = local.bucket.regional_domain_name
    headers = merge(
      {
        x-env-bucket-name   = local.bucket.name
        x-env-bucket-region = local.region
        x-env-cache-control = local.cache_control
        x-env-originals     = var.edge_resize.originals
        x-env-quality       = tostring(var.quality)
        x-env-resized-path  = var.edge_resize.resized_path
      },
      var.edge_resize.purge_on_change ? { x-env-purge-on-change = "true" } : {},
      var.sizes == null ? {} : { x-env-sizes = jsonencode(var.sizes) },
    )
  }
}
