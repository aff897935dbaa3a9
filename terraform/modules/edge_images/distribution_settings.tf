# Settings that the distributions of all variants share, with what this module creates for them.
locals {
  # Variants with a distribution. A domain name leads to one of them; the others have its certificate and can take the name over.
  delivered_variants = setsubtract(var.variants, var.s3_trigger.delivery == "none" ? ["s3_trigger"] : [])
  domain_variant     = var.distribution.domain_variant == null ? try(one(local.delivered_variants), null) : var.distribution.domain_variant

  distribution_settings = merge(var.distribution, {
    acm_certificate_arn = var.domain == null ? var.distribution.acm_certificate_arn : module.domain[0].certificate_arn
    aliases             = var.domain == null ? var.distribution.aliases : var.domain.names
    web_acl_id          = var.web_acl == null ? var.distribution.web_acl_id : module.web_acl[0].arn
  })

  settings_by_variant = { for variant in ["edge_resize", "object_lambda", "regional_resize", "s3_trigger"] :
    variant => merge(local.distribution_settings, {
      aliases = variant == local.domain_variant ? local.distribution_settings.aliases : toset([])
    })
  }
}

module "domain" {
  count  = var.domain == null ? 0 : 1
  source = "../domain"

  providers = {
    aws = aws.us_east_1
  }

  names                    = var.domain.names
  zone_id                  = var.domain.zone_id
  distribution_domain_name = local.distributions[local.domain_variant].domain_name
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
