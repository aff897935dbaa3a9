# CloudFront has no role, so the policies of the access points grant its rights. Roles need no policy here, because their own rights
# apply.
locals {
  cloudfront = { Service = "cloudfront.amazonaws.com" }

  object_lambda_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = local.cloudfront
      Action    = "s3-object-lambda:GetObject"
      Resource  = aws_s3control_object_lambda_access_point.this.arn
      Condition = { StringEquals = { "aws:SourceArn" = var.distribution_arns } }
    }]
  }

  # S3 Object Lambda requests the original for CloudFront. That request does not name the distribution.
  supporting_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AllowCloudFrontToReadThroughObjectLambda"
        Effect    = "Allow"
        Principal = local.cloudfront
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_access_point.supporting.arn}/object/*"
        Condition = { "ForAnyValue:StringEquals" = { "aws:CalledVia" = "s3-object-lambda.amazonaws.com" } }
      },
      # Without s3:ListBucket, S3 returns 403 for a missing key too, as if a permission were missing.
      {
        Sid       = "DistinguishMissingKeys"
        Effect    = "Allow"
        Principal = local.cloudfront
        Action    = "s3:ListBucket"
        Resource  = aws_s3_access_point.supporting.arn
        Condition = { "ForAnyValue:StringEquals" = { "aws:CalledVia" = "s3-object-lambda.amazonaws.com" } }
      },
    ]
  }
}

resource "aws_s3control_object_lambda_access_point_policy" "this" {
  count = length(var.distribution_arns) == 0 ? 0 : 1

  name   = aws_s3control_object_lambda_access_point.this.name
  policy = jsonencode(local.object_lambda_policy)
}

resource "aws_s3control_access_point_policy" "supporting" {
  count = length(var.distribution_arns) == 0 ? 0 : 1

  access_point_arn = aws_s3_access_point.supporting.arn
  policy           = jsonencode(local.supporting_policy)
}
