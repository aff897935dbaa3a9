variable "access_logs" {
  type = object({
    bucket_name     = optional(string)
    expiration_days = optional(number, 90)
    format          = optional(string, "parquet")
  })
  description = <<-EOT
    Access logs of CloudFront in S3: one line for each request, with the address of the viewer. `null` for none.
    - `bucket_name`: Name of an existing bucket, whose policy allows `delivery.logs.amazonaws.com` to write. `null` creates a bucket.
    - `expiration_days`: Days after which a log in the created bucket is deleted.
    - `format`: Format of the files: `parquet`, for whose conversion CloudWatch charges, `json` or `w3c`.
  EOT
  default     = null
}

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
    Cache behaviors of every distribution for other content, so that images and a site share a distribution, in order of precedence. Behaviors with the same `domain_name`, `origin_path` and `origin_access_control_id` share an origin. All other paths are images.
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
}

variable "attached_distribution_arns" {
  type        = list(string)
  description = "ARNs of distributions of yours that deliver images too, with the arguments in the output `behaviors`. They may read the created buckets and invoke the functions; for existing buckets the outputs with statements name them. Neither purging nor `./invokew purge` and `./invokew erase` invalidates their copies: they live until their TTL ends."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.attached_distribution_arns : can(regex("^arn:[a-z-]+:cloudfront::[0-9]{12}:distribution/", arn))])
    error_message = "Each of attached_distribution_arns is the ARN of a distribution, like arn:aws:cloudfront::123456789012:distribution/E1ABC."
  }
}

variable "bucket" {
  type = object({
    create = optional(bool, true)
    name   = optional(string)
  })
  description = <<-EOT
    The bucket of the originals.
    - `create`: Create the bucket. `false` uses the existing bucket `name` and leaves its settings and its policy unchanged: add the statements of the output `existing_bucket_policy`.
    - `name`: Name of the bucket. `null` derives a name from `name`, the account and the Region.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.bucket.create || var.bucket.name != null
    error_message = "bucket.create = false needs the name of the existing bucket in bucket.name."
  }
}

variable "distribution" {
  type = object({
    acm_certificate_arn     = optional(string)
    aliases                 = optional(set(string), [])
    browser_max_age_seconds = optional(number, 86400)
    default_ttl_seconds     = optional(number, 86400)
    domain_variant          = optional(string)
    geo_restriction         = optional(object({ countries = set(string), type = string }))
    max_ttl_seconds         = optional(number, 31536000)
    origin_shield_region    = optional(string)
    price_class             = optional(string, "PriceClass_All")
    wait_for_deployment     = optional(bool, true)
    web_acl_id              = optional(string)
  })
  description = <<-EOT
    Settings of every CloudFront distribution.
    - `acm_certificate_arn`: ARN of the certificate for `aliases`, issued in us-east-1. `null` uses CloudFront's own certificate.
    - `aliases`: Your domain names, like `img.example.com`. Point them to the distribution in your DNS.
    - `browser_max_age_seconds`: Time in seconds for which browsers cache an image whose original has neither `Cache-Control` nor `Expires`.
    - `default_ttl_seconds`: Time in seconds for which CloudFront caches an image without a `Cache-Control` of its own.
    - `domain_variant`: Variant whose distribution has the domain names. Needed if several variants have a distribution.
    - `geo_restriction`: Countries, as ISO 3166-1 alpha-2 codes like `DE`, with the `type` `allow` (viewers in all other countries are refused) or `block` (viewers in these are refused). They get 403, and 404 with `edge_resize` and `s3_trigger`. `null` for none.
    - `max_ttl_seconds`: Maximum time in seconds for which CloudFront caches an image, whatever its `Cache-Control`.
    - `origin_shield_region`: Region of CloudFront's Origin Shield, an additional cache in front of the origin: the one nearest to the bucket. CloudFront charges for each request that reaches it. `null` for none.
    - `price_class`: Edge locations that respond: `PriceClass_100` (North America, Europe), `PriceClass_200` or `PriceClass_All`. Fewer cost less, and are farther from the other viewers.
    - `wait_for_deployment`: Apply ends when every edge location has the change, which takes minutes. `false` ends before that.
    - `web_acl_id`: ARN of a WAFv2 web ACL of scope CLOUDFRONT. `null` for none.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.distribution.browser_max_age_seconds >= 0 && floor(var.distribution.browser_max_age_seconds) == var.distribution.browser_max_age_seconds
    error_message = "distribution.browser_max_age_seconds is a whole number of seconds, 0 or more; with 0 browsers ask CloudFront each time."
  }

  validation {
    condition     = var.distribution.acm_certificate_arn == null || length(var.distribution.aliases) > 0
    error_message = "distribution.acm_certificate_arn is the certificate of distribution.aliases: set both, or neither to use the *.cloudfront.net names."
  }

  validation {
    condition     = var.distribution.domain_variant == null ? true : contains(setsubtract(var.variants, var.s3_trigger.delivery == "none" ? ["s3_trigger"] : []), var.distribution.domain_variant)
    error_message = "distribution.domain_variant is one of variants, and has a distribution (s3_trigger with s3_trigger.delivery = \"cloudfront\")."
  }
}

