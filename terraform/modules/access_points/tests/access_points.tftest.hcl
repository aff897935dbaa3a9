mock_provider "aws" {
  mock_resource "aws_s3_access_point" {
    defaults = { arn = "arn:aws:s3:eu-central-1:123456789012:accesspoint/pictures-originals" }
  }

  mock_resource "aws_s3control_object_lambda_access_point" {
    defaults = {
      alias = "pictures-pictures-abc123--ol-s3"
      arn   = "arn:aws:s3-object-lambda:eu-central-1:123456789012:accesspoint/pictures-pictures"
    }
  }
}

variables {
  name         = "pictures"
  bucket_name  = "pictures"
  function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:pictures"
}

run "closed_unless_a_role_may" {
  assert {
    condition     = aws_s3_access_point.supporting.bucket == "pictures" && startswith(aws_s3_access_point.supporting.name, "pictures-originals-")
    error_message = "The supporting access point is over the bucket."
  }

  assert {
    condition     = alltrue(values(one(aws_s3_access_point.supporting.public_access_block_configuration)))
    error_message = "It is never public."
  }

  assert {
    condition = one(aws_s3control_object_lambda_access_point.this.configuration).supporting_access_point == aws_s3_access_point.supporting.arn && (
      one(aws_s3control_object_lambda_access_point.this.configuration).allowed_features == toset(["GetObject-Range", "HeadObject-Range"])
    )
    error_message = "Ranges reach the function."
  }

  assert {
    condition = alltrue([
      for transformation in one(aws_s3control_object_lambda_access_point.this.configuration).transformation_configuration :
      transformation.actions == toset(["GetObject", "HeadObject"]) && one(one(transformation.content_transformation).aws_lambda).function_arn == var.function_arn
    ])
    error_message = "GET and HEAD are answered by the function."
  }

  assert {
    condition     = length(aws_s3control_object_lambda_access_point_policy.this) + length(aws_s3control_access_point_policy.supporting) == 0
    error_message = "No policy: rights of roles count."
  }

  assert {
    condition = [output.domain_name, output.alias_domain_name] == [
      "pictures-pictures-123456789012.s3-object-lambda.eu-central-1.amazonaws.com",
      "pictures-pictures-abc123--ol-s3.s3.eu-central-1.amazonaws.com",
    ]
    error_message = "One name for signed requests, one for CloudFront."
  }
}

run "open_to_one_distribution" {
  variables {
    distribution_arns = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
  }

  assert {
    condition = jsondecode(aws_s3control_object_lambda_access_point_policy.this[0].policy).Statement == [{
      Sid       = "AllowCloudFrontToRead"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3-object-lambda:GetObject"
      Resource  = output.arn
      Condition = { StringEquals = { "aws:SourceArn" = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"] } }
    }]
    error_message = "CloudFront reads pictures for this distribution."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_s3control_access_point_policy.supporting[0].policy).Statement : statement.Action => statement.Resource
      } == {
      "s3:GetObject"  = "${output.supporting_arn}/object/*"
      "s3:ListBucket" = output.supporting_arn
    }
    error_message = "It reads originals and learns that one is missing."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_s3control_access_point_policy.supporting[0].policy).Statement :
      statement.Condition == { "ForAnyValue:StringEquals" = { "aws:CalledVia" = "s3-object-lambda.amazonaws.com" } }
    ])
    error_message = "But only through S3 Object Lambda."
  }
}

run "refuses_nonsense" {
  command = plan

  variables {
    distribution_arns = ["E1ABC"]
    function_arn      = "pictures"
    name              = "two--hyphens"
  }

  expect_failures = [var.distribution_arns, var.function_arn, var.name]
}

run "refuses_a_name_too_long_for_object_lambda" {
  command = plan

  variables {
    name = "a-name-of-thirty-seven-characters-ab1"
  }

  expect_failures = [var.name]
}

# Its successor is made before it is deleted, and two of one name cannot be.
run "another_bucket_another_name" {
  variables {
    bucket_name = "other-pictures"
  }

  assert {
    condition     = aws_s3_access_point.supporting.name != "pictures-originals-${substr(sha256("pictures"), 0, 6)}"
    error_message = "The access point of another bucket has another name."
  }
}
