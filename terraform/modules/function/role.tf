data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # A replica logs in the Region where it runs, in a group named after the function's home Region.
  log_groups = concat(
    ["/aws/lambda/${local.function_name}"],
    var.edge ? ["/aws/lambda/us-east-1.${local.function_name}"] : [],
  )

  log_arns = [
    for group in local.log_groups :
    "arn:${data.aws_partition.current.partition}:logs:*:${data.aws_caller_identity.current.account_id}:log-group:${group}"
  ]

  # No aws:SourceAccount here: Lambda@Edge does not document that it sends it, and refusing it would stop every replica.
  trust_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = concat(["lambda.amazonaws.com"], var.edge ? ["edgelambda.amazonaws.com"] : []) }
    }]
  })

  grants = [
    for sid, grant in var.grants : {
      for name, value in {
        Sid       = sid
        Effect    = "Allow"
        Action    = grant.actions
        Resource  = grant.resources
        Condition = grant.called_via == null ? null : { "ForAnyValue:StringEquals" = { "aws:CalledVia" = grant.called_via } }
      } : name => value if value != null
    }
  ]

  role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      # Replicas make their groups in other Regions themselves; the group of a Region's function is made here.
      [for arns in [local.log_arns] : {
        Sid      = "CreateLogGroup"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup"]
        Resource = concat(arns, [for arn in arns : "${arn}:*"])
      } if var.edge],
      [{
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = [for arn in local.log_arns : "${arn}:*"]
      }],
      local.grants,
    )
  })
}

resource "aws_iam_role" "this" {
  name               = local.function_name
  description        = "What ${local.function_name} may do"
  assume_role_policy = local.trust_policy
}

resource "aws_iam_role_policy" "this" {
  name   = "function"
  role   = aws_iam_role.this.id
  policy = local.role_policy
}

# Replicas make the groups of other Regions themselves, without retention: see the README.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key; a key of one Region could not serve the replicas' groups in the others
  # checkov:skip=CKV_AWS_338:logs serve troubleshooting; how long they are kept is the caller's choice

  for_each = toset(local.log_groups)

  name              = each.key
  retention_in_days = var.log_retention_days
}
