variable "bucket_name" {
  type        = string
  description = "Name of the bucket."
  nullable    = false
}

variable "eventbridge" {
  type        = bool
  description = "S3 sends every event of the bucket to EventBridge, where any number of rules can select events."
  default     = false
  nullable    = false
}

variable "listeners" {
  type = map(object({
    function_arn = string
    prefix       = optional(string, "")
    suffixes     = optional(set(string), [])
  }))
  description = "Functions that uploads start: name of the rules => ARN of the function, and prefix and suffixes of the keys. No suffixes: all keys."
  default     = {}
  nullable    = false

  validation {
    condition = alltrue(flatten([
      for listener in values(var.listeners) : [
        for one in listener.suffixes : [
          for other in listener.suffixes : one == other || !endswith(one, other)
        ]
      ]
    ]))
    error_message = "S3 refuses suffixes of which one ends with the other, like g and .jpg. Remove the longer one."
  }

  validation {
    condition     = alltrue(flatten([for listener in values(var.listeners) : [for suffix in listener.suffixes : can(regex("^[A-Za-z0-9._-]+$", suffix))]]))
    error_message = "A suffix has letters, digits, dots, hyphens and underscores only, like .jpg. Use no suffixes for all keys."
  }

  validation {
    condition     = sum(concat([0], [for listener in values(var.listeners) : max(1, length(listener.suffixes))])) <= 100
    error_message = "A bucket has at most 100 notification rules, and every suffix is one. Use no suffixes for all keys."
  }
}
