mock_provider "aws" {}

variables {
  name         = "images"
  max_requests = 2000
}

run "limits_each_address" {
  assert {
    condition     = one(one(aws_wafv2_web_acl.this.rule).statement[0].rate_based_statement).limit == 2000 && aws_wafv2_web_acl.this.scope == "CLOUDFRONT"
    error_message = "The only rule is the limit."
  }
}

run "refuses_other_limits" {
  command = plan

  variables {
    name           = "two words"
    max_requests   = 5
    window_seconds = 30
  }

  expect_failures = [var.max_requests, var.name, var.window_seconds]
}
