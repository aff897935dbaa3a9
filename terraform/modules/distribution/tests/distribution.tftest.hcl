mock_provider "aws" {
  mock_resource "aws_cloudfront_distribution" {
    defaults = { domain_name = "d111111abcdef8.cloudfront.net" }
  }

  mock_resource "aws_cloudfront_function" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:function/images" }
  }
}

variables {
  name                        = "images"
  comment                     = "A distribution of the tests"
  query_strings               = ["size", "to_webp"]
  origin_request_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:edge:7"

  origin = {
    domain_name = "images.s3.eu-central-1.amazonaws.com"
    headers     = { x-env-quality = "80" }
  }
}

run "private_origin_exact_cache_key_https" {
  assert {
    condition = [
      aws_cloudfront_origin_access_control.this["s3"].origin_access_control_origin_type,
      aws_cloudfront_origin_access_control.this["s3"].signing_behavior,
      aws_cloudfront_origin_access_control.this["s3"].signing_protocol,
    ] == ["s3", "always", "sigv4"]
    error_message = "CloudFront signs every request to the bucket."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.origin).origin_access_control_id == aws_cloudfront_origin_access_control.this["s3"].id
    error_message = "The origin has the access control."
  }

  assert {
    condition     = { for header in one(aws_cloudfront_distribution.this.origin).custom_header : header.name => header.value } == { x-env-quality = "80" }
    error_message = "The origin has the given headers."
  }

  assert {
    condition     = one(one(one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).query_strings_config).query_strings).items == toset(["size", "to_webp"])
    error_message = "The cache key has two query strings and no more."
  }

  assert {
    condition = [
      one(one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).query_strings_config).query_string_behavior,
      one(one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).cookies_config).cookie_behavior,
      one(one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).headers_config).header_behavior,
    ] == ["whitelist", "none", "none"]
    error_message = "Neither cookies nor headers are part of the cache key."
  }

  assert {
    condition = !anytrue([
      one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).enable_accept_encoding_gzip,
      one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).enable_accept_encoding_brotli,
      one(aws_cloudfront_distribution.this.default_cache_behavior).compress,
    ])
    error_message = "Images are not compressed again."
  }

  assert {
    condition     = [aws_cloudfront_cache_policy.this.min_ttl, aws_cloudfront_cache_policy.this.default_ttl, aws_cloudfront_cache_policy.this.max_ttl] == [0, 86400, 31536000]
    error_message = "The minimum is 0, the default a day, the maximum a year."
  }

  assert {
    condition = aws_cloudfront_distribution.this.default_cache_behavior[0].lambda_function_association == toset([{
      event_type   = "origin-request"
      include_body = false
      lambda_arn   = "arn:aws:lambda:us-east-1:123456789012:function:edge:7"
    }])
    error_message = "The published version handles origin requests."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior).viewer_protocol_policy == "redirect-to-https"
    error_message = "HTTP is redirected."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior).allowed_methods == toset(["GET", "HEAD"])
    error_message = "GET and HEAD only."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.http_version == "http2and3" && aws_cloudfront_distribution.this.is_ipv6_enabled
    error_message = "HTTP/3 and IPv6."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.viewer_certificate).cloudfront_default_certificate
    error_message = "Without another certificate, CloudFront's own is used."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior).response_headers_policy_id == aws_cloudfront_response_headers_policy.this.id
    error_message = "The policy is attached."
  }

  assert {
    condition = alltrue([
      one(one(aws_cloudfront_response_headers_policy.this.security_headers_config).content_type_options).override,
      one(one(aws_cloudfront_response_headers_policy.this.security_headers_config).strict_transport_security).access_control_max_age_sec == 31536000,
      strcontains(one(one(aws_cloudfront_response_headers_policy.this.security_headers_config).content_security_policy).content_security_policy, "script-src 'none'"),
    ])
    error_message = "nosniff, HSTS for a year, no scripts."
  }

  assert {
    condition = one(one(aws_cloudfront_response_headers_policy.this.cors_config).access_control_allow_origins).items == toset(["*"]) && !(
      one(aws_cloudfront_response_headers_policy.this.cors_config).access_control_allow_credentials
    )
    error_message = "Any site may draw images on a canvas, without credentials."
  }

  assert {
    condition     = one(aws_cloudfront_response_headers_policy.this.cors_config).access_control_max_age_sec == null
    error_message = "There is no header for preflights, since OPTIONS is refused."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.default_root_object == "index.html"
    error_message = "The bare root is an object and never a list of keys."
  }

  assert {
    condition = {
      for response in aws_cloudfront_distribution.this.custom_error_response : response.error_code => response.error_caching_min_ttl
    } == { 400 = 60, 403 = 60, 404 = 60, 503 = 1 }
    error_message = "Permanent errors are cached for a minute, transient ones for a second."
  }

  assert {
    condition     = alltrue([for response in aws_cloudfront_distribution.this.custom_error_response : response.response_page_path == null])
    error_message = "Without a page every status is unchanged."
  }
}

