variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that limits every role, in the account."
}

data "aws_caller_identity" "current" {}

resource "aws_kms_key" "images" {
  description         = "Images"
  enable_key_rotation = true
}

resource "aws_kms_key_policy" "images" {
  key_id = aws_kms_key.images.key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(jsondecode(module.edge_images.kms_key_policy).Statement, [{
      Sid       = "DelegateToPolicies"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }])
  })
}

module "edge_images" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name                     = "holiday-images"
  access_logs              = { expiration_days = 30 }
  kms_key_arn              = aws_kms_key.images.arn
  monitoring               = {}
  permissions_boundary_arn = var.permissions_boundary_arn
}
