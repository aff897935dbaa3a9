data "aws_region" "current" {}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:every read comes through CloudFront; server access logs would need a second bucket
  # checkov:skip=CKV_AWS_144:replication is a backup decision of the owner
  # checkov:skip=CKV_AWS_145:kms_key_arn decides; S3's own key costs nothing and needs no grant for each reader
  # checkov:skip=CKV2_AWS_62:the trigger module configures notifications

  bucket        = var.name
  force_destroy = var.force_destroy

  lifecycle {
    # A destroy deletes the bucket before all that the condition refers to. Otherwise the key could be deleted while objects remain.
    precondition {
      condition     = var.kms_key_arn == null ? true : strcontains(var.kms_key_arn, ":kms:${data.aws_region.current.id}:")
      error_message = "kms_key_arn is a key of another Region: name one of ${data.aws_region.current.id}."
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# CloudFront reads with the rights of the bucket owner, so the owner must own every object.
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      kms_master_key_id = var.kms_key_arn
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
    }

    # Otherwise every request of an object would be a request to KMS, which costs as much as ten of S3.
    bucket_key_enabled = var.kms_key_arn != null
  }
}

# Versioning cannot be removed, only suspended, so a bucket without versioning has no such resource.
resource "aws_s3_bucket_versioning" "this" {
  count = var.versioning ? 1 : 0

  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}
