data "aws_region" "current" {}

locals {
  region = data.aws_region.current.id

  # A namespace for each deployment, because a metric filter cannot add a constant as a dimension.
  namespace = "EdgeImages/${var.name}"

  log_groups = {
    for function, settings in var.functions :
    function => "/aws/lambda/${settings.edge ? "us-east-1." : ""}${settings.name}"
  }

  # A line with the outcome undelivered repeats the fields of the line before it.
  metrics = {
    DerivativeBytes = {
      pattern = "{ ($.derivative_bytes > 0) && ($.outcome != \"undelivered\") }"
      unit    = "Bytes"
      value   = "$.derivative_bytes"
    }
    Derivatives = {
      pattern = "{ ($.derivative_bytes > 0) && ($.outcome != \"undelivered\") }"
      unit    = "Count"
      value   = "1"
    }
    Faults = {
      pattern = "{ ($.level = \"ERROR\") || ($.outcome = \"failed\") || ($.outcome = \"redirected\") || ($.outcome = \"undelivered\") || ($.status >= 500) }"
      unit    = "Count"
      value   = "1"
    }
    OriginalBytes = {
      pattern = "{ ($.derivative_bytes > 0) && ($.outcome != \"undelivered\") }"
      unit    = "Bytes"
      value   = "$.original_bytes"
    }
    Refusals = {
      pattern = "{ ($.outcome = \"refused\") || (($.status >= 400) && ($.status < 500)) }"
      unit    = "Count"
      value   = "1"
    }
    TransformTime = {
      pattern = "{ ($.spent_ms.transform >= 0) && ($.outcome != \"undelivered\") }"
      unit    = "Milliseconds"
      value   = "$.spent_ms.transform"
    }
  }

  # CloudFront requests the function only if the derivative is not in the bucket of the derivatives. Tasks of a backfill have no status.
  origin_group_metrics = {
    NeedlessRuns = {
      pattern = "{ ($.outcome = \"found\") && ($.status >= 200) }"
      unit    = "Count"
      value   = "1"
    }
  }

  filters = merge([
    for function, settings in var.functions : {
      for metric, filter in merge(local.metrics, function == "regional_resize" ? local.origin_group_metrics : {}) : "${function}.${metric}" => merge(filter, {
        edge      = settings.edge
        log_group = local.log_groups[function]
        metric    = metric
      })
    }
  ]...)
}

resource "aws_cloudwatch_log_metric_filter" "regional" {
  for_each = { for key, filter in local.filters : key => filter if !filter.edge }

  name           = each.value.metric
  log_group_name = each.value.log_group
  pattern        = each.value.pattern

  metric_transformation {
    namespace  = local.namespace
    name       = each.value.metric
    value      = each.value.value
    unit       = each.value.unit
    dimensions = { Function = "$.logger" }
  }
}

# Replicas in other Regions log there, in groups that they create themselves: see the README.
resource "aws_cloudwatch_log_metric_filter" "edge" {
  for_each = { for key, filter in local.filters : key => filter if filter.edge }

  provider = aws.us_east_1

  name           = each.value.metric
  log_group_name = each.value.log_group
  pattern        = each.value.pattern

  metric_transformation {
    namespace  = local.namespace
    name       = each.value.metric
    value      = each.value.value
    unit       = each.value.unit
    dimensions = { Function = "$.logger" }
  }
}

resource "aws_cloudfront_monitoring_subscription" "this" {
  for_each = var.hit_rate ? var.distributions : {}

  distribution_id = each.value

  monitoring_subscription {
    realtime_metrics_subscription_config {
      realtime_metrics_subscription_status = "Enabled"
    }
  }
}