run "function_for_viewer_requests" {
  variables {
    key_value_store_arn = "arn:aws:cloudfront::123456789012:key-value-store/a1b2c3d4"
    negotiates_formats  = true
    query_strings       = ["format", "size"]
    viewer_request_code = "function handler(event) { return event.request; }"
  }

  assert {
    condition = [for function in aws_cloudfront_function.viewer_request : [function.name, function.runtime, function.publish, function.code]] == [
      ["images", "cloudfront-js-2.0", true, "function handler(event) { return event.request; }"]
    ]
    error_message = "The function is published in the runtime that can read a key value store."
  }

  assert {
    condition     = aws_cloudfront_function.viewer_request[0].key_value_store_associations == toset(["arn:aws:cloudfront::123456789012:key-value-store/a1b2c3d4"])
    error_message = "The function reads the store."
  }

  assert {
    condition = aws_cloudfront_distribution.this.default_cache_behavior[0].function_association == toset([{
      event_type   = "viewer-request"
      function_arn = "arn:aws:cloudfront::123456789012:function/images"
    }])
    error_message = "The function handles the requests of viewers."
  }

  assert {
    condition = { for header in one(aws_cloudfront_response_headers_policy.this.custom_headers_config).items : header.header => [header.value, tostring(header.override)] } == {
      "Cross-Origin-Resource-Policy" = ["cross-origin", "true"]
      "Vary"                         = ["Accept", "true"]
    }
    error_message = "Responses with a format of choice vary by Accept."
  }

  assert {
    condition     = one(one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).headers_config).header_behavior == "none"
    error_message = "Accept is not part of the cache key, since the function has put the accepted format into the query string."
  }
}

run "refuses_a_function_that_is_too_large" {
  command = plan

  variables {
    viewer_request_code = format("%10241s", "long")
  }

  expect_failures = [var.viewer_request_code]
}

run "a_missing_key_of_a_bucket" {
  command = plan

  variables {
    missing_page_path = "/.edge-images/404.txt"
  }

  assert {
    condition = [
      for response in aws_cloudfront_distribution.this.custom_error_response :
      [response.error_code, response.response_code, response.response_page_path, response.error_caching_min_ttl]
      if response.response_page_path != null
    ] == [[403, 404, "/.edge-images/404.txt", 10]]
    error_message = "S3's 403 becomes 404 for 10 seconds, so that a new object is found soon."
  }
}

run "own_domain" {
  command = plan

  variables {
    settings = {
      aliases             = ["img.example.com"]
      acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    }
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.viewer_certificate).minimum_protocol_version == "TLSv1.2_2021"
    error_message = "TLS 1.2 is the oldest."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.aliases == toset(["img.example.com"])
    error_message = "The distribution has the alias."
  }
}

run "without_function_and_query_strings" {
  command = plan

  variables {
    origin_request_function_arn = null
    query_strings               = []
  }

  assert {
    condition     = length(aws_cloudfront_distribution.this.default_cache_behavior[0].lambda_function_association) == 0
    error_message = "Without an ARN there is no function."
  }

  assert {
    condition     = length(aws_cloudfront_function.viewer_request) == 0 && length(aws_cloudfront_distribution.this.default_cache_behavior[0].function_association) == 0
    error_message = "Without code there is no function for viewer requests."
  }

  assert {
    condition     = [for header in one(aws_cloudfront_response_headers_policy.this.custom_headers_config).items : header.header] == ["Cross-Origin-Resource-Policy"]
    error_message = "Without a choice of formats responses do not vary."
  }

  assert {
    condition     = one(one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).query_strings_config).query_string_behavior == "none"
    error_message = "Without names there is no query string in the cache key."
  }
}