variable "domain" {
  type = object({
    names   = set(string)
    zone_id = string
  })
  description = <<-EOT
    Domain names of the distribution, with a certificate and DNS records. `null`: `distribution.aliases` with a certificate of your own, or none.
    - `names`: Domain names, like `img.example.com`, without wildcards.
    - `zone_id`: Id of the Route 53 hosted zone of the names, in the account of the providers.
  EOT
  default     = null

  validation {
    condition     = var.domain == null || length(var.distribution.aliases) == 0 && var.distribution.acm_certificate_arn == null
    error_message = "domain makes a certificate and aliases. Remove distribution.aliases and distribution.acm_certificate_arn, or domain."
  }

  validation {
    condition     = var.domain == null && length(var.distribution.aliases) == 0 || var.distribution.domain_variant != null || length(setsubtract(var.variants, var.s3_trigger.delivery == "none" ? ["s3_trigger"] : [])) == 1
    error_message = "Each variant has a distribution of its own (s3_trigger with s3_trigger.delivery = \"cloudfront\"), and the names in domain or distribution.aliases lead to one distribution. Name its variant in distribution.domain_variant."
  }
}

variable "edge_resize" {
  type = object({
    derivative_expiration_days = optional(number)
    originals                  = optional(string, "as_is")
    purge_on_change            = optional(bool, false)
    resized_path               = optional(string, "resized")
  })
  description = <<-EOT
    Settings of the variant edge_resize.
    - `derivative_expiration_days`: Days after which a derivative is deleted; the next request creates it again. `null` keeps derivatives.
    - `originals`: Response to a URL without options. `as_is`: the object, metadata included. `cleaned`: the image without metadata, and no URL returns an image of a supported format with its metadata.
    - `purge_on_change`: A replaced or deleted original is removed from CloudFront's cache and its derivatives are deleted, at the cost of two invalidation paths for each upload. See `purge`.
    - `resized_path`: Key prefix of the derivatives. Keys below it are never resized.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.bucket.create || var.edge_resize.derivative_expiration_days == null
    error_message = "An existing bucket has one lifecycle configuration, which stays yours. Remove edge_resize.derivative_expiration_days and add a rule for the resized path there."
  }

  validation {
    condition     = contains(["as_is", "cleaned"], var.edge_resize.originals)
    error_message = "edge_resize.originals is as_is (the object) or cleaned (the image without metadata)."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", var.edge_resize.resized_path)) && length(var.edge_resize.resized_path) <= 200
    error_message = "edge_resize.resized_path is a folder like \"resized\" or \"cache/resized\": letters, digits, hyphens and underscores, no slash at either end."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Destroy deletes the buckets with every image in them. `false` refuses to delete a bucket that contains objects, except the one with the derivatives of `regional_resize`, which can be made again."
  default     = false
  nullable    = false
}

