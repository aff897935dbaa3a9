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
}

variable "function_arn" {
  type        = string
  description = "ARN of the function that transforms each object, in the same account and Region."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:", var.function_arn))
    error_message = "function_arn is the ARN of a function, like arn:aws:lambda:eu-central-1:123456789012:function:name. Use the function module's output `arn`."
  }
}

variable "name" {
  type        = string
  description = "Prefix of the names of the access points. Access points that exist keep their names when the prefix changes."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 32
    error_message = "name is 2 to 32 lower-case letters, digits and single hyphens, with a letter or digit at both ends: the name of an Object Lambda access point is made of name and 13 characters, and has at most 45. Accounts without S3 Object Lambda need no access point."
  }
}
