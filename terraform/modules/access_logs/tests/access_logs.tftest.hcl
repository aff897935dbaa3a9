mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_cloudwatch_log_delivery_destination" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:delivery-destination:images" }
  }
}

variables {
  name              = "images"
  bucket_arn        = "arn:aws:s3:::images-logs"
  distribution_arns = { edge_resize = "arn:aws:cloudfront::123456789012:distribution/E1ABC" }
}

run "delivers_to_the_bucket" {
  assert {
    condition     = aws_cloudwatch_log_delivery_source.this["edge_resize"].resource_arn == "arn:aws:cloudfront::123456789012:distribution/E1ABC"
    error_message = "The source is the distribution."
  }

  assert {
    condition     = aws_cloudwatch_log_delivery.this["edge_resize"].delivery_source_name == "images-edge-resize" && aws_cloudwatch_log_delivery.this["edge_resize"].s3_delivery_configuration[0].suffix_path == "edge_resize/{yyyy}/{MM}/{dd}/{HH}"
    error_message = "Each distribution has a folder."
  }

  assert {
    condition     = output.source_arns == ["arn:aws:logs:us-east-1:123456789012:delivery-source:images-edge-resize"]
    error_message = "The policy of the bucket names the source."
  }
}

run "refuses_invalid_values" {
  command = plan

  variables {
    name              = "two words"
    bucket_arn        = "images-logs"
    distribution_arns = { "edge-resize" = "arn:aws:cloudfront::123456789012:distribution/E1ABC" }
    format            = "plain"
  }

  expect_failures = [var.bucket_arn, var.distribution_arns, var.format, var.name]
}
