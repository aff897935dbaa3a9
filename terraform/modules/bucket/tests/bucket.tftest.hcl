mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = {
      arn                         = "arn:aws:s3:::pictures"
      bucket_regional_domain_name = "pictures.s3.eu-central-1.amazonaws.com"
      id                          = "pictures"
    }
  }
}

variables {
  name = "pictures"
}

run "private_and_granted_to_nobody" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four locks against public access are on."
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
    error_message = "A bucket with pictures is not destroyed unless asked for."
  }

  assert {
    condition     = length(aws_s3_bucket_versioning.this) == 0 && length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "Versioning and expiration are choices."
  }

  assert {
    condition     = output.name == "pictures" && output.regional_domain_name == "pictures.s3.eu-central-1.amazonaws.com"
    error_message = "The outputs name the bucket."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [{
      Sid       = "RefusePlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::pictures", "arn:aws:s3:::pictures/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "Without distributions the policy only refuses plain HTTP."
  }
}

run "read_through_access_points" {
  variables {
    access_point_arns = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/originals"]
  }

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement if statement.Effect == "Allow"] == [{
      Sid       = "LeaveReadingToAccessPoints"
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = ["arn:aws:s3:::pictures", "arn:aws:s3:::pictures/*"]
      Condition = { StringEquals = { "s3:DataAccessPointArn" = ["arn:aws:s3:eu-central-1:123456789012:accesspoint/originals"] } }
    }]
    error_message = "The access point decides who reads through it; nobody reads past it."
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
      Resource  = "arn:aws:s3:::pictures/*"
      Condition = { StringEquals = { "AWS:SourceArn" = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"] } }
    }]
    error_message = "CloudFront may read objects, for this distribution and nothing else."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].filter[0].prefix == "resized/"
    error_message = "Only derivatives expire."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].expiration[0].days == 30
    error_message = "Derivatives expire after the days asked for."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[1].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "Unfinished uploads are cleared away."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.this[0].versioning_configuration).status == "Enabled"
    error_message = "Versioning is on when asked for."
  }
}

run "refuses_dots_ids_and_open_prefixes" {
  command = plan

  variables {
    name              = "my.pictures"
    access_point_arns = ["originals"]
    distribution_arns = ["E1ABC"]
    expiration        = { prefix = "resized", days = 30 }
  }

  expect_failures = [var.access_point_arns, var.name, var.distribution_arns, var.expiration]
}

run "refuses_half_days" {
  command = plan

  variables {
    expiration = { prefix = "resized/", days = 0.5 }
  }

  expect_failures = [var.expiration]
}
