variable "bucket_name" {
  type        = string
  description = "Name of the bucket with the originals, in the Region of the provider."
  nullable    = false
}

variable "distribution_arns" {
  type        = list(string)
  description = "ARNs of the CloudFront distributions that read through the alias, signed by CloudFront."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.distribution_arns : can(regex("^arn:[a-z-]+:cloudfront::[0-9]{12}:distribution/", arn))])
    error_message = "Each of distribution_arns is the ARN of a distribution, like arn:aws:cloudfront::123456789012:distribution/E1ABC. Take the distribution module's output `arn`."
  }
}

variable "function_arn" {
  type        = string
  description = "ARN of the function that makes each answer, in the same account and Region."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:", var.function_arn))
    error_message = "function_arn is the ARN of a function, like arn:aws:lambda:eu-central-1:123456789012:function:name. Take the function module's output `arn`."
  }
}

variable "name" {
  type        = string
  description = "What the names of the access points begin with."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9]|-[a-z0-9]){1,34}[a-z0-9]?$", var.name)) && length(var.name) <= 36
    error_message = "name is 2 to 36 lower-case letters, digits and single hyphens, with a letter or digit at both ends: an Object Lambda access point has at most 45 characters."
  }
}
