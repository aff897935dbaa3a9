mock_provider "aws" {
  mock_resource "aws_cloudfront_key_value_store" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:key-value-store/a1b2c3d4" }
  }
}

variables {
  name = "images-signing-keys"
}

run "keys_managed_outside" {
  assert {
    condition     = length(aws_cloudfrontkeyvaluestore_key.this) == 0
    error_message = "Without keys the store is empty."
  }

  assert {
    condition     = output.arn == "arn:aws:cloudfront::123456789012:key-value-store/a1b2c3d4"
    error_message = "The output is the ARN of the store."
  }
}

run "keys_in_terraform" {
  variables {
    keys = {
      "2026-10" = "0123456789abcdef0123456789abcdef"
      "2026-11" = "fedcba9876543210fedcba9876543210"
    }
  }

  assert {
    condition     = keys(aws_cloudfrontkeyvaluestore_key.this) == ["2026-10", "2026-11"]
    error_message = "Each key is a resource of its own, so that one changes without the other."
  }

  assert {
    condition     = nonsensitive(aws_cloudfrontkeyvaluestore_key.this["2026-11"].value) == "fedcba9876543210fedcba9876543210"
    error_message = "The value is the secret."
  }
}

run "refuses_an_invalid_id" {
  command = plan

  variables {
    keys = { "two words" = "0123456789abcdef0123456789abcdef" }
  }

  expect_failures = [var.keys]
}

run "refuses_a_short_secret_and_an_invalid_name" {
  command = plan

  variables {
    name = "two words"
    keys = { "2026-11" = "short" }
  }

  expect_failures = [var.keys, var.name]
}
