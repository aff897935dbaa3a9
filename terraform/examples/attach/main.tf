module "edge_images" {
  source = "../../modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  name                       = "holiday-images"
  attached_distribution_arns = [aws_cloudfront_distribution.site.arn]
}

locals {
  images = module.edge_images.behaviors["edge_resize"]
}

resource "aws_cloudfront_distribution" "site" {
  # checkov:skip=CKV_AWS_68:an example of the behavior of images; a site has its own web ACL
  # checkov:skip=CKV_AWS_86:as above, for logs
  # checkov:skip=CKV_AWS_174:as above, for a certificate
  # checkov:skip=CKV_AWS_305:as above, for the default object
  # checkov:skip=CKV_AWS_310:as above, for a second origin
  # checkov:skip=CKV_AWS_374:as above, for countries
  # checkov:skip=CKV2_AWS_32:as above, for the headers of the site
  # checkov:skip=CKV2_AWS_42:as above, for a certificate
  # checkov:skip=CKV2_AWS_47:no Java program reads these requests

  enabled = true
  comment = "A site with images"

  origin {
    origin_id   = "site"
    domain_name = "site.example.com"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  origin {
    origin_id                = "images"
    domain_name              = local.images.origins["primary"].domain_name
    origin_access_control_id = local.images.origins["primary"].origin_access_control_id

    dynamic "custom_header" {
      for_each = local.images.origins["primary"].headers

      content {
        name  = custom_header.key
        value = custom_header.value
      }
    }
  }

  default_cache_behavior {
    target_origin_id       = "site"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    viewer_protocol_policy = "redirect-to-https"

    # AWS's managed policy CachingOptimized.
    cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }

  # The keys of these images begin with images/.
  ordered_cache_behavior {
    path_pattern               = "/images/*"
    target_origin_id           = "images"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = local.images.cache_policy_id
    origin_request_policy_id   = local.images.origin_request_policy_id
    response_headers_policy_id = local.images.response_headers_policy_id

    function_association {
      event_type   = "viewer-request"
      function_arn = local.images.viewer_request_function_arn
    }

    lambda_function_association {
      event_type = "origin-request"
      lambda_arn = local.images.origin_request_function_arn
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