variable "image_urls" {
  type = object({
    qualities   = optional(set(number), [40, 60, 80, 90])
    signed_urls = optional(string, "none")
    widths      = optional(set(number), [16, 32, 48, 64, 96, 128, 256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840])
  })
  description = <<-EOT
    URLs of images.
    - `qualities`: Qualities to which `quality` in a URL is rounded. The variable `quality` is always one of them.
    - `signed_urls`: URLs that need a signature: `none`, `unlisted` (those with both `width` and `height`, which could create endless derivatives of one image) or `all`.
    - `widths`: Widths in pixels to which `width` in a URL is rounded up. The default has the widths of Next.js.
  EOT
  default     = {}
  nullable    = false

  # Each combination of width, quality and format is a derivative of its own, and CloudFront limits the size of the function.
  validation {
    condition     = length(var.image_urls.qualities) <= 9 && alltrue([for quality in var.image_urls.qualities : quality >= 1 && quality <= 100 && floor(quality) == quality])
    error_message = "image_urls.qualities has at most 9 whole numbers from 1 to 100, like [40, 60, 80, 90]."
  }

  validation {
    condition     = contains(["none", "unlisted", "all"], var.image_urls.signed_urls)
    error_message = "image_urls.signed_urls is none, unlisted or all; unlisted keeps viewers from creating endless derivatives of an image."
  }

  # 16,383 pixels is the limit of WebP.
  validation {
    condition     = length(var.image_urls.widths) >= 1 && length(var.image_urls.widths) <= 32 && alltrue([for width in var.image_urls.widths : width >= 1 && width <= 16383 && floor(width) == width])
    error_message = "image_urls.widths has 1 to 32 whole numbers of pixels from 1 to 16383 (the limit of WebP), like [320, 640, 1280]."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the buckets, except that of access logs, in their Region; with `bucket.create = false` the key of the existing bucket. The functions may use the key, and the key's policy needs the statements of the output `kms_key_policy`. `null`: S3's own key."
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key, like arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, in the Region of the buckets. An alias could lead to another key later."
  }
}

