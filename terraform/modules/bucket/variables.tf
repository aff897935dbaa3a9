variable "access_point_arns" {
  type        = list(string)
  description = "ARNs of the access points whose own policies decide about reading."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.access_point_arns : can(regex("^arn:[a-z-]+:s3:[a-z0-9-]+:[0-9]{12}:accesspoint/", arn))])
    error_message = "Each of access_point_arns is the ARN of an access point, like arn:aws:s3:eu-central-1:123456789012:accesspoint/name. Use the access_points module's output `supporting_arn`."
  }
}

variable "distribution_arns" {
  type        = list(string)
  description = "ARNs of the CloudFront distributions that may read the objects."
  default     = []
  nullable    = false
}

variable "expiration" {
  type = object({
    days              = number
    empty_object_days = optional(number)
    prefix            = optional(string, "")
  })
  description = <<-EOT
    Automatic deletion of objects. `null` keeps all objects.
    - `days`: Days after which an object is deleted.
    - `empty_object_days`: Days after which an object of 0 bytes is deleted. `null`: `days`.
    - `prefix`: Key prefix of the objects to delete. Empty for all objects.
  EOT
  default     = null

  validation {
    condition     = var.expiration == null ? true : var.expiration.prefix == "" || endswith(var.expiration.prefix, "/")
    error_message = "expiration.prefix ends with a slash, like \"resized/\": without the slash, keys that only begin alike would be deleted too."
  }

  validation {
    condition     = try(var.expiration.empty_object_days, null) == null ? true : var.expiration.prefix == ""
    error_message = "expiration.empty_object_days is for buckets whose objects all expire: remove expiration.prefix."
  }

  validation {
    condition = var.expiration == null ? true : alltrue([
      for days in concat([var.expiration.days], var.expiration.empty_object_days[*]) : days >= 1 && floor(days) == days
    ])
    error_message = "The number of days after which objects are deleted (derivative_expiration_days, access_logs.expiration_days) is a whole number of at least 1. With derivative_expiration_days = null nothing is deleted; without access_logs.expiration_days the limit is 90."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Destroy deletes the bucket with every object in it. `false` refuses to delete a bucket that contains objects."
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts new objects. Its policy must allow the readers to decrypt. `null`: S3's own key."
  default     = null
}

variable "log_delivery_source_arns" {
  type        = list(string)
  description = "ARNs of the delivery sources of CloudWatch Logs whose logs may be written to the bucket."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.log_delivery_source_arns : can(regex("^arn:[a-z-]+:logs:us-east-1:[0-9]{12}:delivery-source:", arn))])
    error_message = "Each of log_delivery_source_arns is the ARN of a delivery source in us-east-1, like arn:aws:logs:us-east-1:123456789012:delivery-source:name. Use the access_logs module's output `source_arns`."
  }
}

variable "name" {
  type        = string
  description = "Name of the bucket, unique in AWS."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "The name of a bucket is 3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Dots are refused: TLS certificates do not match such names."
  }
}

variable "versioning" {
  type        = bool
  description = "The bucket keeps old versions of replaced and deleted objects."
  default     = false
  nullable    = false
}
