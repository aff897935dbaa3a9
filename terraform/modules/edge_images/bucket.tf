# One bucket contains the originals and, below the resized path, the derivatives of edge_resize.
locals {
  bucket = var.bucket.create ? {
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
  count  = var.bucket.create ? 1 : 0
  source = "../bucket"

  name              = coalesce(var.bucket.name, "${local.name}-${data.aws_caller_identity.current.account_id}-${local.region}")
  access_point_arns = local.access_points ? [module.access_points[0].supporting_arn] : []
  distribution_arns = local.edge_resize ? concat(module.edge_resize_distribution[*].arn, var.attached_distribution_arns) : []
  force_destroy     = var.force_destroy
  kms_key_arn       = var.kms_key_arn
  versioning        = var.versioning

  expiration = var.edge_resize.derivative_expiration_days == null ? null : {
    prefix = "${var.edge_resize.resized_path}/"
    days   = var.edge_resize.derivative_expiration_days
  }
}

data "aws_caller_identity" "current" {}

data "aws_s3_bucket" "existing" {
  count = var.bucket.create ? 0 : 1

  bucket = var.bucket.name

  lifecycle {
    postcondition {
      condition     = strcontains(self.bucket_regional_domain_name, ".${local.region}.")
      error_message = "The bucket ${var.bucket.name} is not in ${local.region}. Set region to the Region of the bucket."
    }
  }
}