variable "log_class" {
  type        = string
  description = "Class of the functions' log groups: `STANDARD` or `INFREQUENT_ACCESS`, which costs half as much, has no metric filters, and can be read by Logs Insights only, not by `./invokew logs`. The log of the function purge, from which an alarm is made, is always `STANDARD`. A change creates the groups again, without their logs."
  default     = "STANDARD"
  nullable    = false

  validation {
    condition     = var.log_class != "INFREQUENT_ACCESS" || var.monitoring == null
    error_message = "monitoring makes metrics from the logs, and log groups of the class INFREQUENT_ACCESS have no metric filters. Use log_class = \"STANDARD\" or remove monitoring."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days for which CloudWatch keeps the logs of the functions, for edge functions in us-east-1 only. 0 keeps logs for ever."
  default     = 30
  nullable    = false
}

variable "memory_size" {
  type        = number
  description = "Memory in MB of the functions that transform images, 128 to 10240. CPU and price grow with memory; 1769 MB is one vCPU, and more makes no image faster. An image that could need more memory is refused."
  default     = 1769
  nullable    = false
}

variable "monitoring" {
  type = object({
    alarm_actions = optional(list(string), [])
    dashboard     = optional(bool, true)
    hit_rate      = optional(bool, true)
  })
  description = <<-EOT
    Metrics from the logs, alarms, saved queries and a dashboard. `null` for none; `{}` creates all of them. They cost about 5 US dollars a month for each variant, and the dashboard 3: see the README of the module monitoring.
    - `alarm_actions`: ARNs of SNS topics, or of other alarm actions, that are notified when an alarm begins and ends. An action notifies of the alarms of its own Region: name one in us-east-1, for CloudFront, and one in the Region of the deployment.
    - `dashboard`: Create a dashboard with the name of the deployment.
    - `hit_rate`: Enable CloudFront's additional metrics, hit rate, latency of the origin and rates of single errors, for 2.40 US dollars a month for each distribution.
  EOT
  default     = null

  validation {
    condition = alltrue([for arn in concat(try(var.monitoring.alarm_actions, []), var.purge.alarm_actions, var.s3_trigger.alarm_actions) :
      can(regex("^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:", arn))
    ])
    error_message = "Each of alarm_actions (in monitoring, purge and s3_trigger) is an ARN, like arn:aws:sns:eu-central-1:123456789012:oncall. Subscribe an e-mail address to the topic."
  }

  # The alarms of purge and s3_trigger notify the actions of monitoring too, each alarm those of its Region.
  validation {
    condition = alltrue(flatten([for actions in [[], var.purge.alarm_actions, var.s3_trigger.alarm_actions] : [
      for region in distinct([for arn in concat(try(var.monitoring.alarm_actions, []), actions) : try(split(":", arn)[3], "")]) :
      length(distinct([for arn in concat(try(var.monitoring.alarm_actions, []), actions) : arn if contains([region, ""], try(split(":", arn)[3], ""))])) <= 5
    ]]))
    error_message = "An alarm has at most five actions. Keep five of alarm_actions for each Region, those of monitoring together with those of purge or s3_trigger."
  }
}

variable "name" {
  type        = string
  description = "Prefix of the names of all resources, unique among the deployments of an account, of 3 to 32 characters. A deployment keeps its name. `regional_resize` and `s3_trigger` have buckets with longer names: 23 characters suffice for every variant in every Region."
  default     = "edge-images"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name is 3 to 32 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "object_lambda" {
  type = object({
    exif            = optional(string, "without_identity")
    origin          = optional(string, "function_url")
    purge_on_change = optional(bool, false)
  })
  description = <<-EOT
    Settings of the variant object_lambda.
    - `exif`: EXIF data that `showExif=true` discloses to everyone. `without_identity`: camera, exposure and times; no GPS, names, serial numbers or free text. `all`: every field, GPS included. `off`: nothing.
    - `origin`: Connection from CloudFront to the function. `function_url`: without S3 Object Lambda, which is closed to new accounts. `oac`: S3 Object Lambda, signed by CloudFront. `edge_signer`: S3 Object Lambda, signed by an edge function.
    - `purge_on_change`: A replaced or deleted original is removed from CloudFront's cache, at the cost of two invalidation paths for each upload. See `purge`.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = contains(["without_identity", "all", "off"], var.object_lambda.exif)
    error_message = "object_lambda.exif is without_identity, all or off; all publishes where a photograph was taken."
  }

  validation {
    condition     = contains(["function_url", "oac", "edge_signer"], var.object_lambda.origin)
    error_message = "object_lambda.origin is function_url, oac or edge_signer; accounts without S3 Object Lambda take function_url."
  }
}

variable "packages" {
  type = object({
    s3            = optional(map(object({ bucket = string, key = string, sha256 = string, version = optional(string) })), {})
    zip_directory = optional(string)
  })
  description = <<-EOT
    Zips of the functions. A release contains them.
    - `s3`: Function => object in S3 instead of a file, with the `sha256` in the manifest of the release. The bucket is in the Region of the function: us-east-1 for `edge_resize` and `edge_signer`.
    - `zip_directory`: Folder with a zip for each function. `null`: the zips of the release, or in the repository `dist/` of `./invokew build`.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.packages.s3), ["edge_resize", "edge_signer", "object_lambda", "purge", "regional_resize", "s3_trigger"])) == 0
    error_message = "packages.s3 names functions: edge_resize, edge_signer, object_lambda, purge, regional_resize and s3_trigger."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that limits every role. `null` for none."
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy, like arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "purge" {
  type = object({
    alarm_actions     = optional(list(string), [])
    enabled           = optional(bool, true)
    max_monthly_paths = optional(number, 1000)
  })
  description = <<-EOT
    Removal of old images when an original is replaced or deleted.
    - `alarm_actions`: ARNs of SNS topics, or of other alarm actions, that are notified of an event in the failure queue and of a used-up budget of paths, besides those of `monitoring.alarm_actions` in the Region of the deployment.
    - `enabled`: Purge the derivatives of regional_resize. With `false` viewers get the derivatives of a replaced or deleted image until they expire or `./invokew purge` deletes them. `edge_resize.purge_on_change` and `object_lambda.purge_on_change` decide on their variants.
    - `max_monthly_paths`: Largest number of invalidation paths in a calendar month (UTC). AWS charges 0.005 US dollars for each path after the first 1,000 of an account in a month. Derivatives are deleted in any case; CloudFront's copies then stay until they expire.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = var.purge.max_monthly_paths >= 0 && var.purge.max_monthly_paths < 1000000000 && floor(var.purge.max_monthly_paths) == var.purge.max_monthly_paths
    error_message = "purge.max_monthly_paths is a whole number of 0 or more, like 1000; with 0 nothing is invalidated."
  }
}

