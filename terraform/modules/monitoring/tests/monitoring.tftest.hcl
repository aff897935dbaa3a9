mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"
}

variables {
  name          = "images"
  alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:oncall", "arn:aws:sns:us-east-1:123456789012:oncall"]
  distributions = { edge_resize = "E1", object_lambda = "E2", regional_resize = "E3" }

  functions = {
    edge_resize     = { edge = true, name = "images-edge-resize-1a2b3c", variant = "edge_resize" }
    object_lambda   = { edge = false, name = "images-object-lambda", variant = "object_lambda" }
    regional_resize = { edge = false, name = "images-regional-resize", variant = "regional_resize" }
    s3_trigger      = { edge = false, name = "images-s3-trigger", failure_queue_name = "images-s3-trigger-failures" }
  }
}

run "each_function_has_filters_on_its_own_log" {
  assert {
    condition     = { for key, filter in aws_cloudwatch_log_metric_filter.edge : key => filter.log_group_name } == { for metric in keys(local.metrics) : "edge_resize.${metric}" => "/aws/lambda/us-east-1.images-edge-resize-1a2b3c" }
    error_message = "The log of the replica in us-east-1 has a filter for each metric."
  }

  assert {
    condition     = aws_cloudwatch_log_metric_filter.regional["object_lambda.Faults"].log_group_name == "/aws/lambda/images-object-lambda"
    error_message = "A function in a Region logs under its own name."
  }

  assert {
    condition     = [for key, filter in aws_cloudwatch_log_metric_filter.regional : key if endswith(key, ".NeedlessRuns")] == ["regional_resize.NeedlessRuns"]
    error_message = "Only a function behind an origin group can run without need."
  }

  assert {
    condition     = alltrue([for filter in aws_cloudwatch_log_metric_filter.regional : filter.metric_transformation[0].namespace == "EdgeImages/images"])
    error_message = "Each deployment has a namespace of its own."
  }
}

run "alarms_notify_topics_of_their_region" {
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.edge : alarm.alarm_actions == toset(["arn:aws:sns:us-east-1:123456789012:oncall"])])
    error_message = "An alarm in us-east-1 notifies the topic of us-east-1."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.regional : alarm.ok_actions == toset(["arn:aws:sns:eu-central-1:123456789012:oncall"])])
    error_message = "An alarm in the Region of the functions notifies the topic there."
  }

  assert {
    condition = keys(aws_cloudwatch_metric_alarm.edge) == [
      "edge_resize-5xx", "edge_resize-edge-errors", "edge_resize-edge-invalid", "edge_resize-edge-throttles", "edge_resize-faults",
      "object_lambda-5xx", "regional_resize-5xx",
    ]
    error_message = "us-east-1 has the alarms of CloudFront and of the edge functions."
  }

  assert {
    condition = keys(aws_cloudwatch_metric_alarm.regional) == [
      "object_lambda-errors", "object_lambda-faults", "object_lambda-throttles", "regional_resize-errors", "regional_resize-faults",
      "regional_resize-needless-runs", "regional_resize-throttles", "s3_trigger-throttles",
    ]
    error_message = "A function with a failure queue retries, so that its errors need no alarm of their own."
  }
}

run "the_dashboard_fits_the_grid" {
  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets :
      widget.x >= 0 && widget.x + widget.width <= 24 && widget.width >= 1 && widget.height == 6
    ])
    error_message = "The grid of a dashboard has 24 columns."
  }

  assert {
    condition     = output.dashboard_url == "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/images"
    error_message = "The output is the address in the console."
  }
}

run "without_the_paid_parts" {
  variables {
    alarm_actions = []
    dashboard     = false
    hit_rate      = false
  }

  assert {
    condition     = length(aws_cloudwatch_dashboard.this) == 0 && length(aws_cloudfront_monitoring_subscription.this) == 0 && output.dashboard_url == null
    error_message = "The dashboard and the additional metrics can be switched off."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.edge) > 0
    error_message = "Alarms without actions are visible in the console."
  }
}

run "without_an_edge_function" {
  variables {
    functions = { object_lambda = { edge = false, name = "images-object-lambda", variant = "object_lambda" } }
  }

  assert {
    condition     = length(aws_cloudwatch_query_definition.edge) == 0 && length(aws_cloudwatch_query_definition.regional) == 4
    error_message = "Queries exist where there are logs."
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.edge), "object_lambda-edge-errors")
    error_message = "A distribution without an edge function has no alarm for one."
  }
}

run "topics_of_another_region_only" {
  command = plan

  variables {
    alarm_actions = ["arn:aws:sns:us-east-1:123456789012:oncall"]
  }

  expect_failures = [aws_cloudwatch_metric_alarm.regional]
}

run "topics_of_the_region_only" {
  command = plan

  variables {
    alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:oncall"]
  }

  expect_failures = [aws_cloudwatch_metric_alarm.edge]
}

run "wrong_values" {
  command = plan

  variables {
    functions = { "Edge" = { edge = true, name = "images", variant = "missing" } }
    name      = "a b"
  }

  expect_failures = [var.functions, var.name]
}
