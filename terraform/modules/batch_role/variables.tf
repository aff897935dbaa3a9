variable "function_arns" {
  type        = list(string)
  description = "ARNs of the functions that jobs invoke for each object."
  nullable    = false

  validation {
    condition = length(var.function_arns) > 0 && alltrue([
      for arn in var.function_arns : can(regex("^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+$", arn))
    ])
    error_message = "function_arns has at least one ARN of a function without a version, like arn:aws:lambda:eu-central-1:123456789012:function:name. Use the function module's output `arn`."
  }
}

variable "jobs_bucket_arn" {
  type        = string
  description = "ARN of the bucket with the manifests and reports."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]+$", var.jobs_bucket_arn))
    error_message = "jobs_bucket_arn is the ARN of a bucket, like arn:aws:s3:::name, without keys. Use the bucket module's output `arn`."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the bucket with the manifests and reports. `null`: S3's own key."
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key, like arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, in the Region of the buckets. An alias could lead to another key later."
  }
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

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn is the ARN of a policy, like arn:aws:iam::123456789012:policy/boundary."
  }
}
