locals {
  transport_statements = [
    {
      Sid       = "DenyInsecureTransport"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    },
  ]

  # No s3:ListBucket: with that right, a request for "/" would return the list of all keys.
  reader_statements = length(var.distribution_arns) == 0 ? [] : [
    {
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.this.arn}/*"
      Condition = { StringEquals = { "AWS:SourceArn" = var.distribution_arns } }
    },
  ]

  # Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html#send-logs-s3
  log_statements = length(var.log_delivery_source_arns) == 0 ? [] : [
    {
      Sid       = "AllowLogDelivery"
      Effect    = "Allow"
      Principal = { Service = "delivery.logs.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.this.arn}/*"
      Condition = {
        ArnLike = { "aws:SourceArn" = var.log_delivery_source_arns }
        StringEquals = {
          "aws:SourceAccount" = distinct([for arn in var.log_delivery_source_arns : split(":", arn)[4]])
          "s3:x-amz-acl"      = "bucket-owner-full-control"
        }
      }
    },
  ]

  # The policy of the access point, or the caller's own rights, decide about a request through an access point. S3 does not count a
  # policy that names its access points as public.
  access_point_statements = length(var.access_point_arns) == 0 ? [] : [
    {
      Sid       = "DelegateToAccessPoints"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { StringEquals = { "s3:DataAccessPointArn" = var.access_point_arns } }
    },
  ]
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.transport_statements, local.reader_statements, local.log_statements, local.access_point_statements)
  })

  # S3 refuses concurrent changes of one bucket's access settings.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
