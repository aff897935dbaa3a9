# What S3 Object Lambda reads through. It refuses public policies, and by itself it lets nobody in.
resource "aws_s3_access_point" "supporting" {
  # An access point stays with its bucket, and its successor is made before it is deleted: another bucket needs another name.
  name   = "${var.name}-originals-${substr(sha256(var.bucket_name), 0, 6)}"
  bucket = var.bucket_name

  public_access_block_configuration {
    block_public_acls       = true
    block_public_policy     = true
    ignore_public_acls      = true
    restrict_public_buckets = true
  }

  # A distribution lets go of the access points before they are gone.
  lifecycle {
    create_before_destroy = true
  }
}

# What callers read: each object as the function makes it.
resource "aws_s3control_object_lambda_access_point" "this" {
  name = "${var.name}-pictures"

  configuration {
    supporting_access_point = aws_s3_access_point.supporting.arn

    # Without these S3 answers 501 to every request for a part.
    allowed_features = ["GetObject-Range", "HeadObject-Range"]

    # An operation without a transformation would be answered with the original. Lists stay originals, and are granted to nobody.
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
  }
}
