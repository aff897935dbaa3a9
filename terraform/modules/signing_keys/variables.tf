variable "keys" {
  type        = map(string)
  description = "Key ID => secret. Other keys in the store stay as they are, so that keys can also be managed outside of Terraform."
  default     = {}
  nullable    = false
  sensitive   = true

  validation {
    condition     = alltrue([for id in keys(var.keys) : can(regex("^[A-Za-z0-9_-]{1,64}$", id))])
    error_message = "The ID of a key is 1 to 64 letters, digits, hyphens and underscores, like \"2026-11\"."
  }

  # A value of a key value store has at most 1 KB.
  validation {
    condition     = alltrue([for secret in values(var.keys) : length(secret) >= 32 && length(secret) <= 1024])
    error_message = "The secret of a key has 32 to 1,024 characters. Create one with: openssl rand -base64 32"
  }
}

variable "name" {
  type        = string
  description = "Name of the key value store, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name is at most 64 letters, digits, hyphens and underscores."
  }
}