run "refuses_invalid_values" {
  command = plan

  variables {
    comment                     = format("%129s", "long")
    missing_page_path           = "404.txt"
    name                        = "two words"
    origin_request_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:edge"

    origin = {
      domain_name = "images.s3.eu-central-1.amazonaws.com"
      headers     = { x-env-sizes = format("%1784s", "long") }
    }
  }

  expect_failures = [
    var.comment,
    var.missing_page_path,
    var.name,
    var.origin,
    var.origin_request_function_arn,
  ]
}

run "refuses_aliases_without_certificate_and_eleven_headers" {
  command = plan

  variables {
    settings = { aliases = ["img.example.com"] }

    origin = {
      domain_name = "images.s3.eu-central-1.amazonaws.com"
      headers     = { for number in range(11) : "x-env-${number}" => "x" }
    }
  }

  expect_failures = [var.origin, var.settings]
}

run "refuses_headers_too_long_together" {
  command = plan

  variables {
    origin = {
      domain_name = "images.s3.eu-central-1.amazonaws.com"
      headers     = { for number in range(6) : "x-env-${number}" => format("%1783s", "long") }
    }
  }

  expect_failures = [var.origin]
}

run "accepts_a_certificate_for_names_that_will_move_here" {
  command = plan

  variables {
    settings = { acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012" }
  }

  assert {
    condition     = length(aws_cloudfront_distribution.this.aliases) == 0 && aws_cloudfront_distribution.this.viewer_certificate[0].ssl_support_method == "sni-only"
    error_message = "The distribution has the certificate and no alias."
  }
}

run "refuses_a_certificate_of_another_region" {
  command = plan

  variables {
    settings = {
      aliases             = ["img.example.com"]
      acm_certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    }
  }

  expect_failures = [var.settings]
}

run "refuses_ttls_that_disable_the_cache" {
  command = plan

  variables {
    settings = { default_ttl_seconds = 0, max_ttl_seconds = 0 }
  }

  expect_failures = [var.settings]
}

run "refuses_a_negative_ttl" {
  command = plan

  variables {
    settings = { default_ttl_seconds = -1 }
  }

  expect_failures = [var.settings]
}

run "refuses_an_unknown_price_class" {
  command = plan

  variables {
    settings = { price_class = "PriceClass_300" }
  }

  expect_failures = [var.settings]
}

run "refuses_the_id_of_a_web_acl" {
  command = plan

  variables {
    settings = { web_acl_id = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111" }
  }

  expect_failures = [var.settings]
}

run "function_url_signed_by_cloudfront" {
  command = plan

  variables {
    origin_request_function_arn = null

    origin = {
      domain_name = "abc.lambda-url.eu-central-1.on.aws"
      type        = "lambda"
    }
  }

  assert {
    condition = [
      for control in values(aws_cloudfront_origin_access_control.this) :
      [control.origin_access_control_origin_type, control.signing_behavior, control.signing_protocol, control.name]
    ] == [["lambda", "always", "sigv4", "images-lambda"]]
    error_message = "CloudFront signs every request to the function URL."
  }

  assert {
    condition = [
      for custom in one(aws_cloudfront_distribution.this.origin).custom_origin_config :
      [custom.origin_protocol_policy, join(" ", custom.origin_ssl_protocols)]
    ] == [["https-only", "TLSv1.2"]]
    error_message = "Over HTTPS."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior).origin_request_policy_id == null
    error_message = "Only the cache key reaches the origin: the viewer's Host would break the signature."
  }
}

run "custom_origin_signed_by_its_function" {
  variables {
    origin = {
      domain_name = "images-123456789012.s3-object-lambda.eu-central-1.amazonaws.com"
      type        = "custom"
    }
  }

  assert {
    condition     = length(aws_cloudfront_origin_access_control.this) == 0
    error_message = "CloudFront does not sign."
  }

  assert {
    condition     = one(one(aws_cloudfront_distribution.this.origin).custom_origin_config).origin_protocol_policy == "https-only"
    error_message = "Over HTTPS."
  }
}

run "refuses_another_type_of_origin" {
  command = plan

  variables {
    origin = {
      domain_name = "images.example.com"
      type        = "mediastore"
    }
  }

  expect_failures = [var.origin]
}

run "a_second_origin_for_failures" {
  variables {
    forwarded_headers           = ["x-viewer-url"]
    origin_request_function_arn = null
    origin_shield_region        = "eu-central-1"
    query_strings               = []
    secondary_origin            = { domain_name = "abc.lambda-url.eu-central-1.on.aws" }
  }

  assert {
    condition = { for origin in aws_cloudfront_distribution.this.origin : origin.origin_id => [origin.domain_name, origin.origin_access_control_id, length(origin.custom_origin_config)] } == {
      origin    = ["images.s3.eu-central-1.amazonaws.com", aws_cloudfront_origin_access_control.this["s3"].id, 0]
      secondary = ["abc.lambda-url.eu-central-1.on.aws", aws_cloudfront_origin_access_control.this["lambda"].id, 1]
    }
    error_message = "CloudFront signs the requests to both origins."
  }

  assert {
    condition     = [for member in one(aws_cloudfront_distribution.this.origin_group).member : member.origin_id] == ["origin", "secondary"]
    error_message = "The origin is the primary one."
  }

  assert {
    condition     = one(one(aws_cloudfront_distribution.this.origin_group).failover_criteria).status_codes == toset([403, 404, 500, 502, 503, 504])
    error_message = "A missing object and a failure lead to the second origin."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior).target_origin_id == one(aws_cloudfront_distribution.this.origin_group).origin_id
    error_message = "The behavior has the group as its origin."
  }

  assert {
    condition     = alltrue([for origin in aws_cloudfront_distribution.this.origin : one(origin.origin_shield).origin_shield_region == "eu-central-1"])
    error_message = "Both origins are behind the same Origin Shield."
  }

  assert {
    condition     = one(one(aws_cloudfront_origin_request_policy.this[0].headers_config).headers).items == toset(["x-viewer-url"])
    error_message = "The header reaches the origins."
  }

  assert {
    condition     = one(one(aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin).headers_config).header_behavior == "none"
    error_message = "The header is not part of the cache key."
  }
}

