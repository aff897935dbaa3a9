variable "distribution_domain_name" {
  type        = string
  description = "The `*.cloudfront.net` name of the distribution to which the names lead."
  nullable    = false
}

variable "names" {
  type        = set(string)
  description = "Domain names, like `img.example.com`, without wildcards."
  nullable    = false

  validation {
    condition     = length(var.names) > 0 && alltrue([for name in var.names : !strcontains(name, "*")])
    error_message = "names has at least one domain name, like img.example.com, and none with a wildcard."
  }
}

variable "zone_id" {
  type        = string
  description = "Id of the Route 53 hosted zone of the names."
  nullable    = false

  validation {
    condition     = can(regex("^Z[A-Z0-9]+$", var.zone_id))
    error_message = "zone_id is the id of a hosted zone, like Z1D633PJN98FT9: aws route53 list-hosted-zones."
  }
}