variable "quality" {
  type        = number
  description = "Quality, 1 to 100 on the scale of JPEG, of JPEG, WebP and AVIF images whose URL or size names none. After a change every derivative is created again when it is requested, those of `s3_trigger` by a backfill."
  default     = 80
  nullable    = false

  validation {
    condition     = var.quality >= 1 && var.quality <= 100 && floor(var.quality) == var.quality
    error_message = "quality is a whole number from 1 to 100."
  }
}

variable "regional_resize" {
  type = object({
    derivative_expiration_days = optional(number)
    origin_shield              = optional(string)
  })
  description = <<-EOT
    Settings of the variant regional_resize.
    - `derivative_expiration_days`: Days after which a derivative is deleted; the next request creates it again. `null` keeps derivatives.
    - `origin_shield`: Region of CloudFront's Origin Shield, the one nearest to the bucket: one more cache, so that viewers all over the world cause one run of the function for a derivative. CloudFront charges for each request that reaches it. `null`: `distribution.origin_shield_region`.
  EOT
  default     = {}
  nullable    = false
}

variable "retain_edge_functions" {
  type        = bool
  description = "Destroy leaves edge functions in AWS, because their replicas exist for some more hours. `false` waits for the replicas, up to 6 hours."
  default     = true
  nullable    = false
}

variable "s3_trigger" {
  type = object({
    alarm_actions             = optional(list(string), [])
    create_destination_bucket = optional(bool, true)
    delivery                  = optional(string, "none")
    destination_bucket_name   = optional(string)
    fit                       = optional(string, "cover")
    max_event_age_seconds     = optional(number, 21600)
    max_retries               = optional(number, 2)
    replace_notifications     = optional(bool, false)
    reserved_concurrency      = optional(number)
    restore_on_manual_upload  = optional(bool, false)
    restore_prefix            = optional(string, "restore-folder/")
    size                      = optional(object({ width = number, height = number }), { width = 300, height = 300 })
    source_prefix             = optional(string, "source-folder/")
    suffixes                  = optional(set(string), [".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"])
  })
  description = <<-EOT
    Settings of the variant s3_trigger.
    - `alarm_actions`: ARNs of SNS topics, or of other alarm actions, that are notified of an event in the failure queue, besides those of `monitoring.alarm_actions` in the Region of the deployment.
    - `create_destination_bucket`: Create the bucket of the derivatives. `false` uses the existing bucket `destination_bucket_name`.
    - `delivery`: Delivery of the derivatives: `cloudfront` (a distribution over the destination bucket) or `none`.
    - `destination_bucket_name`: Name of the bucket of the derivatives. `null` derives a name from `name`, the account and the Region.
    - `fit`: Fit of the image into `size`: `cover` (crop to fill), `contain` (pad to fill), `fill` (distort to fill) or `inside` (fit within, never enlarge).
    - `max_event_age_seconds`: Time in seconds for which Lambda retries an event before it goes to the failure queue.
    - `max_retries`: Number of retries of a failed event before it goes to the failure queue: 0, 1 or 2.
    - `replace_notifications`: Let Terraform replace the notification configuration of an existing bucket. S3 has one for each bucket, so the other notifications of the bucket are lost.
    - `reserved_concurrency`: Maximum number of images that are resized at the same time, reserved from the account's concurrency. Lambda keeps 100 of that for all other functions: an account with a limit of 100 or less can reserve nothing. `null` reserves nothing.
    - `restore_on_manual_upload`: A manual upload to the destination bucket copies its original to `restore_prefix`.
    - `restore_prefix`: Key prefix of restored originals in the source bucket. Nothing below it is resized.
    - `size`: Box in pixels for an image without `width` and `height` in its own metadata.
    - `source_prefix`: Key prefix of the originals in the bucket. Empty for all keys.
    - `suffixes`: Endings of the keys of originals, case-sensitive. Empty for all keys.
  EOT
  default     = {}
  nullable    = false

  validation {
    condition     = contains(["none", "cloudfront"], var.s3_trigger.delivery)
    error_message = "s3_trigger.delivery is cloudfront or none."
  }

  validation {
    condition = var.s3_trigger.replace_notifications || !contains(var.variants, "s3_trigger") || (
      var.bucket.create && (var.s3_trigger.create_destination_bucket || !var.s3_trigger.restore_on_manual_upload)
    )
    error_message = "A bucket has one notification configuration, and s3_trigger would replace that of the existing bucket. See it with: aws s3api get-bucket-notification-configuration --bucket NAME. If nothing is lost, set s3_trigger.replace_notifications = true; otherwise use a bucket that Terraform creates."
  }

  validation {
    condition     = var.s3_trigger.create_destination_bucket || var.s3_trigger.destination_bucket_name != null
    error_message = "s3_trigger.create_destination_bucket = false needs the name of the existing bucket in s3_trigger.destination_bucket_name."
  }

  validation {
    condition     = var.s3_trigger.destination_bucket_name == null ? true : var.s3_trigger.destination_bucket_name != var.bucket.name
    error_message = "s3_trigger.destination_bucket_name is another bucket than bucket.name: a derivative must never be mistaken for an original."
  }

  validation {
    condition     = contains(["cover", "contain", "fill", "inside"], var.s3_trigger.fit)
    error_message = "s3_trigger.fit is cover, contain, fill or inside."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/$", var.s3_trigger.restore_prefix))
    error_message = "s3_trigger.restore_prefix is a folder like \"restore-folder/\": letters, digits, hyphens and underscores, a slash at the end."
  }

  # 16,383 pixels is the limit of WebP.
  validation {
    condition     = alltrue([for side in values(var.s3_trigger.size) : side >= 1 && side <= 16383 && floor(side) == side])
    error_message = "s3_trigger.size has whole pixels from 1 to 16383 (the limit of WebP), like { width = 300, height = 300 }."
  }

  validation {
    condition     = can(regex("^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/)?$", var.s3_trigger.source_prefix))
    error_message = "s3_trigger.source_prefix is a folder like \"source-folder/\": letters, digits, hyphens and underscores, a slash at the end. Empty means all keys."
  }

  validation {
    condition     = !startswith(var.s3_trigger.source_prefix, var.s3_trigger.restore_prefix)
    error_message = "s3_trigger.source_prefix is not below s3_trigger.restore_prefix: a restored original must not be resized again."
  }

  validation {
    condition = !contains(var.variants, "s3_trigger") || !contains(var.variants, "edge_resize") || !(
      startswith("${var.edge_resize.resized_path}/", var.s3_trigger.source_prefix) || startswith(var.s3_trigger.source_prefix, "${var.edge_resize.resized_path}/")
    )
    error_message = "The derivatives of edge_resize, and no originals, are below edge_resize.resized_path. Choose another s3_trigger.source_prefix, neither below nor above that."
  }
}

