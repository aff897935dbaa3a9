locals {
  origin_id = "origin"

  # CloudFront signs requests to S3 and Lambda. For a custom origin only the function can sign.
  signed_types = setintersection(["s3", "lambda"], [var.origin.type])

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

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86:access logs cost money and contain the addresses of viewers; standard logging can be enabled for the distribution
  # checkov:skip=CKV_AWS_310:there is one origin, and an edge function would run twice on a failover
  # checkov:skip=CKV_AWS_374:images are public; a web ACL can restrict countries
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

  origin {
    origin_id                = local.origin_id
    domain_name              = var.origin.domain_name
    origin_access_control_id = one(values(aws_cloudfront_origin_access_control.this)[*].id)

    dynamic "custom_origin_config" {
      for_each = var.origin.type == "s3" ? [] : [var.origin.type]

      content {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
        origin_read_timeout    = 30
      }
    }

    dynamic "custom_header" {
      for_each = var.origin.headers

      content {
        name  = custom_header.key
        value = custom_header.value
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = local.origin_id
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = aws_cloudfront_cache_policy.this.id
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
      restriction_type = "none"
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
