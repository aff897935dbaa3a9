mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:123456789012:images"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/images"
    }
  }
}

variables {
  name             = "images"
  bucket_name      = "uploads"
  function_name    = "images-purge"
  metric_namespace = "EdgeImages/holiday"
}

run "every_event_is_processed_twice" {
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.this.event_pattern) == {
      source      = ["aws.s3"]
      detail-type = ["Object Created", "Object Deleted"]
      detail = {
        bucket = { name = ["uploads"] }
        object = { key = [{ prefix = ".edge-images/doctor/" }, { anything-but = { prefix = [".edge-images/"] } }] }
      }
    }
    error_message = "The rule selects uploads and deletions of this bucket."
  }

  assert {
    condition     = aws_sqs_queue.this["changes"].delay_seconds == 0 && aws_sqs_queue.this["rechecks"].delay_seconds == 120
    error_message = "The second queue waits for longer than the 30 seconds of a derivation."
  }

  assert {
    condition     = alltrue([for purpose in ["changes", "rechecks"] : aws_cloudwatch_event_target.this[purpose].rule == "images" && aws_lambda_event_source_mapping.this[purpose].function_name == "images-purge"])
    error_message = "Both queues get the events of the rule and start the function."
  }
}

run "derivatives_start_nothing" {
  command = plan

  variables {
    resized_path = "cache/resized"
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this.event_pattern).detail.object.key[1] == { anything-but = { prefix = [".edge-images/", "cache/resized/"] } }
    error_message = "Keys below the resized path are no originals."
  }
}

run "nothing_is_lost" {
  assert {
    condition = alltrue([
      for queue in aws_sqs_queue.this :
      jsondecode(queue.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.failures.arn, maxReceiveCount = 20 } && queue.sqs_managed_sse_enabled
    ])
    error_message = "A message that failed 20 times goes to the failure queue."
  }

  assert {
    condition     = alltrue([for mapping in aws_lambda_event_source_mapping.this : mapping.function_response_types == toset(["ReportBatchItemFailures"])])
    error_message = "A message that succeeded is not delivered again with one that failed."
  }

  assert {
    condition     = aws_sqs_queue.failures.message_retention_seconds == 1209600 && aws_cloudwatch_metric_alarm.failures.threshold == 0
    error_message = "The failure queue keeps messages for the longest time of SQS, and the first one raises the alarm."
  }
}

run "least_privilege" {
  assert {
    condition = alltrue([
      for purpose, queue in aws_sqs_queue.this :
      [for statement in jsondecode(queue.policy).Statement : [statement.Effect, statement.Action]] == [["Allow", "sqs:SendMessage"], ["Deny", "sqs:*"]]
      && jsondecode(queue.policy).Statement[0].Condition == { ArnEquals = { "aws:SourceArn" = "arn:aws:events:eu-central-1:123456789012:rule/images" } }
    ])
    error_message = "Only this rule may send, and only over TLS."
  }

  assert {
    condition = output.queue_arns == [
      "arn:aws:sqs:eu-central-1:123456789012:images-changes",
      "arn:aws:sqs:eu-central-1:123456789012:images-rechecks",
    ]
    error_message = "The role gets the queues by name."
  }
}

run "the_budget_has_a_metric" {
  variables {
    alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:oncall"]
  }

  assert {
    condition = alltrue([
      aws_cloudwatch_log_metric_filter.capped.log_group_name == "/aws/lambda/images-purge",
      aws_cloudwatch_log_metric_filter.capped.metric_transformation[0].value == "$.path_count",
      aws_cloudwatch_log_metric_filter.capped.metric_transformation[0].namespace == "EdgeImages/holiday",
      aws_cloudwatch_metric_alarm.capped.namespace == "EdgeImages/holiday",
      aws_cloudwatch_metric_alarm.capped.metric_name == "CappedPaths",
    ])
    error_message = "The log of the function counts the paths, and the first one raises the alarm."
  }

  assert {
    condition     = alltrue([for alarm in [aws_cloudwatch_metric_alarm.capped, aws_cloudwatch_metric_alarm.failures] : alarm.alarm_actions == toset(["arn:aws:sns:eu-central-1:123456789012:oncall"])])
    error_message = "Both alarms notify the topic."
  }
}

run "refuses_invalid_values" {
  command = plan

  variables {
    name = "no spaces"
  }

  expect_failures = [var.name]
}
