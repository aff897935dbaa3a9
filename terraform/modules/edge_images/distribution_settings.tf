# Settings that the distributions of all variants share, with what this module creates for them.
locals {
  distribution_settings = merge(var.distribution, {
    acm_certificate_arn = var.domain == null ? var.distribution.acm_certificate_arn : module.domain[0].certificate_arn
    aliases             = var.domain == null ? var.distribution.aliases : var.domain.names
    web_acl_id          = var.web_acl == null ? var.distribution.web_acl_id : module.web_acl[0].arn
  })
}

module "domain" {
  count  = var.domain == null ? 0 : 1
  source = "../domain"

  providers = {
    aws = aws.us_east_1
  }

  names                    = var.domain.names
  zone_id                  = var.domain.zone_id
  distribution_domain_name = one([for distribution in values(local.distributions) : distribution.domain_name])
}

module "web_acl" {
  count  = var.web_acl == null ? 0 : 1
  source = "../web_acl"

  providers = {
    aws = aws.us_east_1
  }

  name           = local.name
  max_requests   = var.web_acl.max_requests
  window_seconds = var.web_acl.window_seconds
}
