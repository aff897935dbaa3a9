mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = {
      arn                         = "arn:aws:s3:::images"
      bucket_regional_domain_name = "images.s3.eu-central-1.amazonaws.com"
      id                          = "images"
    }
  }
}

variables {
  name = "images"
}

run "private_without_grants" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four settings of the public access block are on."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "Objects belong to the owner of the bucket."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Objects are encrypted."
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "By default a bucket with images cannot be destroyed."
  }

  assert {
    condition     = length(aws_s3_bucket_versioning.this) == 0 && length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "Versioning and expiration are off by default."
  }

  assert {
    condition     = output.name == "images" && output.regional_domain_name == "images.s3.eu-central-1.amazonaws.com"
    error_message = "The outputs are those of the bucket."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [{
      Sid       = "DenyInsecureTransport"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::images", "arn:aws:s3:::images/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "Without distributions the policy only denies plain HTTP."
  }
}

run "read_through_access_points" {
  variables {
    access_point_arns = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/originals"]
  }

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Effect == "Allow"] == [{
      Sid       = "DelegateToAccessPoints"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = ["arn:aws:s3:::images", "arn:aws:s3:::images/*"]
      Condition = { StringEquals = { "s3:DataAccessPointArn" = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/originals"] } }
    }]
    error_message = "The access point decides about reading, and no principal may bypass the access point."
  }
}

run "read_by_a_distribution_and_expiring" {
  variables {
    distribution_arns = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
    expiration        = { prefix = "resized/", days = 30 }
    versioning        = true
  }

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Effect == "Allow"] == [{
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::images/*"
      Condition = { StringEquals = { "AWS:SourceArn" = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"] } }
    }]
    error_message = "CloudFront may read objects for this distribution only."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].filter[0].prefix == "resized/"
    error_message = "Only derivatives expire."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].expiration[0].days == 30
    error_message = "Derivatives expire after the given days."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[1].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "Unfinished uploads are deleted."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.this[0].versioning_configuration).status == "Enabled"
    error_message = "Versioning is on."
  }
}

run "empty_objects_expire_later" {
  variables {
    expiration = { days = 30, empty_object_days = 100 }
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].filter[0].object_size_greater_than == 0 && aws_s3_bucket_lifecycle_configuration.this[0].rule[0].expiration[0].days == 30
    error_message = "The first rule is for objects with content."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[1].filter[0].object_size_less_than == 1 && aws_s3_bucket_lifecycle_configuration.this[0].rule[1].expiration[0].days == 100
    error_message = "The second rule is for all others."
  }
}

run "refuses_dots_names_and_open_prefixes" {
  command = plan

  variables {
    name              = "my.images"
    access_point_arns = ["originals"]
    expiration        = { prefix = "resized", days = 30 }
  }

  expect_failures = [var.access_point_arns, var.name, var.expiration]
}

run "refuses_a_prefix_beside_the_days_of_empty_objects" {
  command = plan

  variables {
    expiration = { prefix = "resized/", days = 30, empty_object_days = 100 }
  }

  expect_failures = [var.expiration]
}

run "refuses_half_days" {
  command = plan

  variables {
    expiration = { prefix = "resized/", days = 0.5 }
  }

  expect_failures = [var.expiration]
}

run "encrypted_with_a_key_of_the_account" {
  variables {
    kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    log_delivery_source_arns = ["arn:aws:logs:us-east-1:123456789012:delivery-source:images"]
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      rule.bucket_key_enabled && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    ])
    error_message = "New objects have the key, with a bucket key."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Condition.StringEquals["aws:SourceAccount"] if statement.Sid == "AllowLogDelivery"
    ] == [["123456789012"]]
    error_message = "Logs of this account only may be written."
  }
}

run "refuses_a_key_of_another_region" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  expect_failures = [aws_s3_bucket.this]
}

run "refuses_logs_of_a_distribution_without_its_delivery" {
  command = plan

  variables {
    log_delivery_source_arns = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
  }

  expect_failures = [var.log_delivery_source_arns]
}
