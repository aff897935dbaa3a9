locals {
  origin_id = "origin"
  origins = merge(
    { (local.origin_id) = var.origin },
    var.secondary_origin == null ? {} : { secondary = merge(var.secondary_origin, { headers = {} }) },
  )

  # Behaviors share the origins of other content. The ids remain when behaviors are added, removed or moved.
  additional_origin_ids = [for each in var.additional_behaviors :
    "additional-${substr(sha256(jsonencode([each.domain_name, each.origin_path, each.origin_access_control_id])), 0, 8)}"
  ]
  additional_origins = { for index, id in local.additional_origin_ids : id => var.additional_behaviors[index]... }

  # CloudFront signs requests to S3 and Lambda. For a custom origin only the function can sign.
  signed_types = setintersection(["s3", "lambda"], [for origin in local.origins : origin.type])

  # Minimum time in seconds for which an error is cached. CloudFront ignores no-store on 503, and with 0 every request would reach an
  # overloaded origin: within one second, viewers that wait at the same time share one response. 400 and 403 are cached only if the
  # response has max-age. All other errors have CloudFront's default of 10 seconds.
  error_seconds = {
    400 = 60
    403 = var.missing_page_path == null ? 60 : 10
    404 = 60
    503 = 1
  }
}

resource "aws_cloudfront_origin_access_control" "this" {
  for_each = local.signed_types

  name                              = each.key == "s3" ? var.name : "${var.name}-${each.key}"
  description                       = "Signs every request to the origin of ${var.name}"
  origin_access_control_origin_type = each.key
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"

  # CloudFront refuses to delete an access control in use. When the type changes, the distribution is updated first.
  lifecycle {
    create_before_destroy = true
  }
}

# Handles each request of a viewer before the cache key is made.
resource "aws_cloudfront_function" "viewer_request" {
  count = var.viewer_request_code == null ? 0 : 1

  name                         = var.name
  comment                      = "Canonical URLs of ${var.name}"
  runtime                      = "cloudfront-js-2.0"
  code                         = var.viewer_request_code
  key_value_store_associations = var.key_value_store_arn == null ? null : [var.key_value_store_arn]
  publish                      = true

  # CloudFront refuses to delete a function in use. The distribution is updated first.
  lifecycle {
    create_before_destroy = true
  }
}

