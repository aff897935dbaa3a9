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
  description = "Domain names of your own, like img.example.com; point them to the distribution in your DNS."
  default     = []
  nullable    = false
}

variable "bucket_name" {
  type        = string
  description = "Name of the bucket; null makes one up from name, account and Region."
  default     = null

  validation {
    condition     = var.bucket_name == null ? true : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name is 3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Dots are refused: TLS certificates do not match such names."
  }

  validation {
    condition     = var.create_bucket || var.bucket_name != null
    error_message = "create_bucket = false needs the name of the existing bucket in bucket_name."
  }
}

variable "create_bucket" {
  type        = bool
  description = "Make the bucket; false uses the existing bucket_name and leaves its settings and its policy to you (output existing_bucket_policy)."
  default     = true
  nullable    = false
}

variable "default_ttl_seconds" {
  type        = number
  description = "Seconds for which CloudFront caches a picture that has no Cache-Control of its own."
  default     = 86400
  nullable    = false

  validation {
    condition     = var.default_ttl_seconds >= 0 && floor(var.default_ttl_seconds) == var.default_ttl_seconds
    error_message = "default_ttl_seconds is a whole number of seconds, 0 or more."
  }
}

variable "derivative_expiration_days" {
  type        = number
  description = "Derivatives are deleted so many days after they were made, and made again when asked for; null keeps them."
  default     = null

  validation {
    condition     = var.derivative_expiration_days == null ? true : var.derivative_expiration_days >= 1 && floor(var.derivative_expiration_days) == var.derivative_expiration_days
    error_message = "derivative_expiration_days is a whole number of at least 1; null keeps derivatives."
  }

  validation {
    condition     = var.create_bucket || var.derivative_expiration_days == null
    error_message = "An existing bucket has one lifecycle configuration, which stays yours. Leave derivative_expiration_days out and add a rule for the resized path there."
  }
}

variable "exif" {
  type        = string
  description = "Variant object_lambda: what showExif=true discloses to everyone. without_identity (camera, exposure and times; no GPS, names, serial numbers or free text), all (every field, GPS included) or off (nothing)."
  default     = "without_identity"
  nullable    = false

  validation {
    condition     = contains(["without_identity", "all", "off"], var.exif)
    error_message = "exif is without_identity, all or off; all publishes where a photograph was taken."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Destroy deletes the bucket with every picture in it; otherwise a bucket with objects is refused."
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  type        = number
  description = "Days for which CloudWatch keeps the functions' logs, of edge functions in us-east-1; 0 keeps them for ever."
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days, or for ever (0)."
  }
}

variable "max_ttl_seconds" {
  type        = number
  description = "Seconds for which CloudFront caches a picture at most, whatever its Cache-Control says."
  default     = 31536000
  nullable    = false

  # With all three TTLs at 0 CloudFront switches its cache off, and then refuses query strings in the cache key.
  validation {
    condition     = var.max_ttl_seconds >= max(1, var.default_ttl_seconds) && floor(var.max_ttl_seconds) == var.max_ttl_seconds
    error_message = "max_ttl_seconds is a whole number of seconds, at least 1 and not below default_ttl_seconds. To keep an image out of the cache, store it with Cache-Control: no-store."
  }
}

variable "memory_size" {
  type        = number
  description = "Memory in MB of the functions that make pictures; CPU grows with it, and 1769 is one vCPU."
  default     = 1769
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size is a whole number of MB from 128 to 10240; 1769 is one vCPU."
  }
}

variable "name" {
  type        = string
  description = "What the names of all resources begin with; one deployment in an account has it."
  default     = "edge-images"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name is 3 to 32 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "object_lambda_origin" {
  type        = string
  description = "Variant object_lambda: how CloudFront reaches the function. function_url (without S3 Object Lambda, which is closed to new accounts), oac (S3 Object Lambda, CloudFront signs) or edge_signer (S3 Object Lambda, an edge function signs)."
  default     = "function_url"
  nullable    = false

  validation {
    condition     = contains(["function_url", "oac", "edge_signer"], var.object_lambda_origin)
    error_message = "object_lambda_origin is function_url, oac or edge_signer; accounts without S3 Object Lambda take function_url."
  }
}

variable "originals" {
  type        = string
  description = "Variant edge_resize: what a URL without options returns. as_is (the object, metadata included) or cleaned (the image without metadata; no URL returns an image of a supported format with its metadata)."
  default     = "as_is"
  nullable    = false

  validation {
    condition     = contains(["as_is", "cleaned"], var.originals)
    error_message = "originals is as_is (the object) or cleaned (the image without metadata)."
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

variable "quality" {
  type        = number
  description = "Quality of JPEG and WebP pictures, 1 to 100; a change makes every derivative anew when it is asked for."
  default     = 80
  nullable    = false

  validation {
    condition     = var.quality >= 1 && var.quality <= 100 && floor(var.quality) == var.quality
    error_message = "quality is a whole number from 1 to 100."
  }
}

variable "region" {
  type        = string
  description = "Region of the bucket. Edge functions are always made in us-east-1."
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region)) && !startswith(var.region, "cn-")
    error_message = "region is a Region of the standard partition, like eu-central-1: Lambda@Edge does not exist in China or GovCloud."
  }
}