run "refuses_invalid_second_origins" {
  command = plan

  variables {
    forwarded_headers    = ["Host"]
    origin_shield_region = "eu-north-1"
    secondary_origin     = { domain_name = "abc.lambda-url.eu-central-1.on.aws", type = "url" }
  }

  expect_failures = [var.forwarded_headers, var.origin, var.origin_request_function_arn, var.origin_shield_region]
}

run "closed_to_some_countries" {
  variables {
    settings = { geo_restriction = { type = "block", countries = ["AQ"] } }
  }

  assert {
    condition     = alltrue([for each in aws_cloudfront_distribution.this.restrictions[0].geo_restriction : each.restriction_type == "blacklist" && each.locations == toset(["AQ"])])
    error_message = "Viewers in these countries are blocked."
  }
}

run "refuses_names_of_countries" {
  command = plan

  variables {
    settings = { geo_restriction = { type = "block", countries = ["Antarctica"] } }
  }

  expect_failures = [var.settings]
}

run "other_content_beside_images" {
  variables {
    additional_behaviors = [
      {
        cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6"
        domain_name     = "www.example.com"
        origin_path     = "/site"
        path_pattern    = "/app/*"
        function_arns = {
          viewer-request = "arn:aws:cloudfront::123456789012:function/index"
          origin-request = "arn:aws:lambda:us-east-1:123456789012:function:site:7"
        }
      },
      {
        allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
        cache_policy_id            = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        domain_name                = "site.s3.eu-central-1.amazonaws.com"
        origin_access_control_id   = "E2ABC"
        origin_request_policy_id   = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
        path_pattern               = "*.html"
        response_headers_policy_id = "67f7725c-6f97-4210-82d7-5512b31e9d03"
        viewer_protocol_policy     = "https-only"
      },
      {
        cache_policy_id = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        domain_name     = "www.example.com"
        origin_path     = "/site"
        path_pattern    = "/api/*"
      },
    ]
  }

  assert {
    condition = [for each in aws_cloudfront_distribution.this.ordered_cache_behavior : [each.path_pattern, each.target_origin_id, each.viewer_protocol_policy]] == [
      ["/app/*", "additional-34c6793c", "redirect-to-https"],
      ["*.html", "additional-60d5f29a", "https-only"],
      ["/api/*", "additional-34c6793c", "redirect-to-https"],
    ]
    error_message = "The behaviors are in the given order, and two of them share an origin."
  }

  assert {
    condition = { for origin in aws_cloudfront_distribution.this.origin : origin.origin_id => join(" ", [
      "${origin.domain_name}${origin.origin_path}", length(origin.custom_origin_config), try(coalesce(origin.origin_access_control_id), "open"),
      ]) if origin.origin_id != "origin" } == {
      additional-34c6793c = "www.example.com/site 1 open"
      additional-60d5f29a = "site.s3.eu-central-1.amazonaws.com 0 E2ABC"
    }
    error_message = "A server is a custom origin, and CloudFront signs the requests to a private bucket."
  }

  assert {
    condition = [for each in aws_cloudfront_distribution.this.ordered_cache_behavior : [each.cache_policy_id, each.origin_request_policy_id, each.response_headers_policy_id, each.allowed_methods]] == [
      for each in var.additional_behaviors : [each.cache_policy_id, each.origin_request_policy_id, each.response_headers_policy_id, each.allowed_methods]
    ]
    error_message = "The behaviors have the given policies and methods."
  }

  assert {
    condition = (
      one(aws_cloudfront_distribution.this.ordered_cache_behavior[0].function_association).function_arn == var.additional_behaviors[0].function_arns["viewer-request"]
      && one(aws_cloudfront_distribution.this.ordered_cache_behavior[0].lambda_function_association).lambda_arn == var.additional_behaviors[0].function_arns["origin-request"]
    )
    error_message = "Functions are associated by their kind."
  }
}

