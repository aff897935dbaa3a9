variable "role_arns" {
  type        = object({ production = string, staging = string })
  description = <<-EOT
    ARNs of the roles that may deploy.
    - `production`: Role in the account of production.
    - `staging`: Role in the account of staging.
  EOT
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
