variable "additional_behaviors" {
  type = list(object({
    allowed_methods            = optional(set(string), ["GET", "HEAD"])
    cache_policy_id            = string
    domain_name                = string
    function_arns              = optional(map(string), {})
    origin_access_control_id   = optional(string)
    origin_path                = optional(string, "")
    origin_request_policy_id   = optional(string)
    path_pattern               = string
    response_headers_policy_id = optional(string)
    viewer_protocol_policy     = optional(string, "redirect-to-https")
  }))
  description = <<-EOT
    Cache behaviors for other content, in order of precedence. Behaviors with the same `domain_name`, `origin_path` and `origin_access_control_id` share an origin. All other paths are images.
    - `allowed_methods`: Methods that reach the origin: GET and HEAD, these and OPTIONS, or all seven. Responses to GET and HEAD are cached.
    - `cache_policy_id`: Id of a cache policy: yours, or one that CloudFront manages, like `658327ea-f89d-4fab-a63d-7e88639e58f6` (CachingOptimized).
    - `domain_name`: Domain name of the origin, an HTTPS server or a bucket.
    - `function_arns`: Event (`viewer-request`, `viewer-response`, `origin-request` or `origin-response`) => ARN of a CloudFront Function or of a version of a Lambda@Edge function, of one kind for both viewer events.
    - `origin_access_control_id`: Id of the origin access control for a private bucket, whose policy allows the distribution; `domain_name` is then the bucket's `bucket_regional_domain_name`. `null` for any other origin.
    - `origin_path`: Path that precedes the path of each request at the origin, like `/site`.
    - `origin_request_policy_id`: Id of an origin request policy. `null` forwards only the cache key.
    - `path_pattern`: Paths of the behavior, like `/app/*`.
    - `response_headers_policy_id`: Id of a response headers policy. `null` adds no headers.
    - `viewer_protocol_policy`: `redirect-to-https`, `https-only` or `allow-all`.
  EOT
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for each in var.additional_behaviors :
      can(regex("^[A-Za-z0-9_.*$/~\"'@:+&?-]{1,255}$", each.path_pattern)) && !contains(["*", "/*"], each.path_pattern)
    ])
    error_message = "Each path_pattern in additional_behaviors has 1 to 255 of the characters that CloudFront allows, like /app/*. A pattern for all paths would leave none for images: attach the images to the distribution of your site instead, with the output behaviors."
  }

  validation {
    condition     = length(distinct([for each in var.additional_behaviors : trimprefix(each.path_pattern, "/")])) == length(var.additional_behaviors)
    error_message = "Two of additional_behaviors have the same path_pattern, and the second one would never apply. Remove one."
  }

  validation {
    condition = var.missing_page_path == null ? true : !contains(
      [for each in var.additional_behaviors : "/${trimprefix(each.path_pattern, "/")}"], var.missing_page_path,
    )
    error_message = "A path_pattern in additional_behaviors is the path of the page for missing images, /.edge-images/404.txt, for which there is a behavior already. Remove this one."
  }

  validation {
    condition = alltrue([for each in var.additional_behaviors :
      can(regex("^([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?[.])+[A-Za-z]{2,}$", each.domain_name)) && can(regex("^(/.*[^/])?$", each.origin_path))
    ])
    error_message = "In additional_behaviors, domain_name is a name like www.example.com, without https:// and path. A path belongs in origin_path, with a leading slash and none at the end."
  }

  # The endpoint of a website in S3 and the URL of a function look alike, and CloudFront refuses the access control of a bucket for both.
  validation {
    condition = alltrue([for each in var.additional_behaviors :
      each.origin_access_control_id == null || can(regex("[.]s3([.-][a-z]{2}(-[a-z]+)+-[0-9]+)?[.]amazonaws[.]com$", each.domain_name))
    ])
    error_message = "In additional_behaviors, origin_access_control_id is for a bucket whose domain_name is like my-site.s3.eu-central-1.amazonaws.com: use the attribute bucket_regional_domain_name of the bucket. Remove origin_access_control_id for any other origin, such as a function URL or the endpoint of a website in S3."
  }

  validation {
    condition = alltrue([for each in var.additional_behaviors : alltrue([
      for id in [each.cache_policy_id, each.origin_request_policy_id, each.response_headers_policy_id] : id == null ? true : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", id))
    ])])
    error_message = "The policies in additional_behaviors are ids, not names: aws cloudfront list-cache-policies, list-origin-request-policies and list-response-headers-policies show them."
  }

  validation {
    condition = alltrue([for each in var.additional_behaviors : contains(
      [toset(["GET", "HEAD"]), toset(["GET", "HEAD", "OPTIONS"]), toset(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])], each.allowed_methods
    )])
    error_message = "CloudFront allows three sets of methods in additional_behaviors: GET and HEAD; these and OPTIONS; or DELETE, GET, HEAD, OPTIONS, PATCH, POST and PUT."
  }

  validation {
    condition     = alltrue([for each in var.additional_behaviors : contains(["allow-all", "https-only", "redirect-to-https"], each.viewer_protocol_policy)])
    error_message = "In additional_behaviors, viewer_protocol_policy is redirect-to-https, https-only or allow-all."
  }

  validation {
    condition = alltrue([for each in var.additional_behaviors : alltrue([for event, arn in each.function_arns :
      can(regex("^viewer-re(quest|sponse)$", event)) && can(regex("^arn:[a-z-]+:cloudfront::[0-9]{12}:function/", arn))
      || can(regex("^(viewer|origin)-re(quest|sponse)$", event)) && can(regex(":lambda:us-east-1:[0-9]{12}:function:[^:]+:[0-9]+$", arn))
    ])])
    error_message = "In additional_behaviors, function_arns has the ARN of a CloudFront Function for viewer-request or viewer-response, or the ARN of a numbered version of a function in us-east-1 for one of these, origin-request or origin-response."
  }

  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
  validation {
    condition = alltrue([for each in var.additional_behaviors :
      length(distinct([for event, arn in each.function_arns : strcontains(arn, ":lambda:") if startswith(event, "viewer-")])) <= 1
    ])
    error_message = "In additional_behaviors, function_arns has a CloudFront Function for one viewer event and a Lambda@Edge function for the other, which CloudFront does not allow in one behavior. Use the same kind for viewer-request and viewer-response."
  }
}

