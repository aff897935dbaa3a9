mock_provider "aws" {
  source = "./tests/mocks/region"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests/mocks/us_east_1"
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

run "refuses_a_name_that_is_too_long_for_the_bucket_of_derivatives" {
  command = plan

  variables {
    name     = "a-name-of-26-characters-at"
    variants = ["regional_resize"]
  }

  expect_failures = [terraform_data.deployment]
}

run "refuses_formats_that_no_size_can_have" {
  command = plan

  variables {
    sizes = { facts = { format = "json" } }
  }

  expect_failures = [terraform_data.deployment]
}

run "refuses_an_action_of_another_region_for_the_failure_queues" {
  command = plan

  variables {
    s3_trigger = { alarm_actions = ["arn:aws:sns:us-east-1:123456789012:uploads"] }
  }

  expect_failures = [terraform_data.deployment]
}

run "refuses_edge_functions_in_another_region" {
  command = plan

  override_data {
    target = data.aws_region.us_east_1
    values = { id = "eu-central-1" }
  }

  expect_failures = [terraform_data.deployment]
}

run "refuses_providers_of_two_accounts" {
  command = plan

  override_data {
    target = data.aws_caller_identity.us_east_1
    values = { account_id = "210987654321" }
  }

  expect_failures = [terraform_data.deployment]
}
