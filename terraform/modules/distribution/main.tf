locals {
  origin_id = "origin"

  # What CloudFront signs for: S3 or Lambda. Requests to a custom origin are signed by the function, if at all.
  signed_types = setintersection(["s3", "lambda"], [var.origin.type])

  # Seconds an error is cached at least. CloudFront ignores no-store on 503, and with 0 every request would go on to an
  # origin in trouble: one second lets viewers who wait together share one response. 400 and 403 are cached only if the
  # response has max-age. Errors that are not named here have CloudFront's 10 seconds.
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

  # CloudFront keeps one for as long as a distribution uses it: when the type changes, the distribution goes first.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86:access logs are costly and hold viewers' addresses; whoever wants them turns on standard logging for the distribution
  # checkov:skip=CKV_AWS_310:there is one origin; an edge function would run twice on a failover
  # checkov:skip=CKV_AWS_374:pictures are for everybody, unless the web ACL says otherwise
  # checkov:skip=CKV2_AWS_47:the web ACL is brought by the user; no Java reads these requests

  comment = var.comment
  enabled = true

  # The bare root of an S3 origin is the list of its keys. It is asked for as an object instead, whatever the bucket's policy allows.
  default_root_object = "index.html"

  aliases             = var.aliases
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  price_class         = var.price_class
  wait_for_deployment = var.wait_for_deployment
  web_acl_id          = var.web_acl_id

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

    # Pictures are compressed already.
    compress = false

    dynamic "lambda_function_association" {
      for_each = var.origin_request_function_arn == null ? [] : [var.origin_request_function_arn]

      content {
        event_type   = "origin-request"
        lambda_arn   = lambda_function_association.value
        include_body = false
      }
    }
  }

  # S3 answers 403 for a missing key, since CloudFront may not list keys. If the page is out of reach as well, viewers
  # get the status of the page: 403 where CloudFront may not read the bucket at all.
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

  # CloudFront's own certificate fixes the oldest TLS version itself (TLSv1); only a certificate of one's own can raise it.
  viewer_certificate {
    cloudfront_default_certificate = var.acm_certificate_arn == null
    acm_certificate_arn            = var.acm_certificate_arn
    minimum_protocol_version       = var.acm_certificate_arn == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.acm_certificate_arn == null ? null : "sni-only"
  }
}
