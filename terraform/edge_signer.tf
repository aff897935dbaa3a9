# Signs each request to the Object Lambda access point, under a role that may read there and nowhere else.
module "edge_signer_function" {
  count  = local.edge_signer
  source = "./modules/function"

  providers = {
    aws = aws.us_east_1
  }

  name               = "${local.name}-edge-signer"
  description        = "Signs requests from CloudFront to S3 Object Lambda"
  zip_file           = "${path.module}/../dist/edge_signer.zip"
  handler            = "edge_signer.handler.lambda_handler"
  log_retention_days = var.log_retention_days
  skip_destroy       = var.retain_edge_functions

  # It holds no picture and computes a few hashes: more would only cost more.
  memory_size     = 512
  timeout_seconds = 5

  # S3 Object Lambda does the rest in the name of whoever asked.
  grants = {
    ReadPictures = {
      actions   = ["s3-object-lambda:GetObject"]
      resources = [module.access_points[0].arn]
    }
    ReadOriginalsThroughObjectLambda = {
      actions    = ["s3:GetObject"]
      resources  = ["${module.access_points[0].supporting_arn}/object/*"]
      called_via = "s3-object-lambda.amazonaws.com"
    }
    # Without it S3 answers 403 for a missing key, and nobody could tell it from a permission that is missing.
    TellMissingFromForbidden = {
      actions    = ["s3:ListBucket"]
      resources  = [module.access_points[0].supporting_arn]
      called_via = "s3-object-lambda.amazonaws.com"
    }
    MakePicturesThroughObjectLambda = {
      actions    = ["lambda:InvokeFunction"]
      resources  = [module.object_lambda_function[0].arn, module.object_lambda_function[0].qualified_arn]
      called_via = "s3-object-lambda.amazonaws.com"
    }
  }
}
