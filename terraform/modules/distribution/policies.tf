# The cache key is the path and exactly these query strings. CloudFront forwards nothing else to the origin.
resource "aws_cloudfront_cache_policy" "this" {
  name    = var.name
  comment = "Cache key of ${var.name}"

  # A minimum above 0 would cache responses with no-store, and so a fallback instead of the image.
  min_ttl     = 0
  default_ttl = var.settings.default_ttl_seconds
  max_ttl     = var.settings.max_ttl_seconds

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = false
    enable_accept_encoding_gzip   = false

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = length(var.query_strings) == 0 ? "none" : "whitelist"

      dynamic "query_strings" {
        for_each = length(var.query_strings) == 0 ? [] : [var.query_strings]

        content {
          items = query_strings.value
        }
      }
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  # checkov:skip=CKV_AWS_259:HSTS is on; subdomains and preload lists are decisions of the owner of the domain

  name    = var.name
  comment = "Headers added to every response of ${var.name}"

  # Pages of other sites may fetch images and draw them on a canvas, because images are public and no cookie is read. GET and HEAD
  # need no preflight, and CloudFront refuses OPTIONS.
  cors_config {
    access_control_allow_credentials = false
    origin_override                  = false

    # The API requires this header, which only preflights use.
    access_control_allow_headers {
      items = ["*"]
    }

    access_control_allow_methods {
      items = ["GET", "HEAD"]
    }

    access_control_allow_origins {
      items = ["*"]
    }
  }

  # Pages that isolate themselves (Cross-Origin-Embedder-Policy: require-corp) may embed the images too.
  custom_headers_config {
    items {
      header   = "Cross-Origin-Resource-Policy"
      value    = "cross-origin"
      override = true
    }

    # A viewer with another Accept may receive another format. A policy cannot distinguish these responses, and S3 cannot send the
    # header. It replaces the `Vary: Origin` of a bucket with CORS settings, which the CORS headers above make needless.
    dynamic "items" {
      for_each = var.negotiates_formats ? ["Accept"] : []

      content {
        header   = "Vary"
        value    = items.value
        override = true
      }
    }
  }

  # Viewers have no use for the metadata of storage.
  remove_headers_config {
    dynamic "items" {
      for_each = toset([
        "x-amz-meta-resized",
        "x-amz-meta-settings",
        "x-amz-meta-source-etag",
        "x-amz-meta-source-focal-point",
        "x-amz-meta-source-version",
        "x-amz-server-side-encryption",
        "x-amz-version-id",
      ])

      content {
        header = items.value
      }
    }
  }

  security_headers_config {
    # Other files in the bucket (SVG, HTML) are shown, but their scripts do not run under this domain.
    content_security_policy {
      content_security_policy = "script-src 'none'; base-uri 'none'; form-action 'none'"
      override                = true
    }

    content_type_options {
      override = true
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }

    # Subdomains and preload lists are decisions of the owner of the domain.
    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }
}