variable "comment" {
  type        = string
  description = "Purpose of the distribution, shown in the list of distributions."
  nullable    = false

  validation {
    condition     = length(var.comment) <= 128
    error_message = "comment has at most 128 characters."
  }
}

variable "forwarded_headers" {
  type        = set(string)
  description = "Names of the viewer's headers that reach the origin without being part of the cache key."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.forwarded_headers : can(regex("^[A-Za-z0-9-]+$", name)) && !contains(["authorization", "host"], lower(name))])
    error_message = "forwarded_headers has names of headers, without Host and Authorization: a forwarded Host breaks the signature of CloudFront, which is in Authorization."
  }
}

variable "key_value_store_arn" {
  type        = string
  description = "ARN of the key value store that the function for viewer requests reads. `null` for none."
  default     = null
}

variable "missing_page_path" {
  type        = string
  description = "Path of the page that replaces a 403 of the origin, with status 404: S3 returns 403 for a missing key. `null` keeps 403."
  default     = null

  validation {
    condition     = var.missing_page_path == null ? true : can(regex("^/[A-Za-z0-9_./-]+$", var.missing_page_path))
    error_message = "missing_page_path is a path with a leading slash, like /.edge-images/404.txt."
  }
}

variable "name" {
  type        = string
  description = "Name of the origin access control and the policies, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,57}$", var.name))
    error_message = "name is at most 57 letters, digits, hyphens and underscores."
  }
}

variable "negotiates_formats" {
  type        = bool
  description = "All responses have `Vary: Accept`, because the function for viewer requests chooses formats by that header."
  default     = false
  nullable    = false
}

