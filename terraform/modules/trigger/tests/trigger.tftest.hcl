mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
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

  listeners = {
    source = {
      bucket_arn  = "arn:aws:s3:::uploads"
      bucket_name = "uploads"
      prefix      = "source-folder/"
      suffixes    = [".png", ".jpg"]
    }
  }
}

run "uploads_start_the_function" {
  assert {
    condition = [for rule in aws_s3_bucket_notification.this["source"].lambda_function : [rule.events, rule.filter_prefix, rule.filter_suffix, rule.lambda_function_arn]] == [
      for suffix in [".jpg", ".png"] : [toset(["s3:ObjectCreated:*"]), "source-folder/", suffix, var.function_arn]
    ]
    error_message = "One configuration has a rule for each suffix below the prefix."
  }

  assert {
    condition     = keys(aws_s3_bucket_notification.this) == ["source"]
    error_message = "No other bucket has a notification."
  }

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
      output.failure_queue_arn == "arn:aws:sqs:*:123456789012:${aws_sqs_queue.failures.name}",
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

run "two_buckets_and_all_keys" {
  variables {
    alarm_actions         = ["arn:aws:sns:eu-central-1:123456789012:oncall"]
    max_event_age_seconds = 60
    max_retries           = 0

    listeners = {
      source      = { bucket_arn = "arn:aws:s3:::uploads", bucket_name = "uploads" }
      destination = { bucket_arn = "arn:aws:s3:::resized", bucket_name = "resized" }
    }
  }

  assert {
    condition     = [for rule in aws_s3_bucket_notification.this["destination"].lambda_function : [rule.filter_prefix, rule.filter_suffix]] == [["", ""]]
    error_message = "Without suffixes the rule covers all keys."
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
    alarm_actions         = ["oncall@example.com"]
    function_arn          = "arn:aws:lambda:eu-central-1:123456789012:function:images:1"
    max_event_age_seconds = 59
    max_retries           = 3
    name                  = "no spaces"

    listeners = {
      source = { bucket_arn = "arn:aws:s3:::uploads", bucket_name = "uploads", suffixes = [".jpg", "g"] }
    }
  }

  expect_failures = [var.alarm_actions, var.function_arn, var.listeners, var.max_event_age_seconds, var.max_retries, var.name]
}

run "refuses_a_suffix_with_a_wildcard" {
  command = plan

  variables {
    listeners = {
      source = { bucket_arn = "arn:aws:s3:::uploads", bucket_name = "uploads", suffixes = ["*.jpg"] }
    }
  }

  expect_failures = [var.listeners]
}

run "refuses_one_bucket_twice" {
  command = plan

  variables {
    listeners = {
      jpeg = { bucket_arn = "arn:aws:s3:::uploads", bucket_name = "uploads", suffixes = [".jpg"] }
      png  = { bucket_arn = "arn:aws:s3:::uploads", bucket_name = "uploads", suffixes = [".png"] }
    }
  }

  expect_failures = [var.listeners]
}

run "refuses_a_purpose_that_is_no_statement_id" {
  command = plan

  variables {
    listeners = {
      "the source" = { bucket_arn = "arn:aws:s3:::uploads", bucket_name = "uploads" }
    }
  }

  expect_failures = [var.listeners]
}