variable "signing_keys" {
  type        = map(string)
  description = "Key ID => secret of signed URLs. Secrets are part of the Terraform state: leave this empty to manage the keys outside, in the store of the output `key_value_store_arn`."
  default     = {}
  nullable    = false
  sensitive   = true

  validation {
    condition     = length(var.signing_keys) == 0 || var.image_urls.signed_urls != "none"
    error_message = "signing_keys have no use while no URL needs a signature: set image_urls.signed_urls to unlisted or all."
  }
}

variable "sizes" {
  # A list and an object have no common type: each size is checked below.
  type        = any
  description = "Size name => [width, height] in pixels, a box into which an image is fitted, with its sides swapped for portrait images, or an object of URL parameters: `{ width, height, fit, gravity, format, quality }`. Replaces all built-in sizes; `null` keeps them."
  default     = null

  validation {
    condition     = var.sizes == null ? true : try(length(keys(var.sizes)) > 0, false)
    error_message = "sizes names at least one size, like { S = [854, 480] }; null keeps the built-in ones."
  }

  validation {
    condition     = var.sizes == null ? true : try(alltrue([for name in keys(var.sizes) : can(regex("^[A-Za-z0-9_-]{1,32}$", name))]), false)
    error_message = "The name of a size is 1 to 32 letters, digits, hyphens and underscores."
  }

  validation {
    condition = var.sizes == null ? true : try(alltrue([
      for size in values(var.sizes) :
      can(keys(size)) ? anytrue([for option in values(size) : option != null]) && length(setsubtract(keys(size), ["fit", "format", "gravity", "height", "quality", "width"])) == 0 : length(size) == 2
    ]), false)
    error_message = "Each of sizes is [width, height], like { S = [854, 480] }, or an object with some of width, height, fit, gravity, format and quality, like { hero = { width = 1200, height = 600, fit = \"cover\" } }."
  }

  # 16,383 pixels is the limit of WebP.
  validation {
    condition = var.sizes == null ? true : try(alltrue(flatten([
      for size in values(var.sizes) :
      [for side in try(tolist(size), [for name in ["width", "height"] : size[name] if try(size[name], null) != null]) : side >= 1 && side <= 16383 && floor(side) == side]
    ])), false)
    error_message = "The sides in sizes are whole pixels from 1 to 16383 (the limit of WebP), like { S = [854, 480] }."
  }

  validation {
    condition = var.sizes == null ? true : try(alltrue([
      for size in values(var.sizes) : contains(["inside", "cover", "contain", "fill"], size.fit) if try(size.fit, null) != null
    ]), false)
    error_message = "In sizes, fit is inside, cover, contain or fill."
  }

  validation {
    condition = var.sizes == null ? true : try(alltrue([
      for size in values(var.sizes) :
      try(size.fit, null) == null || try(size.fit, null) == "inside" || try(size.width, null) != null && try(size.height, null) != null
    ]), false)
    error_message = "In sizes, fit other than inside needs both width and height, like { hero = { width = 1200, height = 600, fit = \"cover\" } }."
  }

  validation {
    condition = var.sizes == null ? true : try(alltrue([
      for size in values(var.sizes) :
      size.fit == "cover" && can(regex("^(center|north|south|(north|south)?(east|west)|(0|0?[.][0-9]+|1([.]0+)?),(0|0?[.][0-9]+|1([.]0+)?))$", size.gravity)) if try(size.gravity, null) != null
    ]), false)
    error_message = "In sizes, gravity needs fit = \"cover\", and is center, a direction such as northeast, or x,y with numbers from 0 to 1, like \"0.5,0.25\"."
  }

  validation {
    condition = var.sizes == null ? true : try(alltrue([
      for size in values(var.sizes) : size.quality >= 1 && size.quality <= 100 && floor(size.quality) == size.quality if try(size.quality, null) != null
    ]), false)
    error_message = "The quality of a size is a whole number from 1 to 100."
  }

  # The sizes are one header of the origin of edge_resize, and CloudFront limits the value of a header.
  validation {
    condition     = var.sizes == null ? true : length(jsonencode(var.sizes)) <= 1783
    error_message = "sizes has more than 1,783 characters of JSON, the limit of CloudFront for a header of an origin (about 80 boxes). Remove some."
  }
}

