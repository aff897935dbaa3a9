mock_provider "aws" {}

variables {
  bucket_name = "uploads"

  listeners = {
    images-s3-trigger = {
      function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:images"
      prefix       = "source-folder/"
      suffixes     = [".png", ".jpg"]
    }
  }
}

run "uploads_start_the_function" {
  assert {
    condition = [for rule in aws_s3_bucket_notification.this.lambda_function : [rule.id, rule.events, rule.filter_prefix, rule.filter_suffix]] == [
      for index, suffix in [".jpg", ".png"] : ["images-s3-trigger-${index}", toset(["s3:ObjectCreated:*"]), "source-folder/", suffix]
    ]
    error_message = "One configuration has a rule for each suffix below the prefix."
  }

  assert {
    condition     = !aws_s3_bucket_notification.this.eventbridge && aws_s3_bucket_notification.this.bucket == "uploads"
    error_message = "EventBridge gets events only if asked for."
  }
}

run "all_keys_and_eventbridge" {
  variables {
    eventbridge = true
    listeners   = { all = { function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:images" } }
  }

  assert {
    condition     = [for rule in aws_s3_bucket_notification.this.lambda_function : [rule.filter_prefix, rule.filter_suffix]] == [["", ""]]
    error_message = "Without suffixes the rule covers all keys."
  }

  assert {
    condition     = aws_s3_bucket_notification.this.eventbridge
    error_message = "EventBridge gets the events."
  }
}

run "refuses_suffixes_that_overlap" {
  command = plan

  variables {
    listeners = { images = { function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:images", suffixes = [".jpg", "g"] } }
  }

  expect_failures = [var.listeners]
}

run "refuses_a_suffix_with_a_wildcard" {
  command = plan

  variables {
    listeners = { images = { function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:images", suffixes = ["*.jpg"] } }
  }

  expect_failures = [var.listeners]
}
