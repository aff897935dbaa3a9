locals {
  object_lambda = contains(var.variants, "object_lambda") ? 1 : 0

  # The three ways in. Two of them lead through S3 Object Lambda.
  edge_signer   = local.object_lambda == 1 && var.object_lambda_origin == "edge_signer" ? 1 : 0
  oac           = local.object_lambda == 1 && var.object_lambda_origin == "oac" ? 1 : 0
  function_url  = local.object_lambda == 1 && var.object_lambda_origin == "function_url" ? 1 : 0
  access_points = local.edge_signer + local.oac
}

module "object_lambda_function" {
  count  = local.object_lambda
  source = "./modules/function"

  name               = "${local.name}-object-lambda"
  description        = "Cleans and changes pictures while they are read"
  zip_file           = "${path.module}/../dist/object_lambda.zip"
  handler            = "object_lambda.handler.lambda_handler"
  edge               = false
  log_retention_days = var.log_retention_days
  memory_size        = var.memory_size

  # CloudFront waits 30 seconds: an answer that is late has to be on its way before.
  timeout_seconds = 28

  environment = merge(
    {
      BUCKET_NAME   = local.bucket.name
      IMAGE_EXIF    = var.exif
      IMAGE_QUALITY = tostring(var.quality)
    },
    var.sizes == null ? {} : { IMAGE_SIZES = jsonencode(var.sizes) },
  )

  # CloudFront invokes it in its own name, except for a request that a role has signed.
  distribution_arns = var.object_lambda_origin == "edge_signer" ? [] : [module.object_lambda_distribution[0].arn]
  url               = local.function_url == 1

  # To a GET S3 Object Lambda hands over the original with a signed URL, and takes the answer back. The URL of a HEAD is good for nothing
  # else, and behind a function URL there is none: then the function fetches the original itself.
  grants = { for sid, grant in {
    AnswerForObjectLambda = local.function_url == 1 ? null : {
      actions   = ["s3-object-lambda:WriteGetObjectResponse"]
      resources = ["*"]
    }
    ReadOriginals = {
      actions   = ["s3:GetObject"]
      resources = [local.function_url == 1 ? "${local.bucket.arn}/*" : "${module.access_points[0].supporting_arn}/object/*"]
    }
    # Without it S3 answers 403 for a missing key, and nobody could tell it from a permission that is missing.
    TellMissingFromForbidden = local.function_url == 0 ? null : {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn]
    }
  } : sid => grant if grant != null }
}

module "access_points" {
  count  = local.access_points
  source = "./modules/access_points"

  name              = local.name
  bucket_name       = local.bucket.name
  function_arn      = module.object_lambda_function[0].arn
  distribution_arns = local.oac == 1 ? [module.object_lambda_distribution[0].arn] : []
}

module "object_lambda_distribution" {
  count  = local.object_lambda
  source = "./modules/distribution"

  name                        = "${local.name}-object-lambda"
  comment                     = "${local.name}: pictures cleaned and changed while they are read"
  aliases                     = var.aliases
  acm_certificate_arn         = var.acm_certificate_arn
  origin_request_function_arn = local.edge_signer == 1 ? module.edge_signer_function[0].qualified_arn : null
  price_class                 = var.price_class
  query_strings               = ["showExif", "size", "to_webp"]
  wait_for_deployment         = var.wait_for_deployment
  web_acl_id                  = var.web_acl_id

  # Single outputs are named, not whole modules: the policies in these modules name the distribution.
  origin = {
    domain_name = (
      local.edge_signer == 1 ? module.access_points[0].domain_name :
      local.oac == 1 ? module.access_points[0].alias_domain_name :
      "${module.object_lambda_function[0].url_id}.lambda-url.${var.region}.on.aws"
    )
    type = { edge_signer = "custom", oac = "s3", function_url = "lambda" }[var.object_lambda_origin]
  }

  ttl = {
    default_seconds = var.default_ttl_seconds
    max_seconds     = var.max_ttl_seconds
  }
}