variable "origin" {
  type = object({
    domain_name = string
    headers     = optional(map(string), {})
    type        = optional(string, "s3")
  })
  description = <<-EOT
    Source of the objects.
    - `domain_name`: Domain name of the origin.
    - `headers`: Headers that CloudFront adds to each origin request.
    - `type`: `s3` (a bucket or the alias of an access point) and `lambda` (a function URL) receive requests that CloudFront signs, `custom` (any other HTTPS server) does not.
  EOT
  nullable    = false

  validation {
    condition     = alltrue([for type in compact([var.origin.type, try(var.secondary_origin.type, null)]) : contains(["s3", "lambda", "custom"], type)])
    error_message = "The type of origin and of secondary_origin is s3 (a bucket or the alias of an access point), lambda (a function URL) or custom (any other HTTPS server)."
  }

  validation {
    condition     = length(var.origin.headers) <= 10
    error_message = "CloudFront adds at most 10 headers to the requests of an origin. Remove some."
  }

  validation {
    condition     = alltrue([for value in values(var.origin.headers) : length(value) >= 1 && length(value) <= 1783])
    error_message = "The value of a header of an origin has 1 to 1,783 characters (limit of CloudFront). Shorten the value."
  }

  validation {
    condition     = sum(concat([0], [for name, value in var.origin.headers : length(name) + length(value)])) <= 10240
    error_message = "All headers of an origin together, names and values, have at most 10,240 characters (limit of CloudFront). Shorten or remove some."
  }
}

variable "origin_request_function_arn" {
  type        = string
  description = "ARN of the function version that handles each request to the origin. `null` for none."
  default     = null

  validation {
    condition     = var.origin_request_function_arn == null ? true : can(regex(":lambda:us-east-1:[0-9]{12}:function:[^:]+:[0-9]+$", var.origin_request_function_arn))
    error_message = "origin_request_function_arn names a numbered version in us-east-1, like arn:aws:lambda:us-east-1:123456789012:function:name:1. Use the function module's output `qualified_arn`."
  }

  validation {
    condition     = var.secondary_origin == null || var.origin_request_function_arn == null
    error_message = "On a failover an edge function would run twice for one request. Use either secondary_origin or origin_request_function_arn."
  }
}

variable "origin_shield_region" {
  type        = string
  description = "Region of Origin Shield, one more cache before every origin, the one nearest to the origin. `null` for none."
  default     = null

  # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-shield.html#choose-origin-shield-region
  validation {
    condition = var.origin_shield_region == null ? true : contains([
      "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2",
      "sa-east-1", "us-east-1", "us-east-2", "us-west-2",
    ], var.origin_shield_region)
    error_message = "Origin Shield exists in ap-northeast-1, ap-northeast-2, ap-south-1, ap-southeast-1, ap-southeast-2, eu-central-1, eu-west-1, eu-west-2, sa-east-1, us-east-1, us-east-2 and us-west-2. Choose the one nearest to the bucket."
  }
}

variable "query_strings" {
  type        = set(string)
  description = "Names of the query parameters that are part of the cache key and reach the origin. All others are dropped."
  default     = []
  nullable    = false
}

variable "secondary_origin" {
  type = object({
    domain_name = string
    type        = optional(string, "lambda")
  })
  description = <<-EOT
    Origin that receives a request if `origin` responds with 403, 404, 500, 502, 503 or 504, or not at all: both form an origin group. `null` for none.
    - `domain_name`: Domain name of the origin.
    - `type`: As the type of `origin`.
  EOT
  default     = null
}

