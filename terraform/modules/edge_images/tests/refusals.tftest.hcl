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

run "refuses_invalid_urls" {
  command = plan

  variables {
    image_urls   = { qualities = [0], signed_urls = "some", widths = [] }
    signing_keys = { "2026-11" = "short" }
    sizes        = { hero = { width = 1200, crop = true } }
  }

  expect_failures = [var.image_urls, var.sizes]
}

run "refuses_keys_without_signed_urls" {
  command = plan

  variables {
    signing_keys = { "2026-11" = "0123456789abcdef0123456789abcdef" }
  }

  expect_failures = [var.signing_keys]
}

run "refuses_invalid_options_of_sizes" {
  command = plan

  variables {
    sizes = {
      "two words" = [1, 2]
      wide        = { width = 16384 }
      odd         = { width = 10, fit = "crop" }
      bad         = { quality = 101 }
    }
  }

  expect_failures = [var.sizes]
}

run "refuses_formats_that_no_size_can_have" {
  command = plan

  variables {
    sizes = { facts = { format = "json" } }
  }

  expect_failures = [terraform_data.deployment]
}

run "refuses_sizes_with_a_fit_without_a_box" {
  command = plan

  variables {
    sizes = { hero = { width = 1200, fit = "cover" } }
  }

  expect_failures = [var.sizes]
}

run "refuses_sizes_with_a_gravity_without_cover" {
  command = plan

  variables {
    sizes = { hero = { width = 1200, height = 600, gravity = "north" } }
  }

  expect_failures = [var.sizes]
}

run "refuses_sizes_with_an_invalid_gravity" {
  command = plan

  variables {
    sizes = { hero = { width = 1200, height = 600, fit = "cover", gravity = "top" } }
  }

  expect_failures = [var.sizes]
}

run "refuses_sizes_without_options" {
  command = plan

  variables {
    sizes = { hero = { width = null, quality = null } }
  }

  expect_failures = [var.sizes]
}

run "refuses_a_list_of_sizes" {
  command = plan

  variables {
    sizes = [[854, 480]]
  }

  expect_failures = [var.sizes]
}

run "refuses_one_domain_for_two_variants" {
  command = plan

  variables {
    distribution = {
      aliases             = ["img.example.com"]
      acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    }
    variants = ["edge_resize", "object_lambda"]
  }

  expect_failures = [var.domain]
}

run "refuses_a_domain_without_a_distribution" {
  command = plan

  variables {
    distribution = {
      aliases             = ["img.example.com"]
      acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    }
    variants = ["s3_trigger"]
  }

  expect_failures = [var.domain]
}

run "refuses_a_domain_variant_without_distribution" {
  command = plan

  variables {
    distribution = { domain_variant = "object_lambda" }
  }

  expect_failures = [var.distribution]
}

