# Blocks an IP address while its requests within the window are more than the limit.
resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV_AWS_192:no Java program reads these requests
  # checkov:skip=CKV2_AWS_31:the metrics show blocked requests, and a log of every request would cost more than the images

  name        = var.name
  description = "Limits the rate of requests of each IP address"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "rate"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = var.window_seconds
        limit                 = var.max_requests
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-rate"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }

  # WAF refuses to delete a web ACL in use. The distribution is updated first.
  lifecycle {
    create_before_destroy = true
  }
}
