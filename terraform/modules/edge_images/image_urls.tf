# URLs of images. A CloudFront Function turns the URL of each request into one canonical form before the cache key is made.
locals {
  viewer_request_file = "${local.product}/functions/viewer_request/index.js"

  # Canonical parameters. They are part of the cache key and reach the origin; CloudFront drops all others.
  url_parameters = split(" ", one(regex("const CANONICAL = '([a-z ]+)'", file(local.viewer_request_file))))

  # For images whose originals have no lifetime of their own. Browsers take max-age, and CloudFront s-maxage.
  cache_control = "public, max-age=${var.distribution.browser_max_age_seconds}, s-maxage=${var.distribution.default_ttl_seconds}"

  size_names = var.sizes == null ? ["L", "M", "S", "SL", "SM", "SS", "SXS", "XS"] : keys(var.sizes)

  viewer_request = {
    qualities   = setunion(var.image_urls.qualities, [var.quality])
    quality     = var.quality
    signed_urls = var.image_urls.signed_urls
    widths      = var.image_urls.widths

    # The function needs only the options of a size that a URL may override.
    sizes = { for name in local.size_names : name => {
      for option in ["format", "quality"] : option => var.sizes[name][option] if try(var.sizes[name][option], null) != null
    } }
  }

  # Both variants read the same bucket. A derivative is no original of object_lambda.
  derivatives_prefix = contains(var.variants, "edge_resize") ? var.edge_resize.resized_path : null

  # Without comment lines and indentation, since CloudFront limits the size of a function.
  viewer_request_code = { for variant, own in {
    edge_resize   = { derivatives_prefix = local.derivatives_prefix, show_exif = false }
    object_lambda = { derivatives_prefix = local.derivatives_prefix, show_exif = true }
    s3_trigger    = { derivatives_prefix = null, show_exif = false }
    } : variant => replace(
    templatefile(local.viewer_request_file, {
      config           = jsonencode(merge(local.viewer_request, own))
      derivative_paths = false
      signatures       = var.image_urls.signed_urls != "none"
    }),
    "/(?m)^\\s*(//.*\\n)?/", "",
  ) }
}

# The keys of signed URLs. The functions read the store at each request, so a key changes without a deployment.
module "signing_keys" {
  count  = var.image_urls.signed_urls == "none" ? 0 : 1
  source = "../signing_keys"

  name = "${local.name}-signing-keys"
  keys = var.signing_keys
}