variable "settings" {
  type = object({
    acm_certificate_arn = optional(string)
    aliases             = optional(set(string), [])
    default_ttl_seconds = optional(number, 86400)
    geo_restriction = optional(object({
      countries = set(string)
      type      = string
    }))
    max_ttl_seconds     = optional(number, 31536000)
    price_class         = optional(string, "PriceClass_All")
    wait_for_deployment = optional(bool, true)
    web_acl_id          = optional(string)
  })
  description = <<-EOT
    Settings that distributions of one deployment share.
    - `acm_certificate_arn`: ARN of the certificate for `aliases`, issued in us-east-1. `null` uses CloudFront's own certificate.
    - `aliases`: Your domain names for the distribution.
    - `default_ttl_seconds`: Time in seconds for which a response without `Cache-Control` or `Expires` is cached.
    - `geo_restriction`: Countries, as ISO 3166-1 alpha-2 codes like `DE`, with the `type` `allow` (viewers in all other countries are refused) or `block` (viewers in these are refused). They get 403, and 404 with `missing_page_path`. `null` for none.
    - `max_ttl_seconds`: Maximum time in seconds for which a response is cached.
    - `price_class`: Edge locations that respond: `PriceClass_100` (North America, Europe), `PriceClass_200` or `PriceClass_All`.
    - `wait_for_deployment`: Apply ends when every edge location has the change, which takes minutes.
    - `web_acl_id`: ARN of a WAFv2 web ACL of scope CLOUDFRONT. `null` for none.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.settings.acm_certificate_arn == null ? true : can(regex("^arn:[a-z-]+:acm:us-east-1:", var.settings.acm_certificate_arn))
    error_message = "acm_certificate_arn is the ARN of a certificate in us-east-1, the only Region from which CloudFront takes certificates. Request or import the certificate there."
  }

  validation {
    condition     = alltrue([for name in var.settings.aliases : can(regex("^([*][.])?([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]([a-z0-9-]*[a-z0-9])$", name))])
    error_message = "aliases and the names of domain are domain names in lower case, like img.example.com, without https:// and without a path."
  }

  validation {
    condition     = length(var.settings.aliases) == 0 || var.settings.acm_certificate_arn != null
    error_message = "aliases need a certificate: set acm_certificate_arn, or no aliases to use the *.cloudfront.net name."
  }

  validation {
    condition     = var.settings.default_ttl_seconds >= 0 && floor(var.settings.default_ttl_seconds) == var.settings.default_ttl_seconds
    error_message = "default_ttl_seconds is a whole number of seconds, 0 or more."
  }

  # With all three TTLs at 0 CloudFront disables its cache, and then refuses query strings in the cache key.
  validation {
    condition     = var.settings.max_ttl_seconds >= max(1, var.settings.default_ttl_seconds) && floor(var.settings.max_ttl_seconds) == var.settings.max_ttl_seconds
    error_message = "max_ttl_seconds is a whole number of seconds, at least 1 and not below default_ttl_seconds. Store an image with Cache-Control: no-store if it must not be cached."
  }

  validation {
    condition     = var.settings.geo_restriction == null ? true : contains(["allow", "block"], var.settings.geo_restriction.type) && length(var.settings.geo_restriction.countries) > 0 && alltrue([for country in var.settings.geo_restriction.countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "geo_restriction has type allow or block, and countries with at least one code of two capital letters, like { type = \"allow\", countries = [\"DE\", \"AT\"] }."
  }

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.settings.price_class)
    error_message = "price_class is PriceClass_100, PriceClass_200 or PriceClass_All."
  }

  validation {
    condition     = var.settings.web_acl_id == null ? true : can(regex("^arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.settings.web_acl_id))
    error_message = "web_acl_id is the ARN of a WAFv2 web ACL of scope CLOUDFRONT, like arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id."
  }
}

variable "viewer_request_code" {
  type        = string
  description = "Code of the CloudFront Function that handles each request of a viewer, in `cloudfront-js-2.0`. `null` for none."
  default     = null

  validation {
    condition     = var.viewer_request_code == null ? true : length(var.viewer_request_code) <= 10240
    error_message = "viewer_request_code has more than 10,240 characters, the limit of CloudFront for a function with its configuration. Remove some sizes, widths or qualities."
  }
}
