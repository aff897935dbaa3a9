mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
      domain_validation_options = [
        {
          domain_name           = "images.example.com"
          resource_record_name  = "_a.images.example.com."
          resource_record_type  = "CNAME"
          resource_record_value = "_b.acm-validations.aws."
        },
        {
          domain_name           = "img.example.com"
          resource_record_name  = "_c.img.example.com."
          resource_record_type  = "CNAME"
          resource_record_value = "_d.acm-validations.aws."
        },
      ]
    }
  }
}

variables {
  names                    = ["img.example.com", "images.example.com"]
  zone_id                  = "Z1D633PJN98FT9"
  distribution_domain_name = "d111111abcdef8.cloudfront.net"
}

run "certificate_and_records" {
  assert {
    condition     = aws_acm_certificate.this.domain_name == "images.example.com" && aws_acm_certificate.this.subject_alternative_names == toset(["img.example.com"])
    error_message = "One certificate has all names."
  }

  assert {
    condition     = aws_route53_record.validation["img.example.com"].name == "_c.img.example.com." && aws_route53_record.validation["images.example.com"].records == toset(["_b.acm-validations.aws."])
    error_message = "Each name has the record of its own validation."
  }

  assert {
    condition = toset([for record in aws_route53_record.alias : "${record.name} ${record.type} ${record.alias[0].name}"]) == toset([
      for pair in setproduct(["img", "images"], ["A", "AAAA"]) : "${pair[0]}.example.com ${pair[1]} d111111abcdef8.cloudfront.net"
    ])
    error_message = "Each name leads to the distribution, over IPv4 and IPv6."
  }
}

run "refuses_wildcards_and_names_of_zones" {
  command = plan

  variables {
    names   = ["*.example.com"]
    zone_id = "example.com"
  }

  expect_failures = [var.names, var.zone_id]
}
