# URLs of images. A CloudFront Function turns the URL of each request into one canonical form before the cache key is made.
locals {
  viewer_request_file = "${local.product}/functions/viewer_request/index.js"

  # Canonical parameters. They are part of the cache key and reach the origin; CloudFront drops all others.
  url_parameters = split(" ", one(regex("const CANONICAL = '([a-z ]+)'", file(local.viewer_request_file))))

  # For images whose originals have no lifetime of their own. Browsers take max-age, and CloudFront s-maxage.
  cache_control = "public, max-age=${var.distribution.browser_max_age_seconds}, s-maxage=${var.distribution.default_ttl_seconds}"

  # Rows like `"XS": _portrait_box(427, 240)`, for which `sizes` has `XS = [427, 240]`.
  default_sizes = {
    for row in regexall("\"([A-Z]+)\": _portrait_box\\((\\d+), (\\d+)\\)", file("${local.product}/libs/image_url/image_url/sizes.py")) :
    row[0] => [row[1], row[2]]
  }
  # An index, since both results of a conditional expression would need the same attributes.
  sizes = [local.default_sizes, var.sizes][var.sizes == null ? 0 : 1]

  # Rows like `JPEG = "jpeg"` of OutputFormat, and like `JPEG = "JPEG", _Traits(...)` of Format. A URL cannot choose all of the
  # former as the format of a size: facts have none, and the browser decides which formats of `auto` it accepts.
  url_options     = file("${local.product}/libs/image_url/image_url/options.py")
  formats         = flatten(regexall("(?m)^    [A-Z_]+ = \"([a-z-]+)\"", regex("(?s)class OutputFormat.*?\n\n\n", local.url_options)))
  without_quality = [for name in regexall("OutputFormat[.]([A-Z]+)", regex("WITHOUT_QUALITY = .*", local.url_options)) : lower(name[0])]
  size_formats    = [for format in local.formats : format if !contains(["json", "auto-avif", "auto-webp"], format)]
  extensions = concat(["jpg"], [
    for row in regexall("(?m)^    [A-Z]+ = \"([A-Z]+)\", _Traits", file("${local.product}/libs/image_format/image_format/formats.py")) : lower(row[0])
  ])

  # The function needs only the options of a size that a URL may override.
  size_options = { for name, size in local.sizes : name => {
    for option in ["format", "quality"] : option => size[option] if try(size[option], null) != null
  } }

  viewer_request = {
    formats         = join(" ", local.formats)
    qualities       = setunion(var.image_urls.qualities, [var.quality])
    quality         = var.quality
    signed_urls     = var.image_urls.signed_urls
    sizes           = local.size_options
    widths          = var.image_urls.widths
    without_quality = local.without_quality
  }

  # Points from the upper left corner in percent, as in libs/image_url/image_url/values.py.
  compass = {
    center = [50, 50], north = [50, 0], northeast = [100, 0], east = [100, 50], southeast = [100, 100]
    south  = [50, 100], southwest = [0, 100], west = [0, 50], northwest = [0, 0]
  }
  size_points = { for name, size in local.sizes : name => try(
    local.compass[size.gravity],
    [for each in split(",", size.gravity) : floor(tonumber(replace(each, "/^[.]/", "0.")) * 100 + 0.5)],
  ) if try(size.gravity, null) != null }

  # The part of a derivative's name for the box of a size, as in libs/image_url/image_url/names.py.
  size_boxes = { for name, size in local.sizes : name => can(keys(size)) ? join("_", compact([
    try("w${size.width}", ""),
    try("h${size.height}", ""),
    can("${size.width}${size.height}") ? try(coalesce(size.fit), "inside") : "",
    try("g${join("x", local.size_points[name])}", ""),
  ])) : "w${size[0]}_h${size[1]}_box" }

  # With paths of derivatives the names of sizes stay outside: what they mean is part of the path.
  derivative_paths = {
    derivatives_prefix = local.derivatives_prefix
    extensions         = local.extensions
    output_version     = tonumber(one(regex("(?m)^OUTPUT_VERSION = (\\d+)$", file("${local.product}/libs/image_core/image_core/__init__.py"))))
    sizes = { for name, options in local.size_options : name => (
      [local.size_boxes[name], merge(options, { box = local.size_boxes[name] })][length(options) == 0 ? 0 : 1]
    ) }
  }

  # All variants read the same bucket. A derivative of edge_resize is no original of another variant.
  derivatives_prefix = contains(var.variants, "edge_resize") ? var.edge_resize.resized_path : null

  # Without comment lines and indentation, since CloudFront limits the size of a function.
  viewer_request_code = { for variant, own in {
    edge_resize     = { derivatives_prefix = local.derivatives_prefix, show_exif = false }
    object_lambda   = { derivatives_prefix = local.derivatives_prefix, show_exif = true }
    regional_resize = local.derivative_paths
    s3_trigger      = { derivatives_prefix = null, show_exif = false }
    } : variant => replace(
    templatefile(local.viewer_request_file, {
      config           = jsonencode(merge(local.viewer_request, own))
      derivative_paths = variant == "regional_resize"
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
