# S3 answers 403 for a missing key to whoever may not list keys, and CloudFront may not. The distributions over a bucket answer
# with this object and 404 instead. An existing bucket is left as it is: there 403 stays until its owner puts an object under this key.
locals {
  missing_page_key = ".edge-images/404.txt"

  missing_page_buckets = merge(
    local.edge_resize == 1 && var.create_bucket ? { originals = local.bucket.name } : {},
    local.trigger_delivery == 1 && var.trigger_create_destination_bucket ? { destination = local.destination.name } : {},
  )
}

resource "aws_s3_object" "missing_page" {
  # checkov:skip=CKV_AWS_186:a public sentence, encrypted with the bucket's own key like everything else in it
  for_each = local.missing_page_buckets

  bucket       = each.value
  key          = local.missing_page_key
  content      = "The image does not exist.\n"
  content_type = "text/plain; charset=utf-8"

  # A page from the cache would hide that CloudFront may not read the bucket any more.
  cache_control = "no-cache"

  # An object has 10 tags at most, a deployment may have more.
  override_provider {
    default_tags {
      tags = {}
    }
  }
}
