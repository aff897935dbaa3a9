locals {
  # The Regions of CloudFront's 13 Regional edge caches, where replicas run: https://aws.amazon.com/cloudfront/features/
  edge_regions = [
    "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1",
    "eu-west-2", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
  ]

  rows = concat(
    [for variant, id in var.distributions : concat(
      [
        { title = "${variant}: requests", stat = "Sum", metrics = [["AWS/CloudFront", "Requests", "DistributionId", id, "Region", "Global"]] },
        { title = "${variant}: bytes to viewers", stat = "Sum", metrics = [["AWS/CloudFront", "BytesDownloaded", "DistributionId", id, "Region", "Global"]] },
        { title = "${variant}: errors in %", stat = "Average", metrics = [for metric in ["4xxErrorRate", "5xxErrorRate"] : ["AWS/CloudFront", metric, "DistributionId", id, "Region", "Global"]] },
      ],
      [for widget in [
        { title = "${variant}: hit ratio in %", stat = "Average", metrics = [["AWS/CloudFront", "CacheHitRate", "DistributionId", id, "Region", "Global"]] },
        { title = "${variant}: latency of misses in ms", stat = "p50", metrics = [
          ["AWS/CloudFront", "OriginLatency", "DistributionId", id, "Region", "Global", { label = "p50", stat = "p50" }],
          ["AWS/CloudFront", "OriginLatency", "DistributionId", id, "Region", "Global", { label = "p95", stat = "p95" }],
        ] },
      ] : widget if var.hit_rate],
    )],
    [for function, settings in var.functions : [
      for widget in [
        { title = "${function}: derivatives", stat = "Sum", metrics = [for metric in ["Derivatives", "Refusals", "Faults"] : [local.namespace, metric, "Function", function]] },
        { title = "${function}: transform in ms", stat = "p50", metrics = [
          [local.namespace, "TransformTime", "Function", function, { label = "p50", stat = "p50" }],
          [local.namespace, "TransformTime", "Function", function, { label = "p95", stat = "p95" }],
        ] },
        { title = "${function}: bytes saved", stat = "Sum", metrics = [
          [{ expression = "originals - derivatives", id = "saved", label = "saved" }],
          [local.namespace, "OriginalBytes", "Function", function, { id = "originals", label = "originals" }],
          [local.namespace, "DerivativeBytes", "Function", function, { id = "derivatives", label = "derivatives" }],
        ] },
        {
          title = "${function}: runs (cost)", stat = "Sum", metrics = [
            for region in settings.edge ? local.edge_regions : [local.region] :
            ["AWS/Lambda", "Invocations", "FunctionName", "${settings.edge ? "us-east-1." : ""}${settings.name}", { label = region, region = region }]
          ]
        },
        {
          title = "${function}: milliseconds of all runs (cost)", stat = "Sum", metrics = [
            for region in settings.edge ? local.edge_regions : [local.region] :
            ["AWS/Lambda", "Duration", "FunctionName", "${settings.edge ? "us-east-1." : ""}${settings.name}", { label = region, region = region }]
          ]
        },
      ] : merge(widget, { region = settings.edge ? "us-east-1" : local.region })
    ]],
    [[for function, settings in var.functions : {
      title   = "${function}: failure queue", stat = "Maximum", region = local.region
      metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", settings.failure_queue_name]]
    } if settings.failure_queue_name != null]],
  )

  # CloudWatch's grid has 24 columns.
  metric_widgets = flatten([for y, row in local.rows : [for x, widget in row : {
    type   = "metric"
    x      = x * floor(24 / length(row))
    y      = y * 6
    width  = floor(24 / length(row))
    height = 6
    properties = {
      title   = widget.title
      metrics = widget.metrics
      stat    = widget.stat
      period  = 300
      region  = lookup(widget, "region", "us-east-1")
      view    = "timeSeries"
    }
  }]])

  log_widgets = [for x, function in keys(var.functions) : {
    type   = "log"
    x      = 0
    y      = (length(local.rows) + x) * 6
    width  = 24
    height = 6
    properties = {
      title  = "${function}: reasons${var.functions[function].edge ? " in us-east-1" : ""}"
      query  = "SOURCE '${local.log_groups[function]}' | ${local.queries.refusals}"
      region = var.functions[function].edge ? "us-east-1" : local.region
      view   = "table"
    }
  }]
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = concat(local.metric_widgets, local.log_widgets) })
}
