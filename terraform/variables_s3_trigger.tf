variable "restore_on_manual_upload" {
  type        = bool
  description = "Variant s3_trigger: an upload by hand to the destination bucket copies its original to trigger_restore_prefix."
  default     = false
  nullable    = false
}

variable "trigger_alarm_actions" {
  type        = list(string)
  description = "Variant s3_trigger: ARNs of SNS topics that hear of an event in the failure queue."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.trigger_alarm_actions : can(regex("^arn:[a-z-]+:sns:", arn))]) && length(var.trigger_alarm_actions) <= 5
    error_message = "trigger_alarm_actions are at most five ARNs of SNS topics, like arn:aws:sns:eu-central-1:123456789012:oncall: an address goes into a subscription of the topic."
  }
}

variable "trigger_create_destination_bucket" {
  type        = bool
  description = "Variant s3_trigger: make the destination bucket; false uses the existing trigger_destination_bucket_name."
  default     = true
  nullable    = false
}

variable "trigger_delivery" {
  type        = string
  description = "Variant s3_trigger: who delivers the derivatives. cloudfront (a distribution over the destination bucket) or none."
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "cloudfront"], var.trigger_delivery)
    error_message = "trigger_delivery is cloudfront or none."
  }
}

variable "trigger_destination_bucket_name" {
  type        = string
  description = "Variant s3_trigger: name of the bucket for the derivatives; null makes one up from name, account and Region."
  default     = null

  validation {
    condition     = var.trigger_destination_bucket_name == null ? true : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.trigger_destination_bucket_name))
    error_message = "trigger_destination_bucket_name is 3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Dots are refused: TLS certificates do not match such names."
  }

  validation {
    condition     = var.trigger_create_destination_bucket || var.trigger_destination_bucket_name != null
    error_message = "trigger_create_destination_bucket = false needs the name of the existing bucket in trigger_destination_bucket_name."
  }

  validation {
    condition     = var.trigger_destination_bucket_name == null ? true : var.trigger_destination_bucket_name != var.bucket_name
    error_message = "trigger_destination_bucket_name is another bucket than bucket_name: a derivative must never be taken for an original."
  }
}

variable "trigger_fit" {
  type        = string
  description = "Variant s3_trigger: how a picture gets into trigger_size. cover (cut off), contain (with margins), fill, or inside (whole, and not enlarged)."
  default     = "cover"
  nullable    = false

  validation {
    condition     = contains(["cover", "contain", "fill", "inside"], var.trigger_fit)
    error_message = "trigger_fit is cover, contain, fill or inside."
  }
}

variable "trigger_max_event_age_seconds" {
  type        = number
  description = "Variant s3_trigger: seconds for which Lambda tries an event; then it goes to the failure queue."
  default     = 21600
  nullable    = false

  validation {
    condition     = var.trigger_max_event_age_seconds >= 60 && var.trigger_max_event_age_seconds <= 21600 && floor(var.trigger_max_event_age_seconds) == var.trigger_max_event_age_seconds
    error_message = "trigger_max_event_age_seconds is a whole number from 60 to 21600 (6 hours)."
  }
}

variable "trigger_max_retries" {
  type        = number
  description = "Variant s3_trigger: how often Lambda tries an event again that failed; then it goes to the failure queue."
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.trigger_max_retries)
    error_message = "trigger_max_retries is 0, 1 or 2."
  }
}

variable "trigger_reserved_concurrency" {
  type        = number
  description = "Variant s3_trigger: how many pictures are made at the same time at most, taken from the account's own limit, of which Lambda keeps 100 for all other functions: an account with a limit of 100 or less can reserve nothing. null: as many as the limit allows."
  default     = null

  validation {
    condition     = var.trigger_reserved_concurrency == null ? true : var.trigger_reserved_concurrency >= 1 && floor(var.trigger_reserved_concurrency) == var.trigger_reserved_concurrency
    error_message = "trigger_reserved_concurrency is a whole number of at least 1, and at most the account's limit less 100; null reserves nothing."
  }
}

variable "trigger_restore_prefix" {
  type        = string
  description = "Variant s3_trigger: key prefix in the source bucket for originals that are restored; nothing below it is resized."
  default     = "restore-folder/"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/$", var.trigger_restore_prefix))
    error_message = "trigger_restore_prefix is a folder like \"restore-folder/\": letters, digits, hyphens and underscores, a slash at the end."
  }
}

variable "trigger_size" {
  type = object({
    width  = number
    height = number
  })
  description = "Variant s3_trigger: the box in pixels for a picture without width and height in its own metadata."
  default     = { width = 300, height = 300 }
  nullable    = false

  validation {
    condition     = alltrue([for side in values(var.trigger_size) : side >= 1 && side <= 16383 && floor(side) == side])
    error_message = "trigger_size has whole pixels from 1 to 16383 (the limit of WebP), like { width = 300, height = 300 }."
  }
}

variable "trigger_source_prefix" {
  type        = string
  description = "Variant s3_trigger: key prefix of the originals in the bucket; empty for all keys."
  default     = "source-folder/"
  nullable    = false

  validation {
    condition     = can(regex("^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/)?$", var.trigger_source_prefix))
    error_message = "trigger_source_prefix is a folder like \"source-folder/\": letters, digits, hyphens and underscores, a slash at the end. Empty means all keys."
  }

  validation {
    condition     = !startswith(var.trigger_source_prefix, var.trigger_restore_prefix)
    error_message = "trigger_source_prefix is not below trigger_restore_prefix: what is restored there must start nothing."
  }

  validation {
    condition     = !contains(var.variants, "s3_trigger") || !contains(var.variants, "edge_resize") || !startswith("${var.resized_path}/", var.trigger_source_prefix)
    error_message = "The derivatives of edge_resize lie below resized_path. Choose a trigger_source_prefix that they are not below."
  }
}

variable "trigger_suffixes" {
  type        = set(string)
  description = "Variant s3_trigger: how the keys of originals end, letter by letter; empty for all keys."
  default     = [".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"]
  nullable    = false

  validation {
    condition     = alltrue([for suffix in var.trigger_suffixes : can(regex("^[A-Za-z0-9._-]+$", suffix))]) && length(var.trigger_suffixes) <= 100
    error_message = "trigger_suffixes are at most 100 of letters, digits, dots, hyphens and underscores, like .jpg; [] means all keys."
  }

  validation {
    condition     = alltrue(flatten([for one in var.trigger_suffixes : [for other in var.trigger_suffixes : one == other || !endswith(one, other)]]))
    error_message = "S3 refuses suffixes of which one ends with the other, like g and .jpg. Leave the longer one out."
  }
}