# The cache key reaches the origin without this policy.
resource "aws_cloudfront_origin_request_policy" "this" {
  count = length(var.forwarded_headers) == 0 ? 0 : 1

  name    = var.name
  comment = "Headers that ${var.name} forwards beside the cache key"

  cookies_config {
    cookie_behavior = "none"
  }

  headers_config {
    header_behavior = "whitelist"

    headers {
      items = var.forwarded_headers
    }
  }

  query_strings_config {
    query_string_behavior = "none"
  }
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86:access logs cost money and contain the addresses of viewers; the module access_logs adds them
  # checkov:skip=CKV_AWS_310:only the bucket of derivatives has a second origin, the function that makes them; an edge function would run twice on a failover
  # checkov:skip=CKV_AWS_374:images are public; settings.geo_restriction restricts countries
  # checkov:skip=CKV2_AWS_47:the user supplies the web ACL, and no Java program reads these requests

  comment = var.comment
  enabled = true

  # The bare root of an S3 origin is the list of its keys. CloudFront requests this object instead, whatever the bucket's policy allows.
  default_root_object = "index.html"

  aliases             = var.settings.aliases
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  price_class         = var.settings.price_class
  wait_for_deployment = var.settings.wait_for_deployment
  web_acl_id          = var.settings.web_acl_id

  dynamic "origin" {
    for_each = local.origins

    content {
      origin_id                = origin.key
      domain_name              = origin.value.domain_name
      origin_access_control_id = contains(local.signed_types, origin.value.type) ? aws_cloudfront_origin_access_control.this[origin.value.type].id : null

      dynamic "custom_origin_config" {
        for_each = origin.value.type == "s3" ? [] : [origin.value.type]

        content {
          http_port              = 80
          https_port             = 443
          origin_protocol_policy = "https-only"
          origin_ssl_protocols   = ["TLSv1.2"]
          origin_read_timeout    = 30
        }
      }

      dynamic "custom_header" {
        for_each = origin.value.headers

        content {
          name  = custom_header.key
          value = custom_header.value
        }
      }

      dynamic "origin_shield" {
        for_each = var.origin_shield_region == null ? [] : [var.origin_shield_region]

        content {
          enabled              = true
          origin_shield_region = origin_shield.value
        }
      }
    }
  }

  dynamic "origin" {
    for_each = local.additional_origins

    content {
      origin_id                = origin.key
      domain_name              = origin.value[0].domain_name
      origin_access_control_id = origin.value[0].origin_access_control_id
      origin_path              = origin.value[0].origin_path

      dynamic "custom_origin_config" {
        for_each = origin.value[0].origin_access_control_id == null ? [origin.key] : []

        content {
          http_port              = 80
          https_port             = 443
          origin_protocol_policy = "https-only"
          origin_ssl_protocols   = ["TLSv1.2"]
        }
      }
    }
  }

  # S3 returns 403 for a missing key, since CloudFront may not list keys. The secondary origin also takes over if S3 fails.
  dynamic "origin_group" {
    for_each = var.secondary_origin == null ? [] : [var.secondary_origin]

    content {
      origin_id = "group"

      failover_criteria {
        status_codes = [403, 404, 500, 502, 503, 504]
      }

      member {
        origin_id = local.origin_id
      }

      member {
        origin_id = "secondary"
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = var.secondary_origin == null ? local.origin_id : "group"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = aws_cloudfront_cache_policy.this.id
    origin_request_policy_id   = one(aws_cloudfront_origin_request_policy.this[*].id)
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

    # Images are already compressed.
    compress = false

    dynamic "function_association" {
      for_each = aws_cloudfront_function.viewer_request

      content {
        event_type   = "viewer-request"
        function_arn = function_association.value.arn
      }
    }

    dynamic "lambda_function_association" {
      for_each = var.origin_request_function_arn == null ? [] : [var.origin_request_function_arn]

      content {
        event_type   = "origin-request"
        lambda_arn   = lambda_function_association.value
        include_body = false
      }
    }
  }

  # A pattern like *.txt matches the page for missing keys too, and CloudFront would take the page from the site.
  dynamic "ordered_cache_behavior" {
    for_each = length(var.additional_behaviors) == 0 || var.missing_page_path == null ? [] : [var.missing_page_path]

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = local.origin_id
      allowed_methods            = ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      viewer_protocol_policy     = "redirect-to-https"
      cache_policy_id            = aws_cloudfront_cache_policy.this.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
      compress                   = false
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = var.additional_behaviors
    iterator = each

    content {
      path_pattern               = each.value.path_pattern
      target_origin_id           = local.additional_origin_ids[each.key]
      allowed_methods            = each.value.allowed_methods
      cached_methods             = ["GET", "HEAD"]
      viewer_protocol_policy     = each.value.viewer_protocol_policy
      cache_policy_id            = each.value.cache_policy_id
      origin_request_policy_id   = each.value.origin_request_policy_id
      response_headers_policy_id = each.value.response_headers_policy_id
      compress                   = true

      dynamic "function_association" {
        for_each = { for event, arn in each.value.function_arns : event => arn if strcontains(arn, ":cloudfront:") }

        content {
          event_type   = function_association.key
          function_arn = function_association.value
        }
      }

      dynamic "lambda_function_association" {
        for_each = { for event, arn in each.value.function_arns : event => arn if strcontains(arn, ":lambda:") }

        content {
          event_type = lambda_function_association.key
          lambda_arn = lambda_function_association.value
        }
      }
    }
  }

  # S3 returns 403 for a missing key, since CloudFront may not list keys. If the page cannot be read either, viewers get the
  # status of the page: 403 if CloudFront may not read the bucket at all.
  dynamic "custom_error_response" {
    for_each = local.error_seconds

    content {
      error_code            = custom_error_response.key
      error_caching_min_ttl = custom_error_response.value
      response_code         = custom_error_response.key == "403" && var.missing_page_path != null ? 404 : null
      response_page_path    = custom_error_response.key == "403" ? var.missing_page_path : null
    }
  }

  restrictions {
    geo_restriction {
      locations        = try(var.settings.geo_restriction.countries, [])
      restriction_type = try({ allow = "whitelist", block = "blacklist" }[var.settings.geo_restriction.type], "none")
    }
  }

  # With CloudFront's own certificate the oldest TLS version is TLSv1. Only another certificate can raise it.
  viewer_certificate {
    cloudfront_default_certificate = var.settings.acm_certificate_arn == null
    acm_certificate_arn            = var.settings.acm_certificate_arn
    minimum_protocol_version       = var.settings.acm_certificate_arn == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.settings.acm_certificate_arn == null ? null : "sni-only"
  }
}
