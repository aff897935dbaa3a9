variable "role_arns" {
  type        = map(string)
  description = "Environment => role that may deploy there."
  default = {
    production = "arn:aws:iam::210987654321:role/deploy"
    staging    = "arn:aws:iam::123456789012:role/deploy"
  }
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
