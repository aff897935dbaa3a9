data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  names = { for purpose in keys(var.distribution_arns) : purpose => "${var.name}-${replace(purpose, "_", "-")}" }
}

# Standard logging, version 2. The source is the distribution, the destination the bucket, and a delivery connects them.
resource "aws_cloudwatch_log_delivery_source" "this" {
  for_each = var.distribution_arns

  name         = local.names[each.key]
  log_type     = "ACCESS_LOGS"
  resource_arn = each.value
}

resource "aws_cloudwatch_log_delivery_destination" "this" {
  name          = var.name
  output_format = var.format

  delivery_destination_configuration {
    destination_resource_arn = var.bucket_arn
  }
}

resource "aws_cloudwatch_log_delivery" "this" {
  for_each = var.distribution_arns

  delivery_source_name     = aws_cloudwatch_log_delivery_source.this[each.key].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.this.arn

  s3_delivery_configuration = [{
    enable_hive_compatible_path = false
    suffix_path                 = "${each.key}/{yyyy}/{MM}/{dd}/{HH}"
  }]
}
