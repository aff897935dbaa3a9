variable "max_requests" {
  type        = number
  description = "Number of requests of one IP address within the window."
  nullable    = false

  validation {
    condition     = var.max_requests >= 10 && var.max_requests <= 2000000000 && floor(var.max_requests) == var.max_requests
    error_message = "max_requests is a whole number from 10 to 2000000000, like 2000 in 300 seconds."
  }
}

variable "name" {
  type        = string
  description = "Name of the web ACL, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,128}$", var.name))
    error_message = "name is at most 128 letters, digits, hyphens and underscores."
  }
}

variable "window_seconds" {
  type        = number
  description = "Window of the limit: 60, 120, 300 or 600 seconds."
  default     = 300
  nullable    = false

  validation {
    condition     = contains([60, 120, 300, 600], var.window_seconds)
    error_message = "window_seconds is 60, 120, 300 or 600: WAF has no other windows."
  }
}