run "refuses_a_certificate_without_a_domain" {
  command = plan

  variables {
    distribution = { acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012" }
  }

  expect_failures = [var.distribution]
}

run "refuses_a_trigger_that_would_start_itself" {
  command = plan

  variables {
    s3_trigger = { source_prefix = "restore-folder/more/" }
    variants   = ["s3_trigger"]
  }

  expect_failures = [var.s3_trigger]
}

run "refuses_one_bucket_for_originals_and_derivatives" {
  command = plan

  variables {
    bucket     = { name = "my-images" }
    s3_trigger = { destination_bucket_name = "my-images" }
    variants   = ["s3_trigger"]
  }

  expect_failures = [var.s3_trigger]
}

run "refuses_a_destination_without_a_name" {
  command = plan

  variables {
    s3_trigger = { create_destination_bucket = false }
    variants   = ["s3_trigger"]
  }

  expect_failures = [var.s3_trigger]
}

run "refuses_derivatives_of_edge_resize_as_originals" {
  command = plan

  variables {
    s3_trigger = { source_prefix = "" }
    variants   = ["edge_resize", "s3_trigger"]
  }

  expect_failures = [var.s3_trigger]
}

run "refuses_originals_below_derivatives_of_edge_resize" {
  command = plan

  variables {
    s3_trigger = { source_prefix = "resized/uploads/" }
    variants   = ["edge_resize", "s3_trigger"]
  }

  expect_failures = [var.s3_trigger]
}

run "refuses_invalid_values" {
  command = plan

  variables {
    edge_resize   = { originals = "raw" }
    name          = "Edge Images"
    object_lambda = { exif = "gps" }
    quality       = 101
    sizes         = {}
  }

  expect_failures = [
    var.edge_resize,
    var.name,
    var.object_lambda,
    var.quality,
    var.sizes,
  ]
}

run "refuses_an_existing_bucket_without_a_name" {
  command = plan

  variables {
    bucket = { create = false }
  }

  expect_failures = [var.bucket]
}

run "refuses_an_unknown_fit" {
  command = plan

  variables {
    s3_trigger = { fit = "crop" }
  }

  expect_failures = [var.s3_trigger]
}

run "refuses_an_unknown_variant" {
  command = plan

  variables {
    variants = ["edge_resize", "edge"]
  }

  expect_failures = [var.variants]
}

run "refuses_invalid_packages" {
  command = plan

  variables {
    packages = { s3 = { resize = { bucket = "releases", key = "resize.zip", sha256 = "47DEQ" } } }
  }

  expect_failures = [var.packages]
}

run "refuses_half_a_path" {
  command = plan

  variables {
    purge = { max_monthly_paths = 0.5 }
  }

  expect_failures = [var.purge]
}

run "refuses_invalid_settings_of_teams" {
  command = plan

  variables {
    attached_distribution_arns = ["E1ABC"]
    kms_key_arn                = "arn:aws:kms:eu-central-1:123456789012:alias/images"
    permissions_boundary_arn   = "boundary"
    purge                      = { alarm_actions = ["oncall@example.com"] }
  }

  expect_failures = [var.attached_distribution_arns, var.kms_key_arn, var.monitoring, var.permissions_boundary_arn]
}

run "refuses_more_than_five_actions_of_an_alarm" {
  command = plan

  variables {
    monitoring = { alarm_actions = [for number in range(5) : "arn:aws:sns:eu-central-1:123456789012:oncall${number}"] }
    s3_trigger = { alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:uploads"] }
  }

  expect_failures = [var.monitoring]
}

run "refuses_an_action_of_another_region_for_the_failure_queues" {
  command = plan

  variables {
    s3_trigger = { alarm_actions = ["arn:aws:sns:us-east-1:123456789012:uploads"] }
  }

  expect_failures = [terraform_data.deployment]
}

run "refuses_a_domain_and_a_web_acl_twice" {
  command = plan

  variables {
    domain  = { names = ["img.example.com"], zone_id = "Z1D633PJN98FT9" }
    web_acl = { max_requests = 2000 }

    distribution = {
      acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
      aliases             = ["images.example.com"]
      web_acl_id          = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id"
    }
  }

  expect_failures = [var.domain, var.web_acl]
}

run "refuses_a_domain_for_two_variants" {
  command = plan

  variables {
    domain   = { names = ["img.example.com"], zone_id = "Z1D633PJN98FT9" }
    variants = ["edge_resize", "object_lambda"]
  }

  expect_failures = [var.domain]
}

run "refuses_metrics_from_cheap_logs" {
  command = plan

  variables {
    log_class  = "INFREQUENT_ACCESS"
    monitoring = {}
  }

  expect_failures = [var.log_class]
}

run "refuses_to_replace_the_notifications_of_an_existing_bucket" {
  command = plan

  variables {
    bucket   = { create = false, name = "my-images" }
    variants = ["s3_trigger"]
  }

  expect_failures = [var.s3_trigger]
}

run "refuses_to_replace_those_of_an_existing_destination" {
  command = plan

  variables {
    s3_trigger = { create_destination_bucket = false, destination_bucket_name = "my-resized", restore_on_manual_upload = true }
    variants   = ["s3_trigger"]
  }

  expect_failures = [var.s3_trigger]
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
