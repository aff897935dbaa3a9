data "aws_caller_identity" "current" {}

# S3 Batch Operations runs a job under it: reads the manifest, invokes the function, writes the report.
resource "aws_iam_role" "this" {
  name        = var.name
  description = "What S3 Batch Operations may do in a backfill"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "batchoperations.s3.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "backfill"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadManifest"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${var.jobs_bucket_arn}/manifests/*"]
      },
      {
        Sid      = "MakePictures"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [var.function_arn, "${var.function_arn}:*"]
      },
      {
        Sid      = "WriteReport"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${var.jobs_bucket_arn}/reports/*"]
      },
    ]
  })
}
