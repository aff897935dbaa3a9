mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_s3_bucket" {
    defaults = {
      arn                         = "arn:aws:s3:::my-pictures"
      bucket_regional_domain_name = "my-pictures.s3.eu-central-1.amazonaws.com"
      id                          = "my-pictures"
    }
  }

  mock_resource "aws_cloudfront_distribution" {
    defaults = {
      arn         = "arn:aws:cloudfront::123456789012:distribution/E1ABC"
      domain_name = "d111111abcdef8.cloudfront.net"
      id          = "E1ABC"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/regional" }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn     = "arn:aws:lambda:eu-central-1:123456789012:function:edge-images-object-lambda"
      version = "$LATEST"
    }
  }

  mock_resource "aws_lambda_function_url" {
    defaults = { url_id = "abc" }
  }

  mock_resource "aws_s3_access_point" {
    defaults = { arn = "arn:aws:s3:eu-central-1:123456789012:accesspoint/edge-images-originals" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::pictures" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:123456789012:edge-images-s3-trigger-failures"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/edge-images-s3-trigger-failures"
    }
  }

  mock_resource "aws_s3control_object_lambda_access_point" {
    defaults = {
      alias = "edge-images-pictures-abc--ol-s3"
      arn   = "arn:aws:s3-object-lambda:eu-central-1:123456789012:accesspoint/edge-images-pictures"
    }
  }
}

mock_provider "aws" {
  alias = "us_east_1"

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/edge" }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn     = "arn:aws:lambda:us-east-1:123456789012:function:edge-images-edge-resize"
      version = "7"
    }
  }
}

variables {
  region = "eu-central-1"
}

run "defaults" {
  assert {
    condition     = output.function_arns == { edge_resize = "arn:aws:lambda:us-east-1:123456789012:function:edge-images-edge-resize:7" }
    error_message = "The published version is named."
  }

  assert {
    condition     = output.distribution_ids == { edge_resize = "E1ABC" } && output.distribution_domain_names == { edge_resize = "d111111abcdef8.cloudfront.net" }
    error_message = "Each variant has its distribution."
  }

  assert {
    condition     = output.bucket_names == { originals = output.bucket_name }
    error_message = "One bucket, by what it is for."
  }

  assert {
    condition     = output.example_url == "https://d111111abcdef8.cloudfront.net/photo.jpg?size=M&to_webp=1"
    error_message = "The example asks for a size and a format."
  }

  assert {
    condition     = output.existing_bucket_policy == null
    error_message = "A bucket that is made has its policy already."
  }

  assert {
    condition     = keys(aws_s3_object.missing_page) == ["originals"]
    error_message = "A missing image has its page in the bucket that CloudFront reads."
  }
}