variable "variants" {
  type        = set(string)
  description = "Place and time of the transform: `edge_resize` (at the edge, on the first request), `object_lambda` (in the bucket's Region, while an image is read), `regional_resize` (in the bucket's Region, on the first request), `s3_trigger` (in the bucket's Region, on upload)."
  default     = ["edge_resize"]
  nullable    = false

  validation {
    condition     = length(var.variants) > 0 && length(setsubtract(var.variants, ["edge_resize", "object_lambda", "regional_resize", "s3_trigger"])) == 0
    error_message = "variants names at least one of edge_resize, object_lambda, regional_resize and s3_trigger."
  }
}

variable "versioning" {
  type        = bool
  description = "The bucket of the originals, and that of the derivatives of `s3_trigger`, keep old versions of replaced and deleted objects, each at the price of an object. They are kept for ever, except those of expired derivatives and those that `./invokew erase` deletes. `false` after `true` makes no more versions and keeps the old ones."
  default     = false
  nullable    = false
}

variable "web_acl" {
  type = object({
    max_requests   = number
    window_seconds = optional(number, 300)
  })
  description = <<-EOT
    Web ACL that limits the rate of requests of each IP address. Requests above the limit get 403, and 404 with `edge_resize` and `s3_trigger`. It costs about $6 a month and $0.60 per million requests. `null` for none; `distribution.web_acl_id` names one of your own.
    - `max_requests`: Number of requests of one address within the window, 10 or more. A page with many images needs as many.
    - `window_seconds`: Window: 60, 120, 300 or 600 seconds.
  EOT
  default     = null

  validation {
    condition     = var.web_acl == null || var.distribution.web_acl_id == null
    error_message = "A distribution has one web ACL. Remove web_acl, or distribution.web_acl_id."
  }
}
