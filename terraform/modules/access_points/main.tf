locals {
  # An access point belongs to one bucket, and its successor is created before it is deleted: another bucket needs another name.
  # Five characters, because the name of an Object Lambda access point has at most 45, and the longest prefix has 32.
  suffix = substr(sha256(var.bucket_name), 0, 5)
}

# S3 Object Lambda reads originals through this access point. Its public access block refuses public policies, and without a policy
# only roles with rights of their own may use the access point.
resource "aws_s3_access_point" "supporting" {
  name   = "${var.name}-originals-${local.suffix}"
  bucket = var.bucket_name

  public_access_block_configuration {
    block_public_acls       = true
    block_public_policy     = true
    ignore_public_acls      = true
    restrict_public_buckets = true
  }

  # Detach the distribution before deleting the access point. Access points of versions before 1.0.0 have other names and keep them: only
  # an access point that is created again, for another bucket, gets this name.
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [name]
  }
}

# Callers read each object here as the function transforms it.
resource "aws_s3control_object_lambda_access_point" "this" {
  name = "${var.name}-images-${local.suffix}"

  configuration {
    supporting_access_point = aws_s3_access_point.supporting.arn

    # Without these features S3 returns 501 to every range request.
    allowed_features = ["GetObject-Range", "HeadObject-Range"]

    # Operations without a transformation return the original. Lists are such operations, and no caller has the right to list.
    transformation_configuration {
      actions = ["GetObject", "HeadObject"]

      content_transformation {
        aws_lambda {
          function_arn = var.function_arn
        }
      }
    }
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [name]
  }
}
