locals {
  object_lambda = contains(var.variants, "object_lambda")

  # One of three connections from CloudFront to the function. Two of them use S3 Object Lambda and its access points.
  edge_signer   = local.object_lambda && var.object_lambda.origin == "edge_signer"
  oac           = local.object_lambda && var.object_lambda.origin == "oac"
  function_url  = local.object_lambda && var.object_lambda.origin == "function_url"
  access_points = local.edge_signer || local.oac
}

module "object_lambda_function" {
  count  = local.object_lambda ? 1 : 0
  source = "../function"

  name                     = "${local.name}-object-lambda"
  description              = "Transforms images while they are read, and removes their metadata"
  package                  = local.packages["object_lambda"]
  handler                  = "object_lambda.handler.lambda_handler"
  edge                     = false
  log_class                = var.log_class
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  memory_size              = var.memory_size

  # CloudFront waits 30 seconds for an origin, so a late response must start before that.
  timeout_seconds = 28

  environment = merge(
    {
      BUCKET_NAME         = local.bucket.name
      IMAGE_CACHE_CONTROL = local.cache_control
      IMAGE_EXIF          = var.object_lambda.exif
      IMAGE_QUALITY       = tostring(var.quality)
    },
    var.object_lambda.purge_on_change ? { PURGE_ON_CHANGE = "true" } : {},
    var.sizes == null ? {} : { IMAGE_SIZES = jsonencode(var.sizes) },
  )

  # CloudFront invokes the function, except with edge_signer: then the signing role does.
  distribution_arns = local.edge_signer ? [] : concat([module.object_lambda_distribution[0].arn], var.attached_distribution_arns)
  url               = local.function_url

  # For a GET, S3 Object Lambda supplies a signed URL of the original and takes the response back. A HEAD has no such URL, and neither has
  # a request through the function URL: the function then reads the original itself.
  grants = { for sid, grant in merge(local.key_grants["read"], {
    ReadOriginals = {
      actions   = ["s3:GetObject"]
      resources = [local.function_url ? "${local.bucket.arn}/*" : "${module.access_points[0].supporting_arn}/object/*"]
    }
    # As in AmazonS3ObjectLambdaExecutionRolePolicy: with the ARN of the access point, users have seen a 403.
    RespondThroughObjectLambda = local.function_url ? null : {
      actions   = ["s3-object-lambda:WriteGetObjectResponse"]
      resources = ["*"]
    }
    # Without s3:ListBucket, S3 returns 403 for a missing key too, as if a permission were missing.
    DistinguishMissingKeys = !local.function_url ? null : {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn]
    }
  }) : sid => grant if grant != null }
}

module "access_points" {
  count  = local.access_points ? 1 : 0
  source = "../access_points"

  name              = local.name
  bucket_name       = local.bucket.name
  function_arn      = module.object_lambda_function[0].arn
  distribution_arns = local.oac ? concat([module.object_lambda_distribution[0].arn], var.attached_distribution_arns) : []
}

module "object_lambda_distribution" {
  count  = local.object_lambda ? 1 : 0
  source = "../distribution"

  additional_behaviors        = var.additional_behaviors
  name                        = "${local.name}-object-lambda"
  comment                     = "${local.name}: images transformed while they are read"
  key_value_store_arn         = one(module.signing_keys[*].arn)
  negotiates_formats          = true
  origin_request_function_arn = local.edge_signer ? module.edge_signer_function[0].qualified_arn : null
  query_strings               = concat(local.url_parameters, ["showExif"])
  origin_shield_region        = var.distribution.origin_shield_region
  settings                    = local.settings_by_variant["object_lambda"]
  viewer_request_code         = local.viewer_request_code["object_lambda"]

  # Single outputs are referenced instead of whole modules, because the policies in those modules reference the distribution.
  origin = {
    domain_name = (
      local.edge_signer ? module.access_points[0].domain_name :
      local.oac ? module.access_points[0].alias_domain_name :
      "${module.object_lambda_function[0].url_id}.lambda-url.${local.region}.on.aws"
    )
    type = { edge_signer = "custom", oac = "s3", function_url = "lambda" }[var.object_lambda.origin]
  }
}
