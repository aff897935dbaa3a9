# The functions use the key with the rights of their roles. CloudFront has no role: the key's own policy must allow it.
locals {
  key_grants = { for use, actions in {
    read      = ["kms:Decrypt"]
    readwrite = ["kms:Decrypt", "kms:GenerateDataKey"]
    } : use => { for arn in compact([var.kms_key_arn]) : "UseKey" => {
      actions   = actions
      resources = [arn]
  } } }

  key_policy = var.kms_key_arn == null ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AllowCloudFrontToDecrypt"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "kms:Decrypt"
      Resource  = "*"
      Condition = { StringEquals = { "AWS:SourceArn" = concat(
        [for variant, distribution in local.distributions : distribution.arn if variant != "object_lambda" || local.oac],
        var.attached_distribution_arns,
      ) } }
    }]
  })
}
