# Signs each request to the Object Lambda access point. The role of the function may read there and nowhere else.
module "edge_signer_function" {
  count  = local.edge_signer ? 1 : 0
  source = "../function"

  providers = {
    aws = aws.us_east_1
  }

  name                     = "${local.name}-edge-signer"
  description              = "Signs requests from CloudFront to S3 Object Lambda"
  package                  = local.packages["edge_signer"]
  handler                  = "edge_signer.handler.lambda_handler"
  log_class                = var.log_class
  log_retention_days       = var.log_retention_days
  permissions_boundary_arn = var.permissions_boundary_arn
  skip_destroy             = var.retain_edge_functions

  # The function computes a few hashes and never receives an image, so more memory would only cost more.
  memory_size     = 512
  timeout_seconds = 5

  # S3 Object Lambda makes the later calls with the rights of the caller, which is this role.
  grants = merge(local.key_grants["read"], {
    ReadImages = {
      actions   = ["s3-object-lambda:GetObject"]
      resources = [module.access_points[0].arn]
    }
    ReadOriginalsThroughObjectLambda = {
      actions    = ["s3:GetObject"]
      resources  = ["${module.access_points[0].supporting_arn}/object/*"]
      called_via = "s3-object-lambda.amazonaws.com"
    }
    # Without s3:ListBucket, S3 returns 403 for a missing key too, as if a permission were missing.
    DistinguishMissingKeys = {
      actions    = ["s3:ListBucket"]
      resources  = [module.access_points[0].supporting_arn]
      called_via = "s3-object-lambda.amazonaws.com"
    }
    TransformImagesThroughObjectLambda = {
      actions    = ["lambda:InvokeFunction"]
      resources  = [module.object_lambda_function[0].arn, module.object_lambda_function[0].qualified_arn]
      called_via = "s3-object-lambda.amazonaws.com"
    }
  })
}
