data "aws_partition" "current" {}

# CloudFront delivers access logs through CloudWatch Logs in us-east-1 to a bucket in any Region.
locals {
  access_logs_bucket_arn = (
    var.access_logs == null ? null :
    var.access_logs.bucket_name == null ? module.access_logs_bucket[0].log_destination_arn : "arn:${data.aws_partition.current.partition}:s3:::${var.access_logs.bucket_name}"
  )
}

module "access_logs_bucket" {
  count  = try(var.access_logs.bucket_name, "none") == null ? 1 : 0
  source = "../bucket"

  name                     = "${local.name}-logs-${data.aws_caller_identity.current.account_id}-${local.region}"
  force_destroy            = var.force_destroy
  log_delivery_source_arns = module.access_logs[0].source_arns

  expiration = {
    prefix = "AWSLogs/"
    days   = var.access_logs.expiration_days
  }
}

module "access_logs" {
  count  = var.access_logs == null ? 0 : 1
  source = "../access_logs"

  providers = {
    aws = aws.us_east_1
  }

  name              = local.name
  bucket_arn        = local.access_logs_bucket_arn
  distribution_arns = { for variant, distribution in local.distributions : variant => distribution.arn }
  format            = var.access_logs.format
}
