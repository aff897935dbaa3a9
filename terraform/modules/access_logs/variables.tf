variable "bucket_arn" {
  type        = string
  description = "ARN of the bucket, whose policy allows the delivery: of a bucket of this configuration, the output `log_destination_arn`. CloudFront writes below `AWSLogs/ACCOUNT/CloudFront/`."
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]+$", var.bucket_arn))
    error_message = "bucket_arn is the ARN of a bucket, like arn:aws:s3:::name, without keys; access_logs.bucket_name is only its name."
  }
}

variable "distribution_arns" {
  type        = map(string)
  description = "Purpose of a distribution, which is a folder of its logs => ARN."
  nullable    = false

  validation {
    condition     = alltrue([for purpose in keys(var.distribution_arns) : can(regex("^[a-z_]{1,20}$", purpose))])
    error_message = "The purpose of a distribution is a word of lower-case letters and underscores, like edge_resize."
  }
}

variable "format" {
  type        = string
  description = "Format of the files: `parquet`, `json` or `w3c`."
  default     = "parquet"
  nullable    = false

  validation {
    condition     = contains(["parquet", "json", "w3c"], var.format)
    error_message = "format is parquet, json or w3c."
  }
}

variable "name" {
  type        = string
  description = "Prefix of the names of the deliveries, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,39}$", var.name))
    error_message = "name is at most 39 letters, digits, hyphens and underscores: CloudWatch limits the name of a source to 60."
  }
}
