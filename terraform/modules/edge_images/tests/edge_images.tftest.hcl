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

run "defaults" {
  assert {
    condition     = output.function_arns == { edge_resize = "arn:aws:lambda:us-east-1:123456789012:function:edge-images-edge-resize:7" }
    error_message = "The output is the ARN of the published version."
  }

  assert {
    condition     = output.distribution_ids == { edge_resize = "E1ABC" } && output.distribution_domain_names == { edge_resize = "d111111abcdef8.cloudfront.net" }
    error_message = "Each variant has one distribution."
  }

  assert {
    condition     = output.bucket_names == { originals = output.bucket_name }
    error_message = "There is one bucket, with its purpose."
  }

  assert {
    condition     = output.example_url == "https://d111111abcdef8.cloudfront.net/photo.jpg?size=M&to_webp=1"
    error_message = "The example URL requests a size and a format."
  }

  assert {
    condition     = output.existing_bucket_policy == null
    error_message = "A created bucket already has its policy."
  }

  assert {
    condition     = keys(aws_s3_object.missing_page) == ["originals"]
    error_message = "The bucket that CloudFront reads contains the page for missing images."
  }
}

run "existing_bucket" {
  variables {
    bucket = { create = false, name = "my-images" }
  }

  assert {
    condition     = output.bucket_name == "my-images" && length(module.bucket) == 0
    error_message = "The existing bucket is used unchanged."
  }

  assert {
    condition     = length(aws_s3_object.missing_page) == 0
    error_message = "Terraform puts nothing into an existing bucket."
  }

  assert {
    condition = jsondecode(output.existing_bucket_policy).Statement == [{
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::my-images/*"
      Condition = { StringEquals = { "AWS:SourceArn" = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"] } }
    }]
    error_message = "The output has the statement that allows CloudFront to read."
  }
}

run "existing_bucket_in_another_region" {
  command = plan

  variables {
    bucket = { create = false, name = "my-images" }
  }

  override_data {
    target = data.aws_region.current
    values = { id = "eu-west-1" }
  }

  expect_failures = [data.aws_s3_bucket.existing, terraform_data.deployment]
}

run "own_domain_and_sizes" {
  command = plan

  variables {
    distribution = {
      aliases             = ["img.example.com"]
      acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    }
    sizes = { thumbnail = [320, 240] }
  }

  assert {
    condition     = output.example_url == "https://img.example.com/photo.jpg?size=thumbnail&to_webp=1"
    error_message = "The example URL has the alias and an existing size."
  }
}

run "object_lambda_works_in_new_accounts" {
  variables {
    variants = ["object_lambda"]
  }

  assert {
    condition     = keys(output.function_arns) == ["object_lambda"] && length(module.access_points) == 0
    error_message = "The default uses neither S3 Object Lambda nor an edge function."
  }

  assert {
    condition     = jsondecode(regex("const CONFIG = (.*);\\n", local.viewer_request_code["object_lambda"])[0]).derivatives_prefix == null
    error_message = "Without edge_resize the bucket has no derivatives, and every key names an original."
  }
}

run "object_lambda_signed_at_the_edge" {
  variables {
    object_lambda = { origin = "edge_signer" }
    variants      = ["object_lambda"]
  }

  assert {
    condition = output.function_arns == {
      edge_signer   = "arn:aws:lambda:us-east-1:123456789012:function:edge-images-edge-resize:7"
      object_lambda = "arn:aws:lambda:eu-central-1:123456789012:function:edge-images-object-lambda"
    }
    error_message = "A published edge function signs for the function in the Region."
  }

  assert {
    condition     = keys(output.distribution_ids) == ["object_lambda"] && output.example_url == "https://d111111abcdef8.cloudfront.net/photo.jpg?size=M&to_webp=1"
    error_message = "The URLs are the same as in the other variants."
  }
}

run "object_lambda_signed_by_cloudfront" {
  variables {
    bucket        = { create = false, name = "my-images" }
    object_lambda = { origin = "oac" }
    variants      = ["object_lambda"]
  }

  assert {
    condition     = keys(output.function_arns) == ["object_lambda"] && length(module.access_points) == 1
    error_message = "There is no edge function."
  }

  assert {
    condition = jsondecode(output.existing_bucket_policy).Statement == [{
      Sid       = "DelegateToAccessPoints"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = ["arn:aws:s3:::my-images", "arn:aws:s3:::my-images/*"]
      Condition = { StringEquals = { "s3:DataAccessPointArn" = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/edge-images-originals"] } }
    }]
    error_message = "The output has the statement that delegates to the access point and allows CloudFront nothing."
  }
}

run "object_lambda_through_a_function_url_beside_edge_resize" {
  variables {
    bucket        = { create = false, name = "my-images" }
    object_lambda = { origin = "function_url" }
    variants      = ["edge_resize", "object_lambda"]
  }

  assert {
    condition     = keys(output.function_arns) == ["edge_resize", "object_lambda"] && length(module.access_points) == 0
    error_message = "S3 Object Lambda is not used."
  }

  assert {
    condition     = keys(output.distribution_ids) == ["edge_resize", "object_lambda"]
    error_message = "Each variant has one distribution."
  }

  assert {
    condition     = [for statement in jsondecode(output.existing_bucket_policy).Statement : statement.Sid] == ["AllowCloudFrontToRead"]
    error_message = "Only the distribution of edge_resize reads the bucket directly."
  }
}

run "canonical_urls_of_all_variants" {
  command = plan

  variables {
    quality     = 75
    variants    = ["edge_resize", "object_lambda", "s3_trigger"]
    edge_resize = { resized_path = "cache/resized" }
    image_urls  = { qualities = [90, 100, 5], widths = [640, 64, 1280] }

    sizes = {
      S    = [854, 480]
      hero = { width = 1200, height = 600, fit = "cover", format = "auto", quality = 70 }
      tall = { height = 900 }
    }
  }

  assert {
    condition = { for variant, code in local.viewer_request_code : variant => jsondecode(regex("const CONFIG = (.*);\\n", code)[0]) if variant != "regional_resize" } == {
      for variant, own in {
        edge_resize   = { derivatives_prefix = "cache/resized", show_exif = false }
        object_lambda = { derivatives_prefix = "cache/resized", show_exif = true }
        s3_trigger    = { derivatives_prefix = null, show_exif = false }
        } : variant => merge(own, {
          formats         = "auto avif webp jpeg png gif json auto-avif auto-webp"
          qualities       = [5, 75, 90, 100]
          quality         = 75
          signed_urls     = "none"
          sizes           = { S = {}, hero = { format = "auto", quality = 70 }, tall = {} }
          widths          = [64, 640, 1280]
          without_quality = ["png", "gif", "json"]
      })
    }
    error_message = "Each distribution has a function with its configuration, numbers in ascending order."
  }

  assert {
    condition     = alltrue([for code in values(local.viewer_request_code) : !can(regex("(?m)^\\s*//|^\\s", code))])
    error_message = "The functions have neither comment lines nor indentation."
  }

  assert {
    condition     = output.key_value_store_arn == null
    error_message = "Without signed URLs there is no store."
  }
}

# The names of the sizes' boxes are those of derivatives in tests/url_vectors.json.
run "paths_of_derivatives" {
  command = plan

  variables {
    variants = ["edge_resize", "regional_resize"]

    sizes = {
      dot     = { width = 1, height = 2, fit = "cover", gravity = ".5,1.0" }
      face    = { width = 300, height = 300, fit = "cover", gravity = "0.305,0.25", format = "jpeg" }
      hero    = { width = 1200, height = 600, fit = "cover", format = "auto", quality = 70 }
      light   = { quality = 40 }
      north   = { width = 200, height = 100, fit = "cover", gravity = "north" }
      nothing = { width = null, height = null, fit = "inside" }
      old     = [300, 200]
      plain   = { width = 640, height = 480, gravity = null }
      stretch = { width = 10, height = 20, fit = "fill" }
      tall    = { height = 900, quality = null }
      wide    = { width = 1600 }
    }
  }

  assert {
    condition = jsondecode(regex("const CONFIG = (.*);\\n", local.viewer_request_code["regional_resize"])[0]) == {
      derivatives_prefix = "resized"
      extensions         = ["jpg", "jpeg", "png", "gif", "bmp", "webp", "avif"]
      formats            = "auto avif webp jpeg png gif json auto-avif auto-webp"
      output_version     = tonumber(regex("OUTPUT_VERSION = (\\d+)", file("../../../libs/image_core/image_core/__init__.py"))[0])
      qualities          = [40, 60, 80, 90]
      quality            = 80
      signed_urls        = "none"
      widths             = [16, 32, 48, 64, 96, 128, 256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840]
      without_quality    = ["png", "gif", "json"]

      sizes = {
        dot     = "w1_h2_cover_g50x100"
        face    = { box = "w300_h300_cover_g31x25", format = "jpeg" }
        hero    = { box = "w1200_h600_cover", format = "auto", quality = 70 }
        light   = { box = "", quality = 40 }
        north   = "w200_h100_cover_g50x0"
        nothing = ""
        old     = "w300_h200_box"
        plain   = "w640_h480_inside"
        stretch = "w10_h20_fill"
        tall    = "h900"
        wide    = "w1600"
      }
    }
    error_message = "A size is the part of a derivative's name, not ${local.viewer_request_code["regional_resize"]}"
  }
}

run "regional_resize" {
  variables {
    variants = ["regional_resize"]

    regional_resize = {
      derivative_expiration_days = 30
      origin_shield              = "eu-central-1"
    }
  }

  assert {
    condition     = local.trace_expiration_days == 30 + 30 + 365 + 7
    error_message = "A trace outlives the copies of derivatives that are 30 days younger."
  }

  assert {
    condition     = local.size_boxes["XS"] == "w427_h240_box" && length(local.size_boxes) == 8
    error_message = "The built-in sizes are those of image_url."
  }

  assert {
    condition     = keys(output.bucket_names) == ["derivatives", "jobs", "originals"]
    error_message = "Derivatives and the files of backfills have buckets of their own."
  }

  assert {
    condition     = output.regional_resize.excluded_prefix == null && output.regional_resize.sizes == null && contains(output.regional_resize.widths, 640)
    error_message = "The output defines the options of derivatives for the commands."
  }

  assert {
    condition     = keys(output.distribution_ids) == ["regional_resize"] && keys(output.function_arns) == ["purge", "regional_resize"]
    error_message = "There are one distribution, the function that makes derivatives, the one that purges them, and no edge function."
  }

  assert {
    condition     = length(aws_s3_object.missing_page) == 0
    error_message = "The function responds to a missing image."
  }

  assert {
    condition     = output.example_url == "https://d111111abcdef8.cloudfront.net/photo.jpg?size=M&to_webp=1"
    error_message = "The URLs are the same as in the other variants."
  }
}

run "regional_resize_over_an_existing_bucket" {
  variables {
    variants = ["regional_resize"]
    bucket   = { create = false, name = "my-images" }
  }

  assert {
    condition     = jsondecode(output.existing_bucket_policy).Statement == []
    error_message = "The policy of the existing bucket needs no statement."
  }
}

run "signed_urls" {
  variables {
    image_urls   = { signed_urls = "unlisted" }
    signing_keys = { "2026-11" = "0123456789abcdef0123456789abcdef" }
  }

  assert {
    condition     = output.key_value_store_arn == "arn:aws:cloudfront::123456789012:key-value-store/a1b2c3d4"
    error_message = "The keys of signed URLs are in a store."
  }
}

# The largest configuration that the variables allow, of names that are as long as usual.
run "the_largest_function" {
  command = plan

  variables {
    image_urls = { qualities = range(91, 100), widths = range(10001, 10033) }
    sizes      = { for number in range(1, 60) : "size-${number}" => [16383, 16383] }
  }

  assert {
    condition     = length(local.viewer_request_code["edge_resize"]) <= 10240
    error_message = "The function is within the limit of CloudFront, not ${length(local.viewer_request_code["edge_resize"])} characters."
  }
}

run "accepts_each_form_of_sizes" {
  command = plan

  variables {
    sizes = {
      S    = [854, 480]
      hero = { width = 1200, height = 600, fit = "cover", gravity = "0.5,.25", quality = null }
      face = { width = 300, height = 300, fit = "cover", gravity = "northeast" }
      wide = { width = 1200, fit = "inside" }
    }
  }
}

run "gives_a_domain_to_one_of_two_variants" {
  command = plan

  variables {
    distribution = {
      aliases             = ["img.example.com"]
      acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
      domain_variant      = "regional_resize"
    }
    variants = ["edge_resize", "regional_resize"]
  }

  assert {
    condition     = [for variant in ["edge_resize", "regional_resize"] : length(local.settings_by_variant[variant].aliases)] == [0, 1] && length(toset([for settings in values(local.settings_by_variant) : settings.acm_certificate_arn])) == 1
    error_message = "One distribution has the name, and both have the certificate."
  }
}

run "accepts_a_domain_beside_a_variant_without_distribution" {
  variables {
    distribution = {
      aliases             = ["img.example.com"]
      acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    }
    variants = ["edge_resize", "s3_trigger"]
  }

  assert {
    condition     = startswith(output.example_url, "https://img.example.com/")
    error_message = "The domain name is that of edge_resize."
  }
}

run "s3_trigger" {
  variables {
    variants = ["s3_trigger"]
  }

  assert {
    condition     = keys(output.function_arns) == ["s3_trigger"] && output.distribution_ids == {} && output.example_url == null
    error_message = "There is a function and no distribution."
  }

  assert {
    condition     = keys(output.bucket_names) == ["destination", "jobs", "originals"]
    error_message = "Derivatives and the files of backfills have buckets of their own."
  }

  assert {
    condition     = output.s3_trigger.source_prefix == "source-folder/" && length(output.s3_trigger.suffixes) == 6
    error_message = "The output defines the originals for the commands."
  }

  assert {
    condition     = output.existing_destination_bucket_policy == null
    error_message = "A created bucket already has its policy."
  }
}

run "s3_trigger_delivered_from_an_existing_bucket" {
  variables {
    variants = ["s3_trigger"]

    s3_trigger = {
      create_destination_bucket = false
      delivery                  = "cloudfront"
      destination_bucket_name   = "my-images"
      reserved_concurrency      = 10
      replace_notifications     = true
      restore_on_manual_upload  = true
      source_prefix             = ""
      suffixes                  = []
    }
  }

  assert {
    condition     = output.example_url == "https://d111111abcdef8.cloudfront.net/photo.jpg" && keys(output.distribution_ids) == ["s3_trigger"]
    error_message = "Derivatives are delivered as stored."
  }

  assert {
    condition     = output.s3_trigger.destination_bucket == "my-images" && length(module.destination_bucket) == 0 && length(aws_s3_object.missing_page) == 0
    error_message = "The existing bucket is used, and Terraform puts nothing into it."
  }

  assert {
    condition     = jsondecode(output.existing_destination_bucket_policy).Statement[0].Resource == "arn:aws:s3:::my-images/*"
    error_message = "The output has the statement that allows CloudFront to read."
  }
}

run "all_variants_side_by_side" {
  variables {
    s3_trigger = { delivery = "cloudfront" }
    variants   = ["edge_resize", "object_lambda", "regional_resize", "s3_trigger"]
  }

  assert {
    condition     = keys(output.distribution_ids) == ["edge_resize", "object_lambda", "regional_resize", "s3_trigger"]
    error_message = "Each variant has one distribution."
  }

  assert {
    condition     = keys(aws_s3_object.missing_page) == ["destination", "originals"]
    error_message = "Each bucket that CloudFront reads contains the page for missing images."
  }
}

run "a_deployment_stays_where_it_is" {
  command = plan

  override_data {
    target = data.aws_region.current
    values = { id = "eu-west-1" }
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

run "monitoring_of_all_variants" {
  variables {
    monitoring = { alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:oncall", "arn:aws:sns:us-east-1:123456789012:oncall"] }
    s3_trigger = { alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:uploads"] }
    variants   = ["edge_resize", "object_lambda", "s3_trigger"]
  }

  assert {
    condition     = strcontains(output.dashboard_url, "region=eu-central-1#dashboards/dashboard/edge-images")
    error_message = "The dashboard has the name of the deployment."
  }

  assert {
    condition     = local.monitoring_actions == ["arn:aws:sns:eu-central-1:123456789012:oncall"]
    error_message = "The alarm of the failure queue notifies the topics of its Region."
  }
}

run "nothing_is_purged_by_default" {
  command = plan

  assert {
    condition     = output.purge == null && length(module.purge) == 0 && length(module.originals_notification) == 0
    error_message = "Without purge_on_change the bucket has no notification."
  }
}

run "regional_resize_without_purge" {
  command = plan

  variables {
    variants = ["regional_resize"]
    purge    = { enabled = false }
  }

  assert {
    condition     = output.purge == null && keys(output.function_arns) == ["regional_resize"]
    error_message = "purge.enabled = false removes the function and its queues."
  }
}

run "changed_originals_are_purged" {
  command = plan

  variables {
    variants      = ["edge_resize", "object_lambda", "s3_trigger"]
    edge_resize   = { purge_on_change = true, resized_path = "cache" }
    object_lambda = { purge_on_change = true }
    purge         = { max_monthly_paths = 50 }
    s3_trigger    = { delivery = "cloudfront" }
  }

  assert {
    condition     = keys(local.purged_distributions) == ["edge_resize", "object_lambda", "s3_trigger"] && local.purges_s3_trigger
    error_message = "With another variant, derivatives of s3_trigger are purged too."
  }

  assert {
    condition     = local.purge_sends_messages && local.invalidates_s3_trigger
    error_message = "s3_trigger has copies of replaced derivatives invalidated, which is repeated."
  }

  assert {
    condition     = local.purge_counter_actions == ["s3:PutObject"]
    error_message = "The reads of originals include those of the counter."
  }

  assert {
    condition     = length(module.originals_notification) == 1
    error_message = "One notification serves the function purge and s3_trigger."
  }

  assert {
    condition     = endswith(local.purge_counters_arn, "/cache/.edge-images")
    error_message = "The counter is below the resized path, from which no viewer gets an object."
  }
}

run "purge_sends_no_messages_without_a_distribution_of_stored_derivatives" {
  command = plan

  variables {
    variants      = ["object_lambda", "s3_trigger"]
    object_lambda = { purge_on_change = true }
  }

  assert {
    condition     = !local.purge_sends_messages && !local.invalidates_s3_trigger
    error_message = "Without a distribution of s3_trigger nothing is invalidated."
  }

  assert {
    condition     = local.purge_counter_actions == ["s3:PutObject"] && local.purges_derivatives
    error_message = "The reads of originals include those of the counter."
  }
}

run "purge_reads_the_counter_without_stored_derivatives" {
  command = plan

  variables {
    variants      = ["object_lambda"]
    object_lambda = { purge_on_change = true }
  }

  assert {
    condition     = local.purge_counter_actions == ["s3:GetObject", "s3:PutObject"] && !local.purges_derivatives
    error_message = "No other statement grants the reads of the counter."
  }

  assert {
    condition     = !local.purge_sends_messages
    error_message = "Invalidations of object_lambda are repeated by the second message of an event."
  }
}

run "the_counter_is_hidden_from_a_variant_that_is_not_purged" {
  command = plan

  variables {
    variants      = ["edge_resize", "object_lambda"]
    edge_resize   = { resized_path = "cache" }
    object_lambda = { purge_on_change = true }
  }

  assert {
    condition     = endswith(local.purge_counters_arn, "/cache/.edge-images")
    error_message = "edge_resize returns every object outside its resized path to viewers, whichever variant is purged."
  }
}

run "an_existing_bucket_keeps_its_notifications" {
  command = plan

  variables {
    bucket        = { create = false, name = "photos" }
    variants      = ["object_lambda"]
    object_lambda = { purge_on_change = true }
  }

  assert {
    condition     = length(module.originals_notification) == 0 && strcontains(output.existing_bucket_eventbridge, "--bucket my-images")
    error_message = "The output has the command that sends the events of the bucket to EventBridge."
  }
}

run "an_attached_distribution_may_read_an_existing_bucket" {
  command = plan

  variables {
    attached_distribution_arns = ["arn:aws:cloudfront::123456789012:distribution/E2ATTACHED"]
    bucket                     = { create = false, name = "my-images" }
    variants                   = ["edge_resize"]
  }

  assert {
    condition     = strcontains(output.existing_bucket_policy, "distribution/E2ATTACHED")
    error_message = "The statement for the policy of an existing bucket names the attached distributions."
  }
}

run "accepts_five_actions_of_each_alarm" {
  command = plan

  variables {
    monitoring = { alarm_actions = [for topic in setproduct(["eu-central-1", "us-east-1"], range(4)) : "arn:aws:sns:${topic[0]}:123456789012:oncall${topic[1]}"] }
    purge      = { alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:purge"] }
    s3_trigger = { alarm_actions = ["arn:aws:sns:eu-central-1:123456789012:oncall0", "arn:aws:sns:eu-central-1:123456789012:uploads"] }
    variants   = ["regional_resize", "s3_trigger"]
  }

  assert {
    condition     = length(module.monitoring) == 1
    error_message = "An alarm has five actions, of which two lists name one."
  }
}

run "replaces_the_notifications_of_an_existing_bucket_on_request" {
  variables {
    bucket     = { create = false, name = "my-images" }
    s3_trigger = { replace_notifications = true }
    variants   = ["s3_trigger"]
  }

  assert {
    condition     = module.originals_notification[0].bucket_name == "my-images"
    error_message = "The notification of the existing bucket starts the function."
  }
}
