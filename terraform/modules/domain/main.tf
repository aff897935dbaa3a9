# CloudFront takes certificates from us-east-1 only, so the provider of this module is that of us-east-1.
resource "aws_acm_certificate" "this" {
  domain_name               = sort(var.names)[0]
  subject_alternative_names = slice(sort(var.names), 1, length(var.names))
  validation_method         = "DNS"

  # The distribution changes to the new certificate before the old one is deleted.
  lifecycle {
    create_before_destroy = true
  }
}

locals {
  validations = { for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option }
}

# Names are known before the certificate exists, and the records of its validation are not.
resource "aws_route53_record" "validation" {
  for_each = var.names

  zone_id         = var.zone_id
  name            = local.validations[each.key].resource_record_name
  type            = local.validations[each.key].resource_record_type
  records         = [local.validations[each.key].resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in values(aws_route53_record.validation) : record.fqdn]
}

resource "aws_route53_record" "alias" {
  # checkov:skip=CKV2_AWS_23:the record leads to the distribution of the caller
  for_each = { for pair in setproduct(var.names, ["A", "AAAA"]) : "${pair[0]} ${pair[1]}" => { name = pair[0], type = pair[1] } }

  zone_id = var.zone_id
  name    = each.value.name
  type    = each.value.type

  # The hosted zone of all distributions: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
  alias {
    name                   = var.distribution_domain_name
    zone_id                = "Z2FDTNDATAQYW2"
    evaluate_target_health = false
  }
}
