# S3 returns 403 for a missing key to a caller without s3:ListBucket, which CloudFront must not have. The distributions over a
# bucket return this object with status 404 instead. Terraform puts nothing into an existing bucket: there 403 remains until the
# owner uploads an object under this key.
locals {
  missing_page_key = ".edge-images/404.txt"

  missing_page_buckets = merge(
    local.edge_resize && var.bucket.create ? { originals = local.bucket.name } : {},
    local.s3_trigger_delivery && var.s3_trigger.create_destination_bucket ? { destination = local.destination.name } : {},
  )
}

resource "aws_s3_object" "missing_page" {
  # checkov:skip=CKV_AWS_186:a public sentence, encrypted with the bucket's own key like every object in it
  for_each = local.missing_page_buckets

  bucket       = each.value
  key          = local.missing_page_key
  content      = "The image does not exist.\n"
  content_type = "text/plain; charset=utf-8"

  # A cached page would hide that CloudFront may no longer read the bucket.
  cache_control = "no-cache"

  # An object has at most 10 tags, and a deployment may have more.
  override_provider {
    default_tags {
      tags = {}
    }
  }
}
