locals {
  edge_resize = contains(var.variants, "edge_resize") ? 1 : 0
}

module "edge_resize_function" {
  count  = local.edge_resize
  source = "./modules/function"

  providers = {
    aws = aws.us_east_1
  }

  name               = "${local.name}-edge-resize"
  description        = "Resizes pictures on their way from S3 to CloudFront"
  zip_file           = "${path.module}/../dist/edge_resize.zip"
  handler            = "edge_resize.handler.lambda_handler"
  memory_size        = var.memory_size
  log_retention_days = var.log_retention_days
  skip_destroy       = var.retain_edge_functions

  grants = {
    # Without it S3 answers 403 for a missing key, and nobody could tell it from a permission that is missing.
    TellMissingFromForbidden = {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn]
    }
    ReadPictures = {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/*"]
    }
    WriteDerivatives = {
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket.arn}/${var.resized_path}/*"]
    }
  }
}

module "edge_resize_distribution" {
  count  = local.edge_resize
  source = "./modules/distribution"

  name                        = "${local.name}-edge-resize"
  comment                     = "${local.name}: pictures resized at the edge"
  aliases                     = var.aliases
  acm_certificate_arn         = var.acm_certificate_arn
  missing_page_path           = "/${local.missing_page_key}"
  origin_request_function_arn = module.edge_resize_function[0].qualified_arn
  price_class                 = var.price_class
  query_strings               = ["size", "to_webp"]
  wait_for_deployment         = var.wait_for_deployment
  web_acl_id                  = var.web_acl_id

  # Edge functions have no environment variables: their settings travel as headers of the origin.
  origin = {
    domain_name = local.bucket.regional_domain_name
    headers = merge(
      {
        x-env-bucket-name   = local.bucket.name
        x-env-bucket-region = var.region
        x-env-originals     = var.originals
        x-env-quality       = tostring(var.quality)
        x-env-resized-path  = var.resized_path
      },
      var.sizes == null ? {} : { x-env-sizes = jsonencode(var.sizes) },
    )
  }

  ttl = {
    default_seconds = var.default_ttl_seconds
    max_seconds     = var.max_ttl_seconds
  }
}
