variable "description" {
  type        = string
  description = "Purpose of the function in one sentence."
  nullable    = false
}

variable "distribution_arns" {
  type        = list(string)
  description = "ARNs of the CloudFront distributions that may invoke the function."
  default     = []
  nullable    = false
}

variable "edge" {
  type        = bool
  description = "The function runs at CloudFront's edge (Lambda@Edge). `false`: in the Region of the provider."
  default     = true
  nullable    = false
}

variable "environment" {
  type        = map(string)
  description = "Environment variables. Lambda@Edge has none."
  default     = {}
  nullable    = false

  validation {
    condition     = !var.edge || length(var.environment) == 0
    error_message = "Lambda@Edge has no environment variables. Send the settings as headers of the distribution's origin, or set edge = false."
  }
}

variable "grants" {
  type = map(object({
    actions    = list(string)
    resources  = list(string)
    called_via = optional(string)
  }))
  description = "Permissions besides logging: statement id => actions and resources. With `called_via` a permission applies only to calls that this service makes for the function."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for sid in keys(var.grants) : can(regex("^[A-Za-z0-9]+$", sid))])
    error_message = "A statement id of grants has letters and digits only, like ReadOriginals."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for action in grant.actions : !strcontains(action, "*")]]))
    error_message = "Name each action of grants, like s3:GetObject: a wildcard grants more than the function needs."
  }

  validation {
    condition = alltrue([
      for grant in values(var.grants) :
      grant.actions == tolist(["s3-object-lambda:WriteGetObjectResponse"]) || alltrue([for arn in grant.resources : startswith(arn, "arn:")])
    ])
    error_message = "Each resource of grants is an ARN, like arn:aws:s3:::bucket/*: a bare * grants more than the function needs. Only s3-object-lambda:WriteGetObjectResponse is granted on *, alone."
  }
}

variable "handler" {
  type        = string
  description = "Entry point in the zip, like `edge_resize.handler.lambda_handler`."
  nullable    = false
}

variable "log_class" {
  type        = string
  description = "Class of the log groups: `STANDARD` or `INFREQUENT_ACCESS`, which costs half as much, has neither metric filters nor live tail, and can be read by Logs Insights only. A change creates the groups again, without their logs."
  default     = "STANDARD"
  nullable    = false

  validation {
    condition     = contains(["STANDARD", "INFREQUENT_ACCESS"], var.log_class)
    error_message = "log_class is STANDARD or INFREQUENT_ACCESS."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days for which CloudWatch keeps the log in the Region of the provider. 0 keeps the log for ever."
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "log_retention_days is 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653, or 0 to keep logs for ever: CloudWatch has no other periods."
  }
}

variable "memory_size" {
  type        = number
  description = "Memory in MB. CPU grows with memory; 1769 MB is one vCPU."
  default     = 1769
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size is a whole number of MB from 128 to 10240; 1769 is one vCPU."
  }
}

variable "name" {
  type        = string
  description = "Name of the function. At the edge a suffix of six characters is added."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,57}$", var.name))
    error_message = "The name of a function is at most 57 letters, digits, hyphens and underscores; at the edge a hyphen and six characters are added."
  }
}

variable "package" {
  type = object({
    bucket  = optional(string)
    file    = optional(string)
    key     = optional(string)
    sha256  = optional(string)
    version = optional(string)
  })
  description = <<-EOT
    The zip of the function: a file or an object in S3.
    - `bucket`: Bucket of the object, in the Region of the provider.
    - `file`: Path of the zip from `./invokew build`.
    - `key`: Key of the object.
    - `sha256`: SHA-256 of the object in hexadecimal digits, as in the manifest of a release. A changed value deploys the object again. Lambda compares nothing, so name the `version` too.
    - `version`: Version of the object. `null` for the newest one.
  EOT
  nullable    = false

  validation {
    condition     = (var.package.file == null) == (var.package.bucket != null && var.package.key != null && var.package.sha256 != null)
    error_message = "package has either file, or bucket, key and sha256 of an object in S3."
  }

  validation {
    condition     = var.package.sha256 == null ? true : can(regex("^[0-9a-f]{64}$", var.package.sha256))
    error_message = "package.sha256 is 64 lower-case hexadecimal digits, as in manifest.json of a release."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that limits the role of the function. `null` for none."
  default     = null
}

variable "reserved_concurrency" {
  type        = number
  description = "Maximum number of concurrent requests, reserved from the account's concurrency. `null` reserves nothing. Not available at the edge."
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : !var.edge && var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency is a whole number of at least 1, and at most the account's concurrency less 100; null reserves nothing. A function with edge = true has none."
  }
}

variable "skip_destroy" {
  type        = bool
  description = "Destroy leaves an edge function in AWS, because its replicas exist for some more hours. `false` waits for the replicas."
  default     = true
  nullable    = false
}

variable "timeout_seconds" {
  type        = number
  description = "Timeout of a request in seconds. Lambda@Edge allows 30 for origin-request functions, CloudFront waits 30 for an origin, and S3 does not wait for the functions that it invokes."
  default     = 30
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= (var.edge || var.url ? 30 : 900) && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds is a whole number from 1 to 30, the limit of Lambda@Edge and of CloudFront's wait for an origin, or to 900 for a function in a Region without a URL."
  }
}

variable "url" {
  type        = bool
  description = "The function has a URL, for requests that CloudFront signs. Not available at the edge."
  default     = false
  nullable    = false

  validation {
    condition     = !(var.edge && var.url)
    error_message = "A function at the edge has no URL. Set edge = false."
  }
}
