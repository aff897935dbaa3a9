variable "function_arn" {
  type        = string
  description = "ARN of the function that a job invokes for each object."
  nullable    = false
}

variable "jobs_bucket_arn" {
  type        = string
  description = "ARN of the bucket with the manifests and reports."
  nullable    = false
}

variable "name" {
  type        = string
  description = "Name of the role, unique in the account."
  nullable    = false
}
