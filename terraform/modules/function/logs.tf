locals {
  # A replica logs in the Region where it runs, in a group named after the home Region of the function.
  log_groups = concat(
    ["/aws/lambda/${local.function_name}"],
    var.edge ? ["/aws/lambda/us-east-1.${local.function_name}"] : [],
  )

  # Replicas run in many Regions.
  log_region = var.edge ? "*" : data.aws_region.current.id

  log_arns = [
    for group in local.log_groups :
    "arn:${data.aws_partition.current.partition}:logs:${local.log_region}:${data.aws_caller_identity.current.account_id}:log-group:${group}"
  ]
}

# Replicas create the groups of other Regions themselves, without retention: see the README.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key; a key of one Region cannot encrypt the groups of replicas in the others
  # checkov:skip=CKV_AWS_338:logs are for troubleshooting, and the caller chooses their retention

  for_each = toset(local.log_groups)

  name              = each.key
  log_group_class   = var.log_class
  retention_in_days = var.log_retention_days
}
