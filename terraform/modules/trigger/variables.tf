variable "alarm_actions" {
  type        = list(string)
  description = "ARNs of SNS topics, or of other actions of an alarm, that hear of an event in the failure queue."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_actions : startswith(arn, "arn:")]) && length(var.alarm_actions) <= 5
    error_message = "alarm_actions are at most five ARNs, like arn:aws:sns:eu-central-1:123456789012:oncall: an address goes into a subscription of the topic."
  }
}

variable "function_arn" {
  type        = string
  description = "ARN of the function that hears of uploads, in the Region of the buckets."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+$", var.function_arn))
    error_message = "function_arn is the ARN of a function without a version, like arn:aws:lambda:eu-central-1:123456789012:function:name. Take the function module's output `arn`."
  }
}

variable "function_name" {
  type        = string
  description = "Name of the function that hears of uploads."
  nullable    = false
}

variable "listeners" {
  type = map(object({
    bucket_arn  = string
    bucket_name = string
    prefix      = optional(string, "")
    suffixes    = optional(set(string), [])
  }))
  description = "Buckets whose uploads start the function: what the bucket is for => its name and ARN, and which keys count; no suffixes: all."
  nullable    = false

  validation {
    condition = alltrue(flatten([
      for listener in values(var.listeners) : [
        for one in listener.suffixes : [
          for other in listener.suffixes : one == other || !endswith(one, other)
        ]
      ]
    ]))
    error_message = "S3 refuses suffixes of which one ends with the other, like g and .jpg. Leave the longer one out."
  }

  validation {
    condition     = alltrue(flatten([for listener in values(var.listeners) : [for suffix in listener.suffixes : can(regex("^[A-Za-z0-9._-]+$", suffix))]]))
    error_message = "A suffix is made of letters, digits, dots, hyphens and underscores, like .jpg. Leave suffixes out for all keys."
  }

  validation {
    condition     = alltrue([for listener in values(var.listeners) : length(listener.suffixes) <= 100])
    error_message = "A bucket has at most 100 rules, and every suffix is one. Leave suffixes out for all keys."
  }

  validation {
    condition     = alltrue([for name in keys(var.listeners) : can(regex("^[A-Za-z0-9]+$", name))])
    error_message = "What a bucket is for is a word of letters and digits, like source: it becomes part of a statement's id."
  }

  validation {
    condition     = length(distinct([for listener in values(var.listeners) : listener.bucket_name])) == length(var.listeners)
    error_message = "A bucket has one notification configuration. Name it once, with all its suffixes."
  }
}

variable "max_event_age_seconds" {
  type        = number
  description = "Seconds for which Lambda tries an event; then it goes to the failure queue."
  default     = 21600
  nullable    = false

  validation {
    condition     = var.max_event_age_seconds >= 60 && var.max_event_age_seconds <= 21600 && floor(var.max_event_age_seconds) == var.max_event_age_seconds
    error_message = "max_event_age_seconds is a whole number from 60 to 21600 (6 hours)."
  }
}

variable "max_retries" {
  type        = number
  description = "How often Lambda tries an event again that failed: 0, 1 or 2 times."
  default     = 2
  nullable    = false

  validation {
    condition     = contains([0, 1, 2], var.max_retries)
    error_message = "max_retries is 0, 1 or 2."
  }
}

variable "name" {
  type        = string
  description = "What the names of the failure queue and of its alarm begin with, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,70}$", var.name))
    error_message = "name is at most 70 letters, digits, hyphens and underscores."
  }
}
