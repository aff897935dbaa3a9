variable "acm_certificate_arn" {
  type        = string
  description = "ARN of the certificate for the aliases, issued in us-east-1; null takes CloudFront's own."
  default     = null

  validation {
    condition     = var.acm_certificate_arn == null ? true : can(regex("^arn:[a-z-]+:acm:us-east-1:", var.acm_certificate_arn))
    error_message = "CloudFront takes certificates from us-east-1 alone. Request or import the certificate there and give that ARN."
  }

  validation {
    condition     = (var.acm_certificate_arn == null) == (length(var.aliases) == 0)
    error_message = "aliases and acm_certificate_arn belong together: give both, or neither to use the *.cloudfront.net name."
  }
}

variable "aliases" {
  type        = set(string)
  description = "Domain names of one's own under which the distribution answers."
  default     = []
  nullable    = false
}

variable "comment" {
  type        = string
  description = "What the distribution is for; shown in the list of distributions."
  nullable    = false

  validation {
    condition     = length(var.comment) <= 128
    error_message = "A distribution's comment has at most 128 characters."
  }
}

variable "missing_page_path" {
  type        = string
  description = "Path of the page that is served with status 404 where the origin answers 403, as S3 does for a missing key; null: 403 stays."
  default     = null

  validation {
    condition     = var.missing_page_path == null ? true : can(regex("^/[A-Za-z0-9_./-]+$", var.missing_page_path))
    error_message = "missing_page_path is a path with a slash in front, like /.edge-images/404.txt."
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

variable "origin" {
  type = object({
    domain_name = string
    headers     = optional(map(string), {})
    type        = optional(string, "s3")
  })
  description = "Where objects come from: its domain name, the headers that each origin request carries, and its type: s3 (a bucket or an alias) and lambda (a function URL) are signed by CloudFront, custom is not."
  nullable    = false

  validation {
    condition     = contains(["s3", "lambda", "custom"], var.origin.type)
    error_message = "origin.type is s3 (a bucket or the alias of an access point), lambda (a function URL) or custom (any other HTTPS server)."
  }

  validation {
    condition     = length(var.origin.headers) <= 10
    error_message = "CloudFront adds at most 10 headers to the requests of an origin."
  }

  validation {
    condition     = alltrue([for value in values(var.origin.headers) : length(value) >= 1 && length(value) <= 1783])
    error_message = "The value of an origin's header has 1 to 1,783 characters (limit of CloudFront). Shorten it."
  }

  validation {
    condition     = sum(concat([0], [for name, value in var.origin.headers : length(name) + length(value)])) <= 10240
    error_message = "All headers of an origin together, names and values, have at most 10,240 characters (limit of CloudFront)."
  }
}

variable "origin_request_function_arn" {
  type        = string
  description = "ARN of the function version that sees each request to the origin; null: none."
  default     = null

  validation {
    condition     = var.origin_request_function_arn == null ? true : can(regex(":lambda:us-east-1:[0-9]{12}:function:[^:]+:[0-9]+$", var.origin_request_function_arn))
    error_message = "origin_request_function_arn names a numbered version in us-east-1, like arn:aws:lambda:us-east-1:123456789012:function:name:1. Take the function module's output `qualified_arn`."
  }
}

variable "price_class" {
  type        = string
  description = "Which edge locations answer: PriceClass_100 (North America, Europe), PriceClass_200 or PriceClass_All."
  default     = "PriceClass_All"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class is PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "query_strings" {
  type        = set(string)
  description = "Names of the query parameters that are part of the cache key and reach the origin; all others are dropped."
  default     = []
  nullable    = false
}

variable "ttl" {
  type = object({
    default_seconds = optional(number, 86400)
    max_seconds     = optional(number, 31536000)
  })
  description = "How long an answer is cached: without Cache-Control or Expires, and at most with them."
  default     = {}
  nullable    = false

  validation {
    condition     = var.ttl.default_seconds >= 0 && var.ttl.max_seconds >= max(1, var.ttl.default_seconds)
    error_message = "ttl.default_seconds is 0 or more, ttl.max_seconds at least 1 and not below it: with all TTLs at 0 CloudFront refuses query strings in the cache key."
  }
}

variable "wait_for_deployment" {
  type        = bool
  description = "Apply ends only when every edge location has the change (some minutes)."
  default     = true
  nullable    = false
}

variable "web_acl_id" {
  type        = string
  description = "ARN of the WAF web ACL (scope CLOUDFRONT) in front of the distribution; null: none."
  default     = null

  validation {
    condition     = var.web_acl_id == null ? true : can(regex("^arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.web_acl_id))
    error_message = "web_acl_id is the ARN of a WAFv2 web ACL of scope CLOUDFRONT, like arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id."
  }
}
