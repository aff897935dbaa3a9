# S3 Batch Operations runs a job under it: reads the manifest, invokes the function, writes the report.
resource "aws_iam_role" "this" {
  name        = var.name
  description = "What S3 Batch Operations may do in a backfill"

  # No aws:SourceAccount here: S3 does not document that it sends it for a job, and refusing it would stop every job.
  # Whoever creates one needs iam:PassRole on this role, which no other account can have.
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
    Statement = [
      {
        Sid      = "ReadManifest"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${var.jobs_bucket_arn}/backfill/manifests/*"]
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
        Resource = ["${var.jobs_bucket_arn}/backfill/reports/*"]
      },
    ]
  })
}
