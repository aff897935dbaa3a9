variable "role_arns" {
  type        = map(string)
  description = "Environment (`production`, `staging`) => ARN of the role that may deploy there."
}

module "staging" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws.staging
    aws.us_east_1 = aws.staging_us_east_1
  }

  name          = "holiday-images"
  force_destroy = true
}

module "production" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws.production
    aws.us_east_1 = aws.production_us_east_1
  }

  name       = "holiday-images"
  versioning = true
}
