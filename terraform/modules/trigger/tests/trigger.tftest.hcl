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
      arn = "arn:aws:sqs:eu-central-1:123456789012:images-failures"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/images-failures"
    }
  }
}

variables {
  name          = "images"
  function_arn  = "arn:aws:lambda:eu-central-1:123456789012:function:images"
  function_name = "images"
  bucket_arns   = { source = "arn:aws:s3:::uploads" }
}

run "buckets_may_start_the_function" {
  assert {
    condition = alltrue([
      aws_lambda_permission.this["source"].principal == "s3.amazonaws.com",
      aws_lambda_permission.this["source"].source_arn == "arn:aws:s3:::uploads",
      aws_lambda_permission.this["source"].source_account == "123456789012",
    ])
    error_message = "S3 may invoke the function for this bucket of this account."
  }
}

run "nothing_is_lost" {
  assert {
    condition = alltrue([
      aws_lambda_function_event_invoke_config.this.maximum_retry_attempts == 2,
      aws_lambda_function_event_invoke_config.this.maximum_event_age_in_seconds == 21600,
      one(one(aws_lambda_function_event_invoke_config.this.destination_config).on_failure).destination == aws_sqs_queue.failures.arn,
      output.failure_queue_arn == aws_sqs_queue.failures.arn,
    ])
    error_message = "Lambda retries, and then sends the event to the queue."
  }

  assert {
    condition     = aws_sqs_queue.failures.sqs_managed_sse_enabled && aws_sqs_queue.failures.message_retention_seconds == 1209600
    error_message = "The queue is encrypted and keeps messages for the longest time of SQS."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.failures.policy).Statement[0].Effect == "Deny"
    error_message = "The policy of the queue denies plain HTTP and grants nothing."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failures.threshold == 0 && aws_cloudwatch_metric_alarm.failures.dimensions == tomap({ QueueName = "images-failures" })
    error_message = "The first message raises the alarm."
  }
}

run "two_buckets" {
  variables {
    alarm_actions         = ["arn:aws:sns:eu-central-1:123456789012:oncall"]
    max_event_age_seconds = 60
    max_retries           = 0

    bucket_arns = {
      source      = "arn:aws:s3:::uploads"
      destination = "arn:aws:s3:::resized"
    }
  }

  assert {
    condition     = keys(aws_lambda_permission.this) == ["destination", "source"] && length(distinct([for permission in aws_lambda_permission.this : permission.statement_id])) == 2
    error_message = "There is one permission for each bucket."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failures.alarm_actions == toset(["arn:aws:sns:eu-central-1:123456789012:oncall"])
    error_message = "The alarm notifies the topic."
  }
}

run "refuses_invalid_values" {
  command = plan

  variables {
    function_arn          = "arn:aws:lambda:eu-central-1:123456789012:function:images:1"
    max_event_age_seconds = 59
    max_retries           = 3
    name                  = "no spaces"

  }

  expect_failures = [var.function_arn, var.max_event_age_seconds, var.max_retries, var.name]
}

run "refuses_a_purpose_that_is_no_statement_id" {
  command = plan

  variables {
    bucket_arns = { "the source" = "arn:aws:s3:::uploads" }
  }

  expect_failures = [var.bucket_arns]
}
