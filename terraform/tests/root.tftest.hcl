mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }

  mock_data "aws_s3_bucket" {
    defaults = {
      arn                         = "arn:aws:s3:::my-images"
      bucket_regional_domain_name = "my-images.s3.eu-central-1.amazonaws.com"
      id                          = "my-images"
    }
  }
}

mock_provider "aws" {
  alias = "us_east_1"

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { id = "us-east-1" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  # Objects in S3, so that the tests need no zips. The SHA-256 is that of no bytes.
  packages = {
    s3 = {
      for name in ["edge_resize", "edge_signer", "object_lambda", "purge", "regional_resize", "s3_trigger"] : name => {
        bucket = "releases"
        key    = "${name}.zip"
        sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      }
    }
  }
}

run "passes_its_variables_to_the_module" {
  command = plan

  variables {
    bucket = { create = false, name = "my-images" }
    name   = "holiday"
    region = "eu-central-1"
  }

  assert {
    condition     = output.bucket_name == "my-images"
    error_message = "The outputs are those of the module."
  }
}

run "refuses_another_partition" {
  command = plan

  variables {
    region = "cn-north-1"
  }

  expect_failures = [var.region]
}