run "refuses_invalid_behaviors" {
  command = plan

  variables {
    additional_behaviors = [
      { path_pattern = "/*", domain_name = "www.example.com", cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6" },
    ]
  }

  expect_failures = [var.additional_behaviors]
}

run "refuses_the_path_of_the_page_for_missing_keys" {
  command = plan

  variables {
    additional_behaviors = [
      { path_pattern = ".edge-images/404.txt", domain_name = "www.example.com", cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6" },
    ]
    missing_page_path = "/.edge-images/404.txt"
  }

  expect_failures = [var.additional_behaviors]
}

# A pattern of a site can match the page for missing keys, which CloudFront requests as a viewer does.
run "the_page_for_missing_keys_is_no_other_content" {
  command = plan

  variables {
    additional_behaviors = [
      { path_pattern = "*.txt", domain_name = "www.example.com", cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6" },
    ]
    missing_page_path = "/.edge-images/404.txt"
  }

  assert {
    condition     = [for each in aws_cloudfront_distribution.this.ordered_cache_behavior : each.path_pattern] == ["/.edge-images/404.txt", "*.txt"]
    error_message = "The first behavior is for the page."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.ordered_cache_behavior[0].target_origin_id == "origin"
      && length(aws_cloudfront_distribution.this.ordered_cache_behavior[0].lambda_function_association) == 0
    )
    error_message = "The page is an object of the bucket of images, and no function changes it."
  }
}

run "accepts_each_domain_name_of_a_private_bucket" {
  command = plan

  variables {
    additional_behaviors = [for index, name in ["s3", "s3.eu-central-1", "s3-us-west-2", "s3.us-gov-west-1"] : {
      cache_policy_id          = "658327ea-f89d-4fab-a63d-7e88639e58f6"
      domain_name              = "my.site.${name}.amazonaws.com"
      origin_access_control_id = "E2ABC"
      path_pattern             = "/${index}/*"
    }]
  }
}

run "refuses_an_access_control_for_a_function_url" {
  command = plan

  variables {
    additional_behaviors = [
      {
        cache_policy_id          = "658327ea-f89d-4fab-a63d-7e88639e58f6"
        domain_name              = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws"
        origin_access_control_id = "E2ABC"
        path_pattern             = "/app/*"
      },
    ]
  }

  expect_failures = [var.additional_behaviors]
}

run "refuses_an_access_control_for_a_website_in_s3" {
  command = plan

  variables {
    additional_behaviors = [
      {
        cache_policy_id          = "658327ea-f89d-4fab-a63d-7e88639e58f6"
        domain_name              = "site.s3-website-us-east-1.amazonaws.com"
        origin_access_control_id = "E2ABC"
        path_pattern             = "/app/*"
      },
    ]
  }

  expect_failures = [var.additional_behaviors]
}

run "refuses_two_kinds_of_functions_for_viewers" {
  command = plan

  variables {
    additional_behaviors = [
      {
        cache_policy_id = "658327ea-f89d-4fab-a63d-7e88639e58f6"
        domain_name     = "www.example.com"
        path_pattern    = "/app/*"
        function_arns = {
          viewer-request  = "arn:aws:cloudfront::123456789012:function/index"
          viewer-response = "arn:aws:lambda:us-east-1:123456789012:function:site:7"
        }
      },
    ]
  }

  expect_failures = [var.additional_behaviors]
}
