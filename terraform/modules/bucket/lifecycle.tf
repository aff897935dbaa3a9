resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = var.expiration == null ? 0 : 1

  bucket = aws_s3_bucket.this.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {
      prefix                   = var.expiration.empty_object_days == null ? var.expiration.prefix : null
      object_size_greater_than = var.expiration.empty_object_days == null ? null : 0
    }

    expiration {
      days = var.expiration.days
    }

    # In a versioned bucket an expired object becomes an old version, which only this rule deletes.
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  dynamic "rule" {
    for_each = var.expiration.empty_object_days[*]

    content {
      id     = "expire-empty-objects"
      status = "Enabled"

      filter {
        object_size_less_than = 1
      }

      expiration {
        days = rule.value
      }
    }
  }

  # Parts of unfinished uploads are invisible and cost as much as objects.
  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # S3 accepts rules about old versions only after versioning is enabled.
  depends_on = [aws_s3_bucket_versioning.this]
}
