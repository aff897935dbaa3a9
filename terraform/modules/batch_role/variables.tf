variable "function_arns" {
  type        = list(string)
  description = "ARNs, without a version, of the functions that jobs invoke for each object."
  nullable    = false

  validation {
    condition     = length(var.function_arns) > 0
    error_message = "function_arns has at least one ARN of a function: use the function module's output `arn`."
  }
}

variable "jobs_bucket_arn" {
  type        = string
  description = "ARN of the bucket with the manifests and reports."
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the bucket with the manifests and reports. `null`: S3's own key."
  default     = null
}

variable "name" {
  type        = string
  description = "Name of the role, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is at most 64 letters, digits, hyphens and underscores."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that limits the role. `null` for none."
  default     = null
}
