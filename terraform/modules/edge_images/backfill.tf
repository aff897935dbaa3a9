# Derivatives that `invoke backfill` makes ahead, by jobs of S3 Batch Operations.
locals {
  backfill = local.s3_trigger || local.regional_resize
}

# Manifests and reports of backfills list every key, so they are in a bucket that no distribution reads. S3 keeps a job for 90 days, and
# the bucket keeps its files as long.
module "jobs_bucket" {
  count  = local.backfill ? 1 : 0
  source = "../bucket"

  name          = "${local.name}-jobs-${data.aws_caller_identity.current.account_id}-${local.region}"
  force_destroy = var.force_destroy
  kms_key_arn   = var.kms_key_arn

  expiration = {
    prefix = "backfill/"
    days   = 90
  }
}

module "batch_role" {
  count  = local.backfill ? 1 : 0
  source = "../batch_role"

  name                     = "${local.name}-backfill"
  function_arns            = concat(module.regional_resize_function[*].arn, module.s3_trigger_function[*].arn)
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  jobs_bucket_arn          = module.jobs_bucket[0].arn
}
