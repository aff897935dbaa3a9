# One bucket holds the originals and, below the resized path, what was made of them.
locals {
  bucket = var.create_bucket ? {
    arn                  = module.bucket[0].arn
    name                 = module.bucket[0].name
    regional_domain_name = module.bucket[0].regional_domain_name
    } : {
    arn                  = data.aws_s3_bucket.existing[0].arn
    name                 = data.aws_s3_bucket.existing[0].id
    regional_domain_name = data.aws_s3_bucket.existing[0].bucket_regional_domain_name
  }
}

module "bucket" {
  count  = var.create_bucket ? 1 : 0
  source = "./modules/bucket"

  name              = coalesce(var.bucket_name, "${local.name}-${data.aws_caller_identity.current.account_id}-${var.region}")
  access_point_arns = local.access_points == 1 ? [module.access_points[0].supporting_arn] : []
  distribution_arns = module.edge_resize_distribution[*].arn
  force_destroy     = var.force_destroy
  versioning        = var.versioning

  expiration = var.derivative_expiration_days == null ? null : {
    prefix = "${var.resized_path}/"
    days   = var.derivative_expiration_days
  }
}

data "aws_caller_identity" "current" {}

data "aws_s3_bucket" "existing" {
  count = var.create_bucket ? 0 : 1

  bucket = var.bucket_name

  lifecycle {
    postcondition {
      condition     = strcontains(self.bucket_regional_domain_name, ".${var.region}.")
      error_message = "The bucket ${var.bucket_name} is not in ${var.region}. Set region to the bucket's own."
    }
  }
}
