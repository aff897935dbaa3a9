# S3 Batch Operations reads the manifest, invokes the function and writes the report with this role.
resource "aws_iam_role" "this" {
  name        = var.name
  description = "S3 Batch Operations: jobs of invoke backfill"

  permissions_boundary = var.permissions_boundary_arn

  # There is no condition on aws:SourceAccount. S3 does not document this key for jobs, and without the key the condition
  # would stop every job. The creator of a job needs iam:PassRole on this role, which no other account can have.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "batchoperations.s3.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "backfill"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "ReadManifest"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${var.jobs_bucket_arn}/backfill/manifests/*"]
      },
      {
        Sid      = "InvokeFunctions"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = flatten([for arn in var.function_arns : [arn, "${arn}:*"]])
      },
      {
        Sid      = "WriteReport"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${var.jobs_bucket_arn}/backfill/reports/*"]
      },
      ], [for arn in compact([var.kms_key_arn]) : {
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [arn]
    }])
  })
}
