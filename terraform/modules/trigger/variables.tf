variable "alarm_actions" {
  type        = list(string)
  description = "ARNs of SNS topics, or of other alarm actions, that are notified of an event in the failure queue."
  default     = []
  nullable    = false
}

variable "bucket_arns" {
  type        = map(string)
  description = "Buckets whose notifications may start the function: purpose => ARN of the bucket."
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.bucket_arns) : can(regex("^[A-Za-z0-9]+$", name))])
    error_message = "The purpose of a bucket is a word of letters and digits, like source: it becomes part of a statement id."
  }
}

variable "function_arn" {
  type        = string
  description = "ARN of the function that receives the events, in the Region of the buckets."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+$", var.function_arn))
    error_message = "function_arn is the ARN of a function without a version, like arn:aws:lambda:eu-central-1:123456789012:function:name. Use the function module's output `arn`."
  }
}

variable "function_name" {
  type        = string
  description = "Name of the function that receives the events."
  nullable    = false
}

variable "max_event_age_seconds" {
  type        = number
  description = "Time in seconds for which Lambda retries an event before it goes to the failure queue."
  default     = 21600
  nullable    = false

  validation {
    condition     = var.max_event_age_seconds >= 60 && var.max_event_age_seconds <= 21600 && floor(var.max_event_age_seconds) == var.max_event_age_seconds
    error_message = "max_event_age_seconds is a whole number from 60 to 21600 (6 hours)."
  }
}

variable "max_retries" {
  type        = number
  description = "Number of retries of a failed event before it goes to the failure queue: 0, 1 or 2."
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.max_retries)
    error_message = "max_retries is 0, 1 or 2."
  }
}

variable "name" {
  type        = string
  description = "Prefix of the names of the failure queue and of its alarm, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,70}$", var.name))
    error_message = "name is at most 70 letters, digits, hyphens and underscores."
  }
}
