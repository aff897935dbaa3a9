locals {
  # CloudFront's metrics are in us-east-1 only, and an alarm notifies topics of its own Region.
  edge_alarms = merge(
    { for variant, id in var.distributions : "${variant}-5xx" => {
      description = "More than 1 % of the requests to the distribution of ${variant} get a status from 500 to 599. Read the log: ./invokew logs"
      dimensions  = { DistributionId = id, Region = "Global" }
      metric      = "5xxErrorRate"
      namespace   = "AWS/CloudFront"
      statistic   = "Average"
      threshold   = 1
    } },
    # These counts cover the replicas of all Regions.
    merge([for variant, id in var.distributions : {
      for alarm, metric in { errors = "LambdaExecutionError", invalid = "LambdaValidationError", throttles = "LambdaLimitExceededErrors" } :
      "${variant}-edge-${alarm}" => {
        description = "The edge function of ${variant} fails: CloudFront counts ${metric}. Read the log: ./invokew logs"
        dimensions  = { DistributionId = id, Region = "Global" }
        metric      = metric
        namespace   = "AWS/CloudFront"
        statistic   = "Sum"
        threshold   = 0
      }
    } if contains([for settings in values(var.functions) : settings.variant if settings.edge], variant)]...),
    { for key, alarm in local.fault_alarms : key => alarm if alarm.edge },
  )

  regional_alarms = merge(
    merge([for function, settings in var.functions : {
      for alarm, metric in { errors = "Errors", throttles = "Throttles" } :
      "${function}-${alarm}" => {
        description = "Lambda counts ${lower(metric)} of the function ${function}. Read the log: ./invokew logs"
        dimensions  = { FunctionName = settings.name }
        metric      = metric
        namespace   = "AWS/Lambda"
        statistic   = "Sum"
        threshold   = 0
      }
      # An error of a function with a failure queue is retried, and the queue has an alarm of its own.
    } if !settings.edge && (settings.failure_queue_name == null)]...),
    { for function, settings in var.functions : "${function}-throttles" => {
      description = "Events wait for ${function}, because its concurrency is used up. Raise the reserved concurrency or wait"
      dimensions  = { FunctionName = settings.name }
      metric      = "Throttles"
      namespace   = "AWS/Lambda"
      statistic   = "Sum"
      threshold   = 100
    } if settings.failure_queue_name != null },
    { for key, alarm in local.fault_alarms : key => alarm if !alarm.edge },
    # CloudFront requests the function only if the derivative is not in the bucket. A run that finds a derivative means that CloudFront
    # cannot read the bucket, so that every request costs a run.
    { for function, settings in var.functions : "${function}-needless-runs" => {
      description = "The function ${function} runs for derivatives that are in the bucket already. Let CloudFront read the bucket of the derivatives: check its policy"
      dimensions  = { Function = function }
      metric      = "NeedlessRuns"
      namespace   = local.namespace
      statistic   = "Sum"
      threshold   = 20
    } if function == "regional_resize" },
  )

  fault_alarms = { for function, settings in var.functions : "${function}-faults" => {
    description = "Transient faults of ${function}: viewers are redirected to the original or get 503. The log names the cause: ./invokew logs"
    dimensions  = { Function = function }
    edge        = settings.edge
    metric      = "Faults"
    namespace   = local.namespace
    statistic   = "Sum"
    threshold   = 4
  } if settings.failure_queue_name == null }

  # Other actions than topics may have no Region in their ARN.
  edge_actions     = [for arn in var.alarm_actions : arn if contains(["us-east-1", ""], split(":", arn)[3])]
  regional_actions = [for arn in var.alarm_actions : arn if contains([local.region, ""], split(":", arn)[3])]
}

# Two of three periods of five minutes: a single fault of S3 is normal, and a missing permission lasts.
resource "aws_cloudwatch_metric_alarm" "edge" {
  for_each = local.edge_alarms

  provider = aws.us_east_1

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.edge_actions
  ok_actions          = local.edge_actions

  lifecycle {
    precondition {
      condition     = length(var.alarm_actions) == 0 || length(local.edge_actions) > 0
      error_message = "The alarms of CloudFront are in us-east-1, and alarm_actions has no action there. Add an SNS topic of us-east-1."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "regional" {
  for_each = local.regional_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.regional_actions
  ok_actions          = local.regional_actions

  lifecycle {
    precondition {
      condition     = length(var.alarm_actions) == 0 || length(local.regional_actions) > 0
      error_message = "The functions have alarms in ${local.region}, and alarm_actions has no action there. Add an SNS topic of ${local.region}."
    }
  }
}