variable "resized_path" {
  type        = string
  description = "Key prefix below which derivatives are stored; keys below it are never resized again."
  default     = "resized"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", var.resized_path)) && length(var.resized_path) <= 200
    error_message = "resized_path is a folder like \"resized\" or \"cache/resized\": letters, digits, hyphens and underscores, no slash at either end."
  }
}

variable "retain_edge_functions" {
  type        = bool
  description = "Destroy leaves edge functions in AWS, since their replicas live on for some hours; false waits for the replicas, up to 6 hours."
  default     = true
  nullable    = false
}

variable "sizes" {
  type        = map(list(number))
  description = "Size name => [width, height] in pixels, the box a picture is fitted into. Replaces all built-in sizes; null keeps them."
  default     = null

  validation {
    condition     = var.sizes == null ? true : length(var.sizes) > 0
    error_message = "sizes names at least one size, like { S = [854, 480] }; null keeps the built-in ones."
  }

  validation {
    condition     = var.sizes == null ? true : alltrue([for name in keys(var.sizes) : can(regex("^[A-Za-z0-9_-]{1,32}$", name))])
    error_message = "A size's name is 1 to 32 letters, digits, hyphens and underscores."
  }

  validation {
    condition = var.sizes == null ? true : alltrue([
      for box in values(var.sizes) :
      length(box) == 2 && alltrue([for side in box : side >= 1 && side <= 16383 && floor(side) == side])
    ])
    error_message = "Each of sizes is [width, height] in whole pixels from 1 to 16383 (the limit of WebP), like { S = [854, 480] }."
  }

  validation {
    condition     = var.sizes == null ? true : length(jsonencode(var.sizes)) <= 1783
    error_message = "sizes is too long: it travels in one header of the origin, 1,783 characters of JSON at most (about 80 sizes)."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything that can have tags."
  default     = {}
  nullable    = false
}

variable "variants" {
  type        = set(string)
  description = "Where pictures are made: edge_resize (at the edge, on the first request), object_lambda (in the bucket's Region, while they are read), s3_trigger (when they are uploaded)."
  default     = ["edge_resize"]
  nullable    = false

  validation {
    condition     = length(var.variants) > 0 && length(setsubtract(var.variants, ["edge_resize", "object_lambda", "s3_trigger"])) == 0
    error_message = "variants names at least one variant, and there are edge_resize, object_lambda and s3_trigger."
  }

  validation {
    condition     = length(var.aliases) == 0 || length(setsubtract(var.variants, var.trigger_delivery == "none" ? ["s3_trigger"] : [])) == 1
    error_message = "Each variant has a distribution of its own (s3_trigger with trigger_delivery = \"cloudfront\"), and a domain name leads to one of them. Give aliases with one distribution, and apply another variant under another name in a state of its own."
  }
}

variable "versioning" {
  type        = bool
  description = "The bucket keeps old versions of replaced and deleted objects, derivatives included."
  default     = false
  nullable    = false
}

variable "wait_for_deployment" {
  type        = bool
  description = "Apply ends only when every edge location has the change (some minutes)."
  default     = true
  nullable    = false
}

variable "web_acl_id" {
  type        = string
  description = "ARN of a WAF web ACL (scope CLOUDFRONT) in front of the distribution; null: none."
  default     = null

  validation {
    condition     = var.web_acl_id == null ? true : can(regex("^arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.web_acl_id))
    error_message = "web_acl_id is the ARN of a WAFv2 web ACL of scope CLOUDFRONT, like arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id."
  }
}
