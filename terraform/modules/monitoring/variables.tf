variable "alarm_actions" {
  type        = list(string)
  description = "ARNs of SNS topics, or of other alarm actions, that are notified when an alarm begins and ends. An action notifies of the alarms of its own Region."
  default     = []
  nullable    = false
}

variable "dashboard" {
  type        = bool
  description = "Create a dashboard."
  default     = true
  nullable    = false
}

variable "distributions" {
  type        = map(string)
  description = "Variant => id of its distribution."
  default     = {}
  nullable    = false
}

variable "functions" {
  type = map(object({
    edge               = bool
    failure_queue_name = optional(string)
    name               = string
    variant            = optional(string)
  }))
  description = "Function, as in the field `logger` of its log => whether it runs at the edge, the name of the queue for its failed events, its name in Lambda, and the variant whose distribution requests it. A function without a queue serves viewers, so alarms watch its errors."
  nullable    = false

  validation {
    condition     = alltrue([for function in keys(var.functions) : can(regex("^[a-z0-9_]+$", function))])
    error_message = "The key of a function is the name of its folder, like edge_resize."
  }

  validation {
    condition     = alltrue([for settings in values(var.functions) : settings.variant == null ? true : contains(keys(var.distributions), settings.variant)])
    error_message = "The variant of a function is one of the keys of distributions. Add the distribution, or omit the variant."
  }
}

variable "hit_rate" {
  type        = bool
  description = "Enable CloudFront's additional metrics: hit rate, latency of the origin and rates of single errors."
  default     = true
  nullable    = false
}

variable "name" {
  type        = string
  description = "Name of the deployment: name of the dashboard and prefix of the alarms, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,100}$", var.name))
    error_message = "name is 1 to 100 letters, digits, hyphens and underscores."
  }
}
