variable "access_point_arns" {
  type        = list(string)
  description = "ARNs of the access points that decide for themselves who reads through them."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.access_point_arns : can(regex("^arn:[a-z-]+:s3:[a-z0-9-]+:[0-9]{12}:accesspoint/", arn))])
    error_message = "Each of access_point_arns is the ARN of an access point, like arn:aws:s3:eu-central-1:123456789012:accesspoint/name. Take the access_points module's output `supporting_arn`."
  }
}

variable "distribution_arns" {
  type        = list(string)
  description = "ARNs of the CloudFront distributions that may read the objects."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.distribution_arns : can(regex("^arn:[a-z-]+:cloudfront::[0-9]{12}:distribution/", arn))])
    error_message = "Each of distribution_arns is the ARN of a distribution, like arn:aws:cloudfront::123456789012:distribution/E1ABC. Take the module's output `arn`."
  }
}

variable "expiration" {
  type = object({
    prefix = string
    days   = number
  })
  description = "Objects below this key prefix are deleted so many days after they were written; null keeps them."
  default     = null

  validation {
    condition     = var.expiration == null ? true : endswith(var.expiration.prefix, "/")
    error_message = "expiration.prefix ends with a slash, like \"resized/\": without it, keys that merely begin alike would be deleted too."
  }

  validation {
    condition     = var.expiration == null ? true : var.expiration.days >= 1 && floor(var.expiration.days) == var.expiration.days
    error_message = "expiration.days is a whole number of at least 1. Give null to keep the objects."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Destroy deletes the bucket with every object in it; otherwise a bucket with objects is refused."
  default     = false
  nullable    = false
}

variable "name" {
  type        = string
  description = "Name of the bucket, unique in all of AWS."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket's name is 3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Dots are refused: TLS certificates do not match such names."
  }
}

variable "versioning" {
  type        = bool
  description = "Keep old versions of replaced and deleted objects."
  default     = false
  nullable    = false
}