run "bucket_of_ones_own" {
  variables {
    create_bucket = false
    bucket_name   = "my-pictures"
  }

  assert {
    condition     = output.bucket_name == "my-pictures" && length(module.bucket) == 0
    error_message = "The existing bucket is used and nothing of it is changed."
  }

  assert {
    condition     = length(aws_s3_object.missing_page) == 0
    error_message = "Nothing is put into an existing bucket."
  }

  assert {
    condition = jsondecode(output.existing_bucket_policy).Statement == [{
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::my-pictures/*"
      Condition = { StringEquals = { "AWS:SourceArn" = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"] } }
    }]
    error_message = "The owner is given the statement that lets CloudFront read."
  }
}

run "bucket_of_ones_own_in_another_region" {
  command = plan

  variables {
    create_bucket = false
    bucket_name   = "my-pictures"
    region        = "eu-west-1"
  }

  expect_failures = [data.aws_s3_bucket.existing, terraform_data.deployment]
}

run "domain_and_sizes_of_ones_own" {
  command = plan

  variables {
    aliases             = ["img.example.com"]
    acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    sizes               = { thumbnail = [320, 240] }
  }

  assert {
    condition     = output.example_url == "https://img.example.com/photo.jpg?size=thumbnail&to_webp=1"
    error_message = "The example uses the alias and a size that exists."
  }
}

run "object_lambda_needs_nothing_that_is_closed_to_new_accounts" {
  variables {
    variants = ["object_lambda"]
  }

  assert {
    condition     = keys(output.function_arns) == ["object_lambda"] && length(module.access_points) == 0
    error_message = "By default neither S3 Object Lambda nor a function at the edge."
  }
}

run "object_lambda_signed_at_the_edge" {
  variables {
    variants             = ["object_lambda"]
    object_lambda_origin = "edge_signer"
  }

  assert {
    condition = output.function_arns == {
      edge_signer   = "arn:aws:lambda:us-east-1:123456789012:function:edge-images-edge-resize:7"
      object_lambda = "arn:aws:lambda:eu-central-1:123456789012:function:edge-images-object-lambda"
    }
    error_message = "A version at the edge signs for the function in the Region."
  }

  assert {
    condition     = keys(output.distribution_ids) == ["object_lambda"] && output.example_url == "https://d111111abcdef8.cloudfront.net/photo.jpg?size=M&to_webp=1"
    error_message = "The URLs are those of the other variants."
  }
}

run "object_lambda_signed_by_cloudfront" {
  variables {
    variants             = ["object_lambda"]
    object_lambda_origin = "oac"
    create_bucket        = false
    bucket_name          = "my-pictures"
  }

  assert {
    condition     = keys(output.function_arns) == ["object_lambda"] && length(module.access_points) == 1
    error_message = "No function at the edge."
  }

  assert {
    condition = jsondecode(output.existing_bucket_policy).Statement == [{
      Sid       = "LeaveReadingToAccessPoints"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = ["arn:aws:s3:::my-pictures", "arn:aws:s3:::my-pictures/*"]
      Condition = { StringEquals = { "s3:DataAccessPointArn" = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/edge-images-originals"] } }
    }]
    error_message = "The owner is given the statement that lets the access point decide; CloudFront itself may not read the bucket."
  }
}

run "object_lambda_through_a_function_url_beside_edge_resize" {
  variables {
    variants             = ["edge_resize", "object_lambda"]
    object_lambda_origin = "function_url"
    create_bucket        = false
    bucket_name          = "my-pictures"
  }

  assert {
    condition     = keys(output.function_arns) == ["edge_resize", "object_lambda"] && length(module.access_points) == 0
    error_message = "Without S3 Object Lambda."
  }

  assert {
    condition     = keys(output.distribution_ids) == ["edge_resize", "object_lambda"]
    error_message = "One distribution for each variant."
  }

  assert {
    condition     = [for statement in jsondecode(output.existing_bucket_policy).Statement : statement.Sid] == ["AllowCloudFrontToRead"]
    error_message = "Only edge_resize's distribution reads the bucket itself."
  }
}

run "refuses_one_domain_for_two_variants" {
  command = plan

  variables {
    aliases             = ["img.example.com"]
    acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    variants            = ["edge_resize", "object_lambda"]
  }

  expect_failures = [var.variants]
}

run "refuses_a_domain_for_no_distribution" {
  command = plan

  variables {
    aliases             = ["img.example.com"]
    acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    variants            = ["s3_trigger"]
  }

  expect_failures = [var.variants]
}

run "takes_a_domain_beside_a_variant_that_delivers_nothing" {
  variables {
    aliases             = ["img.example.com"]
    acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    variants            = ["edge_resize", "s3_trigger"]
  }

  assert {
    condition     = startswith(output.example_url, "https://img.example.com/")
    error_message = "The domain leads to edge_resize."
  }
}

run "s3_trigger" {
  variables {
    variants = ["s3_trigger"]
  }

  assert {
    condition     = keys(output.function_arns) == ["s3_trigger"] && output.distribution_ids == {} && output.example_url == null
    error_message = "A function, and nobody who delivers."
  }

  assert {
    condition     = keys(output.bucket_names) == ["destination", "jobs", "originals"]
    error_message = "Derivatives have a bucket of their own, and so have the papers of a backfill."
  }

  assert {
    condition     = output.s3_trigger.source_prefix == "source-folder/" && length(output.s3_trigger.suffixes) == 6
    error_message = "The commands learn what counts as an original."
  }

  assert {
    condition     = output.existing_destination_bucket_policy == null
    error_message = "A bucket that is made has its policy already."
  }
}

run "s3_trigger_delivered_from_a_bucket_of_ones_own" {
  variables {
    variants                          = ["s3_trigger"]
    restore_on_manual_upload          = true
    trigger_create_destination_bucket = false
    trigger_delivery                  = "cloudfront"
    trigger_destination_bucket_name   = "my-pictures"
    trigger_reserved_concurrency      = 10
    trigger_source_prefix             = ""
    trigger_suffixes                  = []
  }

  assert {
    condition     = output.example_url == "https://d111111abcdef8.cloudfront.net/photo.jpg" && keys(output.distribution_ids) == ["s3_trigger"]
    error_message = "What is stored is delivered as it is."
  }

  assert {
    condition     = output.s3_trigger.destination_bucket == "my-pictures" && length(module.destination_bucket) == 0 && length(aws_s3_object.missing_page) == 0
    error_message = "The existing bucket is used, and nothing is put into it."
  }

  assert {
    condition     = jsondecode(output.existing_destination_bucket_policy).Statement[0].Resource == "arn:aws:s3:::my-pictures/*"
    error_message = "The owner is given the statement that lets CloudFront read."
  }
}

run "all_variants_side_by_side" {
  variables {
    variants             = ["edge_resize", "object_lambda", "s3_trigger"]
    object_lambda_origin = "function_url"
    trigger_delivery     = "cloudfront"
  }

  assert {
    condition     = keys(output.distribution_ids) == ["edge_resize", "object_lambda", "s3_trigger"]
    error_message = "One distribution for each."
  }

  assert {
    condition     = keys(aws_s3_object.missing_page) == ["destination", "originals"]
    error_message = "A page for missing images in each bucket that CloudFront reads."
  }
}

run "refuses_a_trigger_that_would_start_itself" {
  command = plan

  variables {
    bucket_name                     = "my-pictures"
    trigger_destination_bucket_name = "my-pictures"
    trigger_source_prefix           = "restore-folder/more/"
    variants                        = ["s3_trigger"]
  }

  expect_failures = [var.trigger_destination_bucket_name, var.trigger_source_prefix]
}

run "refuses_a_destination_without_a_name" {
  command = plan

  variables {
    trigger_create_destination_bucket = false
    variants                          = ["s3_trigger"]
  }

  expect_failures = [var.trigger_destination_bucket_name]
}

run "refuses_to_resize_what_edge_resize_made" {
  command = plan

  variables {
    trigger_source_prefix = ""
    variants              = ["edge_resize", "s3_trigger"]
  }

  expect_failures = [var.trigger_source_prefix]
}

run "refuses_nonsense" {
  command = plan

  variables {
    acm_certificate_arn        = "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    aliases                    = ["img.example.com"]
    bucket_name                = "My.Pictures"
    default_ttl_seconds        = -1
    derivative_expiration_days = 0
    exif                       = "gps"
    log_retention_days         = 31
    memory_size                = 64
    name                       = "Edge Images"
    object_lambda_origin       = "s3"
    originals                  = "raw"
    price_class                = "PriceClass_300"
    quality                    = 101
    region                     = "cn-north-1"
    resized_path               = "/resized/"
    sizes                      = {}

    trigger_alarm_actions         = ["oncall@example.com"]
    trigger_delivery              = "email"
    trigger_fit                   = "stretch"
    trigger_max_event_age_seconds = 1
    trigger_max_retries           = -1
    trigger_reserved_concurrency  = 0
    trigger_restore_prefix        = ""
    trigger_size                  = { width = 0, height = 300 }
    trigger_suffixes              = [".jpg", "g", "*"]

    web_acl_id = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
  }

  expect_failures = [
    var.acm_certificate_arn,
    var.bucket_name,
    var.default_ttl_seconds,
    var.derivative_expiration_days,
    var.exif,
    var.log_retention_days,
    var.memory_size,
    var.name,
    var.object_lambda_origin,
    var.originals,
    var.price_class,
    var.quality,
    var.region,
    var.resized_path,
    var.sizes,
    var.trigger_alarm_actions,
    var.trigger_delivery,
    var.trigger_fit,
    var.trigger_max_event_age_seconds,
    var.trigger_max_retries,
    var.trigger_reserved_concurrency,
    var.trigger_restore_prefix,
    var.trigger_size,
    var.trigger_suffixes,
    var.web_acl_id,
  ]
}

run "refuses_a_cache_that_keeps_nothing" {
  command = plan

  variables {
    default_ttl_seconds = 0
    max_ttl_seconds     = 0
  }

  expect_failures = [var.max_ttl_seconds]
}

run "refuses_a_variant_that_there_is_not" {
  command = plan

  variables {
    variants = ["edge_resize", "edge"]
  }

  expect_failures = [var.variants]
}

run "a_deployment_stays_where_it_is" {
  command = plan

  variables {
    region = "eu-west-1"
  }

  expect_failures = [terraform_data.deployment]
}

run "a_deployment_keeps_its_name" {
  command = plan

  variables {
    name = "other-images"
  }

  expect_failures = [terraform_data.deployment]
}
