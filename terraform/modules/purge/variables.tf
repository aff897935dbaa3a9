variable "alarm_actions" {
  type        = list(string)
  description = "ARNs of SNS topics, or of other alarm actions, that are notified of a message in the failure queue and of a used-up budget."
  default     = []
  nullable    = false
}

variable "bucket_name" {
  type        = string
  description = "Bucket of the originals, which sends its events to EventBridge."
  nullable    = false
}

variable "function_name" {
  type        = string
  description = "Name of the function that receives the events, with a timeout of 90 seconds at most."
  nullable    = false
}

variable "metric_namespace" {
  type        = string
  description = "CloudWatch namespace of the metric `CappedPaths`, like that of the module monitoring: `EdgeImages/holiday-images`."
  nullable    = false
}

variable "name" {
  type        = string
  description = "Prefix of the names of the queues, the rule and the alarms, unique in the account."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,55}$", var.name))
    error_message = "name is at most 55 letters, digits, hyphens and underscores."
  }
}

variable "resized_path" {
  type        = string
  description = "Folder of the derivatives of `edge_resize` in the bucket, without a slash at the end. Their events start nothing. `null`: the bucket has none."
  default     = null
}
