data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # No condition on aws:SourceAccount: AWS does not document this key for Lambda@Edge, and without the key the condition would stop
  # every replica.
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
      # Replicas create their groups in other Regions themselves. Terraform creates the group of a function in a Region.
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
  description        = "Permissions of ${local.function_name}"
  assume_role_policy = local.trust_policy

  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "this" {
  name   = "function"
  role   = aws_iam_role.this.id
  policy = local.role_policy
}
