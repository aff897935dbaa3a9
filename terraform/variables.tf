# All other variables are those of the module: module_variables.tf is a link to its variables.tf.
variable "region" {
  type        = string
  description = "Region of the buckets and of the functions in a Region. Edge functions are always in us-east-1."
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region)) && !startswith(var.region, "cn-")
    error_message = "region is a Region of the standard partition, like eu-central-1: Lambda@Edge does not exist in China or GovCloud."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource that can have tags."
  default     = {}
  nullable    = false
}
